"""
world - the network that is tortured: a broker, parties with systems of their own, their lines; and what puts it right.

A program that ends by itself is started again, as its service manager would; a human hand is what that does not do.
"""
import contextlib
import json
import pathlib
import shutil
import signal
import sqlite3
import subprocess
import time

import tap
from network import BUILD, Network, Setup
from relay import Relay

NAMES = ("alfa", "bravo", "charlie")
DISK_BYTES = {"party": 256 << 20, "database": 2 << 30}
RESTART_S = 1.0
OPERATOR_S = 1.0
SUPERSEDED = 78
POWER = (signal.SIGUSR1, signal.SIGUSR2)


def copy_folder (source, target):
    """With its pipes and owners."""
    subprocess.run (["cp", "-a", f"{source}/.", target], check=True)


class Party (Setup):
    """A kask-test-partner, its system, and its line to the broker."""
    program_name, env = "kask-test-partner", {}

    def __init__ (self, world, name):
        self.world, self.net = world, world.net
        self.line = Relay (lambda: int (world.net.endpoint.rpartition (":")[2]), name)
        self.disk = world.disk (name, DISK_BYTES["party"])
        super ().__init__ (world.net, name, folder=self.disk, endpoint=f"tcp://127.0.0.1:{self.line.port}")
        self.db, self.goal, self.kept = self.disk / "system.db", world.net.folder / f"{name}.goal", world.net.folder / f"{name}.copy"
        self.others = [n for n in NAMES if n != name]
        self.handed, self.locked, self.restored = 0, None, False

    def start (self):
        self.program = self.net.program (self.name, [BUILD / self.program_name, "--habits", self.dir, self.db, self.goal, *self.others],
                                         env={"KASK_POWER": str (self.dir), **self.env}).start ()

    def raise_goal (self, goal):
        temporary = self.goal.with_suffix (".new")
        temporary.write_text (str (goal))
        temporary.rename (self.goal)
        self.handed = goal

    # ------------------------------------------------------------ copies of its state

    def copy (self):
        shutil.rmtree (self.kept, ignore_errors=True)
        copy_folder (self.dir, self.kept)

    def rotate (self, *what):
        """A copy of before would need people: its keys are those of the past (deploy/BACKUP.md)."""
        shutil.rmtree (self.kept, ignore_errors=True)
        self.call ("rotate", *what)
        self.program.signal (signal.SIGUSR2)   # what that wrote is synced

    def cut_power (self):
        self.program.signal (signal.SIGUSR1)
        self.program.process.wait (timeout=10)

    def has_copy (self):
        return self.kept.exists ()

    def put_back (self):
        shutil.rmtree (self.dir)
        copy_folder (self.kept, self.dir)
        self.db.with_name (f"{self.db.name}.place").unlink (missing_ok=True)   # its people hand over again what the copy may lack
        self.restored = True

    # ------------------------------------------------------------ its system

    def ask (self, query):
        with contextlib.closing (sqlite3.connect (f"file:{self.db}?mode=ro", uri=True, timeout=10)) as db:
            return db.execute (query).fetchall ()

    def count (self, query):
        try:
            return self.ask (query)[0][0]
        except sqlite3.OperationalError:
            return 0

    def lock (self):
        try:
            self.locked = sqlite3.connect (self.db, isolation_level=None, timeout=0.5)
            self.locked.execute ("BEGIN IMMEDIATE")
        except sqlite3.OperationalError:
            self.unlock ()
            return None
        return f"{self.name}'s system takes nothing"

    def unlock (self):
        if self.locked:
            self.locked.close ()
        self.locked = None


class World:
    def __init__ (self, is_root):
        self.is_root = is_root
        self.hands, self.broker_kib, self.ended_at = [], 0, {}
        self.frozen_backend = None
        self.mounts = []

    def __enter__ (self):
        # a program that has just begun gets them when it waits for them (power.c)
        signal.pthread_sigmask (signal.SIG_BLOCK, POWER)
        self.net = Network ("torture", heartbeat="1 s", time_shift_file="")
        self.net.__enter__ ()
        try:
            self.furnish ()
        except BaseException as problem:
            self.__exit__ (type (problem), problem, None)
            raise
        return self

    def furnish (self):
        net = self.net
        self.shift = net.folder / "shift"
        self.shift.write_text ("0")
        net.broker.stop ()
        self.move_database ()
        net.settings["time_shift_file"] = self.shift
        net.configure ()
        net.start_broker ()
        self.parties = [Party (self, name) for name in NAMES]
        for p in self.parties:
            for q in self.parties:
                if p is not q:
                    p.pin (q)
                    net.kask ("agreement", "allow", p.name, q.name)

    def __exit__ (self, *problem):
        for party in getattr (self, "parties", ()):
            party.line.close ()
            party.unlock ()
        for program in self.net.programs:   # what was frozen cannot end
            program.signal (signal.SIGCONT)
        try:
            for program in reversed (self.net.programs):
                program.stop ()
            self.net.cluster.stop ()
            for folder in reversed (self.mounts):
                self.bring_home (folder)
        finally:
            self.net.__exit__ (*problem)

    # ------------------------------------------------------------ disks and packets, where this process may

    def disk (self, name, size):
        folder = self.net.folder / f"{name}.disk"
        folder.mkdir ()
        if self.is_root:
            self.mount (folder, size)
        return folder

    def mount (self, folder, size):
        subprocess.run (["mount", "-t", "tmpfs", "-o", f"size={size},mode=755", "none", folder], check=True)
        self.mounts.append (folder)

    def bring_home (self, folder):
        """What lies on a small disk, to the folder below it."""
        aside = folder.with_suffix (".left")
        copy_folder (folder, aside)
        subprocess.run (["umount", folder], check=True)
        copy_folder (aside, folder)
        shutil.rmtree (aside)

    def move_database (self):
        """To a disk that can be full."""
        if not self.is_root:
            return
        cluster, folder = self.net.cluster, self.net.folder / "pg"
        cluster.stop ()
        aside = folder.with_suffix (".disk")
        folder.rename (aside)
        folder.mkdir ()
        self.mount (folder, DISK_BYTES["database"])
        copy_folder (aside, folder)
        shutil.rmtree (aside)
        folder.chmod (0o711)
        cluster.start ()

    def fill (self, folder):
        if not self.is_root:
            return None
        with contextlib.suppress (OSError), open (folder / "fill", "wb") as hog:
            while hog.write (bytes (1 << 16)):
                hog.flush ()
        return f"the disk of {folder.name} is full"

    def make_room (self, folder):
        (folder / "fill").unlink (missing_ok=True)

    def drop_packets (self, port, ends):
        if not self.is_root:
            return None
        rules = "".join (f"add rule ip kask p{port} tcp {end} {port} drop\n" for end in (("dport", "sport") if ends == "both" else (ends,)))
        chain = f"add chain ip kask p{port} {{ type filter hook input priority 0; }}"
        subprocess.run (["nft", "-f", "-"], input=f"add table ip kask\n{chain}\n{rules}", text=True, check=True)
        return f"packets of port {port} are dropped, {ends}"

    def drop_no_packets (self, port):
        if self.is_root:
            subprocess.run (["nft", "-f", "-"], text=True, check=True,
                            input=f"add table ip kask\nadd chain ip kask p{port}\nflush chain ip kask p{port}\ndelete chain ip kask p{port}\n")

    # ------------------------------------------------------------ what happens

    def signal (self, thing, number):
        program = thing.program if thing else self.net.broker
        program.signal (number)
        return f"{signal.Signals (number).name} of {program.name}"

    def kask (self, *argv, **more):
        """The operator does not wait for a broker that stands still."""
        return self.net.kask (*argv, seconds=OPERATOR_S, **more)

    def dead_letters (self):
        result = self.kask ("dead", "list", "--json", check=False)
        return [d["number"] for d in json.loads (result.stdout)["dead"] if d["state"] == "dead"] if result.returncode == 0 else []

    def keep_under_way (self, aim):
        for party in self.parties:
            waiting = party.count ("SELECT count (*) FROM act WHERE answer = ''")
            made = party.count ("SELECT count (*) FROM act WHERE event = 1")
            if waiting < aim and made >= party.handed * len (party.others):
                party.raise_goal (party.handed + 50)

    def supervise (self, held):
        """Starts again what ended by itself; `held`: things that a fault keeps down."""
        for thing in (None, *self.parties):
            program = thing.program if thing else self.net.broker
            if program.is_running () or thing in held:
                self.ended_at.pop (thing, None)
            elif time.monotonic () - self.ended_at.setdefault (thing, time.monotonic ()) > RESTART_S:
                self.restart (thing, program)

    def restart (self, thing, program):
        code = program.process.returncode
        if code == SUPERSEDED:
            self.hands.append (f"{program.name} ended with {code}, which its service manager does not start again")
        elif code < 0 and code != -signal.SIGKILL:
            self.hands.append (f"{program.name} was ended by {signal.Signals (-code).name}, which nobody sent")
        tap.note (f"{program.name} ended with {code} and is started again")
        self.ended_at.pop (thing, None)
        if thing:
            thing.start ()
        else:
            self.net.start_broker (wait=False)

    def measure (self):
        with contextlib.suppress (OSError, AttributeError):
            self.broker_kib = max (self.broker_kib, self.net.broker.rss_kib ())

    # ------------------------------------------------------------ evidence

    def settled (self):
        """Nothing waits but behind dead letters; what is replayed or given back has come about."""
        if any (p.count ("SELECT count (*) FROM act WHERE answer = ''") for p in self.parties if not p.restored):
            return False
        query = "SELECT count (*) FROM message m JOIN lane l USING (recipient, sender) WHERE m.sequence > l.done AND NOT EXISTS " \
                "(SELECT FROM done_ahead a WHERE (a.recipient, a.sender, a.sequence) = (m.recipient, m.sender, m.sequence)) AND NOT EXISTS " \
                "(SELECT FROM dead_letter d WHERE d.referral = m.referral AND d.state = 'dead')"
        return self.net.cluster.value (query) == "0" and self.net.cluster.value ("SELECT count (*) FROM dead_letter WHERE state = 'replaying'") == "0"

    def gather (self, folder, limit_kib):
        """What the checker reads."""
        shutil.rmtree (folder, ignore_errors=True)
        folder.mkdir ()
        for party in self.parties:
            with contextlib.closing (sqlite3.connect (party.db)) as db, contextlib.closing (sqlite3.connect (folder / f"{party.name}.db")) as copy:
                db.backup (copy)
        self.dump (folder / "audit.tsv", "SELECT a.number, a.kind, a.actor, a.counterpart, encode (r.id, 'hex'), a.event, a.sequence, "
                   "translate (a.detail, E'\\t\\n', '  ') FROM audit a LEFT JOIN referral r ON r.no = a.referral ORDER BY a.number")
        self.dump (folder / "dead.tsv", "SELECT b.partner, a.partner, encode (r.id, 'hex'), d.sequence, CASE d.state WHEN 'done' THEN d.fate ELSE d.state END "
                   "FROM dead_letter d JOIN partner a ON a.no = d.sender JOIN partner b ON b.no = d.recipient JOIN referral r ON r.no = d.referral ORDER BY d.no")
        facts = {"parties": NAMES, "restored": [p.name for p in self.parties if p.restored], "hands": self.hands,
                 "broker_kib": self.broker_kib, "broker_limit_kib": limit_kib}
        (folder / "facts.json").write_text (json.dumps (facts))

    def dump (self, path, query):
        pathlib.Path (path).write_text ("".join ("\t".join (row) + "\n" for row in self.net.cluster.sql (query)))
