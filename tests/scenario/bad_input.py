#!/usr/bin/python3
"""What strangers and partners may send wrongly: one clear answer each, nothing half-done, and the broker goes on."""
import os
import pathlib
import socket
import struct
import subprocess
import sys
import tempfile

sys.path.insert (0, str (pathlib.Path (__file__).resolve ().parents[1] / "lib"))
from network import BUILD, Network, kaskclient   # noqa: E402
import tap                           # noqa: E402
import content_pb2 as content        # noqa: E402
import kask_pb2 as pb                # noqa: E402

LIMITS = {"header": 4096, "body": 6291456, "command": 262144}


def fault_after (send, *frames):
    b.faults.clear ()
    send (*frames)
    b.wait (lambda: b.faults, what="fault")
    return b.faults[-1]


def raw (*frames):
    b.socket.send_multipart (list (frames))


def frames_that_are_none ():
    for name, frames, want in [
            ("one empty frame", [b""], "BAD_COMMAND"),
            ("garbage", [os.urandom (200)], "BAD_COMMAND"),
            ("a command with two members", [pb.Command (ping=pb.Ping (echo=1)).SerializeToString ()
                                            + pb.Command (bye=pb.Bye ()).SerializeToString ()], "BAD_COMMAND"),
            ("a send without header", [pb.Command (send=pb.Send (recipient="partner-a", number=1)).SerializeToString ()], "BAD_FRAME"),
            ("a ping with three frames", [pb.Command (ping=pb.Ping (echo=1)).SerializeToString (), b"x", b"y"], "BAD_FRAME"),
            ("forty frames", [pb.Command (ping=pb.Ping (echo=1)).SerializeToString ()] + [b"x"] * 40, "BAD_FRAME"),
            ("a command over its limit", [b"\0" * (LIMITS["command"] + 1)], "TOO_LARGE")]:
        fault = fault_after (raw, *frames)
        tap.equal (fault.name, want, f"{name}: {want}")
        tap.ok (fault.text and ";" in fault.text, f"and says what happened and what to do: {fault.text[:70]}")
    nested = b""
    for _ in range (5000):
        nested = b"\x0a" + kaskclient.varint (len (nested)) + nested
    fault = fault_after (raw, nested)
    tap.ok (fault.name in ("TOO_DEEP", "BAD_COMMAND"), f"nested 5,000 levels deep: {fault.name}")


def refused (header_bytes, body=b"sealed", recipient="partner-a"):
    b.send (recipient, header_bytes, body)
    answer = b.answer (recipient)
    tap.equal (answer.outcome, pb.REFUSED, f"refused: {answer.fault}: {answer.text[:60]}")
    return answer.fault


def event_header (**members):
    header = b.header ("partner-a")
    header.referral.CopyFrom (pb.ReferralEvent (**{"event": pb.EVENT_SEND, "referral_id": os.urandom (16), "legal_basis": "CONSENT", **members}))
    if not header.referral.chain_id:
        header.referral.chain_id = header.referral.referral_id
    return header


def headers_that_are_none ():
    tap.equal (refused (os.urandom (100)), "BAD_HEADER", "a header of garbage")
    header = event_header ()
    header.message_id = b"short"
    tap.equal (refused (header.SerializeToString ()), "BAD_HEADER", "a message id of 5 bytes")
    tap.equal (refused (event_header (event=99).SerializeToString ()), "BAD_HEADER", "an event that does not exist")
    tap.equal (refused (event_header (legal_basis="").SerializeToString ()), "NO_LEGAL_BASIS", "no legal basis")
    tap.equal (refused (event_header (legal_basis="BECAUSE").SerializeToString ()), "NO_LEGAL_BASIS", "an unknown legal basis")
    tap.equal (refused (event_header (offering_publisher="partner-a", offering_key="none", offering_revision=1).SerializeToString ()),
               "UNKNOWN_OFFERING", "an offering that is not in the catalogue")
    header = event_header ()
    header.referral.chain_id = b""
    tap.equal (refused (header.SerializeToString ()), "MISSING_FIELD", "no chain")
    header = event_header ()
    header.recipient = "partner-c"
    tap.equal (refused (header.SerializeToString ()), "WRONG_RECIPIENT", "another recipient in the header")
    header = event_header ()
    header.sender = "partner-a"
    tap.equal (refused (header.SerializeToString ()), "WRONG_SENDER", "a partner that claims to be another")
    header = b.header ("partner-b")
    header.referral.CopyFrom (event_header ().referral)
    tap.equal (refused (header.SerializeToString (), recipient="partner-b"), "TO_SELF", "to itself")
    tap.ok (refused (event_header ().SerializeToString () + b"\x52\xff" + b"x" * 5000) in ("TOO_LARGE", "BAD_HEADER"), "a header over its limit")


def bodies_at_the_limit ():
    header = event_header ()
    b.send ("partner-a", header.SerializeToString (), os.urandom (LIMITS["body"]))
    tap.equal (b.answer ("partner-a", seconds=20).outcome, pb.ACCEPTED, "a body at the limit passes")
    delivery = a.next (referral=header.referral.referral_id)
    tap.equal (len (delivery.body), LIMITS["body"], "whole")
    a.taken ()
    a.done (delivery)
    tap.equal (refused (event_header ().SerializeToString (), os.urandom (LIMITS["body"] + 1)), "TOO_LARGE", "a byte more does not")


def offerings_that_may_not_stand ():
    good = dict (key="k", kind="advice", status="active", title=[content.Text (language="nb", text="Råd")],
                 provider=content.Provider (name="P", identifier_unknown=True, country="NO"))
    def publish (**changes):
        offering = content.Offering (**{**good, **changes})
        b.publish (offering)
        return b.answer ("catalogue")
    for name, want, changes in [
            ("no title", "BAD_OFFERING", {"title": []}),
            ("an unknown kind", "BAD_OFFERING", {"kind": "magic"}),
            ("a wrong check digit", "BAD_IDENTIFIER", {"provider": content.Provider (name="P", scheme="0184", number="27355020", country="DK")}),
            ("a person's number in a text", "PERSON_NUMBER", {"summary": [content.Text (language="sv", text="Ring 811218-9876")]}),
            ("the same in a contact", "PERSON_NUMBER", {"contacts": [content.Contact (name="Ring 010190-1111 i dag")]})]:
        answer = publish (**changes)
        tap.equal (answer.fault, want, f"{name}: {want}")
    tap.ok ("811218" not in net.broker.log () and "010190" not in net.broker.log (), "the person's number is not repeated in the log")
    header = b.header ("catalogue")
    header.offering.CopyFrom (pb.OfferingNotice (key="k", revision=1))
    body = content.Signed (content=content.Offering (**good).SerializeToString (), signature=b"\0" * 64).SerializeToString ()
    tap.equal (refused (header.SerializeToString (), body, "catalogue"), "BAD_SIGNATURE", "a signature of zeros")
    tap.equal (publish ().outcome, pb.ACCEPTED, "and a good one is still accepted")


def reports_that_are_none ():
    report = pb.DoneList (partner="partner-b", inbox=b.inbox_id, done_at_ms=1)
    report.items.add (sender="partner-a", sequence=999, message_id=b"m" * 16)
    data = report.SerializeToString ()
    fault = fault_after (lambda: b.command (done=pb.Done (batch=900, list=data, signature=b"\0" * 64)))
    tap.equal (fault.name, "BAD_SIGNATURE", "a report that is not signed counts for nothing")


def refusals_that_repeat ():
    c = net.client ("partner-c")
    c.pin ("partner-a", bytes (a.identity.signing.verify_key))
    for _ in range (5):
        c.send_event ("partner-a", pb.EVENT_SEND)
        tap.equal (c.answer ("partner-a").fault, "NO_AGREEMENT", "without an agreement nothing is referred")
    entries = "SELECT detail FROM audit_entry e JOIN partner p ON p.no = e.actor WHERE p.partner = 'partner-c' AND e.kind = 2 ORDER BY number"
    tap.equal (net.cluster.sql (entries), [["NO_AGREEMENT"]], "the audit log has one entry of it")
    shift.write_text ("61000")

    def counted ():
        for client in net.clients:
            client.ping ()
        return net.cluster.sql (entries)[1:]
    told = tap.until ("the others are told", counted, 60)
    tap.equal (told, [["NO_AGREEMENT, 4 more"]], "and a minute later one for the four that repeated it")


def refusals_counted_when_the_broker_ends ():
    c = net.clients[-1]
    for _ in range (3):
        c.send_event ("partner-a", pb.EVENT_SEND)
        tap.equal (c.answer ("partner-a").fault, "NO_AGREEMENT", "refused again")
    tap.equal (net.broker.stop (), 0, "the broker is asked to end")
    entries = "SELECT detail FROM audit_entry e JOIN partner p ON p.no = e.actor WHERE p.partner = 'partner-c' AND e.kind = 2 ORDER BY number"
    tap.equal (net.cluster.sql (entries)[-1], ["NO_AGREEMENT, 3 more"], "what it had counted stands in the audit log")
    net.start_broker ()


def a_port_of_strangers ():
    host, port = net.endpoint.removeprefix ("tcp://").rsplit (":", 1)
    for name, data in [("HTTP", b"GET / HTTP/1.1\r\n\r\n"), ("noise", os.urandom (4000)), ("a ZMTP greeting and no more", b"\xff" + b"\0" * 8 + b"\x7f\x03"),
                       ("a frame of 2^62 bytes", b"\xff" + b"\0" * 8 + b"\x7f\x03\0NULL" + b"\0" * 48 + b"\x02" + struct.pack (">Q", 1 << 62))]:
        with socket.create_connection ((host, int (port)), 5) as s:
            s.sendall (data)
            s.settimeout (0.3)
            try:
                while s.recv (4096):
                    pass
            except OSError:
                pass
        b.pong = None
        b.command (ping=pb.Ping (echo=7))
        b.wait (lambda: b.pong, what="Pong")
        tap.equal (b.pong.echo, 7, f"a stranger's {name} does not disturb")


def versions_and_databases ():
    for name, want, changes in [("a version of tomorrow", "VERSION", {"version_min": 7, "version_max": 9}),
                                ("another database", "DATABASE_CHANGED", {"database": b"d" * 16, "generation": 1})]:
        b.connect (hello=False)
        b.faults.clear ()
        try:
            b.hello (**changes)
            tap.ok (False, f"{name}: {want}")
        except Exception as problem:
            tap.equal (str (problem), want, f"{name}: {want}")
    b.connect (hello=False)
    tap.equal (fault_after (lambda: b.command (pull=pb.Pull (cursor=0))).name, "NO_SESSION", "a command before hello: NO_SESSION")
    b.connect ()


def the_broker_says_what_is_wrong_with_itself ():
    check = subprocess.run ([BUILD / "kaskd", "--config", net.conf, "--check"], text=True, capture_output=True)
    tap.equal (check.returncode, 0, "kaskd --check is content here")
    bad = net.folder / "bad.conf"
    bad.write_text (net.conf.read_text () + "colour = green\n")
    result = subprocess.run ([BUILD / "kaskd", "--config", bad, "--check"], text=True, capture_output=True)
    line = len (bad.read_text ().splitlines ())
    tap.ok (result.returncode != 0 and f"bad.conf:{line}" in result.stderr and "colour" in result.stderr, f"an unknown key: {result.stderr.strip ()[:90]}")
    second = subprocess.run ([BUILD / "kaskd", "--config", net.conf], text=True, capture_output=True, timeout=20)
    tap.ok (second.returncode not in (0, None) and "in use" in second.stderr, f"a port in use: {second.stderr.strip ().splitlines ()[-1][:110]}")
    net.cluster.sql ("ALTER SYSTEM SET synchronous_commit = off")
    net.cluster.sql ("SELECT pg_reload_conf ()")
    result = tap.until ("the setting is seen", lambda: next ((r for r in [subprocess.run ([BUILD / "kaskd", "--config", net.conf, "--check"],
                        text=True, capture_output=True)] if r.returncode), None), 10)
    tap.ok ("synchronous_commit" in result.stdout + result.stderr, "synchronous_commit off is refused by name")
    net.cluster.sql ("ALTER SYSTEM RESET synchronous_commit")
    net.cluster.sql ("SELECT pg_reload_conf ()")


def the_broker_still_runs ():
    tap.ok (net.broker.is_running (), "the broker has not ended")
    rss = net.broker.rss_kib ("VmHWM")
    tap.note (f"broker's memory at most {rss} KiB")


with tempfile.TemporaryDirectory () as folder, Network ("bad-input", heartbeat="5 s", partner_body="7 MiB", time_shift_file=f"{folder}/shift") as net:
    shift = pathlib.Path (folder) / "shift"
    a, b = net.pair ()
    tap.run (frames_that_are_none, headers_that_are_none, bodies_at_the_limit, offerings_that_may_not_stand, reports_that_are_none, refusals_that_repeat,
             a_port_of_strangers, versions_and_databases, the_broker_says_what_is_wrong_with_itself, the_broker_still_runs,
             refusals_counted_when_the_broker_ends)
