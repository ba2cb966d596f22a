#!/usr/bin/python3
"""PostgreSQL goes away under load and comes back: nothing is restarted, lost, doubled or reordered."""
import os
import pathlib
import signal
import sys
import time

sys.path.insert (0, str (pathlib.Path (__file__).resolve ().parents[1] / "lib"))
from network import Network   # noqa: E402
import tap                    # noqa: E402
import kask_pb2 as pb         # noqa: E402

GONE_S = float (os.environ.get ("KASK_GONE_S", "10"))
UNDER_WAY = 50


class Load:
    """Keeps some messages under way from b to a; says UNAVAILABLE ones again when it is time; a takes and does all."""

    def __init__ (self):
        self.accepted = {}
        self.sent = 0
        self.goes_on = True
        self.last_accepted = self.last_ping = time.monotonic ()
        self.again_at = None

    def turn (self):
        while self.goes_on and self.sent - len (self.accepted) < UNDER_WAY:
            b.send_event ("partner-a", pb.EVENT_SEND)
            self.sent += 1
        for answer in b.answers:
            if answer.outcome == pb.ACCEPTED:
                self.accepted[answer.number] = answer
                self.last_accepted = time.monotonic ()
            elif answer.outcome in (pb.UNAVAILABLE, pb.GAP):
                self.again_at = time.monotonic () + answer.retry_after_ms / 1000
            else:
                tap.ok (False, f"no other answer comes: {answer}")
        b.answers.clear ()
        if self.again_at and time.monotonic () >= self.again_at:
            self.again_at = None
            for key in sorted (b.unanswered):
                b.socket.send_multipart (b.unanswered[key])
        if time.monotonic () - self.last_ping > 2:   # who is silent for three heartbeats has no session
            self.last_ping = time.monotonic ()
            for client in (a, b):
                client.command (ping=pb.Ping (echo=1))
        b.receive (0.05)
        b.drain ()
        a.drain ()
        if a.deliveries:
            a.taken ()
            a.done (*a.deliveries)
            arrived.extend (d.facts.sequence for d in a.deliveries)
            a.deliveries.clear ()

    def until (self, condition, seconds):
        end = time.monotonic () + seconds
        while not condition () and time.monotonic () < end:
            self.turn ()
        return condition ()


arrived = []


def postgresql_goes_and_comes ():
    load = Load ()
    tap.ok (load.until (lambda: len (load.accepted) >= 200, 30), "messages flow")
    pid = net.broker.process.pid
    for mode, number in (("immediate", signal.SIGQUIT), ("fast", signal.SIGINT), ("kill -9", signal.SIGKILL)):
        net.cluster.end (number)
        end = time.monotonic () + GONE_S
        load.until (lambda: time.monotonic () > end, GONE_S + 5)
        before = len (load.accepted)
        net.cluster.start ()
        back = time.monotonic ()
        tap.ok (load.until (lambda: len (load.accepted) > before, 30), f"after a stop ({mode}) of {GONE_S:.0f} s they flow again")
        tap.note (f"resumed {load.last_accepted - back:.2f} s after PostgreSQL accepted connections")
        tap.ok (load.last_accepted - back <= 2.0, "within 2 s after it accepts connections")
        load.until (lambda: len (load.accepted) > before + 200, 30)
    tap.ok (net.broker.is_running () and net.broker.process.pid == pid, "the broker was not restarted")
    tap.ok (b.welcome is not None and not [f for f in b.faults + a.faults if f.name == "SUPERSEDED"], "nor any session superseded")
    load.goes_on = False
    load.until (lambda: min (len (arrived), len (load.accepted)) >= load.sent, 30)
    tap.equal (arrived, sorted (arrived), "they arrived in order")
    tap.equal (len (arrived), len (set (arrived)), "each once")
    tap.equal ((len (arrived), len (load.accepted)), (load.sent, load.sent), f"all {load.sent} that were sent, and their ACCEPTED")
    known = {x.sequence for x in load.accepted.values ()} - {0}   # 0: a first answer whose sequence is not told again
    tap.ok (known <= set (arrived), "under the sequences that the answers told")
    stored = net.cluster.value ("SELECT count (*) FROM message WHERE NOT by_broker")
    tap.equal (int (stored), len (arrived), "and no other stands in the database")


with Network ("database-gone", heartbeat="5 s") as net:
    a, b = net.pair ()
    tap.run (postgresql_goes_and_comes)
