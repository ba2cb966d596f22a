#!/usr/bin/python3
"""
A partner that asks and never reads what it is answered makes the broker hold ever more, for it is the operating system that
holds a connection's other end.  The unit's MemoryMax bounds it: the broker is ended there, started again as its unit
says, and serves the others within three seconds; nothing of theirs is lost or doubled.

Here the bound is smaller, so that it is met sooner, and the process's own (RLIMIT_DATA): no cgroup is needed.
"""
import contextlib
import pathlib
import re
import resource
import sys
import time

import zmq

sys.path.insert (0, str (pathlib.Path (__file__).resolve ().parents[1] / "lib"))
import plain                              # noqa: E402,F401  (before network: sanitizers take memory of their own)
from network import TOP, Network          # noqa: E402
import content_pb2 as content             # noqa: E402
import kask_pb2 as pb                     # noqa: E402
import tap                                # noqa: E402

BOUND = 96 << 20
BACK_S, LONGEST_S = 3.0, 90
ENDS = 1
UNIT = (TOP / "deploy/systemd/kaskd.service").read_text ()
RESTART_S = float (re.search (r"(?m)^RestartSec=(\d+)$", UNIT)[1])


def bound_memory ():
    resource.prlimit (net.broker.process.pid, resource.RLIMIT_DATA, (BOUND, BOUND))


def fill_the_catalogue ():
    for n in range (5):
        texts = [content.Text (language=language, text="x" * 60000) for language in ("nb", "da", "sv", "en")]
        a.publish (content.Offering (key=f"k{n}", kind="advice", status="active", title=[content.Text (language="nb", text="x")], summary=texts,
                                     provider=content.Provider (name="P", identifier_unknown=True, country="NO")))
        assert a.answer ("catalogue").fault == ""


def connect_deaf ():
    """A connection of the bad partner, from which nothing will be read after Welcome."""
    bad.close ()
    bad.socket = bad.context.socket (zmq.DEALER)
    for option, value in ((zmq.LINGER, 0), (zmq.RCVHWM, 1), (zmq.RECONNECT_IVL, -1), (zmq.CURVE_PUBLICKEY, bad.identity.curve_public),
                          (zmq.CURVE_SECRETKEY, bad.identity.curve_secret), (zmq.CURVE_SERVERKEY, bad.broker_key.encode ())):
        bad.socket.setsockopt (option, value)
    bad.socket.connect (net.endpoint)
    bad.hello ()


def ask_for_a_page ():
    try:
        bad.socket.send (pb.Command (pull=pb.Pull (max_records=500, max_bytes=1 << 20)).SerializeToString (), zmq.NOBLOCK)
    except zmq.Again:
        pass


def others_go_on ():
    """One message each round, and what has come is taken; what cannot be sent now has no answer, and is sent again."""
    with contextlib.suppress (zmq.Again):
        a.send_event ("partner-b", pb.EVENT_SEND)
        a.drain ()
        b.drain ()
        b.taken ()


def until_the_broker_ends ():
    ends = time.monotonic () + LONGEST_S
    while net.broker.is_running () and time.monotonic () < ends:
        for _ in range (20):
            ask_for_a_page ()
            time.sleep (0.002)
        others_go_on ()
    return not net.broker.is_running ()


def is_let_in (client):
    """Who comes before the broker knows its partners is turned away for a moment."""
    try:
        return client.connect (seconds=0.3)
    except TimeoutError:
        return None


def start_as_the_unit_does ():
    ended = time.monotonic ()
    time.sleep (RESTART_S)
    net.start_broker (wait=False)
    tap.until ("it listens again", lambda: (net.folder / "broker/endpoint").exists ())
    for client in (a, b):
        tap.until ("a session", lambda c=client: is_let_in (c))
    a.wait (lambda: not a.unanswered, what="what had no answer")
    a.send_event ("partner-b", pb.EVENT_SEND)
    assert a.answer ("partner-b").fault == ""
    return time.monotonic () - ended


def the_memory_is_bounded ():
    fill_the_catalogue ()
    took = []
    for _ in range (ENDS):
        bound_memory ()
        connect_deaf ()
        tap.ok (until_the_broker_ends (), f"a partner that reads nothing ends a broker of {BOUND >> 20} MiB")
        took.append (start_as_the_unit_does ())
    tap.note (f"served again after {', '.join (f'{t:.2f}' for t in took)} s, {RESTART_S:.0f} s of them the unit's pause")
    tap.ok (max (took) <= BACK_S, f"the others are served again within {BACK_S:.0f} s")


def nothing_is_lost ():
    sent = a.next_number["partner-b"]
    a.wait (lambda: not a.unanswered, what="an answer to each")
    b.wait (lambda: b.positions["partner-a"] >= sent, what="the last")
    sequences = sorted ({d.facts.sequence for d in b.deliveries})
    tap.equal (sequences, list (range (1, len (sequences) + 1)), f"all {sent} arrived, and in order")
    tap.equal (len (sequences), sent, "each once")
    tap.equal (net.cluster.value ("SELECT count (*) FROM message WHERE sender = (SELECT no FROM partner WHERE partner = 'partner-a') AND recipient > 0"),
               str (sent), "and is once in the database")


def the_unit_has_a_bound ():
    tap.ok (re.search (r"(?m)^MemoryMax=", UNIT) and re.search (r"(?m)^Restart=always$", UNIT), "the unit bounds the broker's memory, and starts it again")


with Network ("memory-limit", heartbeat="20 s", partner_sessions=1000) as net:
    a, b = net.pair ()
    bad = net.client ("partner-c", connect=False)
    tap.run (the_unit_has_a_bound, the_memory_is_bounded, nothing_is_lost)
