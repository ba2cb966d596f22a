"""tap - the stand-ins' tests: TAP on stdout, acts, deadlines."""
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time

SANDBOX = os.path.join (os.path.dirname (os.path.abspath (__file__)), "..", "..", "adapters", "sandbox")
DEADLINE_S = 30


class Tap:
    def __init__ (self):
        self.count = self.failed = 0

    def ok (self, good, name, seen=None):
        self.count += 1
        self.failed += not good
        print (f"{'ok' if good else 'not ok'} {self.count} - {name}", flush=True)
        if not good and seen is not None:
            print ("# " + str (seen).replace ("\n", "\n# "), flush=True)
        return good

    def same (self, got, want, name):
        return self.ok (got == want, name, f"got  {got!r}\nwant {want!r}")

    def done (self):
        print (f"1..{self.count}")
        return 1 if self.failed else 0


class StandIn:
    """One stand-in with a state folder of its own."""

    def __init__ (self, system):
        self.system = system
        self.state = tempfile.mkdtemp (prefix=f"kask-{system}-")
        self.process = None

    def path (self, *parts):
        return os.path.join (self.state, *parts)

    def start (self):
        self.process = subprocess.Popen (["/usr/bin/python3", os.path.join (SANDBOX, "sandbox.py"), self.system, "--state", self.state],
                                         stdout=subprocess.DEVNULL)

    def kill (self):
        self.process.kill ()
        self.process.wait ()

    def act (self, *words, fails=False):
        """What the person sees; fails: the screen refuses."""
        done = subprocess.run (["/usr/bin/python3", os.path.join (SANDBOX, "act"), self.system, "--state", self.state, *words],
                               capture_output=True, text=True, timeout=DEADLINE_S, check=False)
        if (done.returncode != 0) != fails:
            raise AssertionError (f"act {' '.join (words)}: {done.stdout}{done.stderr}")
        return (done.stderr if fails else done.stdout).strip ()

    def show (self, case):
        return json.loads (self.act ("show", case, "--json"))

    def names (self, folder, ending):
        return sorted (name for name in os.listdir (self.path (folder)) if name.endswith (ending))

    def end (self):
        if self.process is not None:
            self.process.terminate ()
            self.process.wait (DEADLINE_S)
        shutil.rmtree (self.state)


def wait_for (what, name):
    """What it gives as soon as that is true."""
    until = time.monotonic () + DEADLINE_S
    while time.monotonic () < until:
        found = what ()
        if found:
            return found
        time.sleep (0.02)
    raise AssertionError (f"not within {DEADLINE_S} s: {name}")


def run (test, *systems):
    tap = Tap ()
    stand_ins = [StandIn (system) for system in systems]
    try:
        test (tap, *stand_ins)
    except Exception as error:         # a TAP stream must say that it broke
        tap.ok (False, f"{test.__name__} runs to its end", repr (error))
    finally:
        for stand_in in stand_ins:
            stand_in.end ()
    sys.exit (tap.done ())
