#!/usr/bin/python3
"""
A partner's disk fills up, and has room again: nothing is lost, nothing comes twice, nothing is started anew.

The disk is a small tmpfs, which root alone can mount; elsewhere this scenario is skipped.
"""
import pathlib
import sys

sys.path.insert (0, str (pathlib.Path (__file__).resolve ().parents[1] / "lib"))
from disk import Disk                                   # noqa: E402
from network import BUILD, Network, Setup, kaskclient   # noqa: E402
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
    return peer


def a_file_that_cannot_grow ():
    example = meet (Setup (net, "example"))
    taken = disk.path / "taken"
    disk.fill ()
    program = net.program ("example", [BUILD / "kask-example", example.dir, taken]).start ()
    python.connect ()
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


with Network ("disk_full", heartbeat="1 s") as net:
    python = net.client ("python", "DK", connect=False)
    disk = Disk (net.folder / "disk", "12m")
    try:
        if disk.is_mounted:
            tap.run (a_file_that_cannot_grow)
        else:
            tap.ok (True, "a full disk # SKIP a tmpfs cannot be mounted here")
            tap.end ()
    finally:
        disk.unmount ()
