#!/usr/bin/python3
"""
100,000 referrals wait at three recipients, each open; the broker's memory follows credit, not the backlog, a restart
included.  KASK_WAITING: so many (tests/long/million.sh).
"""
import os
import pathlib
import sys
import time

sys.path.insert (0, str (pathlib.Path (__file__).resolve ().parents[1] / "lib"))
import plain                  # noqa: E402,F401  (before network)
from network import Network   # noqa: E402
import tap                    # noqa: E402
import kask_pb2 as pb         # noqa: E402

WAITING = int (os.environ.get ("KASK_WAITING", "100000"))
MUST_KIB, AIM_KIB = 96 * 1024, 48 * 1024
FIRST_S = 3.0
UNDER_WAY = 2000
RECIPIENTS = ("bravo", "charlie", "delta")


def send_all ():
    accepted = sent = 0
    body = os.urandom (1024)
    while accepted < WAITING:
        while sent < WAITING and sent - accepted < UNDER_WAY:
            to = RECIPIENTS[sent % 3]
            header = a.header (to)
            referral = os.urandom (16)
            header.referral.CopyFrom (pb.ReferralEvent (event=pb.EVENT_SEND, referral_id=referral, chain_id=referral, legal_basis="CONSENT"))
            a.send (to, header.SerializeToString (), body)
            sent += 1
        a.receive (10)
        a.drain ()
        if any (x.outcome != pb.ACCEPTED for x in a.answers):
            raise RuntimeError (next (x for x in a.answers if x.outcome != pb.ACCEPTED))
        accepted += len (a.answers)
        a.answers.clear ()


def they_wait ():
    begun = time.monotonic ()
    send_all ()
    tap.note (f"{WAITING} referrals accepted in {time.monotonic () - begun:.0f} s")
    tap.equal (int (net.cluster.value ("SELECT count (*) FROM referral WHERE due_at IS NOT NULL")), WAITING, "each is open")
    high = net.broker.rss_kib ("VmHWM")
    tap.note (f"broker's memory while they came: {high} KiB at most (aim {AIM_KIB})")
    tap.ok (high <= MUST_KIB, f"while they come, at most {MUST_KIB} KiB")


def the_broker_starts_again ():
    net.broker.kill ()
    begun = time.monotonic ()
    net.start_broker ()
    tap.note (f"active again after {time.monotonic () - begun:.2f} s")
    clients = [c for c in net.clients if c.partner in RECIPIENTS]
    for client in clients:
        client.connect ()
    first = None
    taken = 0
    while taken < 9000:   # some of the backlog goes out, in several windows
        for client in clients:
            client.drain (0.01)
            if client.deliveries:
                first = first or time.monotonic ()
                client.taken ()
                client.done (*client.deliveries)
                taken += len (client.deliveries)
                client.deliveries.clear ()
                client.inbox.clear ()
        if time.monotonic () - begun > 120:
            break
    tap.ok (first and first - begun <= FIRST_S, f"the first is delivered within {FIRST_S:.0f} s: {(first or begun) - begun:.2f} s after the start")
    tap.ok (taken >= 9000, f"the backlog goes out: {taken} taken")
    high = net.broker.rss_kib ("VmHWM")
    tap.note (f"broker's memory after the restart: {high} KiB at most (aim {AIM_KIB})")
    tap.ok (high <= MUST_KIB, f"after a restart, at most {MUST_KIB} KiB")


with Network ("memory", heartbeat="30 s", partner_messages=1000000) as net:
    a = net.client ("alfa", "DK", connect=False)
    for name in RECIPIENTS:
        net.client (name, "NO", connect=False)
        net.agree ("alfa", name)
    a.connect ()
    tap.run (they_wait, the_broker_starts_again)
