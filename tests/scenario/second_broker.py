#!/usr/bin/python3
"""A second broker on the same database: one of them commits, and the one that was replaced says STANDBY, also after it stood still."""
import pathlib
import signal
import sys

sys.path.insert (0, str (pathlib.Path (__file__).resolve ().parents[1] / "lib"))
from network import BUILD, Network   # noqa: E402
import kaskclient             # noqa: E402
import tap                    # noqa: E402
import kask_pb2 as pb         # noqa: E402


def stored ():
    return int (net.cluster.value ("SELECT count (*) FROM message WHERE NOT by_broker"))


def second (name, **changes):
    """A broker with the first one's configuration, but for the changes; it runs."""
    conf = net.folder / f"{name}.conf"
    lines = [line for line in net.conf.read_text ().splitlines () if line.split (" = ")[0] not in changes]
    conf.write_text ("\n".join ([*lines, *(f"{key} = {value}" for key, value in changes.items ())]) + "\n")
    return net.program (name, [BUILD / "kaskd", "--config", conf]).start ()


def by_mistake ():
    broker = second ("mistake")
    tap.until ("it has ended", lambda: not broker.is_running ())
    tap.ok (broker.process.returncode != 0 and "in use" in broker.log (), "on the same endpoint a second broker ends, and says why")
    b.send_event ("partner-a", pb.EVENT_SEND)
    tap.equal (b.answer ("partner-a").outcome, pb.ACCEPTED, "the first goes on")


def the_first_stands_still ():
    net.broker.signal (signal.SIGSTOP)
    endpoint = net.folder / "other.endpoint"
    other = second ("other", endpoint="tcp://127.0.0.1:*", endpoint_file=endpoint, control=net.control.with_name ("other"))
    tap.until ("it is active", lambda: "store: ready" in other.log ())
    before = stored ()
    b.send_event ("partner-a", pb.EVENT_SEND)
    net.broker.signal (signal.SIGCONT)
    b.wait (lambda: b.faults, seconds=20, what="fault")
    tap.equal ([f.name for f in b.faults], ["STANDBY"], "who was replaced while it stood still says STANDBY when it wakes")
    tap.equal (stored (), before, "and stored nothing of what was sent to it")
    tap.ok ("a newer broker holds the epoch" in net.broker.log (), "its log says what to do")
    try:
        b.connect ()
        said = "Welcome"
    except kaskclient.Refused as fault:
        said = str (fault)
    tap.equal (said, "STANDBY", "a new hello is answered so, too")
    b.endpoint = endpoint.read_text ().strip ()
    b.connect ()
    b.wait (lambda: any (a.outcome == pb.ACCEPTED and not a.repeated for a in b.answers[-1:]), what="ACCEPTED")
    tap.equal (stored (), before + 1, "the other takes it, once")


with Network ("second-broker", heartbeat="30 s") as net:
    a, b = net.pair ()
    tap.run (by_mistake, the_first_stands_still)
