#!/usr/bin/python3
"""A partner's disk fills up, and has room again: nothing is lost, nothing comes twice, nothing is started anew."""
import contextlib
import pathlib
import sqlite3
import sys

sys.path.insert (0, str (pathlib.Path (__file__).resolve ().parents[1] / "lib"))
from network import BUILD, Network, Setup, kaskclient   # noqa: E402
from disk import Disk, environment                      # noqa: E402
import tap                                              # noqa: E402
import content_pb2 as content                           # noqa: E402
import kask_pb2 as pb                                   # noqa: E402


def receipt (referral, seconds=20):
    return python.next (pb.EVENT_RECEIPT, referral, seconds)


def has_receipt (referral):
    python.drain ()
    return any (d.event == pb.EVENT_RECEIPT and d.header.referral.referral_id == referral for d in python.deliveries)


def refer (peer, text):
    header = python.send_event (peer.name, pb.EVENT_SEND, content.Content (text=text))
    answer = python.answer (peer.name)
    tap.equal ((answer.outcome, answer.fault), (pb.ACCEPTED, ""), f"the broker takes: {text!r}")
    return header.referral.referral_id


def meet (peer):
    """The scenario's own partner and that one may send to each other and trust each other."""
    peer.call ("pin", "python", kaskclient.fingerprint (bytes (python.identity.signing.verify_key)))
    net.agree (peer.name, "python")
    facts = dict (line.split (" = ", 1) for line in peer.call ("request").splitlines () if " = " in line)
    python.pin (peer.name, pb.KeyStatement.FromString (bytes.fromhex (facts["statement"])).identity_key)
    python.connect ()
    return peer


def a_file_that_cannot_grow ():
    example, disk = meet (Setup (net, "example")), Disk (net.folder / "disk")
    taken = disk.path / "taken"
    disk.fill ()
    program = net.program ("example", [BUILD / "kask-example", example.dir, taken], env=environment (disk)).start ()
    referral = refer (example, "one line")
    tap.until ("the example says what is wrong", lambda: "message python/1 waits: No space left on device" in program.log ())
    tap.ok (not has_receipt (referral), "what is not in the file is not acknowledged")
    disk.make_room ()
    receipt (referral)
    tap.equal ([line.split (" ", 3)[3] for line in taken.read_text ().splitlines ()], ["one line"], "with room again it is in the file, once")
    taken.write_text (taken.read_text () + "python/2 half a li")
    referral = refer (example, "another line\npython/3 not a line")
    receipt (referral)
    tap.equal (sum (line.startswith ("python/2 ") and line.endswith ("another line") for line in taken.read_text ().splitlines ()), 1,
               "a line that was not written to its end is written again")
    receipt (refer (example, "the third"))
    tap.equal (taken.read_text ().splitlines ()[-1].split (" ", 3)[3], "the third", "no text passes for the line of another message")
    program.stop ()
    python.deliveries.clear ()


def refer_much (name, n, size):
    """So many referrals with that much content; their ids."""
    referrals = []
    for i in range (n):
        words = content.Content (text=f"much {i}")
        words.attachments.add (name="filler.bin", media_type="application/octet-stream", data=bytes (size))
        referrals.append (python.send_event (name, pb.EVENT_SEND, words).referral.referral_id)
    python.wait (lambda: all (number not in [n for r, n in python.unanswered if r == name] for number in range (1, python.next_number[name] + 1)),
                 what="answers")
    return referrals


def rows (database, query):
    with contextlib.closing (sqlite3.connect (f"file:{database}?mode=ro", uri=True)) as db:
        return db.execute (query).fetchall ()


def a_store_that_cannot_be_written ():
    disk = Disk (net.folder / "partner-disk")
    partner = meet (Setup (net, "partner", folder=disk.path))
    system, goal = net.folder / "system.db", net.folder / "goal"
    goal.write_text ("2")
    program = net.program ("partner-program", [BUILD / "kask-test-partner", partner.dir, system, goal, "python"], env=environment (disk)).start ()
    receipt (refer (partner, "while there is room"))
    pid = program.process.pid
    disk.fill ()
    referrals = refer_much ("partner", 60, 100000)
    tap.until ("libkask says that it takes nothing", lambda: "the disk is full: no messages are taken" in program.log ())
    goal.write_text ("800")
    tap.until ("kask_send says why", lambda: "not stored: partner>python/" in program.log () or "not stored: acts:" in program.log ())
    said = next (line for line in program.log ().splitlines () if "not stored: partner>python/" in line or "not stored: acts" in line)
    tap.ok ("nothing was stored" in said and "the disk is full: make room" in said, "what was not stored, and what to do")
    has = {referral for (referral,) in rows (system, "SELECT hex (referral) FROM effect")}
    early = [r for r in referrals if has_receipt (r)]
    tap.ok (all (r.hex ().upper () in has for r in early), f"{len (early)} of {len (referrals)} are acknowledged, and the system has them")
    tap.ok (len (early) < len (referrals), "not all are, for there is no room")
    disk.make_room ()
    for referral in referrals:
        receipt (referral, 30)
    tap.ok (True, "with room again all the others come")
    python.wait (lambda: sum (d.event == pb.EVENT_SEND for d in python.deliveries) >= 800, 90, "what was to be sent")
    acts = [python.open (d).text for d in python.deliveries if d.event == pb.EVENT_SEND]
    tap.equal (acts, [f"partner>python/{n}" for n in range (1, 801)], "what was to be sent is there, once and in order")
    texts = [text for (text,) in rows (system, "SELECT text FROM effect WHERE sender = 'python' AND event = 1 ORDER BY no")]
    tap.equal (texts, ["while there is room"] + [f"much {i}" for i in range (60)], "the system has each once and in order")
    tap.ok (program.is_running () and program.process.pid == pid, "nobody started anything")
    tap.until ("room is set aside again", lambda: (partner.dir / "kask.reserve").exists ())
    program.stop ()
    python.done_with_all ()
    python.deliveries.clear ()


with Network ("disk_full", heartbeat="1 s") as net:
    python = net.client ("python", "DK", connect=False)
    tap.run (a_file_that_cannot_grow, a_store_that_cannot_be_written)
