#!/usr/bin/python3
"""
Programs on libkask and a client in Python, through a real broker: sealed referrals both ways, kill -9
around the acknowledgement, a sender that is not pinned, bodies that do not open, a gap, conflicts,
a database and an endpoint that are away.
"""
import contextlib
import pathlib
import sqlite3
import subprocess
import sys

sys.path.insert (0, str (pathlib.Path (__file__).resolve ().parents[1] / "lib"))
from network import BUILD, Network, Setup, kaskclient   # noqa: E402
import tap                                              # noqa: E402
import content_pb2 as content                           # noqa: E402
import kask_pb2 as pb                                   # noqa: E402


class Peer (Setup):
    """A state folder and the program that runs on it."""

    def __init__ (self, name, *argv):
        super ().__init__ (net, name)
        self.call ("pin", "python", kaskclient.fingerprint (bytes (python.identity.signing.verify_key)))
        net.agree (name, "python")
        python.pin (name, self.identity_key ())
        self.program = net.program (name, [argv[0], self.dir, *argv[1:]])

    def identity_key (self):
        facts = dict (line.split (" = ", 1) for line in self.call ("request").splitlines () if " = " in line)
        return pb.KeyStatement.FromString (bytes.fromhex (facts["statement"])).identity_key


def refer (peer, text):
    """Sends a referral there; its id, once the broker has it."""
    header = python.send_event (peer.name, pb.EVENT_SEND, content.Content (text=text))
    answer = python.answer (peer.name)
    tap.equal ((answer.outcome, answer.fault), (pb.ACCEPTED, ""), f"the broker takes: {text}")
    return header.referral.referral_id


def lines (text):
    return [line for line in taken.read_text ().splitlines () if line.endswith (text)]


def the_example_survives_kill_9 ():
    refer (example, "before it starts")
    example.program.start ()
    tap.until ("the first referral is in the file", lambda: lines ("before it starts"))
    example.program.kill ()
    referral = refer (example, "while it is dead")
    example.program.start ()
    python.next (pb.EVENT_RECEIPT, referral, 20)
    example.program.kill ()
    example.program.start ()
    referral = refer (example, "after two kills")
    python.next (pb.EVENT_RECEIPT, referral, 20)
    for text in ("before it starts", "while it is dead", "after two kills"):
        tap.equal (len (lines (text)), 1, f"once in the file: {text}")


def referrals_go_both_ways ():
    partner.program.start ()
    referral = refer (partner, "help with CE marking")
    for event in (pb.EVENT_ACCEPT, pb.EVENT_COMPLETE):
        delivery = python.next (event, referral, 20)
        tap.equal (python.open (delivery).text, "help with CE marking", f"{pb.Event.Name (event)} comes back, opens and is signed")
    goal.write_text ("3")
    got = [python.next (pb.EVENT_SEND, seconds=20) for _ in range (3)]
    tap.equal ([python.open (d).text for d in got], [f"{partner.name}>python/{n}" for n in (1, 2, 3)],
               "what libkask sealed is opened in Python, in order")


def what_is_not_taken_comes_again ():
    before = {ref: (d.header_bytes, d.body) for ref, d in python.inbox.items () if ref[0] == partner.name}
    python.inbox.clear ()
    python.deliveries.clear ()
    python.positions.clear ()
    python.connect ()
    python.wait (lambda: len ([r for r in python.inbox if r[0] == partner.name]) >= len (before), what="redelivery")
    tap.equal ({ref: (d.header_bytes, d.body) for ref, d in python.inbox.items () if ref[0] == partner.name}, before,
               "after a reconnect the same bytes come again")
    python.done_with_all ()
    python.deliveries.clear ()


def a_body_for_another_key_is_a_dead_letter ():
    known = python.directory[partner.name]
    python.directory[partner.name] = pb.KeyStatement (sealing_key=bytes (kaskclient.Identity ("nobody").sealing.public_key))
    referral = refer (partner, "sealed to another key")
    python.directory[partner.name] = known
    notice = python.next (pb.EVENT_DEAD_LETTER, referral, 20)
    tap.ok (notice.header.referral.dead_reason in (pb.CANNOT_OPEN, pb.KEY_GONE), "what does not open is a dead letter, told to its sender")


def an_unpinned_sender_waits ():
    stranger = net.client ("stranger", "SE")
    net.agree (partner.name, "stranger")
    stranger.pin (partner.name, partner.identity_key ())
    stranger.connect ()
    header = stranger.send_event (partner.name, pb.EVENT_SEND, content.Content (text="who is that?"))
    referral = header.referral.referral_id
    tap.equal (stranger.answer (partner.name).outcome, pb.ACCEPTED, "the broker takes a stranger's referral")
    tap.until ("the alarm", lambda: "its sender is not pinned" in partner.program.log ())
    tap.ok (not any (d.event == pb.EVENT_RECEIPT for d in stranger.deliveries), "it waits with an alarm")
    partner.call ("pin", "stranger", kaskclient.fingerprint (bytes (stranger.identity.signing.verify_key)))
    delivery = stranger.next (pb.EVENT_ACCEPT, referral, 30)
    tap.equal (stranger.open (delivery).text, "who is that?", "after the pin it goes on")


def a_gap_is_closed ():
    early = python.header (partner.name)
    early.referral.CopyFrom (pb.ReferralEvent (event=pb.EVENT_SEND, referral_id=bytes (16), chain_id=bytes (16), legal_basis="CONSENT"))
    number = python.next_number[partner.name] + 2
    python.send (partner.name, early.SerializeToString (), python.seal (early, early.SerializeToString (), content.Content ()), number)
    answer = python.answer (partner.name, number)
    tap.equal ((answer.outcome, answer.expected), (pb.GAP, number - 1), "a number too high: GAP, and the one that is expected")
    del python.unanswered[partner.name, number]
    python.answers.clear ()
    for text in ("before the gap", "behind the gap"):
        referral = refer (partner, text)
        tap.equal (python.open (python.next (pb.EVENT_COMPLETE, referral, 20)).text, text, "what fills it goes its way")


def hand (peer, verb, *more):
    return subprocess.run ([BUILD / "kask-test-hand", verb, peer.dir, *more], text=True, check=True, stdout=subprocess.PIPE).stdout


def a_conflict_at_libkask ():
    referral = refer (example, "withdrawn meanwhile")
    python.next (pb.EVENT_RECEIPT, referral, 20)
    example.program.kill ()
    hand (example, "accept", "python", referral.hex ())
    python.send_event (example.name, pb.EVENT_WITHDRAW, referral_id=referral, version=1)
    tap.equal (python.answer (example.name).standing.state, pb.STATE_WITHDRAWN, "withdrawn while an ACCEPT lies in libkask's outbox")
    example.program.start ()
    answer = tap.until ("libkask's answer", lambda: hand (example, "answers"))
    tap.equal (answer, f"{referral.hex ()} CONFLICT {pb.STATE_WITHDRAWN}\n", "libkask's ACCEPT: CONFLICT, with the present state")
    python.next (pb.EVENT_RECEIPT, refer (example, "after the conflict"), 20)
    tap.ok (True, "and it goes on")


def a_conflict_at_the_client ():
    goal.write_text ("4")
    delivery = python.next (pb.EVENT_SEND, seconds=20)
    referral = delivery.header.referral.referral_id
    python.send_event (partner.name, pb.EVENT_DECLINE, referral_id=referral, version=1, obstacles=[pb.Obstacle (code="LANG")])
    tap.equal (python.answer (partner.name).outcome, pb.ACCEPTED, "libkask's referral is declined")
    python.send_event (partner.name, pb.EVENT_ACCEPT, referral_id=referral, version=1)
    answer = python.answer (partner.name)
    tap.equal ((answer.fault, answer.standing.state), ("CONFLICT", pb.STATE_DECLINED), "accepted by the state before that: CONFLICT, with the present one")
    text = f"{partner.name}>python/5"
    goal.write_text ("5")
    tap.equal (python.open (python.next (pb.EVENT_SEND, seconds=20)).text, text, "the lane goes on")


def the_database_is_away ():
    python.done_with_all ()
    net.cluster.stop ()
    goal.write_text ("300")
    tap.until ("they wait in the outbox", lambda: outbox () >= 295)
    net.cluster.start ()
    texts = [python.open (python.next (pb.EVENT_SEND, seconds=60)).text for _ in range (6, 301)]
    tap.equal (texts, [f"{partner.name}>python/{n}" for n in range (6, 301)], "what could not be stored is said again: all of it, once, in order")
    python.done_with_all ()


def outbox ():
    with contextlib.closing (sqlite3.connect (f"file:{partner.dir / 'kask.db'}?mode=ro", uri=True)) as db:
        return db.execute ("SELECT count (*) FROM kask_outbox").fetchone ()[0]


def an_endpoint_is_dead ():
    text = (net.folder / f"{example.name}.broker").read_text ()
    broker = net.folder / "two.broker"
    broker.write_text ("endpoint = tcp://127.0.0.1:1\n" + text)
    example.program.kill ()
    example.call ("join", broker)
    example.program.start ()
    python.next (pb.EVENT_RECEIPT, refer (example, "by the second endpoint"), 30)
    tap.equal (len (lines ("by the second endpoint")), 1, "the first endpoint is dead: the second is taken")
    tap.ok ("tcp://127.0.0.1:1: no answer" in example.program.log (), "and the first is named")


with Network ("sdk", heartbeat="1 s") as net:
    python = net.client ("python", "DK", connect=False)
    taken, goal = net.folder / "taken", net.folder / "goal"
    taken.touch ()
    example = Peer ("example", BUILD / "kask-example", taken)
    partner = Peer ("partner", BUILD / "kask-test-partner", net.folder / "system.db", goal, "python")
    python.connect ()
    tap.run (the_example_survives_kill_9, referrals_go_both_ways, what_is_not_taken_comes_again,
             a_body_for_another_key_is_a_dead_letter, an_unpinned_sender_waits, a_gap_is_closed, a_conflict_at_libkask,
             a_conflict_at_the_client, the_database_is_away, an_endpoint_is_dead)
