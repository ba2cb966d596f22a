#!/usr/bin/python3
"""
Traces of broker and libkask under crashes are paths of the model of delivery; doctored ones are not.

All programs append to one file, each line by one write, so that its order is that of the steps.
KASK_TRACES and KASK_SEED choose another run.
"""
import os
import pathlib
import random
import re
import signal
import subprocess
import sys
import time

sys.path.insert (0, str (pathlib.Path (__file__).resolve ().parents[1] / "lib"))
from network import BUILD, Network, Program, Setup   # noqa: E402
import spin                                           # noqa: E402
import tap                                            # noqa: E402

TRACES = int (os.environ.get ("KASK_TRACES", "100"))
SEED = int (os.environ.get ("KASK_SEED", "1"))
SENDERS, RECEIVER, ACTS = ("alfa", "bravo"), "charlie", 3
SENT, TOLD, DECIDED, EFFECT, SENDER_KILLED, RECEIVER_KILLED, BROKER_KILLED, OVER = 1, 2, 3, 4, 5, 6, 7, 15


class Round:
    """What was said since it began, as lines of the model: (step, sender, number)."""

    def __init__ (self, no):
        self.acts = no * ACTS            # of each sender, before
        self.begins_at = shared.stat ().st_size
        self.numbers, self.sequences = {}, {}
        for i, name in enumerate (SENDERS):
            row = net.cluster.sql (f"SELECT next_number, next_sequence FROM lane WHERE recipient = {numbers[RECEIVER]} AND sender = {numbers[name]}")
            self.numbers[i], self.sequences[i] = map (int, row[0]) if row else (1, 1)

    def text (self):
        with open (shared, encoding="utf-8", errors="replace") as file:
            file.seek (self.begins_at)
            return file.read ()

    def line (self, text):
        if found := re.match (rf"(\w+) sending: (goes out|did not go) recipient={RECEIVER} number=(\d+)", text):
            sender = SENDERS.index (found[1])
            return (SENT, sender, int (found[3]) - self.numbers[sender] + 1), found[2] == "goes out"
        if found := re.match (r"(\w+) told (\d+)$", text):
            return (TOLD, SENDERS.index (found[1]), int (found[2]) - self.acts - 1), True
        if found := re.match (rf"{RECEIVER} effect (\w+) (\d+)$", text):
            sender = SENDERS.index (found[1])
            return (EFFECT, sender, int (found[2]) - self.sequences[sender] + 1), True
        if found := re.search (rf"outcome: decided partner=(\d+) recipient={numbers[RECEIVER]} number=(\d+) ", text):
            sender = SENDERS.index (names[int (found[1])])
            return (DECIDED, sender, int (found[2]) - self.numbers[sender] + 1), True
        if found := re.match (r"killed (\w+)$", text):
            return {"broker": (BROKER_KILLED, 0, 0), RECEIVER: (RECEIVER_KILLED, 0, 0), "alfa": (SENDER_KILLED, 0, 0),
                    "bravo": (SENDER_KILLED, 1, 0)}[found[1]], True
        return None, True

    def trace (self):
        lines = []
        for text in self.text ().splitlines ():
            line, happened = self.line (text)
            if line and not happened:
                del lines[len (lines) - 1 - lines[::-1].index (line)]
            elif line and not (line[0] in (TOLD, EFFECT) and line in lines):   # may be said again after a kill
                lines.append (line)
        return lines

    def is_over (self):
        lines = self.trace ()
        return all (sum (1 for line in lines if line[0] == step) == ACTS * len (SENDERS) for step in (TOLD, EFFECT)) and is_settled ()


def is_settled ():
    return net.cluster.value (f"SELECT count (*) FROM lane WHERE recipient = {numbers[RECEIVER]} AND done + 1 <> next_sequence") == "0"


def note (text):
    with open (shared, "ab", buffering=0) as file:
        file.write (text.encode () + b"\n")


def kill (victim):
    if victim == "database":
        for pid, in net.cluster.sql ("SELECT pid FROM pg_stat_activity WHERE application_name LIKE 'kaskd%'"):
            os.kill (int (pid), signal.SIGKILL)
            break
        return
    program = net.broker if victim == "broker" else programs[victim]
    program.kill ()
    note (f"killed {victim}")
    if victim == "broker":
        net.start_broker ()
    else:
        program.start ()


def one_round (no, kills):
    this = Round (no)
    for goal in goals.values ():
        goal.with_suffix (".new").write_text (str ((no + 1) * ACTS))
        goal.with_suffix (".new").rename (goal)
    for _ in range (kills):
        time.sleep (chance.uniform (0, 0.08))   # the moment of the fault is drawn
        kill (chance.choices (["alfa", "bravo", RECEIVER, "broker", "database"], [4, 4, 4, 2, 1])[0])
    tap.until (f"round {no} is over", this.is_over, 60, 0.05)
    return this.trace ()


def is_path (trace):
    path = pan.parent / "lines"
    path.write_text (" ".join (str (step * 16 + sender * 8 + number) for step, sender, number in [*trace, (OVER, 0, 0)]))
    said = subprocess.run ([pan, "-m10000", "-w18"], cwd=pan.parent, text=True, timeout=120, env={**os.environ, "KASK_TRACE": str (path)},
                           stdout=subprocess.PIPE, stderr=subprocess.STDOUT).stdout
    if "assertion violated 0" in said:
        return True
    if "errors: 0" not in said or "not completed" in said:
        raise RuntimeError (f"the verifier says neither yes nor no: {said[-1500:]}")
    return False


def traces_replay ():
    global quiet
    quiet = one_round (0, 0)
    traces = [quiet, *[one_round (no, chance.randint (1, 3)) for no in range (1, TRACES)]]
    strange = [trace for trace in traces if not is_path (trace)]
    killed = sum (line[0] in (SENDER_KILLED, RECEIVER_KILLED, BROKER_KILLED) for trace in traces for line in trace)
    again = sum (len (trace) - len (set (trace)) for trace in traces)
    tap.note (f"{sum (map (len, traces))} lines, {killed} kills of programs, {again} lines of repetition, seed {SEED}")
    tap.equal (strange[:2], [], f"{TRACES} traces replay")


def doctored_traces_do_not ():
    swapped = [{(EFFECT, 0, 1): (EFFECT, 0, 2), (EFFECT, 0, 2): (EFFECT, 0, 1)}.get (line, line) for line in quiet]
    early = [(TOLD, 0, 0), *[line for line in quiet if line != (TOLD, 0, 0)]]
    lost = [line for line in quiet if line != (EFFECT, 1, 2)]
    undecided = [line for line in quiet if line != (DECIDED, 1, 1)]
    for name, trace in (("two effects swapped", swapped), ("told before it was sent", early), ("an effect left out", lost),
                        ("told what was never decided", undecided)):
        tap.ok (not is_path (trace), f"refused: {name}")


chance = random.Random (SEED)
pan = spin.make ("delivery.pml", "TRACE", "FLIGHT=3", "INBOX=3", "UNREPORTED=3")
with Network ("traces", heartbeat="1 s", log_level="debug") as net:
    shared = net.folder / "trace.log"
    setups = {name: Setup (net, name) for name in (*SENDERS, RECEIVER)}
    for name in SENDERS:
        setups[name].pin (setups[RECEIVER])
        setups[RECEIVER].pin (setups[name])
        net.kask ("agreement", "allow", name, RECEIVER)
    names = {int (no): name for no, name in net.cluster.sql ("SELECT no, partner FROM partner")}
    numbers = {name: no for no, name in names.items ()}
    goals = {name: net.folder / f"{name}.goal" for name in SENDERS}
    net.broker.kill ()
    net.broker.log_path = shared
    net.start_broker ()
    programs = {name: Program (name, [BUILD / "kask-test-traced", setups[name].dir, net.folder / f"{name}.goal",
                                      *([RECEIVER] if name in SENDERS else [])], shared) for name in setups}
    for program in programs.values ():
        net.programs.append (program.start ())
    tap.run (traces_replay, doctored_traces_do_not)
