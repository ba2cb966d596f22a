"""
place - where things lie: the checkout, the build, and var/ with everything that quickstart makes.
"""
import os
import shlex
import shutil
import subprocess
import tempfile

from say import Trouble

TOP = os.path.dirname (os.path.dirname (os.path.dirname (os.path.abspath (__file__))))
VAR = os.path.join (TOP, "var")
BUILD = os.path.join (VAR, "build")
SOCKET_PATH_BYTES = 107


def var (*parts):
    return os.path.join (VAR, *parts)


def program (name):
    path = os.path.join (BUILD, name)
    if not os.access (path, os.X_OK):
        raise Trouble (f"{path} was not built; nothing was started", "deploy/quickstart builds it", var ("build", "build.log"))
    return path


def run (argv, what, todo="", env=None):
    """Runs a program to its end and gives what it wrote; Trouble with its own words where it failed."""
    result = subprocess.run ([str (word) for word in argv], stdin=subprocess.DEVNULL, text=True, capture_output=True, check=False, env=env)
    if result.returncode:
        said = (result.stderr.strip () or result.stdout.strip ()).splitlines ()[-3:]
        raise Trouble (f"{what} failed (exit {result.returncode}): {' / '.join (said)}", todo)
    return result.stdout


def socket_folder ():
    """A folder for the operator's socket: var/broker, or a short one in /tmp where that path is too long."""
    folder = var ("broker")
    if len (os.fsencode (os.path.join (folder, "control"))) <= SOCKET_PATH_BYTES:
        return folder
    drop_short_folder ()
    short = tempfile.mkdtemp (prefix="kask-", dir="/tmp")
    with open (var ("broker", "socket-folder"), "w", encoding="utf-8") as file:
        file.write (short)
    return short


def drop_short_folder ():
    try:
        with open (var ("broker", "socket-folder"), encoding="utf-8") as file:
            short = file.read ()
    except OSError:
        return
    if short.startswith ("/tmp/kask-"):
        shutil.rmtree (short, ignore_errors=True)
    os.unlink (var ("broker", "socket-folder"))


def quoted (value):
    """A value as a configuration file takes it."""
    return '"' + str (value).replace ("\\", "\\\\").replace ('"', '\\"') + '"'


def write_settings (path, settings):
    with open (path, "w", encoding="utf-8") as file:
        file.writelines (f"{key} = {quoted (value)}\n" for key, value in settings.items ())


def shortcut (name, argv):
    """A command var/NAME that stands for the words of argv; its path from the checkout."""
    with open (var (name), "w", encoding="utf-8") as file:
        file.write (f'#!/bin/sh\nexec {shlex.join (str (word) for word in argv)} "$@"\n')
    os.chmod (var (name), 0o755)
    return os.path.relpath (var (name), TOP)
