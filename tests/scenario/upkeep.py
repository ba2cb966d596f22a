#!/usr/bin/python3
"""What an operator sets for a partner: closing days, and a mailbox that is paused; and deadlines that pass while nobody can be answered."""
import json
import pathlib
import sys

sys.path.insert (0, str (pathlib.Path (__file__).resolve ().parents[1] / "lib"))
from network import Network               # noqa: E402
import tap                                # noqa: E402
from shift import Shift, at, broker_now   # noqa: E402
import kask_pb2 as pb                     # noqa: E402

DAY = 86400000


def send ():
    """A SEND from b to a; its id and standing."""
    referral = b.send_event ("partner-a", pb.EVENT_SEND).referral.referral_id
    return referral, b.answer ("partner-a").standing


def database (referral, column):
    return int (net.cluster.value (f"SELECT coalesce ({column}, 0) FROM referral WHERE id = '\\x{referral.hex ()}'"))


# ---------------------------------------------------------------- closing days
def closing_days_count_like_holidays ():
    _, before = send ()
    tap.equal ((before.due_at_ms, before.answer_by_ms), (at (5, 19), at (5, 27)), "sent on 8 May: an answer until 26 May ends")
    net.exits (0, "a partner is closed from 18 to 20 May", "closing", "add", "partner-a", "2026-05-18", "--to", "2026-05-20", says=["closed", "2026-05-20"])
    net.exits (0, "and on 26 May", "closing", "add", "partner-a", "2026-05-26")
    _, standing = send ()
    tap.equal ((standing.due_at_ms, standing.answer_by_ms), (at (5, 22), at (6, 2)), "they count like holidays: three and four working days later")
    again = json.loads (net.kask ("closing", "list", "--json").stdout)["closings"]
    tap.equal ([(c["partner"], c["from"], c["to"], c["set_by"]) for c in again],
               [("partner-a", "2026-05-18", "2026-05-20", "operator"), ("partner-a", "2026-05-26", "2026-05-26", "operator")], "closing list has them")
    restart ()
    _, standing = send ()
    tap.equal (standing.answer_by_ms, at (6, 2), "also when the broker has started again")
    net.exits (0, "they are taken back", "closing", "remove", "partner-a", "2026-05-18", says=["no longer"])
    net.exits (0, "both", "closing", "remove", "partner-a", "2026-05-26")
    _, standing = send ()
    tap.equal (standing.answer_by_ms, at (5, 27), "and count no more")
    net.exits (1, "what is not there is not taken back", "closing", "remove", "partner-a", "2026-05-26", says=["kask closing list", "nothing was changed"])
    net.exits (1, "an end before the beginning", "closing", "add", "partner-a", "2026-05-20", "--to", "2026-05-18", says=["nothing was changed"])
    net.exits (1, "more days than a partner may be closed", "closing", "add", "partner-a", "2026-05-20", "--to", "2027-05-18", says=["200"])
    net.exits (1, "a partner that is not known", "closing", "add", "nobody", "2026-05-20", says=["nobody", "kask partner list"])
    tap.ok (net.kask ("audit", "list").stdout.count ("CONFIGURATION") == 4, "the audit log has each")


def restart ():
    net.broker.stop ()
    net.start_broker ()
    for client in (a, b):
        client.connect ()


# ---------------------------------------------------------------- a paused mailbox
def a_paused_mailbox_gives_nothing_out ():
    global waiting, revoked
    for client in (a, b):
        client.drain (0.1)
        client.done_with_all ()
    a.deliveries.clear ()
    revoked, _ = send ()
    a.next (pb.EVENT_SEND, revoked)
    net.exits (0, "a mailbox is paused", "mailbox", "pause", "partner-a", says=["paused", "wait"])
    net.exits (1, "once", "mailbox", "pause", "partner-a", says=["already", "nothing was changed"])
    waiting, standing = send ()
    tap.equal ((standing.due_at_ms, standing.answer_by_ms), (0, 0), "what is sent to it is taken, and no deadline runs")
    b.send_event ("partner-a", pb.EVENT_NOTE, referral_id=revoked, version=1)
    b.send_event ("partner-a", pb.EVENT_REVOKE, referral_id=revoked, version=1)
    b.answer ("partner-a")
    tap.ok (a.next (pb.EVENT_REVOKE, revoked), "a REVOKE comes out all the same")
    tap.ok (not [d for d in a.deliveries if d.event in (pb.EVENT_SEND, pb.EVENT_NOTE)], "and nothing else")
    restart ()
    b.send_event ("partner-a", pb.EVENT_NOTE, referral_id=waiting, version=1)
    b.answer ("partner-a")
    broker_now (a)
    a.drain (0.2)
    tap.ok (not [d for d in a.deliveries if d.event != pb.EVENT_REVOKE], "nor after a restart")
    row = next (m for m in json.loads (net.kask ("mailbox", "list", "--json").stdout)["mailboxes"] if m["recipient"] == "partner-a")
    tap.ok (row["paused"] and row["waiting"] >= 2, "mailbox list says so, and how much waits")


def its_deadlines_stand ():
    shift.go_to (b, 5, 29, 12)
    broker_now (a)
    tap.until ("a tick has passed", lambda now=broker_now (b): broker_now (b) > now + 25000, 40)
    tap.equal (database (waiting, "state"), pb.STATE_SENT, "three weeks later nothing has expired")
    net.exits (0, "it is resumed", "mailbox", "resume", "partner-a", says=["resumed"])
    net.exits (1, "once", "mailbox", "resume", "partner-a", says=["not paused"])
    first = a.next (referral=waiting)
    tap.equal ((first.event, a.next (referral=waiting).event), (pb.EVENT_SEND, pb.EVENT_NOTE), "what waited comes, in order")
    moved = database (waiting, "expire_at") - at (5, 27)
    tap.ok (20 * DAY < moved < 22 * DAY, f"the deadline is moved by the pause: {moved / DAY:.2f} days")
    tap.equal (database (waiting, "due_at"), database (waiting, "remind1_at"), "and the next one is the first reminder")
    tap.equal (len ([d for d in a.deliveries if d.event == pb.EVENT_REMIND]), 0, "nobody was reminded")


def a_replay_waits_for_a_paused_mailbox ():
    b.send_event ("partner-a", pb.EVENT_NOTE, referral_id=waiting, version=1)
    note = a.next (pb.EVENT_NOTE, waiting)
    a.taken ()
    a.confirm (a.dead (note, pb.MAPPING_FAILED, "no"))
    net.kask ("mailbox", "pause", "partner-a")
    net.kask ("dead", "replay", 1)
    a.connect ()
    broker_now (a)
    a.drain (0.2)
    tap.ok (not [d for d in a.deliveries if d.facts.replay], "a dead letter that is replayed waits, too")
    net.kask ("mailbox", "resume", "partner-a")
    tap.equal (a.next (pb.EVENT_NOTE, waiting).facts.replay or a.next (pb.EVENT_NOTE, waiting).facts.replay, 1, "and comes when it is resumed")


def many_come_due_at_once ():
    for _ in range (1200):
        b.send_event ("partner-a", pb.EVENT_SEND)
    b.wait (lambda: not b.unanswered, 60, "all answers")
    due = b.answers[-1].standing.due_at_ms
    before = int (net.cluster.value ("SELECT max (number) FROM audit_entry"))
    shift.set (due + 1000)
    reminded = f"SELECT count (*) FROM audit_entry WHERE number > {before} AND event = {pb.EVENT_REMIND}"
    tap.until ("all are reminded of", lambda: int (net.cluster.value (reminded)) >= 1200, 60, 0.1)
    turns = [int (row[0]) for row in net.cluster.sql (f"SELECT DISTINCT at FROM audit_entry WHERE number > {before} AND event = {pb.EVENT_REMIND} ORDER BY at")]
    gaps = [later - earlier for earlier, later in zip (turns, turns[1:])]
    tap.ok (gaps and min (gaps) < 900, f"what does not fit into one turn follows at once, not a second later: {gaps} ms")
    def all_have_come ():
        a.drain (0.05)
        a.taken ()
        return len ([d for d in a.deliveries if d.event == pb.EVENT_REMIND]) >= 1200
    tap.until ("all reminders have come", all_have_come, 60)
    a.deliveries.clear ()


# ---------------------------------------------------------------- while nobody can be answered
def an_answer_that_waited_wins ():
    net.exits (0, "an earlier referral ends", "mailbox", "pause", "partner-a")
    net.exits (0, "and goes on", "mailbox", "resume", "partner-a")
    referral, standing = send ()
    a.takes_and_does (a.next (pb.EVENT_SEND, referral))
    due = standing.answer_by_ms
    net.cluster.sql (f"UPDATE referral SET remind1_at = 0, remind2_at = 0, due_at = expire_at WHERE id = '\\x{referral.hex ()}'")
    shift.set (due - 5000)
    tap.until ("it is almost due", lambda: due - 5000 <= broker_now (b) < due)
    b.send_event ("partner-a", pb.EVENT_NOTE, referral_id=referral, version=2)   # a commit, or the jump would count as an outage
    tap.equal (b.answer ("partner-a").standing.state, pb.STATE_RECEIVED, "a moment before it is due")
    a.close ()
    a.send_event ("partner-b", pb.EVENT_ACCEPT, referral_id=referral, version=2)
    net.broker.stop ()
    shift.set (due + 2000)
    net.start_broker ()
    b.connect ()
    tap.until ("some seconds pass", lambda now=broker_now (b): broker_now (b) > now + 4000)
    tap.ok ("outage_s" not in net.broker.log ().split ("ready epoch")[-1], "the broker was away too shortly for an outage")
    tap.equal (database (referral, "state"), pb.STATE_RECEIVED, "what came due while the broker was away for a moment has not expired at once")
    a.connect ()
    a.wait (lambda: not a.unanswered, what="the answer")
    tap.equal (a.answers[-1].standing.state, pb.STATE_ACCEPTED, "an ACCEPT that waited in an outbox wins")
    tap.until ("the deadlines go on", lambda now=broker_now (b): broker_now (b) > now + 20000, 40)
    tap.ok (not [d for d in b.deliveries if d.event == pb.EVENT_EXPIRE], "and nothing expires behind it")


def an_outage_is_grace_for_timed_steps ():
    referral, _ = send ()
    a.takes_and_does (a.next (pb.EVENT_SEND, referral))
    for event, more in ((pb.EVENT_ACCEPT, {}), (pb.EVENT_COMPLETE, {"outcome": "SOLVED"})):
        a.send_event ("partner-b", event, referral_id=referral, version=2, **more)
    done = a.answer ("partner-b").standing
    tap.equal (done.state, pb.STATE_COMPLETED, "a referral is completed")
    now = broker_now (b)
    net.broker.stop ()
    shift.set (now + 28 * DAY)
    net.start_broker ()
    for client in (a, b):
        client.connect ()
    tap.until ("the outage is told", lambda: "outage_s=24" in net.broker.log ())
    shift.set (now + 40 * DAY)
    tap.until ("six weeks later", lambda: broker_now (b) >= now + 40 * DAY)
    a.send_event ("partner-b", pb.EVENT_REOPEN, referral_id=referral, version=done.version, reason="OTHER")
    tap.equal (a.answer ("partner-b").outcome, pb.ACCEPTED, "four weeks of them the broker was away: it can still be reopened")


with Shift (at (5, 8, 12)) as shift, Network ("upkeep", heartbeat="20 s", time_shift_file=shift.path) as net:
    a, b = net.pair ()
    tap.run (closing_days_count_like_holidays, a_paused_mailbox_gives_nothing_out, its_deadlines_stand, a_replay_waits_for_a_paused_mailbox, an_answer_that_waited_wins,
             an_outage_is_grace_for_timed_steps, many_come_due_at_once)
