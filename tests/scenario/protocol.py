#!/usr/bin/python3
"""The protocol as PROTOCOL.md tells it, between two Python clients and the broker."""
import os
import pathlib
import sys

sys.path.insert (0, str (pathlib.Path (__file__).resolve ().parents[1] / "lib"))
from network import Network, kaskclient   # noqa: E402
import auditlog                           # noqa: E402
import tap                                # noqa: E402
import content_pb2 as content             # noqa: E402
import kask_pb2 as pb                     # noqa: E402
import nacl.exceptions                    # noqa: E402

OFFERING = content.Offering (
    key="v-17", kind="advice", status="active", title=[content.Text (language="da", text="Eksportrådgivning")],
    provider=content.Provider (name="A provider", identifier_unknown=True, country="DK"))


def an_offering_is_published_and_pulled ():
    a.publish (OFFERING)
    answer = a.answer ("catalogue")
    tap.equal (answer.outcome, pb.ACCEPTED, "an offering is accepted")
    tap.ok (answer.audit_number > 0, "its answer names an audit entry")
    b.pull ()
    b.wait (lambda: b.records, what="catalogue record")
    tap.equal (b.open_offering (b.records[0]), OFFERING, "the other partner pulls it, signed and as it was published")
    b.pull ()   # waits for something new
    a.publish (OFFERING, revision=2)
    b.wait (lambda: len (b.records) == 2, what="second revision")
    tap.equal (b.records[1][1].offering.revision, 2, "a waiting Pull is answered by the next revision")
    a.publish (OFFERING, revision=1)
    tap.equal (a.answer ("catalogue").fault, "OLD_REVISION", "an older revision is refused")
    a.publish (content.Offering (key="v-17"), revision=3, withdrawn=True)
    tap.equal (a.answer ("catalogue").outcome, pb.ACCEPTED, "an offering is withdrawn")
    b.pull ()
    b.wait (lambda: len (b.records) == 3, what="tombstone")
    tap.ok (b.records[2][0].withdrawn, "and the reader gets the tombstone")
    a.publish (OFFERING, revision=4)
    a.answer ("catalogue")


def a_referral_lives ():
    words = content.Content (text="Need help with CE marking", language="da",
                             client=content.Organisation (scheme="0184", number="29826358", name="A firm"))
    header = b.send_event ("partner-a", pb.EVENT_SEND, words, offering_publisher="partner-a", offering_key="v-17")
    referral = header.referral.referral_id
    answer = b.answer ("partner-a")
    tap.equal ((answer.outcome, answer.sequence, answer.standing.state), (pb.ACCEPTED, 1, pb.STATE_SENT), "a referral is accepted")
    tap.ok (answer.standing.reference, f"it has a reference for the telephone: {answer.standing.reference}")

    delivery = a.next (pb.EVENT_SEND)
    tap.equal (a.open (delivery), words, "it is delivered, opens, is signed, and says what was sent")
    tap.equal (delivery.facts.standing.reference, answer.standing.reference, "both sides have one reference")
    a.takes_and_does (delivery)
    receipt = b.next (pb.EVENT_RECEIPT, referral)
    tap.equal ((receipt.facts.by_broker, receipt.facts.standing.state), (True, pb.STATE_RECEIVED), "from DONE the broker makes the RECEIPT")
    b.takes_and_does (receipt)

    steps = [(a, b, pb.EVENT_ASK, {}, pb.STATE_RECEIVED), (b, a, pb.EVENT_ANSWER, {"question": 1}, pb.STATE_RECEIVED),
             (a, b, pb.EVENT_ACCEPT, {}, pb.STATE_ACCEPTED), (a, b, pb.EVENT_CONTACTED, {}, pb.STATE_ACCEPTED),
             (a, b, pb.EVENT_START, {}, pb.STATE_IN_PROGRESS), (a, b, pb.EVENT_HOLD, {"reason": "WAITING"}, pb.STATE_ON_HOLD),
             (a, b, pb.EVENT_RESUME, {}, pb.STATE_IN_PROGRESS), (a, b, pb.EVENT_COMPLETE, {"outcome": "SOLVED"}, pb.STATE_COMPLETED)]
    version = receipt.facts.standing.version
    for one, other, event, members, state in steps:
        one.send_event (other.partner, event, content.Content (text=pb.Event.Name (event)), referral_id=referral, version=version, **members)
        answer = one.answer (other.partner)
        tap.equal ((answer.outcome, answer.fault, answer.standing.state), (pb.ACCEPTED, "", state), f"{pb.Event.Name (event)} leads to {pb.State.Name (state)}")
        version = answer.standing.version
        delivery = other.next (event, referral)
        tap.equal (other.open (delivery).text, pb.Event.Name (event), f"{pb.Event.Name (event)} reaches the other side")
        other.takes_and_does (delivery)


def the_table_decides ():
    header = b.send_event ("partner-a", pb.EVENT_SEND)
    referral = header.referral.referral_id
    b.answer ("partner-a")
    a.takes_and_does (a.next (pb.EVENT_SEND, referral))
    b.send_event ("partner-a", pb.EVENT_COMPLETE, referral_id=referral, version=2, outcome="SOLVED")
    tap.equal (b.answer ("partner-a").fault, "WRONG_ROLE", "the referrer cannot complete")
    a.send_event ("partner-b", pb.EVENT_RESUME, referral_id=referral, version=2)
    answer = a.answer ("partner-b")
    tap.equal ((answer.fault, answer.standing.state), ("BAD_STATE", pb.STATE_RECEIVED), "a step that the state does not allow is BAD_STATE with the present state")
    b.send_event ("partner-a", pb.EVENT_WITHDRAW, referral_id=referral, version=2)
    b.answer ("partner-a")
    a.send_event ("partner-b", pb.EVENT_ACCEPT, referral_id=referral, version=2)
    answer = a.answer ("partner-b")
    tap.equal ((answer.fault, answer.standing.state), ("CONFLICT", pb.STATE_WITHDRAWN), "who was slower gets CONFLICT with the present state")
    a.send_event ("partner-b", pb.EVENT_DECLINE, referral_id=os.urandom (16), version=1, obstacles=[pb.Obstacle (code="CAPACITY")])
    tap.equal (a.answer ("partner-b").fault, "UNKNOWN_REFERRAL", "a referral that nobody sent is unknown")
    a.send_event ("partner-b", pb.EVENT_DECLINE, referral_id=referral, version=1)
    tap.equal (a.answer ("partner-b").fault, "MISSING_FIELD", "DECLINE needs an obstacle")
    c.send_event ("partner-a", pb.EVENT_NOTE, referral_id=referral, version=1)
    tap.equal (c.answer ("partner-a").fault, "NOT_A_PARTY", "a third partner is no party")


def numbers_have_no_gap ():
    first = b.next_number["partner-a"] + 1
    header = b.header ("partner-a")
    header.referral.CopyFrom (pb.ReferralEvent (event=pb.EVENT_SEND, referral_id=b"r" * 16, chain_id=b"r" * 16, legal_basis="CONSENT"))
    data = header.SerializeToString ()
    body = b.seal (header, data, content.Content (text="later"))
    b.send ("partner-a", data, body, number=first + 3)
    answer = b.answer ("partner-a", first + 3)
    tap.equal ((answer.outcome, answer.expected), (pb.GAP, first), "a later number gets GAP and what is expected")
    del b.unanswered["partner-a", first + 3]
    b.send ("partner-a", data, body)
    tap.equal (b.answer ("partner-a", first).outcome, pb.ACCEPTED, "the expected number is accepted")
    b.answers.clear ()
    b.send ("partner-a", data, body, number=first)
    answer = b.answer ("partner-a", first)
    tap.equal ((answer.outcome, answer.repeated), (pb.ACCEPTED, True), "an earlier number gets its first answer")
    a.next (pb.EVENT_SEND, b"r" * 16)


def one_act_is_one_message ():
    header = b.send_event ("partner-a", pb.EVENT_SEND, origin=b"case 7")
    b.answer ("partner-a")
    b.send_event ("partner-a", pb.EVENT_SEND, origin=b"case 7")
    answer = b.answer ("partner-a")
    tap.equal ((answer.outcome, answer.repeated, answer.standing.referral_id), (pb.ACCEPTED, True, header.referral.referral_id),
               "a second SEND of the same act gets the first one's standing")
    b.send_event ("partner-a", pb.EVENT_NOTE, referral_id=header.referral.referral_id, version=1, origin=b"note 1")
    b.send_event ("partner-a", pb.EVENT_NOTE, referral_id=header.referral.referral_id, version=1, origin=b"note 1")
    tap.ok (b.answer ("partner-a").repeated, "and so does a second NOTE")
    b.send_event ("partner-a", pb.EVENT_NOTE, referral_id=header.referral.referral_id, version=1, origin=b"note 1")
    tap.ok (b.answer ("partner-a").repeated, "also when the first is long committed")
    a.next (pb.EVENT_SEND, header.referral.referral_id)
    a.next (pb.EVENT_NOTE, header.referral.referral_id)
    a.drain (0.2)
    tap.ok (not [d for d in a.deliveries if d.header.referral.referral_id == header.referral.referral_id], "nothing is delivered twice")
    for _ in range (2):
        b.send_event ("partner-a", pb.EVENT_WITHDRAW, referral_id=header.referral.referral_id, version=1, origin=b"withdraw 1")
        answer = b.answer ("partner-a")
    tap.equal ((answer.outcome, answer.repeated), (pb.ACCEPTED, True), "a repeated act that the state would not allow now is no conflict")
    a.next (pb.EVENT_WITHDRAW, header.referral.referral_id)


def what_is_taken_waits_for_its_done ():
    a.done_with_all ()
    header = b.send_event ("partner-a", pb.EVENT_SEND)
    delivery = a.next (pb.EVENT_SEND, header.referral.referral_id)
    a.deliveries.clear ()
    a.connect ()
    tap.equal (a.welcome.epoch, int (net.cluster.value ("SELECT epoch FROM broker")), "Welcome says which broker it is")
    a.drain (0.3)
    tap.ok (not a.deliveries, "after a reconnect what was taken does not come again, though it is not DONE")
    a.takes_and_does (delivery)
    a.connect ()
    tap.equal (a.welcome.last_batch, a.batch, "Welcome says which report was the last")


def what_is_not_done_comes_again ():
    a.done_with_all ()
    header = b.send_event ("partner-a", pb.EVENT_SEND)
    referral = header.referral.referral_id
    first = a.next (pb.EVENT_SEND, referral)
    a.positions[first.facts.sender] = first.facts.sequence - 1   # as if it had not been written down
    del a.inbox[first.ref]
    a.deliveries.clear ()
    a.connect ()
    again = a.next (pb.EVENT_SEND, referral)
    tap.equal ((again.facts.sequence, again.header_bytes, again.body), (first.facts.sequence, first.header_bytes, first.body),
               "after a reconnect it is redelivered, the same bytes under the same sequence")
    a.takes_and_does (again)
    a.positions[first.facts.sender] = first.facts.sequence - 1
    del a.inbox[again.ref]
    a.connect ()
    a.drain (0.3)
    tap.ok (not any (d.header.referral.referral_id == referral for d in a.deliveries), "what is DONE does not come again")
    tap.ok (any (p.sender == "partner-b" and p.sequence >= first.facts.sequence for p in a.welcome.settled),
            "Welcome says that it is settled")


def the_window_holds ():
    a.window = (2, 1 << 20)
    a.connect ()
    a.drain (0.2)
    a.deliveries.clear ()
    for _ in range (5):
        b.send_event ("partner-a", pb.EVENT_SEND)
    b.answer ("partner-a")
    a.wait (lambda: len (a.deliveries) >= 2, what="two deliveries")
    a.drain (0.3)
    tap.equal (len (a.deliveries), 2, "a window of two lets two messages through")
    a.taken ()
    a.wait (lambda: len (a.deliveries) >= 4, what="two more")
    a.drain (0.3)
    tap.equal (len (a.deliveries), 4, "TAKEN lets two more through")
    sequences = [d.facts.sequence for d in a.deliveries]
    tap.equal (sequences, list (range (sequences[0], sequences[0] + 4)), "in the order of the lane")
    a.window = (1000, 16 << 20)
    a.command (window=pb.Window (messages=1000, bytes=16 << 20))
    a.taken ()
    a.wait (lambda: len (a.deliveries) == 5, what="the last")


def a_newer_session_ends_the_older ():
    older = kaskclient.Client (a.identity, a.endpoint, a.broker_key)
    older.connect ()
    a.faults.clear ()
    tap.ok (older.welcome, "a second session with the same key is welcome")
    a.wait (lambda: a.faults, what="SUPERSEDED")
    tap.equal (a.faults[-1].name, "SUPERSEDED", "and the older is told so")
    older.close ()
    a.faults.clear ()
    a.connect ()


def a_program_that_connects_again_supersedes_nobody ():
    """Its hellos came on three sockets while the broker did not read, and are read in another order."""
    process = os.urandom (16)
    live, late, next_one = (kaskclient.Client (a.identity, a.endpoint, a.broker_key) for _ in range (3))
    a.close ()
    live.connect (hello=False)
    live.hello (process=process, attempt=2)
    late.connect (hello=False)
    try:
        late.hello (process=process, attempt=1)
        tap.ok (False, "a hello from an older socket has no session")
    except kaskclient.Refused as refused:
        tap.equal (str (refused), "NO_SESSION", "a hello from an older socket has no session")
    live.pong = None
    live.command (ping=pb.Ping (echo=7))
    live.wait (lambda: live.pong, what="Pong")
    tap.ok (not live.faults, "and the newer session lives on")
    next_one.connect (hello=False)
    next_one.hello (process=process, attempt=3)
    live.drain (0.3)
    tap.ok (next_one.welcome and not live.faults, "the next hello is welcome, and the older session is not told of a second copy")
    for client in (live, late, next_one):
        client.close ()
    a.connect ()


def keys_decide ():
    stranger = kaskclient.Client (kaskclient.Identity ("partner-a"), a.endpoint, a.broker_key)
    try:
        stranger.connect (seconds=1.5)
        tap.ok (False, "a key that nobody registered gets no answer")
    except TimeoutError:
        tap.ok (True, "a key that nobody registered gets no answer")
    stranger.close ()
    header = b.header ("partner-a")
    header.sender = "partner-c"
    header.referral.CopyFrom (pb.ReferralEvent (event=pb.EVENT_SEND, referral_id=b"x" * 16, chain_id=b"x" * 16, legal_basis="CONSENT"))
    data = header.SerializeToString ()
    b.send ("partner-a", data, b"")
    tap.equal (b.answer ("partner-a").fault, "WRONG_SENDER", "a header that names another sender is refused")
    b.send_event ("partner-a", pb.EVENT_SEND, referral_id=b"t" * 16)
    delivery = a.next (pb.EVENT_SEND, b"t" * 16)
    delivery.body = delivery.body[:-1] + bytes ([delivery.body[-1] ^ 1])
    try:
        a.open (delivery)
        tap.ok (False, "a body that was tampered with does not open")
    except nacl.exceptions.CryptoError:
        tap.ok (True, "a body that was tampered with does not open")
    a.confirm (a.dead (delivery, pb.CANNOT_OPEN, "does not open"))
    notice = b.next (pb.EVENT_DEAD_LETTER, b"t" * 16)
    tap.equal ((notice.facts.by_broker, notice.header.referral.dead_reason, notice.header.referral.about_message_id),
               (True, pb.CANNOT_OPEN, delivery.header.message_id), "a dead letter is told to its sender")


def revoke_erases ():
    a.window = (0, 0)
    a.connect ()
    header = b.send_event ("partner-a", pb.EVENT_SEND)
    referral = header.referral.referral_id
    tap.equal (b.answer ("partner-a").outcome, pb.ACCEPTED, "a referral waits at a partner whose window is shut")
    b.send_event ("partner-a", pb.EVENT_REVOKE, referral_id=referral, version=1)
    tap.equal (b.answer ("partner-a").standing.state, pb.STATE_REVOKED, "consent is withdrawn")
    delivery = a.next (pb.EVENT_REVOKE, referral)
    tap.ok (not any (d.event == pb.EVENT_SEND and d.header.referral.referral_id == referral for d in a.deliveries),
            "REVOKE passes what waits, and the window")
    a.taken (delivery.ref)
    a.command (window=pb.Window (messages=1000, bytes=16 << 20))
    erased = a.next (pb.EVENT_SEND, referral)
    tap.equal ((erased.facts.erased, erased.body), (True, b""), "what waited comes erased, in its place")
    a.taken (erased.ref)
    a.deliveries.clear ()
    a.drain (0.3)
    tap.ok (not a.deliveries, "and REVOKE does not come a second time behind it")
    a.takes_and_does (erased, delivery)
    a.window = (1000, 16 << 20)


def an_unknown_recipient_uses_no_number ():
    b.directory["partner-x"] = b.directory["partner-a"]
    b.send_event ("partner-x", pb.EVENT_SEND)
    answer = b.answer ("partner-x")
    tap.equal ((answer.fault, answer.number_unused), ("UNKNOWN_RECIPIENT", True), "an unknown recipient is refused without a number")
    c.directory["partner-b"] = a.directory["partner-b"]
    c.send_event ("partner-b", pb.EVENT_SEND)
    tap.equal (c.answer ("partner-b").fault, "NO_AGREEMENT", "no referral starts without an agreement")


def the_restored_outbox_loses_nothing ():
    old = (b.outbox, b.next_number.copy (), dict (b.unanswered))
    b.send_event ("partner-a", pb.EVENT_SEND, origin=b"after the copy")
    b.answer ("partner-a")
    b.outbox, b.next_number, b.unanswered = old
    b.connect ()
    tap.ok (b.outbox != old[0], "an outbox restored from an old copy begins a new incarnation")
    b.send_event ("partner-a", pb.EVENT_SEND, origin=b"after the copy")
    tap.ok (b.answer ("partner-a").repeated, "what it had sent already is known by its act")
    b.send_event ("partner-a", pb.EVENT_SEND, origin=b"something new")
    tap.equal ((b.answer ("partner-a").outcome, b.answer ("partner-a").repeated), (pb.ACCEPTED, False), "and what is new goes through")


def a_number_of_another_copy_is_not_taken_for_its_own ():
    b.send_event ("partner-a", pb.EVENT_SEND, origin=b"by one copy")
    number = b.next_number["partner-a"]
    b.answer ("partner-a")
    b.next_number["partner-a"] -= 1
    b.answers.clear ()
    b.send_event ("partner-a", pb.EVENT_SEND, origin=b"by the other copy")
    answer = b.answer ("partner-a", number)
    tap.equal ((answer.outcome, answer.fault), (pb.REFUSED, "NUMBER_TAKEN"), "another message under a used number is not taken for the first")
    b.next_number["partner-a"] -= 1
    b.answers.clear ()
    b.send_event ("partner-a", pb.EVENT_SEND, origin=b"by one copy")
    tap.equal (b.answer ("partner-a", number).outcome, pb.ACCEPTED, "the first one is, when it comes again")


def the_audit_log_has_no_gap ():
    numbers = [int (n) for n, in net.cluster.sql ("SELECT number FROM audit_entry ORDER BY number")]
    tap.equal (numbers, list (range (1, len (numbers) + 1)), f"the audit log's {len (numbers)} entries are numbered without a gap")
    wrong = auditlog.differences (net.cluster)
    tap.equal (wrong[:3], [], "each says what its message was")


with Network ("protocol", heartbeat="2 s") as net:
    a, b = net.pair ()
    c = net.client ("partner-c", "SE")
    c.pin ("partner-a", bytes (a.identity.signing.verify_key))
    tap.run (an_offering_is_published_and_pulled, a_referral_lives, the_table_decides, numbers_have_no_gap, one_act_is_one_message,
             what_is_taken_waits_for_its_done, what_is_not_done_comes_again, the_window_holds, a_newer_session_ends_the_older, a_program_that_connects_again_supersedes_nobody, keys_decide, revoke_erases,
             an_unknown_recipient_uses_no_number, the_restored_outbox_loses_nothing, a_number_of_another_copy_is_not_taken_for_its_own, the_audit_log_has_no_gap)
