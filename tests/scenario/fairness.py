#!/usr/bin/python3
"""
What one bad partner costs the others: floods with messages or pings, stalls, never takes, reconnects in a loop.

A pair that exchanges messages at a steady rate is measured alone and beside each bad partner, in turn, on a
build without sanitizers.  Broker, database and pair have a core to themselves; the bad one has another, so that the
broker is measured and not what the bad one takes of the machine.
"""
import json
import os
import pathlib
import re
import statistics
import subprocess
import sys
import time

sys.path.insert (0, str (pathlib.Path (__file__).resolve ().parents[1] / "lib"))
import plain                         # noqa: E402,F401  (before network)
from network import BUILD, Network   # noqa: E402
import tap                           # noqa: E402

KINDS = ("flood", "ping", "stall", "silent", "reconnect")
ROUNDS = int (os.environ.get ("KASK_ROUNDS", "2"))
RATE, SECONDS, SIZE = 300, 3, 1024
BEFORE_S, BEHIND_S = 1, 2      # the bad one begins so long before the measuring, and ends behind it
LOST, SLOWER = 0.1, 2.0        # must stay below


class Bench:
    """A kask-bench with two partners of its own."""

    def __init__ (self, tag, *before):
        folder = net.folder / tag
        folder.mkdir ()
        self.program = subprocess.Popen ([*before, BUILD / "kask-bench", folder, tag, "1"], text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.program.stdout.readline ()
        for request in folder.iterdir ():
            answer = net.add_partner (request.read_text ())
        net.kask ("agreement", "allow", f"{tag}-a1", f"{tag}-b1")
        self.say (f"{net.endpoint} {re.search (r'broker_key = (.*)', answer).group (1)}")

    def say (self, line):
        self.program.stdin.write (f"{line}\n")
        self.program.stdin.flush ()

    def result (self):
        out, _ = self.program.communicate (timeout=120)
        assert self.program.returncode == 0, f"kask-bench ended with {self.program.returncode}"
        return json.loads (out.splitlines ()[-1])


def measure (tag):
    bench = Bench (tag)
    bench.say (f"paced {RATE * SECONDS} {SIZE} {RATE}")
    return bench.result ()


def beside (kind, tag):
    bad = Bench (f"bad-{tag}", "nice", "-n", "19", "taskset", "-c", str (bad_core))
    bad.say (f"hostile {kind} {BEFORE_S + SECONDS + BEHIND_S}")
    assert bad.program.stdout.readline ().strip () == "begun"
    time.sleep (BEFORE_S)
    return measure (tag), bad.result ()


def costs (kind):
    alone, with_it, did = [], [], []
    for i in range (ROUNDS):
        alone.append (measure (f"{kind}-alone{i}"))
        result, bad = beside (kind, f"{kind}{i}")
        with_it.append (result)
        did.append (bad["done"])
    rate, p50, p99 = ([statistics.median (r[key] for r in results) for results in (alone, with_it)] for key in ("per_second", "p50_us", "p99_us"))
    tap.note (f"{kind}: {statistics.median (did):.0f} times; alone {rate[0]:.0f}/s p50 {p50[0]:.0f} us p99 {p99[0]:.0f} us, "
              f"beside it {rate[1]:.0f}/s p50 {p50[1]:.0f} us ({p50[1] / p50[0]:.2f} x) p99 {p99[1]:.0f} us ({p99[1] / p99[0]:.2f} x)")
    tap.ok (min (did) > 100, f"{kind}: it was bad")
    tap.ok (rate[1] > rate[0] * (1 - LOST), f"{kind}: costs the others less than a tenth of their rate")
    tap.ok (p50[1] < p50[0] * SLOWER, f"{kind}: and less than double their latency")


def nothing_else_happened ():
    tap.ok (net.broker.is_running (), "the broker still runs")


cores = sorted (os.sched_getaffinity (0))
good_core, bad_core = cores[0], cores[-1]
os.sched_setaffinity (0, {good_core})
with Network ("fairness") as net:
    tap.run (*(lambda kind=kind: costs (kind) for kind in KINDS), nothing_else_happened)
