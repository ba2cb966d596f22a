#!/usr/bin/python3
"""
Each limit of proto/limits.def, at the limit and one above, by a partner and by a stranger.

A row that is not in the table below fails.  The stranger sends the same frames under a key that nobody
knows: nothing is answered, and the broker keeps nothing of it.
"""
import os
import pathlib
import re
import subprocess
import sys
import time

import nacl.signing
import zmq

sys.path.insert (0, str (pathlib.Path (__file__).resolve ().parents[1] / "lib"))
from network import TOP, Network, kaskclient   # noqa: E402
import content_pb2 as content                  # noqa: E402
import kask_pb2 as pb                          # noqa: E402
import tap                                     # noqa: E402

STRANGER_KIB = 8 << 10   # what the broker may grow by all that a stranger sends

LIMITS = {name: int (value) for name, value in re.findall (r"(?m)^LIMIT \((\w+), *(\d+)", (TOP / "proto/limits.def").read_text ())}
tried = []               # frames, for the stranger


def padded (message, size, field=99):
    """The message's bytes with so many in all, by a field that nobody knows."""
    data = message.SerializeToString ()
    for n in range (size - len (data), 0, -1):
        extra = kaskclient.varint (field << 3 | 2) + kaskclient.varint (n) + b"\0" * n
        if len (data) + len (extra) == size:
            return data + extra
    raise ValueError (size)


# ---------------------------------------------------------------- what the broker says

def says (*frames):
    """To frames that are no Send: the fault's name, or nothing."""
    tried.append (frames)
    b.faults.clear ()
    b.pong = None
    b.socket.send_multipart (list (frames))
    b.command (ping=pb.Ping (echo=7))
    b.wait (lambda: b.pong, what="Pong")
    return b.faults[-1].name if b.faults else ""


def command (**member):
    return says (pb.Command (**member).SerializeToString ())


def sent (header, body=b"sealed", client=None):
    """To a Send: the fault's name, or nothing where it was accepted."""
    client = client or b
    data = header if isinstance (header, bytes) else header.SerializeToString ()
    recipient = "partner-a" if isinstance (header, bytes) else header.recipient
    client.send (recipient, data, body)
    tried.append ([pb.Command (send=pb.Send (recipient=recipient, number=1)).SerializeToString (), data, body])
    return client.answer (recipient, seconds=20).fault


def hello (client=None, **changes):
    client = client or b
    client.connect (hello=False)
    try:
        client.hello (**changes)
        return ""
    except kaskclient.Refused as fault:
        return str (fault)
    finally:
        if client is b:
            b.connect ()


# ---------------------------------------------------------------- what is tried

def event (kind=pb.EVENT_SEND, recipient="partner-a", client=None, **members):
    header = (client or b).header (recipient)
    header.referral.CopyFrom (pb.ReferralEvent (event=kind, **members))
    if kind == pb.EVENT_SEND:
        header.referral.referral_id = header.referral.referral_id or os.urandom (16)
        header.referral.chain_id = header.referral.chain_id or header.referral.referral_id
        header.referral.legal_basis = header.referral.legal_basis or "CONSENT"
    return header


def referred ():
    """A referral of a to b, which b may answer."""
    header = event (recipient="partner-b", client=a)
    assert sent (header, client=a) == ""
    return header.referral.referral_id


def published (made):
    b.publish (made)
    tried.append (b.unanswered["catalogue", b.next_number["catalogue"]])
    return b.answer ("catalogue", seconds=20).fault


def offering (**changes):
    good = {"key": f"k{len (tried)}", "kind": "advice", "status": "active", "title": [content.Text (language="nb", text="Råd")],
            "provider": content.Provider (name="P", identifier_unknown=True, country="NO"), **changes}
    return published (content.Offering (**good))


def offering_of (size):
    """Whose body frame has so many bytes."""
    last, frame = 1000, 0
    while frame != size:
        last += size - frame if frame else 0
        made = content.Offering (key="size", kind="advice", status="active", title=[content.Text (language="nb", text="x")],
                                 provider=content.Provider (name="P", identifier_unknown=True, country="NO"),
                                 summary=[content.Text (language=language, text="x" * 60000) for language in ("nb", "da", "sv", "en")],
                                 description=[content.Text (language="nb", text="x" * last)])
        frame = len (content.Signed (content=made.SerializeToString (), signature=b"\0" * 64).SerializeToString ())
    return published (made)


def done (items):
    report = pb.DoneList (partner="partner-b", inbox=b.inbox_id, done_at_ms=1)
    for n in range (items):
        report.items.add (sender="partner-a", sequence=100000 + n, message_id=b"m" * 16)
    data = report.SerializeToString ()
    b.batch += 1
    return command (done=pb.Done (batch=b.batch, list=data, signature=b.identity.sign (kaskclient.lp ("kask/done/1", "partner-b", data))))


def dead (tries=(), text=""):
    message = pb.Dead (batch=1000)
    message.items.add (sender="partner-a", sequence=100000, message_id=b"m" * 16, reason=1, text=text, attempts=1, tries=tries)
    return command (dead=message)


def succession (n):
    """A partner whose identity was handed over n times since the broker knew it."""
    client = net.client (f"heir-{n}")
    identity = client.identity
    keys = [identity.signing, *(nacl.signing.SigningKey.generate () for _ in range (n))]
    identity.successions = [pb.Succession (identity_key=bytes (old.verify_key), signature=old.sign (
        kaskclient.lp ("kask/succession/1", identity.partner, bytes (new.verify_key))).signature) for old, new in zip (keys, keys[1:])]
    identity.signing = keys[-1]
    curve = identity.curve_public, identity.curve_secret
    identity.renew (2)
    identity.curve_public, identity.curve_secret = curve
    return hello (client)


def statement_of (size):
    """A hello that says a statement of so many bytes, none of them right."""
    message = pb.Hello (version_min=1, version_max=1, outbox=b.outbox, inbox=b.inbox_id,
                        statement=pb.SignedStatement (statement=b"\0" * size, signature=b"\0" * 64))
    tried.append ([pb.Command (hello=message).SerializeToString ()])
    b.connect (hello=False)
    b.faults.clear ()
    b.command (hello=message)
    b.wait (lambda: b.faults, what="fault")
    fault = b.faults[-1].name
    b.connect ()
    return fault


def chain (legs):
    """What is said to the last of so many legs, from one partner to the next."""
    names = [f"leg-{i}" for i in range (legs + 1)]
    for name in names:
        if name not in links:
            links[name] = net.client (name)
    for one, other in zip (names, names[1:]):
        net.kask ("agreement", "allow", one, other)
    first = previous = os.urandom (16)
    for i, (one, other) in enumerate (zip (names, names[1:])):
        referral = os.urandom (16) if i else first
        header = event (recipient=other, client=links[one], referral_id=referral, chain_id=first, previous_leg=previous if i else b"")
        fault = sent (header, client=links[one])
        if fault or i + 2 == len (names):
            return fault
        links[other].send (one, event (pb.EVENT_ACCEPT, one, links[other], referral_id=referral, version=1).SerializeToString (), b"sealed")
        assert links[other].answer (one).fault == ""
        previous = referral


def questions (n):
    referral = referred ()
    for i in range (n):
        fault = sent (event (pb.EVENT_ASK, referral_id=referral, version=i + 1))
    return fault


def unanswered (n):
    """What is said to the last of so many, of which none is answered."""
    psql = subprocess.Popen (["psql", "-qAtX", net.cluster.conninfo], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    psql.stdin.write ("BEGIN; SELECT 'locked' FROM broker FOR UPDATE;\n")
    psql.stdin.flush ()
    assert psql.stdout.readline ().strip () == "locked"
    b.answers.clear ()
    for _ in range (n):
        number = b.send ("partner-a", event ().SerializeToString (), b"x")
    b.pong = None
    b.command (ping=pb.Ping (echo=7))
    b.wait (lambda: b.pong, what="Pong")   # all were read
    psql.communicate ("ROLLBACK;\n", timeout=20)
    b.wait (lambda: len (b.answers) >= n, 60, "an answer to each")
    fault = b.answer ("partner-a", number).fault
    if fault:   # it is to be sent again
        time.sleep (b.answer ("partner-a", number).retry_after_ms / 1000)
        b.socket.send_multipart (b.unanswered["partner-a", number])
    b.wait (lambda: not b.unanswered, 10, "its answer")
    return fault


def pulled (cursor, records, size):
    """How many records, and bytes of them, the answer to such a Pull has."""
    b.records.clear ()
    b.cursor, b.more = cursor, None
    tried.append ([pb.Command (pull=pb.Pull (cursor=cursor, max_records=records, max_bytes=size)).SerializeToString ()])
    b.pull (records, size)
    b.wait (lambda: b.more is not None, what="Catalogue")
    return len (b.records), sum (len (header) + len (body) for _, _, header, body in b.records)


def page (index, offerings, size):
    """Of more offerings than fit into one answer: it has as many records, or bytes, as the limit lets, whatever was asked for."""
    def trial (n):
        while True:
            pulled (b.cursor, 500, 1 << 20)
            if not b.more:
                break
        last = b.cursor
        for i in range (offerings):
            b.publish (content.Offering (key=f"page{index}.{n}.{i}", kind="advice", status="active", title=[content.Text (language="nb", text="x" * size)],
                                         provider=content.Provider (name="P", identifier_unknown=True, country="NO")))
        assert b.answer ("catalogue", seconds=60).fault == ""
        asked = [1000000, 1 << 30]
        asked[index] = n
        bound = (LIMITS["PULL_RECORDS"], LIMITS["PULL_BYTES"])[index]
        got = pulled (last, *asked)[index]
        return "full" if bound * 0.9 < got <= bound else f"{got} of {bound}"
    return trial


def partners (n):
    """What is said to the nth."""
    known = int (net.cluster.value ("SELECT count (*) FROM partner WHERE no > 0"))
    (net.folder / "request").touch ()
    for i in range (known, n):
        (net.folder / "request").write_text (kaskclient.Identity (f"one-of-{i}").request ("One of many", "NO"))
        result = net.kask ("partner", "add", net.folder / "request", check=False)
    return "" if result.returncode == 0 else re.search ("the broker has its .* partners", result.stderr)[0]


def nested (levels):
    return says (b"\x0b" * (levels - 1) + b"\x0c" * (levels - 1))


def name_of (n):
    b.send ("n" * n, event ().SerializeToString (), b"sealed", number=1)
    b.unanswered.clear ()
    b.pong, b.faults[:] = None, []
    b.command (ping=pb.Ping (echo=7))
    b.wait (lambda: b.pong, what="Pong")
    return b.faults[-1].name if b.faults else b.answer ("n" * n, number=1).fault


links = {}

# row: (what is tried, what is said at the limit, what one above)
TABLE = {
    "COMMAND_BYTES": (lambda n: says (padded (pb.Command (ping=pb.Ping ()), n)), "", "TOO_LARGE"),
    "HEADER_BYTES": (lambda n: sent (padded (event (), n)), "", "TOO_LARGE"),
    "BODY_BYTES": (lambda n: sent (event (), os.urandom (n)), "", "TOO_LARGE"),
    "OFFERING_BYTES": (offering_of, "", "TOO_LARGE"),
    "FRAMES": (lambda n: says (*[pb.Command (ping=pb.Ping ()).SerializeToString ()] * n), "BAD_FRAME", "BAD_FRAME"),
    "DEPTH": (nested, "BAD_COMMAND", "TOO_DEEP"),
    "PARTNER_NAME": (name_of, "UNKNOWN_RECIPIENT", "TOO_LARGE"),
    "KEY_BYTES": (lambda n: offering (key="k" * n), "", "TOO_LARGE"),
    "CODE_BYTES": (lambda n: sent (event (legal_basis="C" * n)), "NO_LEGAL_BASIS", "TOO_LARGE"),
    "TEXT_BYTES": (lambda n: offering (summary=[content.Text (language="nb", text="x" * n)]), "", "TOO_LARGE"),
    "SHORT_TEXT_BYTES": (lambda n: hello (software="x" * n), "", "TOO_LARGE"),
    "LIST_ITEMS": (lambda n: command (taken=pb.Taken (apart=[pb.MessageRef (sender="partner-a", sequence=i + 1) for i in range (n)])), "", "TOO_LARGE"),
    "DONE_ITEMS": (done, "", "TOO_LARGE"),
    "DEAD_ATTEMPTS": (lambda n: dead ([pb.DeadAttempt (at_ms=1, reason=1)] * n), "", "TOO_LARGE"),
    "ATTEMPT_TEXT_BYTES": (lambda n: dead ([pb.DeadAttempt (at_ms=1, reason=1, text="x" * n)]), "", "TOO_LARGE"),
    "OBSTACLES": (lambda n: sent (event (pb.EVENT_DECLINE, referral_id=referred (), version=1, obstacles=[pb.Obstacle (code="CAPACITY")] * n)), "", "TOO_LARGE"),
    "OPEN_QUESTIONS": (questions, "", "TOO_MANY_QUESTIONS"),
    "LEGS": (chain, "", "CHAIN_TOO_LONG"),
    "PULL_RECORDS": (page (0, 510, 10), "full", "full"),
    "PULL_BYTES": (page (1, 20, 60000), "full", "full"),
    "WINDOW_MESSAGES": (lambda n: command (window=pb.Window (messages=n, bytes=1 << 20)), "", "TOO_LARGE"),
    "WINDOW_BYTES": (lambda n: command (window=pb.Window (messages=1000, bytes=n)), "", "TOO_LARGE"),
    "SUCCESSIONS": (succession, "", "TOO_LARGE"),
    "STATEMENT_BYTES": (statement_of, "BAD_STATEMENT", "TOO_LARGE"),
    "UNANSWERED": (unanswered, "", "LIMIT"),
    "PARTNERS": (partners, "", f"the broker has its {LIMITS['PARTNERS']} partners"),
}

# What is sealed, or the broker's own, the other end judges: the test that tries both.
ELSEWHERE = {"ATTACHMENTS": "tests/t_form_limits.c", "ATTACHMENTS_BYTES": "tests/t_form_limits.c", "REPLY_BYTES": "tests/t_form_limits.c"}


def try_row (name):
    trial, at, above = TABLE[name]
    tap.equal (trial (LIMITS[name]), at, f"{name}: {LIMITS[name]}: {at or 'taken'}")
    tap.equal (trial (LIMITS[name] + 1), above, f"{name}: one more: {above or 'taken'}")


def no_row_is_left_out ():
    tap.equal (sorted (LIMITS), sorted ([*TABLE, *ELSEWHERE]), "each row of limits.def is tried")
    for name, path in ELSEWHERE.items ():
        text = (TOP / path).read_text ()
        tap.ok (re.search (rf"LIMIT_{name} \+ 1|LIMIT_{name} / \d+ \+ 1", text), f"{name}: one above in {path}")


def a_stranger_is_not_heard ():
    stranger = kaskclient.Client (kaskclient.Identity ("partner-b"), net.endpoint, b.broker_key).connect (hello=False)
    before = net.broker.rss_kib ()
    for frames in tried:
        try:
            stranger.socket.send_multipart (list (frames), zmq.NOBLOCK)
        except zmq.Again:
            break
    tap.ok (not stranger.receive (2), f"{len (tried)} messages of a stranger: no answer")
    grown = net.broker.rss_kib () - before
    tap.ok (grown < STRANGER_KIB, f"and the broker grew by {grown} KiB")
    b.pong = None
    b.command (ping=pb.Ping (echo=7))
    tap.ok (b.wait (lambda: b.pong, what="Pong"), "and goes on")


with Network ("limits", heartbeat="20 s", partner_body="7 MiB", partner_unanswered=LIMITS["UNANSWERED"], partner_messages=1000000, partner_sessions=1000,
              waiting_bytes="96 MiB", partner_waiting_bytes="64 MiB") as net:
    a, b = net.pair ()
    tap.run (no_row_is_left_out, *(lambda name=name: try_row (name) for name in TABLE), a_stranger_is_not_heard)
