#!/usr/bin/python3
"""Each step of the models names the C functions that do it, and these exist."""
import pathlib
import re
import sys

SOURCE = pathlib.Path (__file__).resolve ().parents[2]
sys.path.insert (0, str (SOURCE / "tests" / "lib"))
import tap   # noqa: E402

MODELS = sorted ((SOURCE / "proto" / "model").glob ("*.pml"))
COMMENT = re.compile (r"/\*.*?\*/", re.S)
DEFINED = {name for folder in ("broker", "adapters") for path in (SOURCE / folder).rglob ("*.c")
           for name in re.findall (r"^([a-z][a-z0-9_]*) \(", path.read_text (encoding="utf-8"), re.M)}


def named (text):
    return {word for comment in COMMENT.findall (text) for word in re.findall (r"\b[a-z][a-z0-9]*_[a-z0-9_]+\b", comment)}


def functions_exist ():
    for path in MODELS:
        names = named (path.read_text (encoding="utf-8"))
        tap.equal (names - DEFINED, set (), f"{path.name}: all {len (names)} C functions that it names exist")


def steps_have_a_comment ():
    for path in MODELS:
        lines = path.read_text (encoding="utf-8").splitlines ()
        bare = [f"{path.name}:{i + 1}" for i, line in enumerate (lines)
                if line.startswith ("    :: d_step {") and not lines[i - 1].endswith ("*/")]
        tap.equal (bare, [], f"{path.name}: each step says what does it")


tap.run (functions_exist, steps_have_a_comment)
