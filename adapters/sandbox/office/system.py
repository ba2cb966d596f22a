"""
system - the office: folders, its lists, and when they are written.

There is no server: an act writes its files itself, and the watching process (watch.py) reads the
inbox.  Whoever does either holds DIR/lock.
"""
import os

from common import files
from common.system import System

from . import inbox, outbox, words

FOLDERS = ("export", "outbox", "outbox/bilag", "inbox", "inbox/bilag", "imported", "rejected")
EXTRA = """
CREATE TABLE IF NOT EXISTS outgoing (id INTEGER PRIMARY KEY AUTOINCREMENT, event_id INTEGER NOT NULL,
  written INTEGER NOT NULL DEFAULT 0);
CREATE TABLE IF NOT EXISTS imports (file TEXT NOT NULL, case_id INTEGER NOT NULL, UNIQUE (file, case_id));
"""


class OfficeSystem (System):
    name = "office"
    own_name = "Væksthus Nordjylland"
    extra_schema = EXTRA

    def __init__ (self, state_dir):
        os.makedirs (state_dir, exist_ok=True)
        for folder in FOLDERS:
            os.makedirs (os.path.join (state_dir, folder), exist_ok=True)
        super ().__init__ (state_dir)
        lists = self.seed_file ("seed.json")
        self.project_columns, self.service_columns = lists["project_columns"], lists["service_columns"]

    def number (self, year, count):
        return f"VN-{year}-{count:03}"

    def status_word (self, phase):
        return words.STATUS[phase]

    def own_title (self, service):
        return service["Titel"]

    def seed (self):
        for service in self.seed_file ("seed.json")["services"]:
            self.book.put_listed ("services", service["Ydelsesnr"], service)
        self.book.set_setting ("lists-due", True)

    def services (self):
        return [row["body"] for row in self.book.listed ("services")]

    def projects (self):
        return self.seed_file ("seed.json")["projects"]

    def can_type (self, text):
        return all (ord (character) < 256 for character in text)

    def announce (self, event_id):
        """People's acts go out; what was read in does not come back."""
        if self.book.event (event_id)["origin"] == "user":
            self.book.db.execute ("INSERT INTO outgoing (event_id) VALUES (?)", (event_id,))

    def service_changed (self, key):
        self.book.set_setting ("lists-due", True)

    def fault_set (self, name):
        if name in ("encoding", "separator", "extra-column", "back"):
            self.book.set_setting ("lists-due", True)

    def erase (self, case_id):
        """Also the files that were read in for this case, and lines nobody has taken notice of."""
        with self.book.change () as db:
            super ().erase (case_id)
            outbox.drop_waiting (self, case_id)
            names = [row[0] for row in db.execute ("SELECT file FROM imports WHERE case_id = ?", (case_id,))]
            self.book.set_setting ("files-to-erase", self.book.setting ("files-to-erase", []) + names)

    def settle (self):
        """Write what waits, read what came; nothing while the office is away."""
        if self.book.setting ("fault-away"):
            return
        with files.alone (self.path ("lock")):
            if self.book.setting ("lists-due"):
                outbox.write_lists (self)
                self.book.set_setting ("lists-due", False)
            inbox.read_all (self)
            self.remove_erased ()
            outbox.write_lines (self)
            self.write_pages ()

    def remove_erased (self):
        names = self.book.setting ("files-to-erase", [])
        for name in names:
            if os.path.exists (self.path ("imported", name)):
                os.remove (self.path ("imported", name))
        if names:
            with self.book.change ():
                left = [name for name in self.book.setting ("files-to-erase", []) if name not in names]
                self.book.set_setting ("files-to-erase", left)

    def write_pages (self):
        newest = self.book.db.execute ("SELECT max (updated_at), sum (version) FROM cases").fetchone ()
        mark = list (newest)
        if self.book.setting ("page-mark") != mark or not os.path.exists (self.path ("sager.html")):
            outbox.write_pages (self)
            self.book.set_setting ("page-mark", mark)
