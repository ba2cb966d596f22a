#!/usr/bin/python3
"""
A row that the database refuses for its content: among many that commit together it is found by halving, and it alone is
refused; where even its refusal cannot be stored, its number is not used.
"""
import os
import pathlib
import signal
import sys

sys.path.insert (0, str (pathlib.Path (__file__).resolve ().parents[1] / "lib"))
from network import Network   # noqa: E402
import tap                    # noqa: E402
import kask_pb2 as pb         # noqa: E402

MANY = 60
REFUSE = """
    CREATE FUNCTION refuse_{table} () RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
      IF {condition} THEN RAISE EXCEPTION 'refused by the test' USING ERRCODE = '{state}'; END IF;
      RETURN NEW;
    END $$;
    CREATE TRIGGER refuse_{table} BEFORE INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION refuse_{table} ();"""


def refuse (table, condition, state):
    net.cluster.sql (REFUSE.format (table=table, condition=condition, state=state))


def accept_again (table):
    net.cluster.sql (f"DROP FUNCTION refuse_{table} () CASCADE")


def send_many (bad):
    """MANY referrals that reach the broker at once, those at the places of `bad` with a referral id that the database refuses."""
    net.broker.signal (signal.SIGSTOP)   # so that they wait, and share their batches
    ids = [(b"bad" if i in bad else b"good") + os.urandom (16)[:13 if i in bad else 12] for i in range (MANY)]
    for referral in ids:
        b.send_event ("partner-a", pb.EVENT_SEND, referral_id=referral)
    net.broker.signal (signal.SIGCONT)
    last = b.next_number["partner-a"]
    return ids, [b.answer ("partner-a", last - MANY + 1 + i) for i in range (MANY)]


def those_refused_alone_are_refused (state):
    refuse ("referral", "substr (NEW.id, 1, 3) = 'bad'", state)
    bad = {7, 8, 41}
    ids, answers = send_many (bad)
    refused = {i for i, answer in enumerate (answers) if answer.fault == "REFUSED_BY_STORE"}
    tap.equal (refused, bad, f"SQLSTATE {state}: of {MANY} messages those with a bad row are refused")
    tap.equal (sum (answer.outcome == pb.ACCEPTED for answer in answers), MANY - len (bad), "and all others accepted")
    sequences = [answer.sequence for i, answer in enumerate (answers) if i not in bad]
    tap.equal (sequences, list (range (sequences[0], sequences[0] + len (sequences))), "in their order")
    tap.ok (not any (answer.number_unused for answer in answers), "a refusal uses its number")
    for i in sorted (set (range (MANY)) - bad):
        a.next (pb.EVENT_SEND, ids[i])
    a.drain (0.3)
    tap.ok (not any (d.header.referral.referral_id.startswith (b"bad") for d in a.deliveries), "nothing of a refused one is delivered")
    accept_again ("referral")


def a_refused_row_is_found_whatever_refuses_it ():
    for state in ("23514", "22003", "21000"):
        those_refused_alone_are_refused (state)


def a_refusal_that_cannot_be_stored_uses_no_number ():
    refuse ("referral", "substr (NEW.id, 1, 3) = 'bad'", "23514")
    refuse ("refusal", "NEW.fault = 'REFUSED_BY_STORE'", "23514")
    b.send_event ("partner-a", pb.EVENT_SEND, referral_id=b"bad" + os.urandom (13))
    number = b.next_number["partner-a"]
    answer = b.answer ("partner-a", number)
    tap.equal ((answer.outcome, answer.fault, answer.number_unused), (pb.REFUSED, "REFUSED_BY_STORE", True), "it is told, and its number is not used")
    a.drain (0.3)
    tap.ok (not any (d.header.referral.referral_id.startswith (b"bad") for d in a.deliveries), "and nothing of it is delivered")
    b.answers.clear ()
    header = b.send_event ("partner-a", pb.EVENT_SEND)
    tap.equal (b.answer ("partner-a", number).outcome, pb.ACCEPTED, "the next message takes the number")
    a.next (pb.EVENT_SEND, header.referral.referral_id)
    log = net.broker.log ()
    tap.ok ("the database refused a command" in log and "refused by the test" in log, "the operator finds it in the log, with the database's words")


with Network ("refused", heartbeat="2 s") as net:
    a, b = net.pair ()
    tap.run (a_refused_row_is_found_whatever_refuses_it, a_refusal_that_cannot_be_stored_uses_no_number)
