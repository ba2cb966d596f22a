#!/usr/bin/python3
"""What one partner may take: each quota at the limit and one above, and that who waits as told gets through, in order."""
import json
import os
import pathlib
import subprocess
import sys
import time

sys.path.insert (0, str (pathlib.Path (__file__).resolve ().parents[1] / "lib"))
from network import Network, kaskclient   # noqa: E402
import kask_pb2 as pb                     # noqa: E402
import tap                                # noqa: E402


class Commits_wait:
    """No turn ends meanwhile: the row that each commit holds is locked by another."""

    def __enter__ (self):
        self.psql = subprocess.Popen (["psql", "-qAtX", net.cluster.conninfo], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.psql.stdin.write ("BEGIN; SELECT 'locked' FROM broker FOR UPDATE;\n")
        self.psql.stdin.flush ()
        assert self.psql.stdout.readline ().strip () == "locked"

    def __exit__ (self, *problem):
        self.psql.communicate ("ROLLBACK;\n", timeout=20)


def with_settings (**settings):
    net.broker.stop ()
    net.settings.update (partner_messages=5000, partner_unanswered=5000, partner_waiting_bytes="6 MiB", partner_body="6 MiB",
                         partner_sessions=120, window_messages=4096)
    net.settings.update (settings)
    net.configure ()
    net.start_broker ()
    a.connect ()
    b.connect ()


def letters (n, size=100):
    """Sends at once; the numbers."""
    made = []
    for _ in range (n):
        header = a.header ("partner-b")
        referral = os.urandom (16)
        header.referral.CopyFrom (pb.ReferralEvent (event=pb.EVENT_SEND, referral_id=referral, chain_id=referral, legal_basis="CONSENT"))
        made.append (header.SerializeToString ())
    return [a.send ("partner-b", header, b"x" * size) for header in made]


def said (number):
    answer = a.answer ("partner-b", number)
    return pb.Outcome.Name (answer.outcome), answer.fault


def again_as_told (number):
    """Waits as the last answer says and sends it again."""
    time.sleep (a.answer ("partner-b", number).retry_after_ms / 1000)
    a.answers[:] = [x for x in a.answers if x.number != number]
    a.socket.send_multipart (a.unanswered["partner-b", number])
    return said (number)


def over_share (partner, setting, name):
    over = json.loads (net.kask ("status", "--json").stdout)["partners_over_share"]
    tap.ok ({"over_share": partner, "setting": setting} in over, f"{name}: kask status names it")
    line = f"over its share partner={partner} setting={setting}"
    tap.until (f"{name}: a line in the log", lambda: line in net.broker.log ())
    tap.equal (net.broker.log ().count (line), 1, f"{name}: one line in the log")


def messages_a_second ():
    with_settings (partner_messages=4)
    numbers = letters (6)
    tap.equal ([said (n) for n in numbers], [("ACCEPTED", "")] * 4 + [("UNAVAILABLE", "LIMIT")] * 2, "rate: four a second pass, the fifth and what follows it do not")
    answer = a.answer ("partner-b", numbers[4])
    tap.ok (0 < answer.retry_after_ms <= 500 and "wait" in answer.text, f"rate: the answer says when: {answer.retry_after_ms} ms")
    tap.equal ([again_as_told (n) for n in numbers[4:]], [("ACCEPTED", "")] * 2, "rate: who waits as told gets through")
    b.wait (lambda: len (b.deliveries) == 6, what="six deliveries")
    tap.equal ([d.facts.sequence for d in b.deliveries], [1, 2, 3, 4, 5, 6], "rate: all arrive once and in order")
    over_share ("partner-a", "partner_messages", "rate")
    b.taken ()


def messages_without_answer ():
    with_settings (partner_unanswered=3)
    with Commits_wait ():
        numbers = letters (4)
        tap.equal (said (numbers[3]), ("UNAVAILABLE", "LIMIT"), "unanswered: one above the limit does not pass")
        tap.equal ([n for n in numbers[:3] if any (x.number == n for x in a.answers)], [], "unanswered: at the limit they are taken")
    tap.equal ([said (n) for n in numbers[:3]], [("ACCEPTED", "")] * 3, "unanswered: and answered when they are stored")
    tap.equal (again_as_told (numbers[3]), ("ACCEPTED", ""), "unanswered: then the next passes")
    over_share ("partner-a", "partner_unanswered", "unanswered")


def bytes_that_wait ():
    with_settings (partner_waiting_bytes=20000)
    with Commits_wait ():
        numbers = letters (3, 9000)
        tap.equal (said (numbers[2]), ("UNAVAILABLE", "LIMIT"), "bytes: above the limit nothing passes")
        tap.equal ([n for n in numbers[:2] if any (x.number == n for x in a.answers)], [], "bytes: below it they are taken")
    tap.equal ([said (n) for n in numbers[:2]], [("ACCEPTED", "")] * 2, "bytes: and answered when they are stored")
    tap.equal (again_as_told (numbers[2]), ("ACCEPTED", ""), "bytes: then the next passes")
    over_share ("partner-a", "partner_waiting_bytes", "bytes")


def bodies ():
    with_settings (partner_body=10000)
    numbers = letters (1, 10000) + letters (1, 10001) + letters (1, 100)
    tap.equal ([said (n) for n in numbers], [("ACCEPTED", ""), ("REFUSED", "TOO_LARGE"), ("ACCEPTED", "")], "body: at the limit, one above, and what follows")


def messages_that_are_not_taken ():
    b.drain (0.3)
    b.taken ()
    b.deliveries.clear ()
    with_settings (window_messages=5)
    letters (7)
    b.wait (lambda: len (b.deliveries) >= 5, what="a window of deliveries")
    b.drain (0.5)
    tap.equal (len (b.deliveries), 5, "not taken: no more than the window come")
    b.taken ()
    b.wait (lambda: len (b.deliveries) == 7, what="the rest")
    tap.ok (True, "not taken: and the rest when they are")
    b.taken ()


def refusal ():
    """Of a hello; not that the broker still writes down what the session before had reported, which no quota counts."""
    while True:
        try:
            a.connect (patient=False)
            return None
        except kaskclient.Refused as refused:
            if str (refused) != "UNAVAILABLE":
                return str (refused)
            time.sleep (a.faults[-1].retry_after_ms / 1000)


def sessions_a_minute ():
    with_settings (partner_sessions=3)
    for _ in range (2):
        a.connect ()
    tap.ok (a.welcome, "sessions: three a minute may begin")
    tap.equal (refusal (), "LIMIT", "sessions: the fourth is refused")
    wait_ms = a.faults[-1].retry_after_ms
    tap.ok (0 < wait_ms <= 20000, f"sessions: and it is said when to try again: {wait_ms} ms")
    b.connect ()
    tap.ok (b.welcome, "sessions: others may")
    over_share ("partner-a", "partner_sessions", "sessions")
    a.connect (seconds=30)
    tap.ok (a.welcome, "sessions: who waits as told is let in")


with Network ("quotas") as net:
    a, b = net.pair ()
    tap.run (messages_a_second, messages_without_answer, bytes_that_wait, bodies, messages_that_are_not_taken, sessions_a_minute)
