#!/usr/bin/python3
"""
The database goes; seven partners store 100,000 messages each meanwhile; it comes back: everything drains by itself, in
order, and the broker's memory does not follow.  KASK_EACH: so many messages of each partner.
"""
import os
import pathlib
import re
import signal
import sys
import time

sys.path.insert (0, str (pathlib.Path (__file__).resolve ().parents[1] / "lib"))
import plain                                # noqa: E402,F401  (before network)
from network import BUILD, Network, Setup   # noqa: E402
import tap                                  # noqa: E402

EACH = int (os.environ.get ("KASK_EACH", "100000"))
NAMES = ("alfa", "bravo", "charlie", "delta", "echo", "foxtrot", "golf")
TO_EACH = -(-EACH // (len (NAMES) - 1))
TOTAL = TO_EACH * len (NAMES) * (len (NAMES) - 1)
MUST_KIB = 128 * 1024
DRAINED_S = 900


class Partner (Setup):
    def start (self):
        others = [name for name in NAMES if name != self.name]
        self.program = net.program (self.name, [BUILD / "kask-test-backlog", self.dir, goal, *others]).start ()

    def said (self, word):
        return re.findall (rf"(?m)^{word} .*", self.program.log ())


def the_database_goes ():
    for p in partners:
        p.start ()
    tap.until ("all are connected", lambda: all (p.said ("network: connected") for p in partners), 30)
    net.cluster.end (signal.SIGQUIT)
    goal.write_text (str (TO_EACH))
    begun = time.monotonic ()
    tap.until ("all have stored theirs", lambda: all (p.said ("stored") for p in partners), 300, 0.2)
    tap.note (f"{TOTAL} messages stored in {time.monotonic () - begun:.0f} s")


def all_drains ():
    pid = net.broker.process.pid
    net.cluster.start ()
    begun = time.monotonic ()
    tap.until ("everything has arrived", lambda: all (p.said ("received") for p in partners), DRAINED_S, 0.5)
    seconds = time.monotonic () - begun
    tap.note (f"drained in {seconds:.0f} s, {TOTAL / seconds:.0f} messages/s and as many RECEIPTs")
    wanted = f"received {TOTAL // len (NAMES)} receipts {TOTAL // len (NAMES)} disorder 0"
    tap.equal ([p.said ("received") for p in partners], [[wanted]] * len (NAMES), "each has all that the others stored, once and in order")
    tap.equal ([line for p in partners for line in p.said ("refused")], [], "none was refused")
    tap.ok (net.broker.is_running () and net.broker.process.pid == pid, "nobody restarted the broker")
    high = net.broker.rss_kib ("VmHWM")
    tap.ok (high <= MUST_KIB, f"the broker's memory: {high} KiB, at most {MUST_KIB}")


with Network ("backlog") as net:
    goal = net.folder / "goal"
    partners = [Partner (net, name) for name in NAMES]
    for p in partners:
        for q in partners:
            if p is not q:
                p.pin (q)
                net.kask ("agreement", "allow", p.name, q.name)
    tap.run (the_database_goes, all_drains)
