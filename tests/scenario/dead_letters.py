#!/usr/bin/python3
"""
Dead letters: kept whole until an operator replays, returns or drops them; both sides are told, in the protocol and in the partners' own systems.
"""
import contextlib
import json
import pathlib
import sqlite3
import sys

sys.path.insert (0, str (pathlib.Path (__file__).resolve ().parents[1] / "lib"))
import partners
import tap
from network import Network
import auditlog                 # noqa: E402
import content_pb2 as content   # noqa: E402
import kask_pb2 as pb           # noqa: E402


# ---------------------------------------------------------------- what the operator sees and does
def kask_json (*argv):
    return json.loads (net.kask (*argv, "--json").stdout)


def dead_letters (*more):
    return kask_json ("dead", "list", *more)["dead"]


# ---------------------------------------------------------------- between two clients
def refer ():
    referral = a.send_event ("partner-b", pb.EVENT_SEND).referral.referral_id
    a.answer ("partner-b")
    return referral, b.next (pb.EVENT_SEND, referral)


def arrived ():
    referral, send = refer ()
    b.takes_and_does (send)
    a.takes_and_does (a.next (pb.EVENT_RECEIPT, referral))
    return referral


def dies (client, delivery, other, reason=pb.REFUSED_BY_SYSTEM, text="field 7 has no place"):
    """The message is a dead letter, and its sender is told; its number."""
    client.taken ()
    client.confirm (client.dead (delivery, reason, text))
    told = other.next (pb.EVENT_DEAD_LETTER, delivery.header.referral.referral_id)
    tap.equal ((told.header.referral.about_message_id, told.header.referral.dead_reason), (delivery.header.message_id, reason), "its sender is told which, and why")
    other.takes_and_does (told)
    return dead_letters ()[-1]["number"]


def a_note_dies (referral):
    a.send_event ("partner-b", pb.EVENT_NOTE, content.Content (text="a note"), referral_id=referral, version=2)
    a.answer ("partner-b")
    note = b.next (pb.EVENT_NOTE, referral)
    return note, dies (b, note, a)


def comes_in_its_place (referral, event, note, name):
    place = b.next (event, referral)
    tap.equal ((place.facts.sequence, place.facts.replay, place.facts.by_broker, place.body, place.header.sender, place.header.referral.about_message_id),
               (note.facts.sequence, 1, True, b"", "broker", note.header.message_id), f"{name}: the recipient is told in the place of the message, without its body")
    told = a.next (event, referral)
    tap.equal ((told.facts.by_broker, told.header.referral.about_message_id), (True, note.header.message_id), f"{name}: the sender is told")
    a.takes_and_does (told)
    return place


def kept_whole ():
    note, number = a_note_dies (arrived ())
    shown = kask_json ("dead", "show", number)["dead"]
    tap.equal ((shown["header_bytes"], shown["body_bytes"], shown["erased"]), (len (note.header_bytes), len (note.body), False), "a dead letter keeps header and sealed body")
    stored = net.cluster.sql (f"SELECT encode (header, 'hex'), encode (body, 'hex') FROM message WHERE message_id = '\\x{note.header.message_id.hex ()}'")
    tap.equal (stored, [[note.header_bytes.hex (), note.body.hex ()]], "as they came")
    net.kask ("dead", "replay", number)
    again = b.next (pb.EVENT_NOTE)
    b.taken ()
    tries = [pb.DeadAttempt (at_ms=again.facts.accepted_at_ms + i, reason=reason, text=text)
             for i, (reason, text) in enumerate (((pb.MAPPING_FAILED, "no field 7"), (pb.CONNECTOR_FAILED, "line is cut"), (pb.MAPPING_FAILED, "ørsted")))]
    b.confirm (b.dead (again, pb.MAPPING_FAILED, "ørsted", tries))
    shown = kask_json ("dead", "show", number)
    tap.equal ([(t["replay"], t["attempt"], t["reason"], t["text"]) for t in shown["attempts"]],
               [(0, 1, "REFUSED_BY_SYSTEM", "field 7 has no place"), (1, 1, "MAPPING_FAILED", "no field 7"), (1, 2, "CONNECTOR_FAILED", "line is cut"),
                (1, 3, "MAPPING_FAILED", "ørsted")], "each attempt is kept with its reason, those on a replay too")
    net.kask ("dead", "replay", number)
    b.takes_and_does (b.next (pb.EVENT_NOTE))
    a.next (pb.EVENT_REPLAYED)
    a.next (pb.EVENT_DEAD_LETTER)


def a_replay_is_done_once ():
    referral, send = refer ()
    net.kask ("dead", "replay", dies (b, send, a))
    again = b.next (pb.EVENT_SEND, referral)
    for _ in range (2):   # the second time as an inbox does that was restored
        b.takes_and_does (again)
    done = f"SELECT count (*) FROM audit_entry e JOIN referral r ON r.no = e.referral WHERE e.kind = {pb.AUDIT_DONE} AND r.id = '\\x{referral.hex ()}'"
    tap.equal (net.cluster.value (done), "1", "a replay that is reported DONE twice is DONE once")
    a.takes_and_does (a.next (pb.EVENT_REPLAYED, referral))
    a.takes_and_does (a.next (pb.EVENT_RECEIPT, referral))
    a_note_goes (referral)
    tap.equal ([d.event for d in a.deliveries if d.header.referral.referral_id == referral], [], "and its sender is told RECEIPT once")


def replays_follow_one_another ():
    """Each comes when the one before went out, without a word of the recipient's."""
    referrals, sends = zip (*(refer () for _ in range (2)))
    letters = [dies (b, send, a) for send in sends]
    b.close ()
    for number in letters:
        net.kask ("dead", "replay", number)
    b.connect ()
    b.wait (lambda: len (b.deliveries) >= 2, what="both replays, of which none is TAKEN")
    tap.equal ([(d.header.referral.referral_id, d.facts.replay) for d in b.deliveries], [(referral, 1) for referral in referrals], "two replays come with one session, before one is TAKEN")
    b.takes_and_does (*b.deliveries)
    b.deliveries.clear ()
    for referral in referrals:
        a.takes_and_does (a.next (pb.EVENT_REPLAYED, referral), a.next (pb.EVENT_RECEIPT, referral))


def a_replay_comes_beside_many_revokes ():
    """They are settled above a message that is held back, and are more than one list of what comes out of turn takes."""
    waiting, send = refer ()
    first = dies (b, send, a)
    a.send_event ("partner-b", pb.EVENT_NOTE, content.Content (text="held back"), referral_id=waiting, version=1)
    a.answer ("partner-b")
    held_back = b.next (pb.EVENT_NOTE, waiting)
    for _ in range (1001):
        referral = a.send_event ("partner-b", pb.EVENT_SEND).referral.referral_id
        a.send_event ("partner-b", pb.EVENT_REVOKE, referral_id=referral, version=1)
    a.wait (lambda: not a.unanswered, 60, what="answers")
    b.wait (lambda: sum (d.event == pb.EVENT_REVOKE for d in b.deliveries) == 1001, 60, what="the REVOKEs")
    come = list (b.deliveries)
    b.deliveries.clear ()
    for n in range (0, len (come), 500):
        b.takes_and_does (*come[n:n + 500])
    referral, send = refer ()
    second = dies (b, send, a)
    b.close ()
    net.kask ("dead", "replay", second)
    b.connect ()
    again = b.next (pb.EVENT_SEND, referral)
    tap.equal ((again.facts.sequence, again.facts.replay), (send.facts.sequence, 1), "a replay comes with the next session, however many REVOKEs are settled")
    b.takes_and_does (again)
    net.kask ("dead", "replay", first)
    b.takes_and_does (b.next (pb.EVENT_SEND, waiting), held_back)
    for one in (referral, waiting):
        a.takes_and_does (a.next (pb.EVENT_RECEIPT, one))
    a.deliveries.clear ()


def dropped ():
    referral = arrived ()
    note, number = a_note_dies (referral)
    net.exits (2, "to drop one asks for a reason", "dead", "drop", number, says=["REASON", "nothing was done"])
    net.exits (2, "an empty one is none", "dead", "drop", number, "  ", says=["reason"])
    net.exits (2, "nor are 201 bytes", "dead", "drop", number, "x" * 201, says=["reason"])
    net.exits (0, "with a reason it is dropped", "dead", "drop", number, "was sent twice — see the first", says=["dropped", "partner-b"])
    net.exits (1, "once", "dead", "drop", number, "again", says=["nothing was changed"])
    place = comes_in_its_place (referral, pb.EVENT_DROPPED, note, "dropped")
    b.connect ()
    again = b.next (pb.EVENT_DROPPED, referral)
    tap.equal (again.ref, place.ref, "until it is DONE it comes again with a new session")
    tap.equal ([d["number"] for d in dead_letters ()], [number], "and the dead letter is listed")
    b.takes_and_does (again)
    tap.equal (dead_letters (), [], "then it is settled")
    shown = kask_json ("dead", "show", number)["dead"]
    tap.equal ((shown["state"], shown["fate"], shown["why"], shown["body_bytes"]), ("done", "dropped", "was sent twice — see the first", 0), "and shown with the reason; its body has left the database")
    entry = kask_json ("audit", "list", "--limit", 20)["audit"]
    own = [e for e in entry if e["kind"] == "OPERATOR"]
    tap.ok (len (own) == 1 and own[0]["actor"] == "operator" and own[0]["event"] == "DROPPED" and "was sent twice — see the first" in own[0]["detail"], "the audit log has the act, with its reason")


def returned ():
    referral = arrived ()
    note, number = a_note_dies (referral)
    net.exits (0, "it is returned", "dead", "return", number, says=["returned", "sender"])
    b.takes_and_does (comes_in_its_place (referral, pb.EVENT_RETURNED, note, "returned"))
    tap.equal (dead_letters ("--all")[-1]["fate"], "returned", "and listed so under --all")
    tap.equal (a_note_goes (referral), pb.STATE_RECEIVED, "the referral goes on")


def a_note_goes (referral):
    a.send_event ("partner-b", pb.EVENT_NOTE, referral_id=referral, version=2)
    state = a.answer ("partner-b").standing.state
    b.takes_and_does (b.next (pb.EVENT_NOTE, referral))
    return state


def what_never_arrived_ends ():
    for verb, event, *why in (("return", pb.EVENT_RETURNED), ("drop", pb.EVENT_DROPPED, "a trial")):
        referral, send = refer ()
        number = dies (b, send, a)
        net.kask ("dead", verb, number, *why)
        place = comes_in_its_place (referral, event, send, f"a SEND, {verb}")
        tap.equal ((place.facts.standing.state, place.facts.standing.due_at_ms), (pb.STATE_IN_ERROR, 0), "and its referral has ended; no deadline runs")
        b.takes_and_does (place)
        tap.ok (not [d for d in a.deliveries if d.event == pb.EVENT_RECEIPT], "nobody is told that it arrived")
        b.send_event ("partner-a", pb.EVENT_ACCEPT, referral_id=referral, version=1)
        tap.equal (b.answer ("partner-a").fault, "CONFLICT", "and it cannot be accepted any more")


def a_revoke_must_arrive ():
    referral = arrived ()
    _, number = a_note_dies (referral)
    a.send_event ("partner-b", pb.EVENT_REVOKE, referral_id=referral, version=2)
    a.answer ("partner-b")
    tap.equal (dead_letters (), [], "a REVOKE settles what was dead of its referral")
    tap.equal (kask_json ("dead", "show", number)["dead"]["fate"], "revoked", "and the letter says so")
    revoke = b.next (pb.EVENT_REVOKE, referral)
    number = dies (b, revoke, a)
    net.exits (1, "a REVOKE that is dead cannot be dropped", "dead", "drop", number, "no", says=["REVOKE", "replay", "nothing was changed"])
    net.exits (1, "nor returned", "dead", "return", number, says=["REVOKE"])
    net.kask ("dead", "replay", number)
    b.takes_and_does (b.next (pb.EVENT_REVOKE, referral))
    a.takes_and_does (a.next (pb.EVENT_REPLAYED, referral))
    tap.equal (dead_letters (), [], "it is replayed")


def dead_after_a_revoke ():
    referral = arrived ()
    a.send_event ("partner-b", pb.EVENT_NOTE, referral_id=referral, version=2)
    note = b.next (pb.EVENT_NOTE, referral)
    a.send_event ("partner-b", pb.EVENT_REVOKE, referral_id=referral, version=2)
    a.answer ("partner-b")
    dies_with_list_empty (note)
    b.takes_and_does (b.next (pb.EVENT_REVOKE, referral))


def dies_with_list_empty (note):
    b.taken ()
    b.confirm (b.dead (note, pb.MAPPING_FAILED, "too late"))
    tap.equal (dead_letters (), [], "what dies after the REVOKE is settled at once")


# ---------------------------------------------------------------- in the partners' own systems
def own_text (case, *words):
    return any (e["by"] == "other" and all (word in e.get ("text", "") for word in words) for e in case["events"])


def service (partner, publisher, key):
    return tap.until ("the offering", lambda: next ((s["key"] for s in partner.neighbours_of (publisher) if s["key"].endswith (key)), None), 60, 0.2)


def systems_show_it ():
    global north, office, agder
    north, office, agder = partners.bring_up (net, crm={"every": "2 s", "try_for": "2 s"})
    number = north.act ("refer", "--service", service (north, agder, "/AAF-03"), "--client", "Firma A", "--need", "Hjælp")
    reference = tap.until ("a reference", lambda: north.case (number)["reference"], 90, 0.2)
    tap.until ("the case", lambda: agder.case (reference), 90, 0.2)
    for verb, words, *why in (("return", ("tilbage til afsenderen", "tilbake til avsenderen")), ("drop", ("opgivet", "gitt opp"), "a trial")):
        agder.act ("fault", "fail", "1")
        north.act ("note", number, f"note to {verb}")
        dead = tap.until ("a dead letter", dead_letters, 60, 0.2)
        north.act ("note", number, f"note behind the {verb}")
        net.kask ("dead", verb, dead[0]["number"], *why)
        tap.until ("the sender's people are told", lambda w=words: own_text (north.case (number), w[0]), 60, 0.2)
        tap.until ("the recipient's too", lambda w=words: own_text (agder.case (reference), w[1]), 60, 0.2)
        tap.until ("and what it held back", lambda v=verb: own_text (agder.case (reference), f"note behind the {v}"), 60, 0.2)
        texts = [e.get ("text", "") for e in agder.case (reference)["events"]]
        tap.ok (not any (f"note to {verb}" in text for text in texts), f"{verb}: the system has not the note")
        tap.ok (next (i for i, t in enumerate (texts) if words[1] in t) < next (i for i, t in enumerate (texts) if f"note behind the {verb}" in t),
                f"{verb}: both systems show what became of it, then what it held back")
        tap.until ("it is settled", lambda: not dead_letters (), 60, 0.2)


def copied (source, target):
    """As a backup does it: whole."""
    with contextlib.closing (sqlite3.connect (source)) as one, contextlib.closing (sqlite3.connect (target)) as other:
        one.backup (other)


def rows_open (partner):
    with contextlib.closing (sqlite3.connect (f"file:{partner.state / 'kask.db'}?mode=ro", uri=True)) as db:
        return db.execute ("SELECT count (*) FROM kask_inbox WHERE state = 0").fetchone ()[0]


def a_restored_inbox_keeps_the_order ():
    number = north.act ("refer", "--service", service (north, agder, "/AAF-03"), "--client", "Firma D", "--need", "Hjælp")
    reference = tap.until ("a reference", lambda: north.case (number)["reference"], 90, 0.2)
    tap.until ("the case", lambda: agder.case (reference), 90, 0.2)
    agder.adapter.stop ()
    copied (agder.state / "kask.db", net.folder / "older.db")
    agder.adapter.start ()
    agder.act ("fault", "fail", "1")
    north.act ("note", number, "note that dies first")
    dead = tap.until ("a dead letter", dead_letters, 60, 0.2)
    agder.adapter.stop ()
    copied (net.folder / "older.db", agder.state / "kask.db")
    agder.adapter.start ()
    north.act ("note", number, "note behind the dead one")
    tap.until ("the note behind it has come", lambda: rows_open (agder) or own_text (agder.case (reference), "note behind the dead one"), 60, 0.2)
    net.kask ("dead", "replay", dead[0]["number"])
    notes = ("dies first", "behind the dead one")
    tap.until ("both have their effect", lambda: all (own_text (agder.case (reference), note) for note in notes), 60, 0.2)
    seen = [note for event in agder.case (reference)["events"] for note in notes if note in event.get ("text", "")]
    tap.equal (seen, ["dies first", "behind the dead one"], "an inbox that was put back to before a dead letter holds back what is behind it until the replay")
    tap.until ("it is settled", lambda: not dead_letters (), 60, 0.2)


def who_revokes_erases_too ():
    """A dead letter, and what it holds back, in the mailbox of the partner whose people revoke."""
    number = north.act ("refer", "--service", service (north, agder, "/AAF-03"), "--client", "Firma C", "--need", "Hjælp")
    reference = tap.until ("a reference", lambda: north.case (number)["reference"], 90, 0.2)
    tap.until ("the case", lambda: agder.case (reference), 90, 0.2)
    agder.act ("fault", "fail", "1")
    north.act ("note", number, "note that dies")
    tap.until ("a dead letter", dead_letters, 60, 0.2)
    north.act ("note", number, "note behind it")
    waits = "SELECT waiting FROM mailbox WHERE recipient = 'aust-agder' AND sender = 'erhvervshus-nord'"
    tap.until ("the note behind it waits", lambda: int (net.cluster.value (waits)) == 1, 60, 0.2)
    agder.act ("revoke", reference, "Kunden ringte.")
    tap.until ("both are revoked", lambda: north.case (number)["phase"] == agder.case (reference)["phase"] == "revoked", 60, 0.2)
    tap.until ("nothing waits", lambda: int (net.cluster.value (waits)) == 0 and not dead_letters (), 60, 0.2)
    with sqlite3.connect (f"file:{agder.state / 'kask.db'}?mode=ro", uri=True) as db:
        tap.equal (db.execute ("SELECT count (*) FROM kask_inbox").fetchone ()[0], 0, "who revokes erases its own inbox, a dead letter and what it held back too")


def a_referral_that_never_arrives ():
    for partner, key, other in ((agder, "/AAF-03", office), (office, "/0003", north), (office, "/0003", agder)):
        partner.act ("fault", "fail", "1")
        number = other.act ("refer", "--service", service (other, partner, key), "--client", "Firma B", "--need", "Hjælp")
        dead = tap.until (f"{partner.id}: a dead letter", dead_letters, 90, 0.2)
        net.kask ("dead", "return", dead[0]["number"])
        tap.until (f"{other.id}: the case ends", lambda o=other, n=number: o.case (n)["phase"] == "in_error", 60, 0.2)
        tap.until ("it is settled", lambda: not dead_letters (), 60, 0.2)
        tap.ok (own_text (other.case (number), "tilbake" if other is agder else "tilbage"), f"{other.id}: a referral that {partner.id}'s system did not take ends as an error, and says why")


def the_audit_log_says_so ():
    wrong = auditlog.differences (net.cluster)
    tap.equal (wrong[:3], [], "each entry of the audit log says what its message was")


with Network ("dead-letters") as net:
    a, b = net.pair ()
    tap.run (kept_whole, a_replay_is_done_once, replays_follow_one_another, a_replay_comes_beside_many_revokes, dropped, returned, what_never_arrived_ends, a_revoke_must_arrive, dead_after_a_revoke, systems_show_it, a_restored_inbox_keeps_the_order, who_revokes_erases_too, a_referral_that_never_arrives, the_audit_log_says_so)
