#!/usr/bin/python3
"""Who opens a case book while another is making it waits for that: SQLite may refuse it then."""
import os
import sqlite3
import sys
import tempfile
import threading

sys.dont_write_bytecode = True
sys.path.insert (0, os.path.dirname (os.path.abspath (__file__)))

from tap import DEADLINE_S, SANDBOX, Tap, wait_for

sys.path.insert (0, SANDBOX)

from common import files
from common.casebook import Casebook


def waits_for (path):
    """Somebody waits for that lock."""
    inode = str (os.stat (path).st_ino)
    with open ("/proc/locks", encoding="ascii") as locks:
        return any ("->" in line and line.split ()[6].endswith (":" + inode) for line in locks)


def main ():
    tap, said = Tap (), []

    def open_it ():
        try:
            book = Casebook (path, str)
            said.append (book.next_of ("opened"))
            book.close ()
        except sqlite3.Error as problem:
            said.append (str (problem))

    with tempfile.TemporaryDirectory (prefix="kask-casebook-") as folder:
        path = os.path.join (folder, "book.db")
        opener = threading.Thread (target=open_it)
        with files.alone (path + ".opening"):
            maker = sqlite3.connect (path, isolation_level=None)
            maker.execute ("BEGIN EXCLUSIVE")   # as whoever turns a new file's WAL on
            opener.start ()
            wait_for (lambda: said or waits_for (path + ".opening"), "the second one")
            tap.same (said, [], "the second one waits while the first is at it")
            maker.execute ("COMMIT")
            maker.close ()
        opener.join (DEADLINE_S)
        tap.same (said, [1], "and opens the book then, and works on it")
    return tap.done ()


sys.exit (main ())
