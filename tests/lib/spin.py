"""
spin - models of proto/model, made into verifiers and run in the build's folder.

    result = spin.check ("delivery.pml", "ACTING=1", depth=5000)
    result.errors, result.states, result.seconds, result.said

A search that was not complete counts as an error.
"""
import os
import pathlib
import re
import subprocess
import tempfile
import time

TOP = pathlib.Path (__file__).resolve ().parents[2]
BUILD = pathlib.Path (os.environ.get ("KASK_BUILD", TOP / "build-test")).resolve ()
MEGABYTES = 1400


class Result:
    def __init__ (self, said, seconds):
        self.said, self.seconds = said, seconds
        self.states = int (float (self.number (r"([\d.e+]+) states, stored")))
        self.errors = int (self.number (r"errors: (\d+)", 1)) or "Search not completed" in said

    def number (self, pattern, missing=0):
        found = re.search (pattern, self.said)
        return found.group (1) if found else missing

    def problem (self):
        """What the verifier says is wrong, in one line."""
        return self.number (r"pan:\d+: (.*)", "the search was not completed")

    def __str__ (self):
        return f"{self.states} states, {self.seconds:.1f} s, {self.number ('([0-9.]+).total actual memory', '?')} MB"


def run (argv, folder, seconds):
    result = subprocess.run ([str (a) for a in argv], cwd=folder, text=True, timeout=seconds,
                             stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    return result.returncode, result.stdout


def make (model, *defines, compiler=("-DSAFETY", "-DCOLLAPSE"), megabytes=MEGABYTES):
    """The verifier `pan` of a model, in a folder of its own; the model's own folder stays as it is."""
    home = pathlib.Path (os.environ.get ("KASK_LOGS", BUILD / "model"))   # tests/one removes it when all went well
    home.mkdir (parents=True, exist_ok=True)
    folder = pathlib.Path (tempfile.mkdtemp (prefix=model.partition (".")[0] + "-", dir=home))
    source = TOP / "proto" / "model" / model
    for argv in (["spin", *[f"-D{d}" for d in defines], "-a", source],
                 ["gcc", "-O2", "-w", f"-DMEMLIM={megabytes}", *compiler, "-o", "pan", "pan.c"]):
        code, said = run (argv, folder, 120)
        if code or "rror" in said:
            raise RuntimeError (f"{' '.join (map (str, argv))}: {said[-2000:]}")
    return folder / "pan"


def check (model, *defines, depth=10000, options=(), seconds=240, **more):
    pan = make (model, *defines, **more)
    begun = time.monotonic ()
    said = run ([pan, f"-m{depth}", *options], pan.parent, seconds)[1]
    return Result (said, time.monotonic () - begun)
