#!/usr/bin/python3
"""Deadlines: reminders after 5 and 8 working days, expiry after 10, pauses, outages, and clocks that are wrong."""
import pathlib
import sys

sys.path.insert (0, str (pathlib.Path (__file__).resolve ().parents[1] / "lib"))
from network import Network               # noqa: E402
import auditlog                           # noqa: E402
import tap                                # noqa: E402
from shift import Shift, at, broker_now   # noqa: E402
import kask_pb2 as pb                     # noqa: E402


def refer ():
    """A referral from b to a that a's system has; its id and the standing of SEND."""
    header = b.send_event ("partner-a", pb.EVENT_SEND)
    answer = b.answer ("partner-a")
    referral = header.referral.referral_id
    a.takes_and_does (a.next (pb.EVENT_SEND, referral))
    b.takes_and_does (b.next (pb.EVENT_RECEIPT, referral))
    return referral, answer.standing


def reminded (referral, days, moment, name):
    """a is reminded at that moment at the earliest; the next deadline."""
    reminder = a.next (pb.EVENT_REMIND, referral, seconds=40)
    tap.equal (reminder.header.referral.working_days, days, f"{name}: after {days} working days")
    tap.ok (reminder.facts.by_broker and moment <= reminder.facts.accepted_at_ms < moment + 3600000,
            "by the broker, when its day has ended and not before")
    a.takes_and_does (reminder)
    return reminder.facts.standing.due_at_ms


def no_answer_comes ():
    referral, standing = refer ()
    tap.equal (standing.due_at_ms, at (5, 19), "sent on 8 May, the first reminder is due when 18 May ends")
    tap.equal (standing.answer_by_ms, at (5, 27), "and an answer until 26 May ends")
    shift.go_to (b, 5, 18, 23, 50)
    shift.go_to (b, 5, 19, 0, 1)
    tap.equal (reminded (referral, 5, at (5, 19), "the first reminder"), at (5, 22), "the second is due when 21 May ends")
    shift.go_to (b, 5, 22, 0, 1)
    tap.equal (reminded (referral, 8, at (5, 22), "the second reminder"), at (5, 27), "it expires when 26 May ends")
    shift.go_to (b, 5, 27, 0, 1)
    for client in (a, b):
        expiry = client.next (pb.EVENT_EXPIRE, referral)
        tap.equal (expiry.facts.standing.state, pb.STATE_EXPIRED, f"{client.partner} is told that it expired")
        tap.equal (expiry.facts.standing.due_at_ms, 0, "and no deadline runs any more")
        client.takes_and_does (expiry)
    an_answer_comes_late (referral)


def an_answer_comes_late (referral):
    a.send_event ("partner-b", pb.EVENT_ACCEPT, referral_id=referral)
    answer = a.answer ("partner-b")
    tap.equal ((answer.outcome, answer.standing.state), (pb.ACCEPTED, pb.STATE_ACCEPTED), "what had expired can still be accepted")
    tap.equal (answer.standing.due_at_ms, at (6, 4), "and the first contact is due in 5 working days")
    b.takes_and_does (b.next (pb.EVENT_ACCEPT, referral))
    shift.go_to (b, 6, 4, 0, 1)
    reminded (referral, 5, at (6, 4), "no first contact")
    a.send_event ("partner-b", pb.EVENT_CONTACTED, referral_id=referral)
    tap.equal (a.answer ("partner-b").standing.due_at_ms, 0, "once the firm was contacted no deadline runs")
    b.takes_and_does (b.next (pb.EVENT_CONTACTED, referral))


def a_question_stops_the_clock ():
    shift.go_to (b, 6, 12, 12)
    referral, standing = refer ()
    tap.equal (standing.due_at_ms, at (6, 20), "sent on 12 June, the first reminder is due when 19 June ends")
    a.send_event ("partner-b", pb.EVENT_ASK, referral_id=referral)
    answer = a.answer ("partner-b")
    tap.equal (answer.standing.due_at_ms, at (7, 11), "while a question is open the clock stands, 20 working days at most")
    b.takes_and_does (b.next (pb.EVENT_ASK, referral))
    shift.go_to (b, 6, 26, 12)
    b.send_event ("partner-a", pb.EVENT_ANSWER, referral_id=referral, question=answer.standing.question)
    answered = b.answer ("partner-a")
    tap.equal (answered.standing.due_at_ms, at (7, 3), "9 working days and a half later it is answered: 9 more days")
    a.takes_and_does (a.next (pb.EVENT_ANSWER, referral))
    tap.ok (not [d for d in a.deliveries if d.event == pb.EVENT_REMIND], "and nobody was reminded meanwhile")
    the_broker_was_away (referral)
    the_clock_is_wrong (referral)


def due_in_database (referral):
    return int (net.cluster.value (f"SELECT due_at FROM referral WHERE id = '\\x{referral.hex ()}'"))


def the_broker_was_away (referral):
    before = due_in_database (referral)
    net.broker.stop ()
    for client in (a, b):
        client.close ()
    shift.go_to (b, 6, 28, 12)
    net.start_broker ()
    for client in (a, b):
        client.connect ()
    tap.until ("the outage is told", lambda: "outage_s=" in net.broker.log ())
    after = tap.until ("the deadline has moved", lambda: due_in_database (referral) - before)
    tap.ok (abs (after - 2 * 86400000) < 120000, f"an outage of two days is added to the deadline: {after / 3600000:.2f} h")
    tap.ok (net.kask ("audit", "list").stdout.count ("outage of") == 1, "and the audit log tells of it")
    net.broker.kill ()
    net.start_broker ()
    for client in (a, b):
        client.connect ()
    b.send_event ("partner-a", pb.EVENT_NOTE, referral_id=referral)
    b.answer ("partner-a")
    tap.equal (due_in_database (referral) - before, after, "once, also when the broker starts again")
    a.takes_and_does (a.next (pb.EVENT_NOTE, referral))


def end_connections ():
    net.cluster.sql ("SELECT pg_terminate_backend (pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid () AND backend_type = 'client backend'")


def the_clock_is_wrong (referral):
    database = net.cluster.value ("SELECT current_database ()")
    net.cluster.sql ("CREATE SCHEMA wrong; CREATE FUNCTION wrong.clock_timestamp () RETURNS timestamptz LANGUAGE sql AS "
                     f"$$ SELECT pg_catalog.clock_timestamp () - interval '1 hour' $$; ALTER DATABASE {database} SET search_path = public, wrong, pg_catalog")
    end_connections ()
    tap.until ("the broker warns", lambda: "ahead of the database's" in net.broker.log ())
    tap.ok (True, "a clock an hour from the database's is warned of")
    tap.until ("kask says so", lambda: "not trusted" in net.kask ("status", check=False).stdout)
    shift.go_to (b, 7, 20)
    answer = None
    for _ in range (3):
        tap.until ("a second passes", lambda now=broker_now (b): broker_now (b) > now + 8000)   # longer than deadlines wait after a start
        b.send_event ("partner-a", pb.EVENT_NOTE, referral_id=referral)
        answer = b.answer ("partner-a")
        tap.equal (answer.outcome, pb.ACCEPTED, "messages go on")
    tap.ok (not [d for d in a.deliveries if d.event == pb.EVENT_REMIND] and answer.standing.state == pb.STATE_RECEIVED,
            "while the clocks disagree no deadline comes")
    net.cluster.sql (f"ALTER DATABASE {database} RESET search_path")
    end_connections ()
    reminder = a.next (pb.EVENT_REMIND, referral, seconds=60)
    tap.ok (reminder is not None, "when they agree again it does")


def too_late ():
    shift.go_to (b, 8, 3, 12)
    referral, _ = refer ()
    shift.go_to (b, 8, 18, 0, 1)
    tap.ok (b.next (pb.EVENT_EXPIRE, referral, seconds=40), "the last one expires")
    shift.go_to (b, 9, 20)
    a.send_event ("partner-b", pb.EVENT_ACCEPT, referral_id=referral)
    answer = a.answer ("partner-b")
    tap.equal ((answer.outcome, answer.fault), (pb.REFUSED, "TOO_LATE"), "20 working days after that it is too late to accept")


def the_audit_log_says_so ():
    wrong = auditlog.differences (net.cluster)
    tap.equal (wrong[:3], [], "each entry of the audit log says what its message was")


with Shift (at (5, 8, 12)) as shift, Network ("deadlines", heartbeat="30 s", time_shift_file=shift.path) as net:
    a, b = net.pair ()
    tap.run (no_answer_comes, a_question_stops_the_clock, too_late, the_audit_log_says_so)
