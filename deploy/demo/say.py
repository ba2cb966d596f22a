"""
say - what a person reads while the network comes up: steps with their time, and trouble.
"""
import io
import os
import shutil
import sys
import time

started = time.time ()


class _Patient (io.FileIO):
    """A reader that has gone away (quickstart stop | head -1) does not stop the work half-way."""

    def write (self, data):
        try:
            return super ().write (data)
        except BrokenPipeError:
            return len (data)


def go_on_unread ():
    """From now on what is printed may find nobody who reads it."""
    sys.stdout.flush ()
    raw = _Patient (sys.stdout.fileno (), "w", closefd=False)
    sys.stdout = io.TextIOWrapper (io.BufferedWriter (raw), encoding=sys.stdout.encoding, errors="replace", line_buffering=True)


class Trouble (Exception):
    """Something that a person must know: what happened, what to do, and the log that says more."""

    def __init__ (self, what, todo="", log=None):
        super ().__init__ (what)
        self.what, self.todo, self.log = what, todo, log


def step (text):
    print (f"{time.time () - started:4.0f} s  {text}", flush=True)


def heading (text):
    print (f"\n{bold (text)}", flush=True)


def room ():
    """Columns of the terminal; 0 where the output is none."""
    return shutil.get_terminal_size ().columns if sys.stdout.isatty () else 0


def bold (text):
    return f"\033[1m{text}\033[0m" if sys.stdout.isatty () and os.environ.get ("TERM") != "dumb" else text


def trouble (problem):
    print (f"quickstart: {problem.what}", file=sys.stderr)
    if problem.log and os.path.exists (problem.log):
        with open (problem.log, encoding="utf-8", errors="replace") as log:
            for line in log.readlines ()[-8:]:
                print (f"    {line.rstrip ()}", file=sys.stderr)
        print (f"  the whole log: {problem.log}", file=sys.stderr)
    if problem.todo:
        print (f"  what to do: {problem.todo}", file=sys.stderr)


def until (what, look, seconds, log=None, todo=""):
    """Looks until it is there, and gives it; Trouble after that many seconds."""
    deadline = time.monotonic () + seconds
    while True:
        found = look ()
        if found:
            return found
        if time.monotonic () > deadline:
            raise Trouble (f"after {seconds} s still not: {what}; the network was left as it is", todo or
                           "deploy/quickstart status shows what runs; deploy/quickstart tries again", log)
        time.sleep (0.1)
