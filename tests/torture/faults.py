"""
faults - what goes wrong, when and for how long: drawn from the seed before the run begins.

Each thing that can break (broker, database, a party, its system, its line, the operator) has a
time-line of its own; on one line nothing overlaps, across lines everything may.  A fault is a pair of
functions of the world (world.py): `begin` returns what it did, for the log, or None where there
was nothing to do it to; `end` puts it right as a service manager or time would, and is called
again until it does not raise.
"""
import collections
import os
import random
import signal

Fault = collections.namedtuple ("Fault", "name weight least most begin end")
Planned = collections.namedtuple ("Planned", "at seconds fault line thing draw")

SETTLED_AT_ONCE = 8


def nothing (_world, _thing, _draw):
    return ""


def resume (world, thing, _draw):
    world.signal (thing, signal.SIGCONT)


# ---------------------------------------------------------------- broker

def broker_is_killed (world, _thing, _draw):
    world.net.broker.kill ()
    return f"kill -9 of kaskd {world.net.broker.process.pid}"


def broker_starts (world, _thing, _draw):
    if not world.net.broker.is_running ():
        world.net.start_broker (wait=False)


def broker_freezes (world, thing, _draw):
    return world.signal (thing, signal.SIGSTOP)


def broker_is_asked_to_end (world, _thing, _draw):
    world.net.broker.signal (signal.SIGTERM)
    return "SIGTERM to kaskd"


def broker_has_ended (world, _thing, _draw):
    code = world.net.broker.stop ()
    if code not in (0, None):
        world.hands.append (f"kaskd, asked to end, ended with {code}")
    world.net.start_broker (wait=False)


def second_broker_starts (world, _thing, _draw):
    world.second = world.net.program ("second", world.net.broker.argv).start ()
    return "a second kaskd with the same configuration"


def second_broker_has_ended (world, _thing, _draw):
    if world.second.is_running () and world.net.broker.is_running ():
        world.hands.append ("a second kaskd ran beside the first, on the same endpoint")
    world.second.kill ()


def clock_goes_wrong (world, _thing, draw):
    world.shift.write_text (str (draw.choice ((-3600000, -90000, 45000, 3600000))))
    return f"the broker's clock is shifted by {world.shift.read_text ()} ms"


def clock_is_right (world, _thing, _draw):
    world.shift.write_text ("0")


# ---------------------------------------------------------------- database

def backends (world):
    return [int (pid) for (pid,) in world.net.cluster.sql ("SELECT pid FROM pg_stat_activity WHERE application_name LIKE 'kaskd%' ORDER BY pid")]


def backend_is_killed (world, _thing, draw):
    pids = backends (world)
    if not pids:
        return None
    os.kill (draw.choice (pids), signal.SIGKILL)
    return "kill -9 of a backend of the broker: PostgreSQL starts anew"


def backend_freezes (world, _thing, draw):
    pids = backends (world)
    if not pids:
        return None
    world.frozen_backend = draw.choice (pids)
    os.kill (world.frozen_backend, signal.SIGSTOP)
    return f"SIGSTOP of backend {world.frozen_backend}"


def backend_thaws (world, _thing, _draw):
    pid, world.frozen_backend = world.frozen_backend, None
    if pid is not None:
        try:
            os.kill (pid, signal.SIGCONT)
        except ProcessLookupError:
            pass


def database_stops (world, _thing, _draw):
    world.net.cluster.stop ("immediate")
    return "immediate stop of PostgreSQL"


def database_starts (world, _thing, _draw):
    world.net.cluster.start ()


def commits_are_slow (world, _thing, draw):
    wait = draw.choice ((20000, 50000, 100000))
    world.net.cluster.sql (f"ALTER SYSTEM SET commit_delay = {wait}")
    world.net.cluster.sql ("ALTER SYSTEM SET commit_siblings = 0")
    world.net.cluster.sql ("SELECT pg_reload_conf ()")
    return f"each commit's fsync takes {wait // 1000} ms longer"


def commits_are_usual (world, _thing, _draw):
    world.net.cluster.sql ("ALTER SYSTEM RESET ALL")
    world.net.cluster.sql ("SELECT pg_reload_conf ()")


def database_disk_fills (world, _thing, _draw):
    return world.fill (world.net.folder / "pg")


def database_disk_has_room (world, _thing, _draw):
    world.make_room (world.net.folder / "pg")
    world.net.cluster.start ()


# ---------------------------------------------------------------- parties

def party_is_killed (world, party, _draw):
    party.program.kill ()
    party.copy ()
    return f"kill -9 of {party.name}; its state was copied"


def party_loses_power (_world, party, _draw):
    party.cut_power ()
    return f"{party.name}'s power is cut: what its store had not synced is lost"


def party_starts (_world, party, _draw):
    if not party.program.is_running ():
        party.start ()


def party_freezes (world, party, _draw):
    return world.signal (party, signal.SIGSTOP)


def party_is_restored (_world, party, _draw):
    if not party.has_copy ():
        return None
    party.program.kill ()
    party.put_back ()
    return f"{party.name}'s outbox and inbox are those of its last copy"


def keys_change (_world, party, draw):
    what = draw.choice (((), ("identity",)))
    party.rotate (*what)
    return f"{party.name} changes {'all its keys' if what else 'its connection and sealing keys'}"


def party_disk_fills (world, party, _draw):
    return world.fill (party.disk)


def party_disk_has_room (world, party, _draw):
    world.make_room (party.disk)


def system_is_locked (_world, party, _draw):
    return party.lock ()


def system_is_free (_world, party, _draw):
    party.unlock ()


# ---------------------------------------------------------------- lines

def line_is_cut (_world, party, _draw):
    party.line.cut ()
    return f"{party.name}'s connections are cut"


def line_stalls (_world, party, draw):
    ways = draw.choice (({"up"}, {"down"}, {"up", "down"}))
    party.line.stall (ways)
    return f"nothing comes through {' or '.join (sorted (ways))} {party.name}'s line"


def line_is_slow (_world, party, draw):
    seconds = draw.choice ((0.02, 0.1, 0.3))
    party.line.slow (seconds)
    return f"{party.name}'s line takes {seconds} s longer for each piece"


def line_breaks_frames (_world, party, draw):
    n = draw.randrange (1, 5)
    party.line.break_frames (n)
    return f"{party.name}'s line ends {n} times in mid-frame"


def line_doubles (_world, party, _draw):
    return f"the first {party.line.double ()} bytes of {party.name}'s connection come twice"


def line_is_mended (_world, party, _draw):
    party.line.mend ()


def packets_are_dropped (world, party, draw):
    return world.drop_packets (party.line.port, draw.choice (("dport", "sport", "both")))


def packets_come_through (world, party, _draw):
    world.drop_no_packets (party.line.port)


# ---------------------------------------------------------------- operator

def agreement_ends (world, _thing, draw):
    world.ended = draw.sample ([p.name for p in world.parties], 2)
    world.kask ("agreement", "revoke", *world.ended)
    return f"the agreement of {' to '.join (world.ended)} ends"


def agreement_begins (world, _thing, _draw):
    world.kask ("agreement", "allow", *world.ended)


def dead_letters_are_settled (world, _thing, draw):
    numbers = world.dead_letters ()
    for number in (chosen := draw.sample (numbers, min (SETTLED_AT_ONCE, len (numbers)))):
        what = draw.choice (("replay", "replay", "return", "drop"))
        world.kask ("dead", what, number, *(("given up",) if what == "drop" else ()), check=False)
    return f"{len (chosen)} of {len (numbers)} dead letters are replayed, returned or dropped"


LINES = {
    "broker": (6, (
        Fault ("broker killed", 4, 0, 2, broker_is_killed, broker_starts),
        Fault ("broker frozen", 2, 0.2, 6, broker_freezes, resume),
        Fault ("broker ended", 1, 0, 1, broker_is_asked_to_end, broker_has_ended),
        Fault ("second broker", 1, 2, 3, second_broker_starts, second_broker_has_ended),
        Fault ("clock wrong", 1, 1, 5, clock_goes_wrong, clock_is_right))),
    "database": (8, (
        Fault ("backend killed", 3, 0, 0, backend_is_killed, nothing),
        Fault ("backend frozen", 2, 0.5, 4, backend_freezes, backend_thaws),
        Fault ("database stopped", 3, 0, 3, database_stops, database_starts),
        Fault ("slow fsync", 2, 2, 6, commits_are_slow, commits_are_usual),
        Fault ("database's disk full", 1, 1, 3, database_disk_fills, database_disk_has_room))),
    "party": (8, (
        Fault ("party killed", 4, 0, 2, party_is_killed, party_starts),
        Fault ("party's power cut", 2, 0, 2, party_loses_power, party_starts),
        Fault ("party frozen", 2, 0.2, 6, party_freezes, resume),
        Fault ("outbox restored", 1, 0, 1, party_is_restored, party_starts),
        Fault ("keys changed", 1, 0, 0, keys_change, nothing),
        Fault ("party's disk full", 1, 1, 4, party_disk_fills, party_disk_has_room))),
    "system": (10, (
        Fault ("system locked", 1, 0.5, 6, system_is_locked, system_is_free),)),
    "line": (6, (
        Fault ("line cut", 3, 0, 0, line_is_cut, nothing),
        Fault ("line stalled", 3, 0.5, 8, line_stalls, line_is_mended),
        Fault ("line slow", 2, 1, 6, line_is_slow, line_is_mended),
        Fault ("line broken in mid-frame", 2, 1, 4, line_breaks_frames, line_is_mended),
        Fault ("connection doubled", 1, 0, 0, line_doubles, nothing),
        Fault ("packets dropped", 2, 0.5, 8, packets_are_dropped, packets_come_through))),
    "operator": (8, (
        Fault ("agreement ended", 1, 0.5, 3, agreement_ends, agreement_begins),
        Fault ("dead letters settled", 2, 0, 0, dead_letters_are_settled, nothing))),
}


def plan_line (chance, line, thing, seconds):
    pause, faults = LINES[line]
    at = chance.uniform (0, pause)
    while at < seconds:
        fault = chance.choices (faults, [f.weight for f in faults])[0]
        length = chance.uniform (fault.least, fault.most)
        yield Planned (at, min (length, seconds - at), fault, line, thing, random.Random (chance.random ()))
        at += length + chance.expovariate (1 / pause)


def plan (seed, seconds, parties):
    """All faults of a run, in the order of their beginning; `parties`: objects for the lines that each of them has."""
    things = [(line, None) for line in ("broker", "database", "operator")]
    things += [(line, party) for party in parties for line in ("party", "system", "line")]
    faults = [p for line, thing in things for p in plan_line (random.Random (f"{seed} {line} {getattr (thing, 'name', '')}"), line, thing, seconds)]
    return sorted (faults, key=lambda p: p.at)
