#!/usr/bin/python3
"""The model of a referral, whose rule is referral.def itself: both adapters agree with the broker once all is heard."""
import pathlib
import sys

sys.path.insert (0, str (pathlib.Path (__file__).resolve ().parents[1] / "lib"))
import spin   # noqa: E402
import tap    # noqa: E402


def holds (name, *defines):
    result = spin.check ("referral.pml", *defines)
    tap.ok (not result.errors, f"{name}; every state: {result}")
    if result.errors:
        tap.note (result.problem ())


def the_receiver_acts_twice ():
    holds ("one act of the referrer, two of the receiver", "ACTS_R=1", "ACTS_V=2")


def the_referrer_acts_twice ():
    holds ("two acts of the referrer, one of the receiver", "ACTS_R=2", "ACTS_V=1")


def a_sown_mistake_is_found ():
    result = spin.check ("referral.pml", "ACTS_R=1", "ACTS_V=2", "STANDING_FALLS")
    tap.ok ("assertion violated" in result.said, f"found: an adapter takes an older standing for the newer one ({result})")


tap.run (the_receiver_acts_twice, the_referrer_acts_twice, a_sown_mistake_is_found)
