#!/usr/bin/python3
"""Agreements that begin, end and change while messages wait and referrals run: the rule of PROTOCOL.md section 8."""
import os
import pathlib
import sys

sys.path.insert (0, str (pathlib.Path (__file__).resolve ().parents[1] / "lib"))
from network import Network   # noqa: E402
import tap                    # noqa: E402
from shift import Shift, at   # noqa: E402
import kask_pb2 as pb         # noqa: E402


def refer (r, v, act=None, **members):
    header = r.send_event (v.partner, pb.EVENT_SEND, origin=act, **members)
    return header.referral.referral_id, r.answer (v.partner)


def told (client, other, want):
    """The directory says whether it may refer to the other."""
    client.wait (lambda: client.partners[other].to_partner == want, what=f"a directory in which {other} is {want}")
    tap.ok (True, f"{client.partner} is told by the directory: to {other} {'yes' if want else 'no'}")


def before_it_begins ():
    tap.equal (refer (a, b)[1].fault, "NO_AGREEMENT", "without an agreement a SEND is refused")
    net.kask ("agreement", "allow", "partner-a", "partner-b", "--from", "2026-05-10", "--to", "2026-05-20")
    _, answer = refer (a, b, b"one act")
    tap.equal ((answer.outcome, answer.fault), (pb.REFUSED, "NO_AGREEMENT"), "so it is before its agreement begins")
    shift.go_to (c, 5, 10, 0, 0, 1)
    told (a, "partner-b", True)
    referral, answer = refer (a, b, b"one act")
    tap.equal (answer.outcome, pb.ACCEPTED, "when it has begun, by itself, the same act is taken")
    tap.equal (refer (b, a)[1].fault, "NO_AGREEMENT", "it is no agreement the other way round")
    b.takes_and_does (b.next (pb.EVENT_SEND, referral))


def while_messages_wait ():
    """In the recipient's mailbox, and in the sender's outbox."""
    global running
    b.close ()
    running, answer = refer (a, b)
    tap.equal (answer.outcome, pb.ACCEPTED, "one is accepted, and waits for its recipient")
    shift.go_to (c, 5, 20, 23, 59, 0)
    tap.equal (refer (a, b)[1].outcome, pb.ACCEPTED, "on the agreement's last day another is")
    a.close ()
    a.send_event ("partner-b", pb.EVENT_SEND)
    shift.go_to (c, 5, 21, 0, 0, 1)
    a.connect ()
    tap.equal (a.answer ("partner-b").fault, "NO_AGREEMENT", "one that waited in an outbox while it ended is refused")
    told (a, "partner-b", False)
    b.connect ()
    b.takes_and_does (b.next (pb.EVENT_SEND, running))
    tap.ok (a.next (pb.EVENT_RECEIPT, running), "what was accepted is delivered, and its receipt")


def a_first_answer_stays ():
    net.kask ("agreement", "allow", "partner-a", "partner-b")
    a.send_event ("partner-b", pb.EVENT_SEND)
    number = a.next_number["partner-b"]
    kept = a.unanswered["partner-b", number]
    tap.equal (a.answer ("partner-b").outcome, pb.ACCEPTED, "under a new agreement one is accepted")
    net.kask ("agreement", "revoke", "partner-a", "partner-b")
    told (a, "partner-b", False)
    a.answers.clear ()
    a.unanswered["partner-b", number] = kept
    a.connect ()
    answer = a.answer ("partner-b")
    tap.equal ((answer.outcome, answer.repeated), (pb.ACCEPTED, True), "its repetition gets its first answer when the agreement is gone")


def a_referral_runs_to_its_end ():
    version = 2
    for client, other, event, more in ((b, a, pb.EVENT_ACCEPT, {}), (a, b, pb.EVENT_NOTE, {}), (b, a, pb.EVENT_ASK, {}), (a, b, pb.EVENT_ANSWER, {"question": 1}),
                                       (b, a, pb.EVENT_START, {}), (b, a, pb.EVENT_COMPLETE, {"outcome": "SOLVED"}), (b, a, pb.EVENT_REOPEN, {"reason": "OTHER"}),
                                       (a, b, pb.EVENT_WITHDRAW, {}), (b, a, pb.EVENT_WITHDRAW, {}), (a, b, pb.EVENT_REVOKE, {})):
        client.send_event (other.partner, event, referral_id=running, version=version, **more)
        answer = client.answer (other.partner)
        version = answer.standing.version
        tap.equal ((answer.outcome, answer.fault), (pb.ACCEPTED, ""), f"without an agreement {pb.Event.Name (event)} by {client.partner} is accepted")
        other.takes_and_does (other.next (event, running))


def a_next_leg_needs_its_own ():
    net.kask ("agreement", "allow", "partner-a", "partner-b")
    referral, _ = refer (a, b)
    b.takes_and_does (b.next (pb.EVENT_SEND, referral))
    leg = {"referral_id": os.urandom (16), "chain_id": referral, "previous_leg": referral}
    tap.equal (refer (b, c, **leg)[1].fault, "NO_AGREEMENT", "the next leg needs an agreement of its own")
    net.kask ("agreement", "allow", "partner-b", "partner-c")
    net.kask ("agreement", "revoke", "partner-a", "partner-b")
    tap.equal (refer (b, c, **leg)[1].outcome, pb.ACCEPTED, "with it it is accepted, whatever became of the one of the leg before")


def its_end_is_changed ():
    net.kask ("agreement", "allow", "partner-a", "partner-c", "--to", "2026-06-01")
    net.kask ("agreement", "allow", "partner-a", "partner-c", "--to", "2026-05-25")
    shift.go_to (c, 5, 26, 12)
    tap.equal (refer (a, c)[1].fault, "NO_AGREEMENT", "an end that was drawn nearer counts")
    net.kask ("agreement", "allow", "partner-a", "partner-c", "--to", "2026-05-30")
    net.kask ("agreement", "allow", "partner-a", "partner-c", "--to", "2026-06-30")
    shift.go_to (c, 6, 5, 12)
    tap.equal (refer (a, c)[1].outcome, pb.ACCEPTED, "and one that was put off")
    tap.equal (net.kask ("audit", "list").stdout.count ("end changed"), 2, "the audit log has each change")


with Shift (at (5, 8, 12)) as shift, Network ("agreements", heartbeat="30 s", time_shift_file=shift.path) as net:
    a, b, c = (net.client (f"partner-{x}", country, connect=False) for x, country in (("a", "DK"), ("b", "NO"), ("c", "SE")))
    for one in (a, b, c):
        for another in (a, b, c):
            if one is not another:
                one.pin (another.partner, bytes (another.identity.signing.verify_key))
    for one in (a, b, c):
        one.connect ()
    tap.run (before_it_begins, while_messages_wait, a_first_answer_stays, a_referral_runs_to_its_end, a_next_leg_needs_its_own, its_end_is_changed)
