#!/usr/bin/python3
"""
Random kill -9 of broker, partners' programs and PostgreSQL, with thousands of messages under way:
none lost, none with double effect, none out of order.  KASK_KILLS, KASK_UNDER_WAY and KASK_SEED choose another run.
"""
import os
import pathlib
import random
import signal
import sqlite3
import sys
import time

sys.path.insert (0, str (pathlib.Path (__file__).resolve ().parents[1] / "lib"))
import plain                                  # noqa: E402,F401  (before network)
from network import BUILD, Network, Setup   # noqa: E402
import tap                                    # noqa: E402
import kask_pb2 as pb                         # noqa: E402

KILLS = int (os.environ.get ("KASK_KILLS", "200"))
SEED = int (os.environ.get ("KASK_SEED", "1"))
UNDER_WAY = int (os.environ.get ("KASK_UNDER_WAY", "2000"))
AIMED_AT = 9 * UNDER_WAY // 2
NAMES = ("alfa", "bravo", "charlie")


class Partner (Setup):
    """A kask-test-partner with its folder and system."""

    def __init__ (self, name):
        super ().__init__ (net, name)
        self.db, self.goal = net.folder / f"{name}.db", net.folder / f"{name}.goal"
        self.others = [n for n in NAMES if n != name]
        self.handed = 0

    def start (self):
        self.program = net.program (self.name, [BUILD / "kask-test-partner", self.dir, self.db, self.goal, *self.others]).start ()

    def raise_goal (self, goal):
        temporary = self.goal.with_suffix (".new")
        temporary.write_text (str (goal))
        temporary.rename (self.goal)
        self.handed = goal

    def effects (self):
        """(sender, sequence, referral, event, text) in the order in which they took effect."""
        try:
            with sqlite3.connect (f"file:{self.db}?mode=ro", uri=True, timeout=10) as db:
                return db.execute ("SELECT sender, sequence, referral, event, text FROM effect ORDER BY no").fetchall ()
        except sqlite3.OperationalError:
            return []


def counted (partner):
    try:
        with sqlite3.connect (f"file:{partner.db}?mode=ro", uri=True, timeout=10) as db:
            return db.execute ("SELECT count (*) FROM effect WHERE event = ?", (pb.EVENT_SEND,)).fetchone ()[0]
    except sqlite3.OperationalError:
        return 0


def keep_under_way ():
    """How many acts wait for their effect; more are handed over, up to AIMED_AT."""
    handed = sum (p.handed * len (p.others) for p in partners)
    effects = sum (counted (p) for p in partners)
    missing = AIMED_AT - (handed - effects)
    if missing > 0:
        for p in partners:
            p.raise_goal (p.handed + missing // (len (NAMES) * 2) + 1)
    return handed - effects


def kill_postgresql ():
    if chance.random () < 0.5:
        backends = net.cluster.sql ("SELECT pid FROM pg_stat_activity WHERE application_name LIKE 'kaskd%'")
        if backends:
            os.kill (int (chance.choice (backends)[0]), signal.SIGKILL)
            return "backend"
    net.cluster.end (signal.SIGKILL)
    net.cluster.start ()
    return "postmaster"


def kill_one ():
    victim = chance.choices (["broker", "partner", "postgresql"], [4, 4, 2])[0]
    if victim == "broker":
        net.broker.kill ()
        net.broker.start ()
    elif victim == "partner":
        program = chance.choice (partners).program
        program.kill ()
        program.start ()
    else:
        victim = kill_postgresql ()
    return victim


def everything_is_killed_at_random ():
    counts = {}
    least = None
    for p in partners:
        p.raise_goal (AIMED_AT // (len (NAMES) * 2))
        p.start ()
    tap.until ("messages flow", lambda: all (counted (p) > 10 for p in partners), 60)
    begun = time.monotonic ()
    for i in range (KILLS):
        under_way = keep_under_way ()
        least = under_way if least is None else min (least, under_way)
        time.sleep (chance.uniform (0, 0.4))   # the moment of the fault is drawn
        name = kill_one ()
        counts[name] = counts.get (name, 0) + 1
    tap.note (f"{KILLS} kills in {time.monotonic () - begun:.0f} s, seed {SEED}: {counts}; at least {least} acts under way at each")
    tap.ok (least >= UNDER_WAY, f"at least {UNDER_WAY} were under way at each of {KILLS} kills")
    total = sum (p.handed * len (p.others) for p in partners)
    def all_arrived ():
        return sum (1 for p in partners for e in p.effects () if e[3] == pb.EVENT_COMPLETE) >= total
    try:
        tap.until ("everything has arrived", all_arrived, 240, 0.5)
    except TimeoutError as problem:
        tap.note (problem)


def nothing_is_lost_doubled_or_reordered ():
    total = lost = doubled = disordered = 0
    for p in partners:
        effects = p.effects ()
        for other in p.others:
            sender = next (q for q in partners if q.name == other)
            wanted = [f"{other}>{p.name}/{n}" for n in range (1, sender.handed + 1)]
            got = [text for s, _, _, event, text in effects if s == other and event == pb.EVENT_SEND]
            total += len (wanted)
            lost += len (set (wanted) - set (got))
            doubled += len (got) - len (set (got))
            disordered += got != sorted (got, key=lambda t: int (t.rsplit ("/", 1)[1]))
            own = [(event, text) for s, _, _, event, text in effects if s == other and event in (pb.EVENT_ACCEPT, pb.EVENT_COMPLETE)]
            asked = [f"{p.name}>{other}/{n}" for n in range (1, p.handed + 1)]
            for event in (pb.EVENT_ACCEPT, pb.EVENT_COMPLETE):
                got = [text for e, text in own if e == event]
                lost += len (set (asked) - set (got))
                doubled += len (got) - len (set (got))
            place = {(event, text): i for i, (event, text) in enumerate (own)}
            disordered += sum (place[pb.EVENT_ACCEPT, t] > place[pb.EVENT_COMPLETE, t] for t in asked
                               if (pb.EVENT_ACCEPT, t) in place and (pb.EVENT_COMPLETE, t) in place)
            sequences = [n for s, n, _, _, _ in effects if s == other]
            disordered += sequences != sorted (sequences)
    tap.note (f"{total} referrals, {3 * total} events of partners")
    tap.equal (lost, 0, "none lost")
    tap.equal (doubled, 0, "none with double effect")
    tap.equal (disordered, 0, "none out of order")
    numbers = [int (n) for (n,) in net.cluster.sql ("SELECT number FROM audit_entry ORDER BY number")]
    tap.ok (numbers == list (range (1, len (numbers) + 1)), f"the audit log's {len (numbers)} entries have no gap")
    refused = [line for p in partners for line in p.program.log ().splitlines () if line.startswith ("refused")]
    tap.equal (refused[:5], [], "no act was refused")


chance = random.Random (SEED)
with Network ("crash", heartbeat="1 s") as net:
    partners = [Partner (name) for name in NAMES]
    for p in partners:
        for q in partners:
            if p is not q:
                p.pin (q)
                net.kask ("agreement", "allow", p.name, q.name)
    tap.run (everything_is_killed_at_random, nothing_is_lost_doubled_or_reordered)
