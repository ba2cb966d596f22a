"""
casebook - a stand-in's only durable state: one SQLite file in its state directory.

Cases, what happened in them (events, append only: a trigger refuses changes), files, own
services and neighbours' services, settings.  What can be erased - the firm, persons, texts,
bytes - stands in columns and tables of its own, so that an erased case keeps its number, keys,
codes and times.  Every change is one transaction, synced before it is answered: kill -9 and
start again finds everything.  Several processes may work on it at once.
"""
import contextlib
import hashlib
import json
import sqlite3
from datetime import datetime, timezone

from . import files

SCHEMA = """
CREATE TABLE IF NOT EXISTS settings (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS cases (
  id INTEGER PRIMARY KEY AUTOINCREMENT, number TEXT NOT NULL UNIQUE, direction TEXT NOT NULL, phase TEXT NOT NULL,
  created_at TEXT NOT NULL, updated_at TEXT NOT NULL, version INTEGER NOT NULL DEFAULT 1,
  external_key TEXT UNIQUE, external_reference TEXT, partner TEXT, partner_case TEXT,
  service_key TEXT, service JSON, obstacle TEXT, outcome TEXT, suggested TEXT, wish INTEGER NOT NULL DEFAULT 0,
  custom JSON NOT NULL DEFAULT '{}', content JSON NOT NULL DEFAULT '{}', erased INTEGER NOT NULL DEFAULT 0,
  merged_into INTEGER, deleted INTEGER NOT NULL DEFAULT 0);
CREATE INDEX IF NOT EXISTS cases_updated ON cases (updated_at);
CREATE TABLE IF NOT EXISTS events (
  id INTEGER PRIMARY KEY AUTOINCREMENT, uid TEXT NOT NULL UNIQUE, case_id INTEGER NOT NULL, kind TEXT NOT NULL,
  origin TEXT NOT NULL, at TEXT NOT NULL, phase_before TEXT, phase TEXT NOT NULL, external_key TEXT UNIQUE,
  codes JSON NOT NULL);
CREATE INDEX IF NOT EXISTS events_case ON events (case_id);
CREATE TABLE IF NOT EXISTS event_texts (event_id INTEGER PRIMARY KEY, body JSON NOT NULL);
CREATE TRIGGER IF NOT EXISTS events_stay BEFORE UPDATE OF uid, kind, origin, at, phase, external_key, codes ON events
  BEGIN SELECT RAISE (ABORT, 'what was registered cannot be changed'); END;
CREATE TRIGGER IF NOT EXISTS events_last BEFORE DELETE ON events
  BEGIN SELECT RAISE (ABORT, 'what was registered cannot be removed'); END;
CREATE TABLE IF NOT EXISTS files (
  id INTEGER PRIMARY KEY AUTOINCREMENT, case_id INTEGER, event_id INTEGER, name TEXT, media_type TEXT,
  sha256 TEXT, size INTEGER, external_key TEXT UNIQUE, token TEXT UNIQUE, at TEXT NOT NULL, data BLOB);
CREATE INDEX IF NOT EXISTS files_case ON files (case_id);
CREATE TABLE IF NOT EXISTS services (
  id INTEGER PRIMARY KEY AUTOINCREMENT, key TEXT NOT NULL UNIQUE, body JSON NOT NULL, updated_at TEXT NOT NULL,
  version INTEGER NOT NULL DEFAULT 1, gone INTEGER NOT NULL DEFAULT 0);
CREATE TABLE IF NOT EXISTS neighbours (
  key TEXT PRIMARY KEY, body JSON NOT NULL, updated_at TEXT NOT NULL, version INTEGER NOT NULL DEFAULT 1,
  gone INTEGER NOT NULL DEFAULT 0);
"""

ERASED_TEXT_KEYS = ("text", "author", "appointment")


class Taken (Exception):
    """A key of another system is already in use; existing is what it belongs to."""

    def __init__ (self, what, existing):
        super ().__init__ (f"{what} is taken")
        self.existing = existing


def now_text ():
    """RFC 3339, UTC, milliseconds; as text it sorts as time does."""
    return datetime.now (timezone.utc).strftime ("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"


class Casebook:
    def __init__ (self, path, number_format, extra_schema=""):
        self.number_format = number_format      # year and count in the year -> a case's number
        self.db = sqlite3.connect (path, timeout=30, isolation_level=None, check_same_thread=False)
        self.db.row_factory = sqlite3.Row
        with files.alone (path + ".opening"):       # SQLite refuses, not waits, where two turn a new file's WAL on at once
            self.db.execute ("PRAGMA journal_mode=WAL")
            self.db.execute ("PRAGMA synchronous=FULL")
            self.db.executescript (SCHEMA + extra_schema)
        self._depth = 0

    def close (self):
        self.db.close ()

    @contextlib.contextmanager
    def change (self):
        """One transaction; a change within a change joins it."""
        if self._depth:
            yield self.db
            return
        self.db.execute ("BEGIN IMMEDIATE")
        self._depth = 1
        try:
            yield self.db
            self.db.execute ("COMMIT")
        except BaseException:
            self.db.execute ("ROLLBACK")
            raise
        finally:
            self._depth = 0

    # ------------------------------------------------------------ settings
    def setting (self, name, default=None):
        row = self.db.execute ("SELECT value FROM settings WHERE name = ?", (name,)).fetchone ()
        return default if row is None else json.loads (row[0])

    def set_setting (self, name, value):
        with self.change () as db:
            db.execute ("INSERT INTO settings VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
                        (name, json.dumps (value)))

    def settings (self):
        return {row[0]: json.loads (row[1]) for row in self.db.execute ("SELECT * FROM settings ORDER BY name")}

    def next_of (self, counter):
        with self.change ():
            value = self.setting (counter, 0) + 1
            self.set_setting (counter, value)
            return value

    def spend (self, name):
        """Take one from a counter of faults; True when there was one to take."""
        if not self.setting (name, 0):
            return False
        with self.change ():
            left = self.setting (name, 0)
            if left:
                self.set_setting (name, left - 1)
            return bool (left)

    # ------------------------------------------------------------ cases
    def add_case (self, direction, phase, content, external_key=None, **members):
        if external_key:
            self.refuse_taken_key (external_key)
        with self.change () as db:
            at = now_text ()
            year = int (at[:4])
            number = self.number_format (year, self.next_of (f"cases-{year}"))
            case_id = db.execute (
                "INSERT INTO cases (number, direction, phase, created_at, updated_at, external_key, content) "
                "VALUES (?, ?, ?, ?, ?, ?, ?)",
                (number, direction, phase, at, at, external_key or None, json.dumps (content))).lastrowid
            self.update_case (case_id, **members)
            return case_id

    def refuse_taken_key (self, external_key, but=None):
        row = self.find_key (external_key)
        if row is not None and row["id"] != but:
            raise Taken (f"external key {external_key}", row["id"])

    def update_case (self, case_id, **members):
        """Set members; content, service and custom are given as they are, not as JSON."""
        with self.change () as db:
            if members.get ("external_key"):
                self.refuse_taken_key (members["external_key"], case_id)
            for name in ("content", "service", "custom"):
                if name in members:
                    members[name] = json.dumps (members[name])
            sets = "".join (f", {name} = ?" for name in members)
            db.execute (f"UPDATE cases SET version = version + 1, updated_at = ?{sets} WHERE id = ?",
                        (now_text (), *members.values (), case_id))

    def case (self, case_id):
        row = self.db.execute ("SELECT * FROM cases WHERE id = ?", (case_id,)).fetchone ()
        return None if row is None else _opened (row)

    def find_key (self, external_key):
        row = self.db.execute ("SELECT * FROM cases WHERE external_key = ?", (external_key,)).fetchone ()
        return None if row is None else _opened (row)

    def find_case (self, word):
        """By number, id, external key or external reference, as a person types it."""
        row = self.db.execute (
            "SELECT * FROM cases WHERE number = ?1 OR external_key = ?1 OR external_reference = ?1 OR CAST (id AS TEXT) = ?1 "
            "ORDER BY number = ?1 DESC, external_key = ?1 DESC LIMIT 1", (str (word),)).fetchone ()
        return None if row is None else _opened (row)

    def cases (self, where="deleted = 0 AND merged_into IS NULL", values=(), order="id", limit=-1, offset=0):
        rows = self.db.execute (f"SELECT * FROM cases WHERE {where} ORDER BY {order} LIMIT ? OFFSET ?",
                                (*values, limit, offset))
        return [_opened (row) for row in rows]

    def count (self, table, where="1", values=()):
        return self.db.execute (f"SELECT count(*) FROM {table} WHERE {where}", values).fetchone ()[0]

    # ------------------------------------------------------------ events
    def add_event (self, case_id, uid, kind, origin, phase_before, phase, texts, codes, external_key=None, at=None):
        if external_key:
            row = self.find_event (external_key)
            if row is not None:
                raise Taken (f"external key {external_key}", row["id"])
        with self.change () as db:
            event_id = db.execute (
                "INSERT INTO events (uid, case_id, kind, origin, at, phase_before, phase, external_key, codes) "
                "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (uid, case_id, kind, origin, at or now_text (), phase_before, phase, external_key or None,
                 json.dumps (codes))).lastrowid
            db.execute ("INSERT INTO event_texts VALUES (?, ?)", (event_id, json.dumps (texts)))
            return event_id

    EVENTS = "SELECT e.*, t.body FROM events e LEFT JOIN event_texts t ON t.event_id = e.id "

    def events (self, case_id, limit=-1, offset=0):
        rows = self.db.execute (self.EVENTS + "WHERE case_id = ? ORDER BY e.id LIMIT ? OFFSET ?",
                                (case_id, limit, offset))
        return [_event (row) for row in rows]

    def event (self, event_id):
        row = self.db.execute (self.EVENTS + "WHERE e.id = ?", (event_id,)).fetchone ()
        return None if row is None else _event (row)

    def find_event (self, external_key):
        row = self.db.execute (self.EVENTS + "WHERE external_key = ?", (external_key,)).fetchone ()
        return None if row is None else _event (row)

    def questions (self, case_id):
        found = {}
        for event in self.events (case_id):
            number = event["codes"].get ("question")
            if event["kind"] == "ask":
                found[number] = {"number": number, "text": event.get ("text", ""), "asked_at": event["at"],
                                 "asked_by": event["origin"], "answer": None, "answered_at": None}
            elif event["kind"] == "answer" and number in found and found[number]["answered_at"] is None:
                found[number].update (answer=event.get ("text", ""), answered_at=event["at"])
        return list (found.values ())

    # ------------------------------------------------------------ files
    def add_file (self, name, media_type, data, case_id=None, event_id=None, external_key=None, token=None):
        with self.change () as db:
            return db.execute (
                "INSERT INTO files (case_id, event_id, name, media_type, sha256, size, external_key, token, at, data) "
                "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (case_id, event_id, name, media_type, hashlib.sha256 (data).hexdigest (), len (data), external_key,
                 token, now_text (), data)).lastrowid

    FILE = "SELECT id, case_id, event_id, name, media_type, sha256, size, external_key, at FROM files "

    def files (self, case_id):
        return [dict (row) for row in self.db.execute (self.FILE + "WHERE case_id = ? ORDER BY id", (case_id,))]

    def file (self, file_id):
        row = self.db.execute (self.FILE + "WHERE id = ? AND case_id IS NOT NULL", (file_id,)).fetchone ()
        return None if row is None else dict (row)

    def file_bytes (self, file_id):
        return self.db.execute ("SELECT data FROM files WHERE id = ?", (file_id,)).fetchone ()[0]

    # ------------------------------------------------------------ erasing
    def erase (self, case_id):
        """Remove everything personal of a case; twice is harmless."""
        with self.change () as db:
            db.execute ("DELETE FROM event_texts WHERE event_id IN (SELECT id FROM events WHERE case_id = ?)", (case_id,))
            db.execute ("DELETE FROM files WHERE case_id = ?", (case_id,))
            self.update_case (case_id, content={}, erased=1)

    # ------------------------------------------------------------ services
    def put_listed (self, table, key, body):
        """Create or replace in 'services' or 'neighbours'; True when it was not there (or gone) before."""
        with self.change () as db:
            text = json.dumps (body, sort_keys=True)
            row = db.execute (f"SELECT body, gone FROM {table} WHERE key = ?", (key,)).fetchone ()
            if row is None:
                db.execute (f"INSERT INTO {table} (key, body, updated_at) VALUES (?, ?, ?)", (key, text, now_text ()))
            elif row["body"] != text or row["gone"]:
                db.execute (f"UPDATE {table} SET body = ?, gone = 0, updated_at = ?, version = version + 1 WHERE key = ?",
                            (text, now_text (), key))
            return row is None or bool (row["gone"])

    def drop_listed (self, table, key):
        with self.change () as db:
            return db.execute (f"UPDATE {table} SET gone = 1, updated_at = ?, version = version + 1 "
                               "WHERE key = ? AND gone = 0", (now_text (), key)).rowcount > 0

    def listed (self, table, where="gone = 0", values=(), order="rowid", limit=-1, offset=0):
        rows = self.db.execute (f"SELECT rowid, * FROM {table} WHERE {where} ORDER BY {order} LIMIT ? OFFSET ?",
                                (*values, limit, offset))
        return [dict (row) | {"body": json.loads (row["body"])} for row in rows]

    def find_listed (self, table, key):
        found = self.listed (table, "gone = 0 AND key = ?", (key,))
        return found[0] if found else None


def _opened (row):
    case = dict (row)
    case["content"] = json.loads (case["content"])
    case["custom"] = json.loads (case["custom"])
    case["service"] = json.loads (case["service"]) if case["service"] else None
    return case


def _event (row):
    event = dict (row)
    event["codes"] = json.loads (event["codes"])
    texts = json.loads (event.pop ("body") or "{}")
    for name in ERASED_TEXT_KEYS:
        event[name] = texts.get (name)
    return event
