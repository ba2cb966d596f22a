#!/usr/bin/python3
"""What is DONE leaves the database after keep_bodies, a day at once; what is open stays and is delivered."""
import pathlib
import sys
import time

sys.path.insert (0, str (pathlib.Path (__file__).resolve ().parents[1] / "lib"))
from network import Network   # noqa: E402
import tap                    # noqa: E402
import kask_pb2 as pb         # noqa: E402

DAY_MS = 86400000
TODAY = int (time.time ()) // 86400


def days ():
    return sorted (int (name.removeprefix ("message_")) for name, in net.cluster.sql (
        "SELECT relname FROM pg_class c JOIN pg_inherits i ON i.inhrelid = c.oid WHERE inhparent = 'message'::regclass AND relkind = 'r'"))


def some_are_done_and_one_waits ():
    for _ in range (3):
        b.send_event ("partner-a", pb.EVENT_SEND)
    b.answer ("partner-a")
    a.wait (lambda: len (a.deliveries) == 3, what="three deliveries")
    a.confirm (a.done (*a.deliveries[:2]))
    dead = b.send_event ("partner-a", pb.EVENT_SEND)
    a.confirm (a.dead (a.next (referral=dead.referral.referral_id), pb.REFUSED_BY_SYSTEM, "not wanted"))
    b.wait (lambda: len (b.deliveries) == 3, what="two receipts and a dead letter's notice")
    b.done_with_all ()
    b.wait (lambda: not b.reports, what="Confirmed")


def eight_days_pass ():
    for client in (a, b):
        client.close ()
    net.broker.stop ()
    net.cluster.sql (f"SELECT make_partition ({TODAY - 8})")
    net.cluster.sql (f"UPDATE message SET day = {TODAY - 8}")
    net.start_broker ()
    tap.until ("the old day is dropped", lambda: TODAY - 8 not in days (), 20)
    tap.ok (TODAY in days () and TODAY + 1 in days (), "today's and tomorrow's stay")
    tap.equal (int (net.cluster.value ("SELECT count (*) FROM message")), 2, "of what lay there, the open message and the dead letter are kept")


def what_waits_is_delivered ():
    a.deliveries.clear ()
    a.positions.clear ()
    a.inbox.clear ()
    a.connect ()
    delivery = a.next (pb.EVENT_SEND)
    tap.equal (delivery.facts.sequence, 3, "the one that was not DONE comes again, under its number")
    a.confirm (a.done (delivery))
    tap.ok (not a.confirmed[-1].unknown, "and its DONE counts")
    net.kask ("dead", "replay", net.cluster.value ("SELECT no FROM dead_letter"))
    tap.equal (a.next (pb.EVENT_SEND).facts.replay, 1, "the dead letter can still be replayed")


with Network ("retention", heartbeat="5 s") as net:
    a, b = net.pair ()
    tap.run (some_are_done_and_one_waits, eight_days_pass, what_waits_is_delivered)
