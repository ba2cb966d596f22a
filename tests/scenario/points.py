#!/usr/bin/python3
"""
kaskd and a program on libkask are killed right before and right after each call in their source by
which they make something durable or tell somebody, with messages under way: nothing is lost, doubled or out of order.
Every so many points; KASK_POINTS=all: each (tests/long/points.sh).  One that was not hit is a failure.
"""
import contextlib
import os
import pathlib
import random
import shutil
import signal
import subprocess
import sys

TESTS = pathlib.Path (__file__).resolve ().parents[1]
sys.path[:0] = [str (TESTS / "lib"), str (TESTS / "torture")]
from network import BUILD, kaskclient   # noqa: E402
import checker               # noqa: E402
import faults                # noqa: E402
import points                # noqa: E402
import tap                   # noqa: E402
import kask_pb2 as pb        # noqa: E402
from world import World      # noqa: E402

ALL = os.environ.get ("KASK_POINTS") == "all"
STEP = 1 if ALL else 6
UNDER_WAY, LIMIT_KIB = 50, 1 << 20
DRAIN_S = 120
MOST_ROTATIONS = 10
DONE_ONCE = ("--make-keys", "init", "unpin")   # may say that it is done already


rotations = 0


def victim_of (name, found, thing=None):
    """`thing`: a party; without it the broker, started anew as the program that can be stopped."""
    aim = points.Aim (world.net.folder / f"{name}.aim")
    env = {"KASK_POINT": str (aim.path)}
    if thing:
        thing.program_name, thing.env = "kask-test-partner-points", env
    else:
        world.net.broker.argv[0], world.net.broker.env = str (BUILD / "kaskd-points"), env
        world.net.broker.stop ()
        world.net.start_broker ()

    def start ():
        if not victim.program ().is_running ():
            thing.start () if thing else world.net.start_broker (wait=False)
    victim = points.Victim (name, found, aim, lambda: thing.program if thing else world.net.broker, start)
    victim.thing = thing
    return victim


# ---------------------------------------------------------------- what makes rare things happen

def tried (stir):
    """The broker may be stopped in the middle of it."""
    def trying (victim):
        try:
            stir (victim)
        except (RuntimeError, OSError, subprocess.SubprocessError):
            pass
    return trying


@tried
def more_is_under_way (_victim):
    world.keep_under_way (UNDER_WAY * 4)


@tried
def victim_starts_again (victim):
    victim.program ().kill ()
    victim.start ()


@tried
def victim_is_asked_to_end (victim):
    victim.program ().stop ()
    if victim.program ().process.returncode != -signal.SIGKILL:
        victim.start ()


@tried
def a_party_starts_again (_victim):
    party = draw.choice (world.parties)
    party.program.kill ()
    party.start ()


@tried
def dead_letters_are_settled (_victim):
    faults.dead_letters_are_settled (world, None, draw)


@tried
def an_offering_comes (_victim):
    for party in world.parties:
        title = str (draw.random ())
        subprocess.run ([BUILD / "kask-test-hand", "publish", party.dir, "advice", title], capture_output=True, timeout=10)


@tried
def keys_change (victim):
    """A few times: old sealing keys are kept, and there is an end to their number."""
    global rotations
    if rotations < MOST_ROTATIONS:
        rotations += 1
        (victim.thing or draw.choice (world.parties)).rotate ()


@tried
def a_stranger_is_refused (_victim):
    """Who speaks before hello, and whose version nobody has."""
    stranger.connect (hello=False)
    stranger.command (ping=pb.Ping ())
    with contextlib.suppress (kaskclient.Refused, TimeoutError):
        stranger.hello (2, version_min=9, version_max=9)


@tried
def the_operator_looks_and_acts (_victim):
    world.kask ("status")
    faults.agreement_ends (world, None, draw)
    faults.agreement_begins (world, None, draw)
    world.kask ("mailbox", "list")


@tried
def the_database_starts_again (_victim):
    world.net.cluster.end (signal.SIGQUIT)
    world.net.cluster.start ()


STIRS = (more_is_under_way, victim_is_asked_to_end, victim_starts_again, dead_letters_are_settled, an_offering_comes, a_stranger_is_refused,
         a_party_starts_again, the_operator_looks_and_acts, keys_change, the_database_starts_again)


# ---------------------------------------------------------------- commands that a person types

def commands (folder):
    """Each as words; a state folder from its beginning to its end."""
    adapter, state = BUILD / "kask-adapter-points", folder / "state"
    other = world.parties[1]
    return ([BUILD / "kaskd-points", "--make-keys", folder / "broker.key"],
            [adapter, "init", "--state", state, "--partner", "hand", "--name", "Hand", "--country", "NO"],
            [adapter, "join", "--state", state, world.net.folder / "alfa.broker"],
            [adapter, "pin", "--state", state, other.name, other.fingerprint],
            [adapter, "rotate", "--state", state],
            [adapter, "unpin", "--state", state, other.name],
            [adapter, "recover", "--state", state],
            [adapter, "fingerprint", "--state", state])


def typed (words, aim):
    return subprocess.run ([str (word) for word in words], capture_output=True, text=True, env={**os.environ, "KASK_POINT": str (aim.path)}, timeout=30)


def stopped_by_hand (aim, folder, side, places):
    """True if a command was stopped there; what it said instead of success when it was typed again, and all that follow."""
    folder.mkdir ()
    hit, wrong = False, []
    aim.at (side, places)
    for words in commands (folder):
        result = typed (words, aim)
        was_stopped = result.returncode == -signal.SIGKILL
        if was_stopped:
            hit = True
            aim.at_nothing ()
            result = typed (words, aim)
            if words[1] == "init" and typed (commands (folder)[-1], aim).returncode:   # which says: remove it
                shutil.rmtree (folder / "state")
                result = typed (words, aim)
        if result.returncode and not (was_stopped and words[1] in DONE_ONCE):
            wrong.append (f"{words[1]}: {result.stderr}")
    aim.at_nothing ()
    return hit, wrong


def commands_are_typed_again ():
    found = {**points.places (BUILD / "kaskd-points", points.sources ("broker"), points.BROKER), **points.of_sdk ("kask-adapter-points")}
    aim, missed, wrong = points.Aim (world.net.folder / "hand.aim"), [], []
    for n, (point, places) in enumerate ((p, places) for p, places in found.items () if points.is_by_hand (p)):
        for side, word in points.SIDES.items ():
            hit, said = stopped_by_hand (aim, world.net.folder / f"hand-{n}-{word}", side, places)
            missed += [] if hit else [f"{word} {points.name (point)}"]
            wrong += [f"stopped {word} {points.name (point)}, then {what}" for what in said]
    tap.equal (missed, [], "commands were stopped at each of their points")
    tap.equal (wrong, [], "typed again, they do what they are for")


# ---------------------------------------------------------------- the parts

def each_point_is_known ():
    for victim in victims:
        victim.say_which_are_places ()


def they_are_stopped_at_each ():
    for party in world.parties:
        party.start ()
        party.raise_goal (50)
    tap.until ("referrals flow", lambda: all (p.count ("SELECT count (*) FROM effect") > 10 for p in world.parties), 60)
    for victim in victims:
        victim.stop_at_each (STEP, STIRS)
        victim.say_which_were_hit ()


def gather_and_check ():
    folder = world.net.folder / "evidence"
    world.measure ()
    world.gather (folder, LIMIT_KIB)
    return checker.check (folder)


def nothing_is_lost_doubled_or_reordered ():
    def drained ():
        world.supervise ([])
        return world.settled () and not gather_and_check ()
    try:
        tap.until ("all has drained", drained, DRAIN_S, 0.5)
    except TimeoutError as problem:
        tap.note (problem)
    tap.equal (gather_and_check ()[:20], [], "none lost, none doubled, none out of order")
    seen = checker.Evidence (world.net.folder / "evidence")
    tap.note (f"{len (seen.acts)} acts, {len (seen.effects)} effects, {len (seen.dead)} dead letters")
    tap.ok (len (seen.acts) > 100, "there was something to lose")


draw = random.Random (1)
with World (False) as world:
    of_sdk = {p: places for p, places in points.of_sdk ("kask-test-partner-points").items () if not points.is_by_adapter (p)}
    victims = [victim_of ("kaskd", points.of_broker ()), victim_of ("libkask", of_sdk, world.parties[0])]
    stranger = world.net.client ("stranger", connect=False)
    tap.run (each_point_is_known, commands_are_typed_again, they_are_stopped_at_each, nothing_is_lost_doubled_or_reordered)
