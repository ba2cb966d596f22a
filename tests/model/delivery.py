#!/usr/bin/python3
"""The model of delivery: what it promises holds in every state that was searched, and sown mistakes are found."""
import pathlib
import sys

sys.path.insert (0, str (pathlib.Path (__file__).resolve ().parents[1] / "lib"))
import spin   # noqa: E402
import tap    # noqa: E402

MISTAKES = {"ANSWER_EARLY": "ACCEPTED before the commit", "DONE_EARLY": "DONE before the inbox is synced",
            "WELCOME_EARLY": "Welcome while Sends of an older session wait"}


def holds (name, *defines, **more):
    result = spin.check ("delivery.pml", *defines, **more)
    tap.ok (not result.errors, f"{name}: {result}")
    if result.errors:
        tap.note (result.problem ())


def one_sender_with_a_restored_outbox ():
    holds ("one sender, two Sends under way, crashes, a restored outbox; every state", "ACTING=1")


def one_sender_whose_answers_wait ():
    holds ("the same, answers read in steps of their own, no copy; every state", "ACTING=1", "ANSWERS_WAIT", "NO_RESTORE")


def two_senders ():
    holds ("two senders, three acts each, one Send under way, crashes; every state", "FLIGHT=1", "NO_RESTORE")


def sown_mistakes_are_found ():
    for mistake, what in MISTAKES.items ():
        result = spin.check ("delivery.pml", "ACTING=1", "FLIGHT=1", mistake, depth=3000)
        tap.ok ("assertion violated" in result.said, f"found: {what} ({result})")


tap.run (one_sender_with_a_restored_outbox, one_sender_whose_answers_wait, two_senders, sown_mistakes_are_found)
