#!/usr/bin/python3
"""
Keys change while referrals run: new connection and sealing keys with an overlap, statements that are refused, and
keys that the operator revokes.
"""
import pathlib
import sqlite3
import subprocess
import sys
import time

sys.path.insert (0, str (pathlib.Path (__file__).resolve ().parents[1] / "lib"))
from network import BUILD, Network, Setup, kaskclient   # noqa: E402
import tap                                              # noqa: E402
import content_pb2 as content                           # noqa: E402
import kask_pb2 as pb                                   # noqa: E402

ACTS = 400
ROTATIONS = 3
AWAY = 8         # SUCCESSIONS of PROTOCOL.md


class Program (Setup):
    """A state folder, the program that runs on it, and the system behind it."""

    def __init__ (self, name, *recipients):
        super ().__init__ (net, name)
        self.goal, self.system = net.folder / f"{name}.goal", net.folder / f"{name}.system"
        self.goal.write_text ("0")
        self.program = net.program (name, [BUILD / "kask-test-partner", self.dir, self.system, self.goal, *recipients])

    def effects (self, sender):
        """Texts of the referrals that came from there, in order."""
        if not self.system.exists ():
            return []
        db = sqlite3.connect (f"file:{self.system}?mode=ro", uri=True)
        try:
            return [row[0] for row in db.execute ("SELECT text FROM effect WHERE event = ? AND sender = ? ORDER BY no", (pb.EVENT_SEND, sender))]
        except sqlite3.OperationalError:
            return []
        finally:
            db.close ()


def statement (name):
    return int (net.cluster.value (f"SELECT statement_number FROM partner WHERE partner = '{name}'"))


def move (client, curve):
    """The connection key that the client uses from here on."""
    client.identity.curve_public, client.identity.curve_secret = curve


def curve (client):
    return client.identity.curve_public, client.identity.curve_secret


def renew (client):
    """New keys, said over the old connection key; then the new one is used."""
    old = curve (client)
    client.identity.renew (client.identity.number + 1)
    new = curve (client)
    for key in (old, new):
        move (client, key)
        client.connect ()


def is_let_in (client):
    try:
        client.connect (seconds=3)
    except TimeoutError:
        return False
    return True


def answer_to (client, **changes):
    """What a hello with these changes is answered; the fault's name, or Welcome."""
    client.connect (hello=False)
    try:
        client.hello (**changes)
    except kaskclient.Refused as fault:
        return str (fault)
    return "Welcome"


def keys_change_under_load ():
    for one, other in ((left, right), (right, left)):
        one.pin (other)
        one.program.start ()
    net.agree (left.name, right.name)
    for round in range (1, ROTATIONS + 1):
        for peer in (left, right):
            peer.goal.write_text (str (round * ACTS // ROTATIONS))
        for peer in (left, right):
            before = statement (peer.name)
            peer.call ("rotate")
            tap.until ("the broker has the new statement", lambda p=peer, b=before: statement (p.name) > b)
    for one, other in ((left, right), (right, left)):
        one.goal.write_text (str (ACTS))
        wanted = [f"{one.name}>{other.name}/{n}" for n in range (1, ACTS + 1)]
        tap.until (f"all of {one.name}'s acts", lambda o=one, p=other: len (p.effects (o.name)) >= ACTS, 60)
        tap.equal (other.effects (one.name), wanted, f"{one.name} to {other.name}: each act once and in order over {ROTATIONS} changes of both sides' keys")
    tap.equal (net.cluster.value ("SELECT count (*) FROM dead_letter"), "0", "no dead letter came of it")
    tap.until ("the old connection keys are over", lambda: net.cluster.value ("SELECT count (*) FROM partner WHERE curve_key_before IS NOT NULL") == "0")


def keys_change_while_the_program_is_stopped ():
    for peer in (left, right):
        before = statement (peer.name)
        peer.program.stop ()
        peer.call ("rotate")
        peer.program.start ()
        tap.ok (tap.until ("the broker has the new statement", lambda p=peer, b=before: statement (p.name) > b),
                f"{peer.name}, whose new key is turned away, says it over the old one")
    tap.until ("the old connection keys are over", lambda: net.cluster.value ("SELECT count (*) FROM partner WHERE curve_key_before IS NOT NULL") == "0")


def identities_are_handed_over_under_load ():
    before = {peer.name: net.cluster.value (f"SELECT encode (identity_key, 'hex') FROM partner WHERE partner = '{peer.name}'") for peer in (left, right)}
    for peer in (left, right):
        peer.goal.write_text (str (2 * ACTS))
    for peer in (left, right):
        number = statement (peer.name)
        peer.call ("rotate", "identity")
        tap.until ("the broker has the new identity", lambda p=peer, n=number: statement (p.name) > n)
    for one, other in ((left, right), (right, left)):
        tap.until (f"all of {one.name}'s acts", lambda o=one, p=other: len (p.effects (o.name)) >= 2 * ACTS, 60)
        tap.equal (other.effects (one.name), [f"{one.name}>{other.name}/{n}" for n in range (1, 2 * ACTS + 1)],
                   f"{one.name} to {other.name}: each act once and in order while both identity keys handed over")
        tap.ok (tap.until ("its neighbour has heard of it", lambda o=other: "the pin follows" in o.program.log ()), f"{other.name}'s pin follows, and its people are told")
        tap.ok (one.call ("fingerprint").strip () in other.program.log (), "with the new fingerprint")
    tap.equal (net.cluster.value ("SELECT count (*) FROM dead_letter"), "0", "what the old ones signed was taken too: no dead letter")
    tap.ok (all (net.cluster.value (f"SELECT encode (identity_key, 'hex') FROM partner WHERE partner = '{name}'") != key for name, key in before.items ()),
            "the broker has both new identities")
    tap.equal (net.cluster.value ("SELECT count (*) FROM audit_entry WHERE detail LIKE 'identity handed over%'"), "2", "each stands in the audit log")


def who_was_away_follows_through_all_of_them ():
    right.program.stop ()
    for _ in range (AWAY):
        before = statement (left.name)
        left.call ("rotate", "identity")
        tap.until ("the broker has the new identity", lambda b=before: statement (left.name) > b)
    left.goal.write_text (str (2 * ACTS + 1))
    right.program.start ()
    tap.ok (tap.until ("the act behind them", lambda: len (right.effects (left.name)) > 2 * ACTS),
            f"who was away while an identity was handed over {AWAY} times takes what the last one signed")
    tap.ok (left.call ("fingerprint").strip () in right.program.log (), "and its people are told the last fingerprint")


def a_handover_needs_the_old_key ():
    good, identity = python.identity.statement, python.identity
    thief = kaskclient.Identity ("python")
    thief.hand_over (identity.number + 1)
    forged = kaskclient.Identity ("python")
    forged.successions = [pb.Succession (identity_key=bytes (identity.signing.verify_key), signature=thief.successions[0].signature)]
    forged.renew (identity.number + 1)
    for what, bad in (("another key handed over", thief.statement), ("the old key did not sign", forged.statement)):
        identity.statement = bad
        tap.equal (answer_to (python), "BAD_STATEMENT", f"refused: a new identity to which {what}")
        other.take_statement ("python", bad)
        tap.equal (other.pins["python"], bytes (identity.signing.verify_key), "and no neighbour's pin follows it, whatever the broker shows")
    identity.statement = good
    python.connect ()


def a_connection_key_is_replaced ():
    first, number = curve (python), python.identity.number
    python.identity.renew (number + 1)
    second = curve (python)
    move (python, second)
    tap.ok (not is_let_in (python), "a key that the broker has not heard of is not let in")
    move (python, first)
    tap.equal (answer_to (python), "Welcome", "the statement of it is taken over the old key")
    tap.equal (statement ("python"), number + 1, "and is stored before Welcome")
    net.broker.kill ()
    net.start_broker ()
    tap.ok (is_let_in (python), "the old key still counts, after a crash of the broker too")
    move (python, second)
    tap.equal (answer_to (python), "Welcome", "then the new one counts")
    move (python, first)
    tap.ok (not is_let_in (python), "and from then on the old one does not")
    move (python, second)
    python.connect ()


def old_sealing_keys_open ():
    wait_for_pins ()
    known = other.directory["python"]
    number, old = python.identity.number, python.identity.sealing
    renew (python)
    other.wait (lambda: other.directory["python"].number == number + 1, what="the new statement")
    tap.ok (other.directory["python"].sealing_key != known.sealing_key, "a neighbour hears of the new sealing key while connected, and seals to it")
    other.send_event ("python", pb.EVENT_SEND, content.Content (text="to the new key"))
    tap.equal (python.open (python.next (pb.EVENT_SEND)).text, "to the new key", "which opens")
    other.directory["python"] = known
    other.send_event ("python", pb.EVENT_SEND, content.Content (text="to the old key"))
    late = python.next (pb.EVENT_SEND)
    python.identity.sealing = old
    tap.equal (python.open (late).text, "to the old key", "and what was under way to the old key opens with the old key")


def wait_for_pins ():
    other.connect ()
    other.wait (lambda: "python" in other.directory, what="python's keys")


def bad_statements_are_refused ():
    good = python.identity.statement
    def signed (by, **changes):
        keys = pb.KeyStatement.FromString (good.statement)
        keys.number += 1
        for name, value in changes.items ():
            setattr (keys, name, value)
        data = keys.SerializeToString ()
        return pb.SignedStatement (statement=data, signature=by.sign (kaskclient.lp ("kask/statement/1", data)))
    thief = kaskclient.Identity ("python")
    curve_of_other = pb.KeyStatement.FromString (other.identity.statement.statement).curve_key
    cases = {"not signed by the identity key": signed (thief),
             "of another identity": signed (thief, identity_key=bytes (thief.signing.verify_key)),
             "of another partner": signed (python.identity, partner="other"),
             "older than the known one": signed (python.identity, number=1),
             "with the known number and other keys": signed (python.identity, number=python.identity.number, sealing_key=bytes (thief.sealing.public_key)),
             "with another partner's connection key": signed (python.identity, curve_key=curve_of_other)}
    before = net.cluster.sql ("SELECT statement, curve_key FROM partner ORDER BY no")
    for what, bad in cases.items ():
        python.identity.statement = bad
        tap.equal (answer_to (python), "BAD_STATEMENT", f"refused: a statement {what}")
    python.identity.statement = good
    tap.equal (net.cluster.sql ("SELECT statement, curve_key FROM partner ORDER BY no"), before, "and nothing of them was stored")
    tap.equal (answer_to (python), "Welcome", "the good one is still good")


def revoked_keys_are_ignored ():
    python.connect ()
    wait_for_pins ()
    net.kask ("partner", "revoke", "python")
    done = time.monotonic ()
    python.wait (lambda: python.faults and python.faults[-1].name == "KEY_REVOKED", 1, "KEY_REVOKED")
    accepted = net.cluster.value ("SELECT count (*) FROM message")
    python.send_event ("other", pb.EVENT_SEND)
    python.wait (lambda: len ([f for f in python.faults if f.name == "KEY_REVOKED"]) > 1, 1, "the second fault")
    tap.ok (time.monotonic () - done < 1, "the open session hears it and is over within a second")
    tap.equal (net.cluster.value ("SELECT count (*) FROM message"), accepted, "and what it sends is not stored")
    tap.ok (not is_let_in (python), "nor is a new connection let in")
    other.wait (lambda: other.partners["python"].revoked, what="the directory")
    tap.ok (not other.partners["python"].statement.statement, "neighbours are told, and are shown no keys of it")
    again = net.kask ("partner", "add", request_file (python.identity), check=False)
    tap.ok (again.returncode == 1 and "were revoked" in again.stderr, "the same identity is not taken in again")
    tap.ok ("keys revoked" in net.kask ("audit", "list", "--partner", "python").stdout, "it stands in the audit log")


def a_program_stops_when_its_keys_are_revoked ():
    net.kask ("partner", "revoke", right.name)
    tap.until ("it has ended", lambda: not right.program.is_running (), 10)
    tap.ok ("KEY_REVOKED" in right.program.log (), "a program on libkask stops, and says why")
    # what its neighbour sends before it has heard of it is accepted, and waits
    tap.until ("its neighbour has heard of it", lambda: f"revoked the keys of partner {right.name}" in left.program.log ())
    left.goal.write_text (str (2 * ACTS + 2))
    tap.until ("the alarm", lambda: "its keys were revoked" in left.program.log ())
    tap.ok (True, "its neighbour holds what goes there, with an alarm")


def what_a_lost_key_could_open_comes_back ():
    left.program.stop ()
    other.pins["left"] = identity_of ("left")
    net.agree ("other", "left")
    other.connect ()
    header = other.send_event ("left", pb.EVENT_SEND, content.Content (text="sealed to a key that is gone"))
    tap.equal (other.answer ("left").outcome, pb.ACCEPTED, "a referral waits for a partner that loses all its keys")
    again = setup_again ()
    refused = net.kask ("partner", "add", again, check=False)
    tap.ok (refused.returncode == 1 and "another identity" in refused.stderr, "new keys are not taken for the old partner by themselves")
    handed = net.kask ("partner", "add", again, "--replace").stdout
    folder = net.folder / "left-again"
    (net.folder / "left-again.broker").write_text (handed)
    setup ("join", folder, net.folder / "left-again.broker")
    other.wait (lambda: other.partners["left"].statement.statement and "left" in other.partners and kaskclient.pb.KeyStatement.FromString (
        other.partners["left"].statement.statement).identity_key != other.pins["left"], what="the new identity")
    tap.ok (other.directory["left"].identity_key == other.pins["left"], "no neighbour follows it without a new pin")
    setup ("pin", folder, "other", kaskclient.fingerprint (bytes (other.identity.signing.verify_key)))
    program = net.program ("left-again", [BUILD / "kask-test-partner", folder, net.folder / "left-again.system", net.folder / "right.goal", "other"]).start ()
    notice = other.next (pb.EVENT_DEAD_LETTER, header.referral.referral_id, 20)
    tap.equal ((notice.header.referral.dead_reason, notice.header.referral.about_message_id), (pb.KEY_GONE, header.message_id),
               "what was sealed to the lost key comes back to its sender: KEY_GONE")
    other.pins["left"] = identity_of ("left")
    other.directory.pop ("left")
    other.connect ()
    header = other.send_event ("left", pb.EVENT_SEND, content.Content (text="sent anew"))
    answered = other.next (pb.EVENT_ACCEPT, header.referral.referral_id, 20)
    tap.equal (other.open (answered).text, "sent anew", "sent anew after a new pin, it is opened and answered")
    program.stop ()


def setup_again ():
    folder = net.folder / "left-again"
    setup ("init", folder, "left", "NO")
    path = net.folder / "left-again.request"
    path.write_text (setup ("request", folder))
    return path


def setup (*words):
    return subprocess.run ([BUILD / "kask-test-setup", *words], text=True, check=True, stdout=subprocess.PIPE).stdout


def identity_of (name):
    return bytes.fromhex (net.cluster.value (f"SELECT encode (identity_key, 'hex') FROM partner WHERE partner = '{name}'"))


def request_file (identity):
    path = net.folder / "again.request"
    path.write_text (identity.request ("Python", "DK"))
    return path


with Network ("keys", heartbeat="20 s") as net:
    python, other = net.pair ("python", "other")
    left, right = Program ("left", "right"), Program ("right", "left")
    tap.run (keys_change_under_load, keys_change_while_the_program_is_stopped, identities_are_handed_over_under_load, who_was_away_follows_through_all_of_them, a_program_stops_when_its_keys_are_revoked, a_connection_key_is_replaced,
             old_sealing_keys_open, bad_statements_are_refused, a_handover_needs_the_old_key,
             what_a_lost_key_could_open_comes_back, revoked_keys_are_ignored)
