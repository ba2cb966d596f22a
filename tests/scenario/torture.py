#!/usr/bin/python3
"""Three minutes of tests/torture/run; KASK_SEED and KASK_MINUTES choose another run."""
import os
import pathlib
import sys

run = pathlib.Path (__file__).resolve ().parents[1] / "torture/run"
os.execv (sys.executable, [sys.executable, "-B", str (run), "--seed", os.environ.get ("KASK_SEED", "1"), "--minutes", os.environ.get ("KASK_MINUTES", "3")])
