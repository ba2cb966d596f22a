"""
plain - a build without sanitizers, for what is measured; import it before network.

In build-plain/ of the checkout, made when it is not there, unless KASK_PLAIN_BUILD names one;
one that is there is built with the options that it has.
"""
import fcntl
import os
import pathlib
import subprocess

PROGRAMS = ("kask-bench", "kask-bench-sdk", "kask-test-backlog", "kask-test-setup", "kask-test-partner")
TOP = pathlib.Path (__file__).resolve ().parents[2]


def build ():
    folder = pathlib.Path (os.environ.get ("KASK_PLAIN_BUILD", TOP / "build-plain")).resolve ()
    folder.mkdir (exist_ok=True)
    with open (folder / "lock", "w") as lock:   # tests run side by side
        fcntl.flock (lock, fcntl.LOCK_EX)
        make (folder)
    os.environ["KASK_BUILD"] = str (folder)


def make (folder):
    options = folder / "options"
    subprocess.run ([TOP / "deploy/build", folder, *(options.read_text ().split () if options.exists () else ())], check=True)
    subprocess.run (["make", "-s", f"-j{os.cpu_count ()}", *PROGRAMS], cwd=folder, check=True, stdout=subprocess.DEVNULL)


build ()
