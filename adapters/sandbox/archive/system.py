"""
system - the county's archive: folders, numbers, and when something is written.

There is no server: an act writes its files itself, and the watching process (watch.py) takes in
what came.  Whoever does either holds DIR/lock.
"""
import os
import uuid

from common import files
from common.system import Refused, System

from . import catalogue, inbox, journal, words

FOLDERS = ("tjenester", "ut", "ut/dokumenter", "inn", "inn/dokumenter", "inn/katalog", "inn/registrert", "inn/avvist")
EXTRA = journal.SCHEMA + """
CREATE TABLE IF NOT EXISTS imports (file TEXT NOT NULL, case_id INTEGER NOT NULL, UNIQUE (file, case_id));
"""


class ArchiveSystem (System):
    name = "archive"
    own_name = "Aust-Agder fylkeskommune"
    extra_schema = EXTRA

    def __init__ (self, state_dir):
        for folder in FOLDERS:
            os.makedirs (os.path.join (state_dir, folder), exist_ok=True)
        super ().__init__ (state_dir)
        self.extra_acts = {"correct": _correct}
        self.taken_cases = set ()

    def number (self, year, count):
        return f"{year}/{count}"

    def status_word (self, phase):
        return words.PHASE[phase]

    def own_title (self, service):
        return service["title"][_first (service["title"])]

    def own_update (self, body, field, value):
        """A text is changed in the language that it is written in first."""
        if isinstance (body.get (field), dict) and isinstance (value, str):
            value = body[field] | {_first (body[field]): value}
        super ().own_update (body, field, value)

    def seed (self):
        for service in self.seed_file ("seed.json")["services"]:
            self.book.put_listed ("services", service["identifier"], service)
        self.book.set_setting ("list-due", True)

    # ------------------------------------------------------------ cases
    def refer (self, content, service_key=None, partner=None, text=""):
        with self.book.change ():
            case_id = super ().refer (content, service_key, partner, text)
            self.book.update_case (case_id, custom={"_uid": str (uuid.uuid4 ())})
            return case_id

    def open_case (self, content, external_key, service_key, members):
        """A case that a delivery begins; its first entry is the delivery's."""
        own = self.book.find_listed ("services", service_key)
        return self.book.add_case (
            "incoming", "new", content, external_key=external_key, service_key=service_key or None,
            service={"title": self.own_title (own["body"])} if own else None, custom={"_uid": str (uuid.uuid4 ())}, **members)

    def announce (self, event_id):
        journal.register (self, event_id)

    def service_changed (self, key):
        self.book.set_setting ("list-due", True)

    def erase (self, case_id):
        """Disposal: also of the files that were taken in for this case."""
        with self.book.change () as db:
            super ().erase (case_id)
            journal.forget_waiting (self, case_id)
            names = [row[0] for row in db.execute ("SELECT file FROM imports WHERE case_id = ?", (case_id,))]
            self.book.set_setting ("files-to-erase", self.book.setting ("files-to-erase", []) + names)

    def note_import (self, name):
        """Which cases a file in registrert/ tells of."""
        with self.book.change () as db:
            db.executemany ("INSERT OR IGNORE INTO imports VALUES (?, ?)", [(name, case_id) for case_id in self.taken_cases])
            if any (self.book.case (case_id)["erased"] for case_id in self.taken_cases):
                self.book.set_setting ("files-to-erase", self.book.setting ("files-to-erase", []) + [name])
        self.taken_cases = set ()

    # ------------------------------------------------------------ folders
    def settle (self):
        """Write what waits, take in what came; nothing while the archive is away."""
        if self.book.setting ("fault-away"):
            return
        with files.alone (self.path ("lock")):
            if self.book.setting ("list-due"):
                catalogue.write_own (self)
                self.book.set_setting ("list-due", False)
            inbox.read_all (self)
            self.remove_erased ()
            journal.write_entries (self)
            self.write_pages ()

    def remove_erased (self):
        names = self.book.setting ("files-to-erase", [])
        for name in names:
            if os.path.exists (self.path ("inn", "registrert", name)):
                os.remove (self.path ("inn", "registrert", name))
        if names:
            with self.book.change ():
                left = [name for name in self.book.setting ("files-to-erase", []) if name not in names]
                self.book.set_setting ("files-to-erase", left)

    def write_pages (self):
        mark = list (self.book.db.execute ("SELECT max (updated_at), sum (version) FROM cases").fetchone ())
        if self.book.setting ("page-mark") != mark or not os.path.exists (self.path ("saker.html")):
            journal.write_pages (self)
            self.book.set_setting ("page-mark", mark)

    # ------------------------------------------------------------ for a person and for tests
    def view (self, case):
        """Beside the common view: each entry's numbers."""
        shown = super ().view (case)
        for event in shown["events"]:
            row = journal.entry (self, event["id"])
            event |= {"entry": journal.entry_id (case, row), "journal": f"{row['year']}/{row['sequence']}", "type": row["type"]}
        return shown

    def add_acts (self, acts):
        correct = acts.add_parser ("correct", help="follow a registered entry by a correction")
        correct.add_argument ("entry", metavar="ENTRY", help="its number, as 2026/17-2")
        correct.add_argument ("text")


def _first (texts):
    """The language in which a case worker reads these texts."""
    return next ((language for language in catalogue.READ if language in texts), next (iter (texts), "nb"))


def _correct (acting, args):
    row = journal.find_entry (acting.system, args.entry)
    if row is None:
        raise Refused (f"no entry has the number {args.entry}", "entry")
    with acting.book.change ():
        event_id = acting.system.record (row["case_id"], "correct", "user", text=args.text, corrects=args.entry,
                                         author=acting.desk ()["adviser"])
    return journal.entry_id (acting.book.case (row["case_id"]), journal.entry (acting.system, event_id))
