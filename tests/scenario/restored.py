#!/usr/bin/python3
"""
Restored copies under load: an adapter's folder that is rolled back, and one that runs twice.

Two programs refer to each other all the time; what counts is what their systems hold in the end: each act once.
"""
import collections
import pathlib
import random
import shutil
import sqlite3
import sys

sys.path.insert (0, str (pathlib.Path (__file__).resolve ().parents[1] / "lib"))
from network import BUILD, Network, Setup              # noqa: E402
import tap                                              # noqa: E402
import kask_pb2 as pb                                   # noqa: E402

MOMENTS = 10
STEP = 40            # acts of each side between two moments


def copy_database (source, target):
    """As a backup does it: whole, while the program writes."""
    for beside in ("", "-wal", "-shm"):
        pathlib.Path (f"{target}{beside}").unlink (missing_ok=True)
    with sqlite3.connect (source) as one, sqlite3.connect (target) as other:
        one.backup (other)
    one.close ()
    other.close ()


class Partner (Setup):
    """A state folder, the program that runs on it, and the system behind it."""

    def __init__ (self, name, other):
        super ().__init__ (net, name)
        self.system, self.goal, self.other = net.folder / f"{name}.system", net.folder / f"{name}.goal", other
        self.goal.write_text ("0")
        self.program = self.program_in (self.dir, name)

    def program_in (self, folder, name):
        return net.program (name, [BUILD / "kask-test-partner", folder, self.system, self.goal, self.other])

    def effects (self):
        """Texts of the referrals that came in, in order."""
        if not self.system.exists ():
            return []
        db = sqlite3.connect (f"file:{self.system}?mode=ro", uri=True)
        try:
            return [row[0] for row in db.execute ("SELECT text FROM effect WHERE event = ? ORDER BY no", (pb.EVENT_SEND,))]
        except sqlite3.OperationalError:
            return []
        finally:
            db.close ()


class Load:
    acts = 0

    def more (self, n=STEP):
        self.acts += n
        for partner in (left, right):
            partner.goal.write_text (str (self.acts))

    def wait (self, n):
        """Until so many acts of the last step had their effect on each side."""
        least = self.acts - STEP + n
        tap.until (f"{least} effects on each side", lambda: all (len (set (p.effects ())) >= least for p in (left, right)), 60)

    def check (self, what):
        self.more ()
        self.wait (STEP)
        for sender, receiver in ((left, right), (right, left)):
            wanted = collections.Counter (f"{sender.name}>{receiver.name}/{n}" for n in range (1, self.acts + 1))
            got = collections.Counter (receiver.effects ())
            tap.equal ((sorted (wanted - got), sorted (got - wanted)), ([], []), f"{what}: of {self.acts} acts of {sender.name} none is lost, none has two effects")


def nothing_waits ():
    return net.cluster.value ("SELECT sum (next_sequence - 1 - done) FROM lane") == "0"


def an_adapter_is_rolled_back ():
    for moment in range (MOMENTS):
        partner = dice.choice ((left, right))
        load.more ()
        load.wait (dice.randrange (STEP))
        copy_database (partner.dir / "kask.db", net.folder / "copy.db")
        load.more ()
        load.wait (dice.randrange (STEP))
        partner.program.kill ()
        copy_database (net.folder / "copy.db", partner.dir / "kask.db")
        partner.program.start ()
    load.check (f"an adapter rolled back at {MOMENTS} moments")
    tap.until ("all is DONE", nothing_waits, 60)
    tap.ok (True, "and in the end nothing waits at the broker")


def an_adapter_runs_twice ():
    folder = net.folder / "left-second"
    first, second = left.program, left.program_in (folder, "left-second")
    for moment in range (MOMENTS):
        load.more ()
        load.wait (dice.randrange (STEP))
        if moment == 0:
            folder.mkdir ()
            shutil.copy (left.dir / "kask.reserve", folder)
            copy_database (left.dir / "kask.db", folder / "kask.db")
        second.start ()
        tap.until ("the older one has ended", lambda: not first.is_running (), 30)
        tap.equal (first.process.returncode, 78, "the older session is superseded, and its program stays down") if moment == 0 else None
        first, second = second, first
    load.check (f"a second adapter with the same keys, started by turns {MOMENTS} times")
    tap.until ("all is DONE", nothing_waits, 60)
    tap.ok (True, "and in the end nothing waits at the broker")


with Network ("restored") as net:
    dice, load = random.Random (3), Load ()
    left, right = Partner ("left", "right"), Partner ("right", "left")
    left.pin (right)
    right.pin (left)
    net.agree ("left", "right")
    left.program.start ()
    right.program.start ()
    tap.run (an_adapter_is_rolled_back, an_adapter_runs_twice)
