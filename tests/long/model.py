#!/usr/bin/python3
"""The models at their full sizes."""
import pathlib
import sys

sys.path.insert (0, str (pathlib.Path (__file__).resolve ().parents[1] / "lib"))
import spin   # noqa: E402
import tap    # noqa: E402


def holds (name, model, *defines):
    # by a hash of 64 bits a state (hash compaction): that two states of some millions share one is unlikely
    result = spin.check (model, *defines, options=["-w26"], compiler=["-DSAFETY", "-DHC4"], megabytes=4000, seconds=900)
    tap.ok (not result.errors, f"{name}; every state: {result}")


def one_send_of_each_under_way ():
    holds ("two senders, one Send of each under way, a restored outbox", "delivery.pml", "FLIGHT=1")


def two_acts_of_each ():
    holds ("two acts of each party of a referral", "referral.pml", "ACTS_R=2", "ACTS_V=2")


tap.run (one_send_of_each_under_way, two_acts_of_each)
