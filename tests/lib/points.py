"""
points - where programs make something durable or tell somebody, from their source; and stopping them there.

A point is a call, in the source, of a function below.  The programs …-points are linked with a stopper at each of them
(tests/crash/points.h), so the same calls are found in what the compiler made, too; a point that is not there is a mistake
of this table.  A file says to a running program which call shall be its last.
"""
import collections
import contextlib
import mmap
import pathlib
import re
import signal
import struct
import subprocess
import time

import tap
from network import BUILD, TOP

BEFORE, AFTER = 1, 2
SIDES = {BEFORE: "before", AFTER: "after"}
PLACES = 31   # as points.c has it
PATIENCE_S, TRIES, SLOW_S = 1.0, 40, 5.0
LINES_APART = 6   # a call of several lines: the compiler names one of them

BROKER = ("database_put", "PQpipelineSync", "wire_send", "session_reply", "session_fault", "zmq_send", "send", "rename", "fsync")
SDK = ("store_commit", "store_leave", "dealer_send", "zmq_send", "port->send")
ADAPTER = ("kask_commit", "kask_send", "kask_publish", "kask_withdraw", "kask_done", "kask_later", "kask_crashed", "kask_refused",
           "kask_answer_noted", "file_write", "file_move", "fsync", "renameat", "renameat2", "unlinkat", "curl_easy_perform",
           "MHD_queue_response")

# In what a person types and, where it was stopped, types again.
BY_HAND = {("keypair.c", "write_all"), ("identity.c", "identity_make"), ("identity.c", "identity_rotate"), ("setup.c", "kask_recover"),
           ("setup.c", "store_joined"), ("keyring.c", "keyring_pin"), ("keyring.c", "keyring_unpin")}

# Of libkask, what only kask-adapter's dialogues call, or a message that cannot be opened.
BY_ADAPTER = {("handling.c", "handling_later"), ("handling.c", "handling_crashed"), ("handling.c", "die_unopened")}

Point = collections.namedtuple ("Point", "function file line within")


def is_by_hand (point):
    return (point.file, point.within) in BY_HAND


def is_by_adapter (point):
    return (point.file, point.within) in BY_ADAPTER


def name (point):
    return f"{point.function} in {point.within}, {point.file}:{point.line}"


def calls (path, functions):
    """Each call in a file; what a file defines is one with its own calls of it."""
    text, within = path.read_text (), ""
    for function in functions:
        if re.search (rf"(?m)^{re.escape (function)} \(", text):
            continue
        for number, line in enumerate (text.splitlines (), 1):
            within = (re.match (r"(\w+) \(", line) or [None, within])[1]
            if re.search (rf"(?<![\w>]){re.escape (function)} \(" if ">" not in function else rf"{re.escape (function)} \(", line) \
                    and not line.lstrip ().startswith (("//", "*")):
                yield Point (function, path.name, number, within)


def in_source (files, functions):
    return [point for path in files for point in calls (path, functions)]


def in_program (program, functions):
    """(function, file, line, place) of each call of a wrapper, and of each call through a pointer (function: "*")."""
    code = subprocess.run (["objdump", "-d", "--no-show-raw-insn", program], text=True, capture_output=True, check=True).stdout
    found, waiting = [], None
    for at, instruction in re.findall (r"(?m)^ +([0-9a-f]+):\t(.*)$", code):
        if waiting:
            found.append ((waiting, int (at, 16)))
        call = re.match (r"call +(?:[0-9a-f]+ <__wrap_(\w+)>|(\*))", instruction)
        waiting = call and (call[1] or call[2])
    asked = "".join (f"{place - 1:x}\n" for _, place in found)
    lines = subprocess.run (["addr2line", "-e", program], input=asked, text=True, capture_output=True, check=True).stdout.splitlines ()
    for (function, place), line in zip (found, lines):
        where = re.match (r"(.*/)?([^/]+):(\d+)", line)
        if where and (function in functions or function == "*"):
            yield function, where[2], int (where[3]), place


def places (program, files, functions):
    """Point -> its places in the program."""
    points = {point: [] for point in in_source (files, functions)}
    for function, file, line, place in in_program (program, functions):
        near = [p for p in points if p.file == file and (p.function == function or function == "*" and ">" in p.function)
                and abs (p.line - line) <= (0 if function == "*" else LINES_APART)]
        if near:
            points[min (near, key=lambda p: abs (p.line - line))].append (place)
    return points


def sources (*folders):
    return sorted (path for folder in folders for path in (TOP / folder).glob ("*.c"))


def of_broker ():
    """Without ask.c, which is the operator's command alone."""
    return places (BUILD / "kaskd-points", [path for path in sources ("broker") if path.name != "ask.c"], BROKER)


def of_sdk (program):
    return places (BUILD / program, sources ("adapters/sdk"), SDK)


def of_adapter ():
    return places (BUILD / "kask-adapter-points", sources ("adapters", "adapters/cmd", "adapters/connectors"), ADAPTER)


class Aim:
    """The file that a program's stopper looks at."""

    def __init__ (self, path):
        self.path = pathlib.Path (path)
        self.path.write_bytes (bytes (8 * (1 + PLACES)))
        with open (path, "r+b") as file:
            self.memory = mmap.mmap (file.fileno (), 0)

    def at (self, side, wanted):
        """The places first: a stopper that sees the side sees them."""
        self.memory[8:] = struct.pack (f"={PLACES}Q", *wanted, *[0] * (PLACES - len (wanted)))
        self.memory[:8] = struct.pack ("=Q", side)

    def at_nothing (self):
        self.memory[:8] = bytes (8)

    @contextlib.contextmanager
    def held (self, side, wanted):
        self.at (side, wanted)
        try:
            yield
        finally:
            self.at_nothing ()


class Victim:
    """A program that runs and is stopped at its points: `program` gives it, `start` starts it if it does not run."""

    def __init__ (self, name, found, aim, program, start):
        self.name, self.aim, self.program, self.start = name, aim, program, start
        self.points = {point: places for point, places in found.items () if not is_by_hand (point)}
        self.missed = []

    def has_stopped (self):
        deadline = time.monotonic () + PATIENCE_S
        while time.monotonic () < deadline:
            if not self.program ().is_running ():
                return True
            time.sleep (0.02)
        return False

    def stop_at (self, side, wanted, stirs):
        """True if it was stopped there; `stirs` make rare things happen, one after the other."""
        with self.aim.held (side, wanted):
            for i in range (TRIES):
                if self.has_stopped ():
                    break
                stirs[i % len (stirs)] (self)
        hit = not self.program ().is_running () and self.program ().process.returncode == -signal.SIGKILL
        self.start ()
        return hit

    def stop_at_each (self, step, stirs):
        begun = time.monotonic ()
        for point, wanted in list (self.points.items ())[::step]:
            for side, word in SIDES.items ():
                since = time.monotonic ()
                if not wanted or not self.stop_at (side, wanted, stirs):
                    self.missed.append (f"{word} {name (point)}")
                elif time.monotonic () - since > SLOW_S:
                    tap.note (f"{time.monotonic () - since:.0f} s until {word} {name (point)}")
        tap.note (f"{self.name}: {time.monotonic () - begun:.0f} s")

    def say_which_are_places (self):
        lost = [name (point) for point, wanted in self.points.items () if not wanted]
        tap.equal (lost, [], f"each of {len (self.points)} points in the source of {self.name} is a place in the program")

    def say_which_were_hit (self):
        tap.equal (self.missed, [], f"{self.name} was stopped at each point tried")
