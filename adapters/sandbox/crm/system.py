"""
system - the CRM: its numbers, organisations and contacts, and the queue of its webhooks.

An act writes the webhooks it causes in its own transaction; the server sends them later.  Faults that
lose, double or delay them are applied here, when they are written.
"""
import json
import random
import secrets
import time
import uuid

from common import files
from common.system import Refused, System, now_text

from . import shapes

EXTRA = """
CREATE TABLE IF NOT EXISTS organisations (
  id INTEGER PRIMARY KEY AUTOINCREMENT, country TEXT, registration_no TEXT, body JSON NOT NULL,
  updated_at TEXT NOT NULL, version INTEGER NOT NULL DEFAULT 1);
CREATE TABLE IF NOT EXISTS contacts (
  id INTEGER PRIMARY KEY AUTOINCREMENT, organisation_id INTEGER, body JSON NOT NULL, updated_at TEXT NOT NULL,
  version INTEGER NOT NULL DEFAULT 1);
CREATE TABLE IF NOT EXISTS tokens (token TEXT PRIMARY KEY, ends_at REAL NOT NULL);
CREATE TABLE IF NOT EXISTS webhooks (
  id INTEGER PRIMARY KEY AUTOINCREMENT, delivery TEXT NOT NULL, body TEXT NOT NULL, due_at REAL NOT NULL,
  tries INTEGER NOT NULL DEFAULT 0);
"""


class CrmSystem (System):
    name = "crm"
    own_name = "Erhvervshus Nord"
    extra_schema = EXTRA

    def __init__ (self, state_dir):
        super ().__init__ (state_dir)
        self.extra_acts = {"new": _new, "merge": _merge, "delete": _delete}

    def number (self, year, count):
        return f"S-{year}-{count:05}"

    def status_word (self, phase):
        return shapes.STATUS[phase]

    def own_title (self, service):
        return service["title"]

    def seed (self):
        seed = self.seed_file ("seed.json")
        for service in seed["services"]:
            key = service.pop ("code")
            self.book.put_listed ("services", key, service)
        for case in seed["cases"]:
            self.open_case (shapes.content_in (case), None, direction="internal", phase="new")
        client = {"client_id": "integration", "client_secret": secrets.token_urlsafe (24)}
        self.book.set_setting ("client", client)
        files.write_whole (self.path ("api-client.json"), json.dumps (client) + "\n")

    # ------------------------------------------------------------ cases
    def refer (self, content, service_key=None, partner=None, text=""):
        with self.book.change ():
            case_id = super ().refer (content, service_key, partner, text)
            self.link_organisation (case_id, content)
            return case_id

    def open_case (self, content, external_key, direction="incoming", phase="received", **members):
        """What POST /cases does, and a person with a case of the house's own."""
        with self.book.change ():
            case_id = self.book.add_case (direction, "new", content, external_key=external_key, **members)
            self.record (case_id, "refer", "user" if direction == "internal" else "api", author=content.get ("adviser"),
                         phase=phase)
            self.link_organisation (case_id, content)
            return case_id

    def link_organisation (self, case_id, content):
        client, contact = content.get ("client") or {}, content.get ("contact") or {}
        custom = self.book.case (case_id)["custom"]
        if client.get ("name"):
            custom["_organisation"] = self.require_organisation (client)[0]
        if contact.get ("name"):
            cursor = self.book.db.execute ("INSERT INTO contacts (organisation_id, body, updated_at) VALUES (?, ?, ?)",
                                           (custom.get ("_organisation"), json.dumps (contact), now_text ()))
            custom["_contact"] = cursor.lastrowid
        self.book.update_case (case_id, custom=custom)

    def require_organisation (self, client):
        """The id of the organisation with this number, and whether it is new."""
        key = (client.get ("country", ""), client.get ("number", ""))
        with self.book.change () as db:
            row = db.execute ("SELECT id FROM organisations WHERE country = ? AND registration_no = ?", key).fetchone ()
            if row is not None and key[1]:
                return row[0], False
            return db.execute ("INSERT INTO organisations (country, registration_no, body, updated_at) "
                               "VALUES (?, ?, ?, ?)", (*key, json.dumps (client), now_text ())).lastrowid, True

    def erase (self, case_id):
        """The contact goes; the organisation too where no other case has it."""
        with self.book.change () as db:
            custom = self.book.case (case_id)["custom"]
            super ().erase (case_id)
            db.execute ("DELETE FROM contacts WHERE id = ?", (custom.pop ("_contact", None),))
            organisation = custom.pop ("_organisation", None)
            self.book.update_case (case_id, custom=custom)
            others = db.execute ("SELECT 1 FROM cases WHERE json_extract (custom, '$._organisation') = ?", (organisation,))
            if others.fetchone () is None:
                db.execute ("DELETE FROM organisations WHERE id = ?", (organisation,))

    def former_keys (self, case_id):
        return [row[0] for row in self.book.db.execute (
            "SELECT external_key FROM cases WHERE merged_into = ? AND external_key IS NOT NULL", (case_id,))]

    # ------------------------------------------------------------ webhooks
    def announce (self, event_id):
        event = self.book.event (event_id)
        what = "case.created" if event["kind"] == "refer" else "case.updated"
        self.tell (what, event["origin"], case_id=event["case_id"])
        self.tell ("activity.created", event["origin"], case_id=event["case_id"], activity_id=event_id)

    def service_changed (self, key):
        row = self.book.find_listed ("services", key) if key else None
        self.tell ("service.updated", "user", service_id=row["id"] if row else None)

    def fault_set (self, name):
        if name == "expire-tokens":
            self.book.db.execute ("DELETE FROM tokens")

    def tell (self, what, origin, case_id=None, activity_id=None, service_id=None):
        """Queue a webhook, as often and as late as the faults say."""
        book = self.book
        if not book.setting ("webhook"):
            return
        if book.spend ("fault-lose") or _by_chance (book.setting ("fault-webhook-loss", 0)):
            return
        body = {"delivery": str (uuid.uuid4 ()), "event": what, "case_id": case_id, "activity_id": activity_id,
                "service_id": service_id, "origin": origin, "at": now_text ()}
        twice = book.spend ("fault-twice") or _by_chance (book.setting ("fault-webhook-double", 0))
        for _ in range (2 if twice else 1):
            late_ms = random.uniform (0, book.setting ("fault-webhook-late", 0) or 0)
            book.db.execute ("INSERT INTO webhooks (delivery, body, due_at) VALUES (?, ?, ?)",
                             (body["delivery"], json.dumps (body), time.time () + late_ms / 1000))

    # ------------------------------------------------------------ acts of this system only
    def add_acts (self, acts):
        new = acts.add_parser ("new", help="open a case of the house's own")
        new.add_argument ("--client", required=True)
        new.add_argument ("--need", required=True)
        merge = acts.add_parser ("merge", help="merge CASE into INTO")
        merge.add_argument ("case", metavar="CASE")
        merge.add_argument ("into", metavar="INTO")
        acts.add_parser ("delete", help="delete a case").add_argument ("case", metavar="CASE")


def _by_chance (percent):
    return random.random () * 100 < (percent or 0)


def _new (acting, args):
    content = {"client": {"name": args.client}, "need": {"text": args.need}, "adviser": acting.desk ()["adviser"]}
    case_id = acting.system.open_case (content, None, direction="internal", phase="new")
    return acting.book.case (case_id)["number"]


def _merge (acting, args):
    case, into = acting.require_case (args.case), acting.require_case (args.into)
    if case["id"] == into["id"]:
        raise Refused ("a case cannot be merged into itself")
    with acting.book.change () as db:
        for table in ("events", "files"):
            db.execute (f"UPDATE {table} SET case_id = ? WHERE case_id = ?", (into["id"], case["id"]))
        acting.book.update_case (case["id"], merged_into=into["id"])
        db.execute ("UPDATE cases SET merged_into = ? WHERE merged_into = ?", (into["id"], case["id"]))
        acting.book.update_case (into["id"])
        acting.system.tell ("case.merged", "user", case_id=case["id"])
        acting.system.tell ("case.updated", "user", case_id=into["id"])
    return f"{case['number']} -> {into['number']}"


def _delete (acting, args):
    case = acting.require_case (args.case)
    with acting.book.change ():
        acting.book.update_case (case["id"], deleted=1)
        acting.system.tell ("case.deleted", "user", case_id=case["id"])
    return case["number"]


