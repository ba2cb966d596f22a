#!/usr/bin/python3
"""kask.1 is held against the table of commands, by what kask --help prints from it."""
import pathlib
import re
import subprocess
import sys

sys.path.insert (0, str (pathlib.Path (__file__).resolve ().parents[1] / "lib"))
import os           # noqa: E402
import tap          # noqa: E402

TOP = pathlib.Path (__file__).resolve ().parents[2]
KASK = pathlib.Path (os.environ.get ("KASK_BUILD", TOP / "build-test")) / "kask"


def said (*argv):
    return subprocess.run ([KASK, *argv], text=True, capture_output=True, check=True).stdout


def the_manual_has_every_command ():
    manual = (TOP / "broker/kask.1").read_text ().replace ("\\-", "-")
    entries = re.findall (r"^\.B (kask .*)\n(.*)\n\.br\nExample:\n\.B (.*)$", manual, re.M)
    commands = [line.strip () for line in said ("--help").splitlines () if re.match (r"  [a-z]+( |$)", line)]
    tap.equal ([heading for heading, _, _ in entries], [f"kask {command}" for command in commands], "the same commands and arguments, in the same order")
    for heading, text, example in entries:
        words = re.match (r"kask ((?:[a-z]+ ?){1,2})", heading).group (1).split ()
        lines = said (*words, "--help").splitlines ()
        help_text = " ".join (line.strip () for line in lines[1:-1])
        tap.equal ((text.rstrip ("."), f"example: {example}"), (help_text, lines[-1].strip ()), f"help and example of {' '.join (words)}")


def the_help_names_every_kind ():
    words = re.findall (r"[\w-]+", said ("offering", "list", "--help"))
    kinds = re.findall (r'^CODE \(KIND, +"\w*", "([\w-]+)"', (TOP / "proto/codes.def").read_text (), re.M)
    tap.ok (kinds and all (kind in words for kind in kinds), f"all {len (kinds)} kinds of offerings")


tap.run (the_manual_has_every_command, the_help_names_every_kind)
