#!/usr/bin/python3
"""The model of delivery at its full sizes: two senders, three acts each, every fault, a restored outbox."""
import pathlib
import sys

sys.path.insert (0, str (pathlib.Path (__file__).resolve ().parents[1] / "lib"))
import spin   # noqa: E402
import tap    # noqa: E402


def one_send_of_each_under_way ():
    # by a hash of 64 bits a state (hash compaction): two states of 25 millions that share one are unlikely
    result = spin.check ("delivery.pml", "FLIGHT=1", options=["-w25"], compiler=["-DSAFETY", "-DHC4"], seconds=280)
    tap.ok (not result.errors, f"one Send of each under way; every state: {result}")


tap.run (one_send_of_each_under_way)
