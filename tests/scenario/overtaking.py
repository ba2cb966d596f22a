#!/usr/bin/python3
"""A new session comes while what the older one sent waits for its commit, and its outbox was put back from an older copy."""
import pathlib
import subprocess
import sys

sys.path.insert (0, str (pathlib.Path (__file__).resolve ().parents[1] / "lib"))
from network import Network   # noqa: E402
import kaskclient             # noqa: E402
import tap                    # noqa: E402
import kask_pb2 as pb         # noqa: E402


class Stall:
    """Holds the epoch's row, so that no commit of the broker ends."""

    def __enter__ (self):
        self.psql = subprocess.Popen (["psql", "-X", "-q", "-A", "-t", "-d", net.cluster.conninfo], text=True,
                                      stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.psql.stdin.write ("BEGIN; SELECT 'held' FROM broker FOR UPDATE;\n")
        self.psql.stdin.flush ()
        assert self.psql.stdout.readline ().strip () == "held"
        return self

    def __exit__ (self, *_):
        self.psql.communicate ("ROLLBACK;\n", timeout=20)


def refused_with (client):
    try:
        client.connect (patient=False)
    except kaskclient.Refused as fault:
        return str (fault)
    return ""


def waits_for_a_commit ():
    return net.cluster.value ("SELECT count (*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'") != "0"


def a_hello_waits_for_what_was_sent_before ():
    with Stall ():
        a.send_event ("partner-b", pb.EVENT_SEND)
        tap.until ("the commit waits", waits_for_a_commit)
        a.next_number.clear ()   # the copy held no number
        a.unanswered.clear ()
        fault = refused_with (a)
        tap.equal (fault, "UNAVAILABLE", "no session while it is not decided which numbers are used")
    if fault:
        tap.until ("the commit has ended, and hello is answered", lambda: refused_with (a) == "")


def no_act_is_taken_for_the_one_before ():
    header = a.send_event ("partner-b", pb.EVENT_SEND)
    tap.ok (not a.answer ("partner-b").repeated, "the next act is no repetition of the one that used its number")
    arrived = [b.next (pb.EVENT_SEND) for _ in range (2)]
    tap.equal (arrived[1].header.message_id, header.message_id, "both arrive")


with Network ("overtaking") as net:
    a, b = net.pair ()
    tap.run (a_hello_waits_for_what_was_sent_before, no_act_is_taken_for_the_one_before)
