#!/usr/bin/python3
"""What `make install` puts down is enough for a program on libkask, and `make uninstall` takes all of it away."""
import os
import pathlib
import subprocess
import sys
import tempfile

sys.path.insert (0, str (pathlib.Path (__file__).resolve ().parents[1] / "lib"))
import tap   # noqa: E402

TOP = pathlib.Path (__file__).resolve ().parents[2]
BUILD = pathlib.Path (os.environ.get ("KASK_BUILD", TOP / "build-test"))
WORK = pathlib.Path (os.environ.get ("KASK_LOGS", "/tmp/kask-test-install"))
STAGE = tempfile.TemporaryDirectory (prefix="kask-install-", dir="/tmp")   # libtool installs into no path with a space
ROOT = pathlib.Path (STAGE.name) / "root"
PREFIX = ROOT / "usr/local"
EXAMPLE = WORK / "example"


def run (*command, **more):
    done = subprocess.run (command, capture_output=True, text=True, timeout=120, env={**os.environ, **more})
    if done.returncode:
        tap.note (done.stdout + done.stderr)
    return done


def make (target):
    return run ("make", "-s", "-C", str (BUILD), target, f"DESTDIR={ROOT}").returncode == 0


def it_installs ():
    tap.ok (make ("install"), "make install")
    for program in ("sbin/kaskd", "bin/kask", "bin/kask-adapter"):
        tap.equal (run (PREFIX / program, "--help").returncode, 0, f"{program} --help, from where it was installed")
    tap.ok ((PREFIX / "libexec/kask-mapping").exists (), "the mapping's child is there")


def flags ():
    """Those of pkg-config; the build's sanitizers, if it has any, must be in the program too."""
    found = run ("pkg-config", "--cflags", "--libs", "libkask", PKG_CONFIG_SYSROOT_DIR=str (ROOT),
                 PKG_CONFIG_PATH=str (PREFIX / "lib/pkgconfig"))
    tap.equal (found.returncode, 0, "pkg-config finds libkask")
    makefile = (BUILD / "Makefile").read_text (encoding="utf-8")
    linked = next (line for line in makefile.splitlines () if line.startswith ("LDFLAGS ="))
    return found.stdout.split () + [word for word in linked.split () if word.startswith ("-fsanitize=")]


def the_example_is_built_and_runs ():
    built = run ("gcc", "-std=gnu11", "-Wall", "-Werror", "-o", str (EXAMPLE), str (TOP / "adapters/sdk/example.c"), *flags ())
    tap.equal (built.returncode, 0, "the example is compiled against the installed files alone")
    library = {"LD_LIBRARY_PATH": str (PREFIX / "lib")}
    usage = subprocess.run ([EXAMPLE], capture_output=True, text=True, timeout=20, env={**os.environ, **library})
    tap.ok ("usage: kask-example FOLDER FILE" in usage.stderr, "without arguments it says how it is called")
    nowhere = subprocess.run ([EXAMPLE, WORK / "nowhere", WORK / "lines"], capture_output=True, text=True, timeout=20,
                              env={**os.environ, **library})
    if not tap.ok (nowhere.returncode == 1 and "nowhere" in nowhere.stderr, "libkask names the folder that is missing"):
        tap.note (nowhere.stderr)


def nothing_is_left ():
    tap.ok (make ("uninstall"), "make uninstall")
    left = [str (path.relative_to (ROOT)) for path in ROOT.rglob ("*") if not path.is_dir ()]
    tap.equal (left, [], "leaves nothing")


WORK.mkdir (parents=True, exist_ok=True)
tap.run (it_installs, the_example_is_built_and_runs, nothing_is_left)
