#!/usr/bin/python3
"""
A broker that lies, a thief who has its database, and a partner who attacks others: none of them reads a body or
moves a referral of others, and each is found.
"""
import os
import pathlib
import sqlite3
import subprocess
import sys

sys.path.insert (0, str (pathlib.Path (__file__).resolve ().parents[1] / "lib"))
from network import BUILD, Network, kaskclient    # noqa: E402
import liar                                        # noqa: E402
import tap                                         # noqa: E402
import content_pb2 as content                      # noqa: E402
import kask_pb2 as pb                              # noqa: E402

SECRET = "Firmaet Hemmelig ApS, kontakt 20 30 40 50"


class Letters (kaskclient.Client):
    """A client without a connection, for what it would send."""

    def __init__ (self, identity):
        super ().__init__ (identity, "", "")

    def send (self, recipient, header_bytes, body, number=None):
        self.letter = (header_bytes, body)

    def write (self, recipient, event, text, **members):
        self.send_event (recipient, event, content.Content (text=text), **members)
        return self.letter


class Victim:
    """A program on libkask that is joined to that broker, with the system behind it."""

    def __init__ (self, name, broker_text, **pins):
        self.dir, self.system, self.goal = net.folder / name, net.folder / f"{name}.system", net.folder / f"{name}.goal"
        self.goal.write_text ("0")
        (net.folder / f"{name}.broker").write_text (broker_text)
        self.call ("init", name, "NO")
        self.statement = self.read_statement ()
        self.call ("join", net.folder / f"{name}.broker")
        for partner, identity in pins.items ():
            self.call ("pin", partner, kaskclient.fingerprint (bytes (identity.signing.verify_key)))
        self.program = net.program (name, [BUILD / "kask-test-partner", self.dir, self.system, self.goal, *pins])

    def call (self, verb, *more):
        return subprocess.run ([BUILD / "kask-test-setup", verb, self.dir, *more], text=True, check=True, stdout=subprocess.PIPE).stdout

    def read_statement (self):
        facts = dict (line.split (" = ", 1) for line in self.call ("request").splitlines () if " = " in line)
        return pb.SignedStatement (statement=bytes.fromhex (facts["statement"]), signature=bytes.fromhex (facts["signature"]))

    def effects (self):
        db = sqlite3.connect (f"file:{self.system}?mode=ro", uri=True)
        try:
            return [row[0] for row in db.execute ("SELECT text FROM effect ORDER BY no")]
        finally:
            db.close ()


def keys_of (signed):
    return pb.KeyStatement.FromString (signed.statement)


# ---------------------------------------------------------------- a broker that lies

def another_identity_is_shown ():
    broker.shown["friend"] = thief.statement
    victim.program.start ()
    victim.goal.write_text ("3")
    broker.serve ("hello", lambda: broker.route)
    broker.serve ("the alarm", lambda: "is not the pinned one" in victim.program.log ())
    broker.serve ("what waits", lambda: "messages to partner friend wait" in victim.program.log ())
    tap.equal (broker.sent, [], "another identity in a pinned partner's place: nothing is sent, and people are told")


def a_statement_is_forged ():
    forged = keys_of (friend.statement)
    forged.sealing_key, forged.number = bytes (thief.sealing.public_key), 99
    data = forged.SerializeToString ()
    broker.show ("friend", pb.SignedStatement (statement=data, signature=thief.sign (kaskclient.lp ("kask/statement/1", data))))
    broker.serve ("the alarm", lambda: "is not signed by the key it names" in victim.program.log ())
    tap.equal (broker.sent, [], "the pinned identity with the thief's sealing key: nothing is sent, and people are told")
    handed = kaskclient.Identity ("friend")
    handed.successions = [pb.Succession (identity_key=bytes (friend.signing.verify_key), signature=os.urandom (64))]
    handed.renew (100)
    broker.show ("friend", handed.statement)
    broker.serve ("the second alarm", lambda: victim.program.log ().count ("is not the pinned one") >= 2)
    tap.equal (broker.sent, [], "a handover that the pinned identity did not sign: nothing is sent")


def the_right_keys_are_used ():
    first = friend.statement
    friend.renew (2)
    broker.show ("friend", friend.statement)
    broker.serve ("what waited", lambda: len (broker.sent) >= 3)
    tap.equal ([read (body) for _, _, body in broker.sent], [f"victim>friend/{n}" for n in (1, 2, 3)], "the right statement, and all goes out, sealed to it")
    broker.show ("friend", first)
    victim.goal.write_text ("4")
    broker.serve ("one more", lambda: len (broker.sent) >= 4)
    tap.equal (read (broker.sent[3][2]), "victim>friend/4", "an older statement shown later is passed over: the newest key is sealed to")
    broker.show ("friend", friend.statement)


def read (body):
    opened = content.Signed.FromString (kaskclient.nacl.public.SealedBox (friend.sealing).decrypt (body))
    return content.Content.FromString (opened.content).text


def letters_to_the_victim (identity):
    letters = Letters (identity)
    letters.directory["victim"] = keys_of (victim.statement)
    return letters


def forged_letters ():
    """(what, header, body, facts, the reason that it is dead for): each is a lie."""
    mine, his, to_thief = letters_to_the_victim (friend), letters_to_the_victim (thief), Letters (friend)
    header, body = mine.write ("victim", pb.EVENT_SEND, "true")
    other_header, other_body = mine.write ("victim", pb.EVENT_SEND, "true as well")
    changed = pb.Header.FromString (header)
    changed.referral.legal_basis = "OBLIGATION"
    moved = pb.Header.FromString (mine.write ("victim", pb.EVENT_ACCEPT, "moved", referral_id=os.urandom (16))[0])
    moved.referral.event = pb.EVENT_COMPLETE
    to_thief.directory["victim"] = keys_of (thief.statement)
    passed_on = Letters (thief)
    passed_on.directory["victim"] = keys_of (victim.statement)
    box = kaskclient.nacl.public.SealedBox (kaskclient.nacl.public.PublicKey (keys_of (victim.statement).sealing_key))
    to_another = Letters (friend)
    to_another.directory["another"] = keys_of (thief.statement)
    another_header, another_body = to_another.write ("another", pb.EVENT_SEND, "written to another")
    inside = kaskclient.nacl.public.SealedBox (thief.sealing).decrypt (another_body)
    readdressed = pb.Header.FromString (another_header)
    readdressed.recipient = "victim"
    no_words = pb.Header (message_id=os.urandom (16), sender="broker", recipient="victim", origin_key=os.urandom (32), claimed_at_ms=1)
    no_words.referral.CopyFrom (pb.ReferralEvent (event=pb.EVENT_ACCEPT, referral_id=os.urandom (16), version=1))
    yield "signed by a thief", *his.write ("victim", pb.EVENT_SEND, "forged"), {}, pb.BAD_SIGNATURE
    yield "with a changed header", changed.SerializeToString (), body, {}, pb.BAD_SIGNATURE
    yield "with another event", moved.SerializeToString (), mine.letter[1], {}, pb.BAD_SIGNATURE
    yield "with another message's body", other_header, body, {}, pb.BAD_SIGNATURE
    yield "sealed to another", *to_thief.write ("victim", pb.EVENT_SEND, "not for you"), {}, pb.CANNOT_OPEN
    yield "to another, sealed anew by that one", readdressed.SerializeToString (), box.encrypt (inside), {}, pb.BAD_SIGNATURE
    yield "to another, as it was", another_header, box.encrypt (inside), {}, pb.BAD_SIGNATURE
    yield "without a signature, as if the broker had made it", no_words.SerializeToString (), b"", {"by_broker": True}, pb.BAD_SIGNATURE
    yield "as the broker's, with the partner's name", other_header, b"", {"by_broker": True}, pb.BAD_SIGNATURE


def forged_letters_have_no_effect ():
    before = victim.effects ()
    for what, header, body, facts, reason in forged_letters ():
        broker.deliver ("friend", header, body, **facts)
        message_id = pb.Header.FromString (header).message_id
        broker.serve (f"the report on one {what}", lambda m=message_id: m in broker.dead)
        tap.equal (broker.dead[message_id], reason, f"a letter {what} is a dead letter")
    header, _ = letters_to_the_victim (friend).write ("victim", pb.EVENT_ACCEPT, "erased", referral_id=os.urandom (16))
    broker.deliver ("friend", header, b"", erased=True)
    broker.serve ("the erased one", lambda: pb.Header.FromString (header).message_id in broker.done)
    tap.equal (victim.effects (), before, "none of them, nor an event that is said to be erased, had an effect")
    tap.ok ("is a dead letter: not signed by the pinned identity" in victim.program.log (), "and people are told")
    broker.deliver ("friend", *letters_to_the_victim (friend).write ("victim", pb.EVENT_SEND, "true in the end"))
    broker.serve ("the true one", lambda: "true in the end" in victim.effects ())
    tap.ok (True, "a true letter has its effect")


# ---------------------------------------------------------------- a thief of the database

def the_database_holds_no_words ():
    one.send_event ("partner-b", pb.EVENT_SEND, content.Content (text=SECRET))
    one.answer ("partner-b")
    dump = subprocess.run (["pg_dump", "-d", net.cluster.conninfo], check=True, stdout=subprocess.PIPE).stdout
    tap.ok (b"COPY public.message" in dump and SECRET.encode ().hex ().encode () not in dump and SECRET.encode () not in dump,
            "the whole database holds nothing of a referral's words")
    secrets = {one.identity.sealing.encode (), one.identity.signing.encode (), two.identity.sealing.encode ()}
    tap.ok (not any (secret.hex ().encode () in dump for secret in secrets), "and no secret key")
    two.next (pb.EVENT_SEND)


def what_is_changed_there_is_found ():
    two.close ()
    headers = [one.send_event ("partner-b", pb.EVENT_SEND, content.Content (text=text)) for text in ("first", "second")]
    one.answer ("partner-b")
    net.broker.stop ()
    first, second = (row[0] for row in net.cluster.sql ("SELECT sequence FROM message WHERE sender = 1 ORDER BY sequence DESC LIMIT 2"))
    net.cluster.sql (f"""UPDATE message m SET body = o.body FROM message o WHERE m.sender = 1 AND o.sender = 1
                         AND ((m.sequence = {first} AND o.sequence = {second}) OR (m.sequence = {second} AND o.sequence = {first}))""")
    mallory = kaskclient.Identity ("partner-b", 50)
    net.cluster.sql (f"UPDATE partner SET statement = '\\x{mallory.statement.statement.hex ()}', statement_signature = '\\x{mallory.statement.signature.hex ()}',"
                     f" identity_key = '\\x{bytes (mallory.signing.verify_key).hex ()}', statement_number = 50 WHERE partner = 'partner-b'")
    known = one.directory["partner-b"]
    net.start_broker ()
    one.connect ()
    tap.equal ((one.directory["partner-b"], one.pins["partner-b"]), (known, known.identity_key), "another identity in the database: no neighbour takes it")
    try:
        two.connect ()
        tap.ok (False, "the partner itself is told at its next hello")
    except kaskclient.Refused as fault:
        tap.equal (str (fault), "BAD_STATEMENT", "the partner itself is told at its next hello")
    net.kask ("partner", "add", request (two.identity), "--replace")
    two.connect ()
    for header in headers:
        delivery = two.next (pb.EVENT_SEND, header.referral.referral_id)
        tap.ok (not opens (two, delivery), "a body that was put under another header does not pass")


def request (identity):
    path = net.folder / "mended.request"
    path.write_text (identity.request (identity.partner.title (), "NO"))
    return path


def opens (client, delivery):
    try:
        client.open (delivery)
    except kaskclient.nacl.exceptions.CryptoError:
        return False
    return True


# ---------------------------------------------------------------- a partner who attacks

def a_partner_attacks_others ():
    mallory = net.client ("mallory", "SE")
    net.agree ("mallory", "partner-a", "partner-b")
    mallory.pin ("partner-a", bytes (one.identity.signing.verify_key))
    mallory.pin ("partner-b", bytes (two.identity.signing.verify_key))
    header = one.send_event ("partner-b", pb.EVENT_SEND, content.Content (text="for b alone"))
    answer = one.answer ("partner-b")
    victim_message = two.next (pb.EVENT_SEND, header.referral.referral_id)
    before = net.cluster.sql ("SELECT id, state, version FROM referral ORDER BY no")
    for event, members in ((pb.EVENT_ACCEPT, {}), (pb.EVENT_COMPLETE, {"outcome": "SOLVED"}), (pb.EVENT_REVOKE, {}), (pb.EVENT_MARK_ERROR, {"reason": "TEST"})):
        mallory.send_event ("partner-a", event, referral_id=header.referral.referral_id, version=answer.standing.version, **members)
        tap.equal (mallory.answer ("partner-a").fault, "NOT_A_PARTY", f"another's referral is not moved by {pb.Event.Name (event)}")
    mallory.partner = "partner-b"
    mallory.send_event ("partner-a", pb.EVENT_ACCEPT, referral_id=header.referral.referral_id)
    tap.equal (mallory.answer ("partner-a").fault, "WRONG_SENDER", "nor with another's name in the header")
    mallory.send ("partner-a", victim_message.header_bytes, victim_message.body)
    tap.equal (mallory.answer ("partner-a").fault, "WRONG_SENDER", "nor with another's message, word for word")
    mallory.partner = "mallory"
    mallory.done (victim_message)
    mallory.wait (lambda: mallory.confirmed, what="Confirmed")
    tap.equal (len (mallory.confirmed[-1].unknown), 1, "DONE for another's message is a message of nobody's")
    mallory.identity.statement = two.identity.statement
    try:
        mallory.connect ()
        tap.ok (False, "another's statement is refused")
    except kaskclient.Refused as fault:
        tap.equal (str (fault), "BAD_STATEMENT", "another's statement is refused")
    tap.equal (net.cluster.sql ("SELECT id, state, version FROM referral ORDER BY no"), before, "no referral of others moved")
    tap.ok (not [d for d in mallory.inbox.values () if d.facts.sender in ("partner-a", "partner-b")], "and nothing of theirs was delivered to the attacker")
    found = net.kask ("audit", "list", "--partner", "mallory").stdout
    tap.ok ("NOT_A_PARTY" in found and "WRONG_SENDER" in found, "the attempts stand in the audit log")


with Network ("lying", heartbeat="20 s") as net:
    broker, friend, thief = liar.Liar (), kaskclient.Identity ("friend"), kaskclient.Identity ("friend")
    victim = Victim ("victim", broker.broker_text (), friend=friend)
    one, two = net.pair ()
    try:
        tap.run (another_identity_is_shown, a_statement_is_forged, the_right_keys_are_used, forged_letters_have_no_effect,
                 the_database_holds_no_words, what_is_changed_there_is_found, a_partner_attacks_others)
    finally:
        broker.close ()
