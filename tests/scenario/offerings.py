#!/usr/bin/python3
"""
Offerings between two programs on libkask: revisions, tombstones, pins that come late, and a cursor that the
broker does not know any more (RESYNC).

Each partner has two handles on its folder, in two processes: kask-example talks to the broker, the other
publishes and reads.
"""
import contextlib
import pathlib
import sqlite3
import subprocess
import sys

sys.path.insert (0, str (pathlib.Path (__file__).resolve ().parents[1] / "lib"))
from network import BUILD, Network, Setup   # noqa: E402
import tap                                  # noqa: E402


class Peer (Setup):
    def __init__ (self, name, country):
        super ().__init__ (net, name, country)
        self.program = net.program (name, [BUILD / "kask-example", self.dir, net.folder / f"{name}.taken"]).start ()

    def offering (self, verb, *more):
        return subprocess.run ([BUILD / "kask-test-hand", verb, self.dir, *more], text=True, check=True, stdout=subprocess.PIPE).stdout

    def publish (self, key, title):
        self.offering ("publish", key, title)

    def sees (self, *lines):
        """Waits until the list is that, in any order."""
        def found ():
            return sorted (self.offering ("list").splitlines ()) == sorted (lines)
        try:
            tap.until ("the list", found, 20, 0.2)
        except TimeoutError:
            pass
        return tap.equal (sorted (self.offering ("list").splitlines ()), sorted (lines), f"{self.name} sees {len (lines)} offerings as they are")

    def change (self, *statements):
        with contextlib.closing (sqlite3.connect (self.dir / "kask.db")) as db:
            for statement in statements:
                tap.ok (db.execute (statement).rowcount > 0, f"changed: {statement[:60]}")
            db.commit ()


def they_flow ():
    anna.publish ("a1", "Råd om eksport")
    anna.publish ("a2", "Hjælp til told")
    bo.sees ("anna a1 1 verified Råd om eksport", "anna a2 1 verified Hjælp til told")
    bo.publish ("b1", "Bådebyggerlån")
    anna.sees ("bo b1 1 unverified Bådebyggerlån")


def they_change ():
    anna.publish ("a1", "Råd om eksport")
    anna.publish ("a1", "Råd om import")
    anna.offering ("withdraw", "a2")
    bo.sees ("anna a1 2 verified Råd om import", "anna a2 2 verified withdrawn")
    anna.publish ("a2", "Hjælp til told igen")
    bo.sees ("anna a1 2 verified Råd om import", "anna a2 3 verified Hjælp til told igen")


def a_pin_comes_late ():
    anna.pin (bo)
    anna.sees ("bo b1 1 verified Bådebyggerlån")
    subprocess.run ([BUILD / "kask-adapter", "unpin", "--state", anna.dir, "bo"], check=True, stdout=subprocess.DEVNULL)
    anna.sees ("bo b1 1 unverified Bådebyggerlån")


def a_cursor_is_unknown ():
    bo.program.kill ()
    anna.publish ("a3", "Tilskud")
    # as after the broker's database was restored from a copy: a cursor ahead of it, a record that it has not
    bo.change ("UPDATE kask_fact SET value = value + 1000 WHERE name = 'cursor'",
               "INSERT INTO kask_catalogue (publisher, key, revision, withdrawn, verified, header, body)"
               " SELECT publisher, 'a9', 1, 0, verified, header, body FROM kask_catalogue WHERE key = 'a1'")
    bo.sees ("anna a1 2 verified Råd om import", "anna a2 3 verified Hjælp til told igen", "anna a9 1 verified Råd om import")
    bo.program.start ()
    bo.sees ("anna a1 2 verified Råd om import", "anna a2 3 verified Hjælp til told igen", "anna a3 1 verified Tilskud",
             "anna a9 1 verified withdrawn")


def an_outbox_is_an_old_copy ():
    """The publisher does not remember its last revisions: the broker refuses an old one, and the next is taken."""
    anna.change ("UPDATE kask_offer SET revision = 1, hash = x'' WHERE key = 'a1'")
    anna.publish ("a1", "Råd om alt")
    anna.program.kill ()
    anna.program.start ()
    tap.until ("the old revision is answered", lambda: is_answered (anna))
    anna.publish ("a1", "Råd om alt")
    bo.sees ("anna a1 3 verified Råd om alt", "anna a2 3 verified Hjælp til told igen", "anna a3 1 verified Tilskud",
             "anna a9 1 verified withdrawn")


def is_answered (peer):
    with contextlib.closing (sqlite3.connect (f"file:{peer.dir / 'kask.db'}?mode=ro", uri=True)) as db:
        return db.execute ("SELECT count (*) FROM kask_outbox").fetchone ()[0] == 0


with Network ("offerings", heartbeat="1 s") as net:
    anna, bo = Peer ("anna", "NO"), Peer ("bo", "DK")
    bo.pin (anna)
    tap.run (they_flow, they_change, a_pin_comes_late, a_cursor_is_unknown, an_outbox_is_an_old_copy)
