#!/usr/bin/python3
"""Obstacles: counted by month, pair of countries and code; what fewer than five referrals met is not told."""
import json
import pathlib
import sys

sys.path.insert (0, str (pathlib.Path (__file__).resolve ().parents[1] / "lib"))
from network import Network   # noqa: E402
import tap                    # noqa: E402
import kask_pb2 as pb         # noqa: E402


def obstacles (*argv):
    return {(o["referrer_country"], o["receiver_country"], o["code"]): o["referrals"]
            for o in json.loads (net.kask ("obstacles", *argv, "--json").stdout)["obstacles"]}


def refer (r, v):
    referral = r.send_event (v.partner, pb.EVENT_SEND).referral.referral_id
    tap.equal (r.answer (v.partner).outcome, pb.ACCEPTED, "a referral")
    return referral


def stops (v, r, event, referral, *codes, **more):
    v.send_event (r.partner, event, referral_id=referral, version=more.pop ("version", 1),
                  obstacles=[pb.Obstacle (code=code, level="NATIONAL", effect="STOPPED") for code in codes], **more)
    return v.answer (r.partner)


def they_are_counted ():
    for i in range (5):
        stops (b, a, pb.EVENT_DECLINE, refer (a, b), "SEAT", *(["MANDATE"] if i else []))
    for _ in range (5):
        stops (a, b, pb.EVENT_DECLINE, refer (b, a), "SEAT")
    tap.equal (obstacles (), {("DK", "NO", "SEAT"): 5, ("DK", "NO", "MANDATE"): None, ("NO", "DK", "SEAT"): 5},
               "by pair of countries and code; four are not told")
    tap.ok ("MANDATE" in net.kask ("obstacles").stdout and "4" not in net.kask ("obstacles").stdout.split ("MANDATE")[1].splitlines ()[0], "nor in the table")
    referral = refer (a, b)
    stops (b, a, pb.EVENT_NOTE, referral, "MANDATE")
    tap.equal (obstacles ()["DK", "NO", "MANDATE"], 5, "an obstacle may stand in any event")
    stops (b, a, pb.EVENT_DECLINE, referral, "MANDATE")
    tap.equal (obstacles ()["DK", "NO", "MANDATE"], 5, "a referral counts once")


def what_does_not_count ():
    referral = refer (a, b)
    tap.equal (stops (b, a, pb.EVENT_DECLINE, referral, "NO-SUCH").fault, "MISSING_FIELD", "an unknown code is refused")
    tap.equal (stops (b, a, pb.EVENT_DECLINE, referral, "TIER").outcome, pb.ACCEPTED, "a known one is taken")
    for _ in range (4):
        stops (b, a, pb.EVENT_DECLINE, refer (a, b), "TIER")
    tap.equal (obstacles ()["DK", "NO", "TIER"], 5, "five")
    a.send_event ("partner-b", pb.EVENT_MARK_ERROR, referral_id=referral, version=2, reason="TEST")
    a.answer ("partner-b")
    tap.equal (obstacles ()["DK", "NO", "TIER"], None, "what was marked as an error does not count")


def by_month ():
    month = net.cluster.value ("SELECT to_char (kask_local (kask_now ()), 'YYYY-MM')")
    tap.ok (obstacles ("--from", month, "--to", month), "this month has some")
    tap.equal (obstacles ("--to", "2020-01"), {}, "an early one has none")
    tap.equal (net.kask ("obstacles", "--from", "2026-13", check=False).returncode, 2, "a month that is none is refused")


with Network ("obstacles") as net:
    a, b = net.pair ()
    tap.run (they_are_counted, what_does_not_count, by_month)
