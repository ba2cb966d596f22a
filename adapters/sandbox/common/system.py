"""
system - what any of the stand-ins can do, whoever asks: a person at its screen (act) or its interface.

A system adds its words, its numbers and its announce (): how the world outside learns of an event.
"""
import json
import os
import uuid

from . import workflow
from .casebook import Casebook, Taken, now_text

HERE = os.path.dirname (os.path.dirname (os.path.abspath (__file__)))
CODES = ("obstacle", "level", "effect", "outcome", "question", "suggested", "partner_case", "occurred_at", "corrects")


class Refused (Exception):
    """Nothing was changed; the text says why, the field where."""

    def __init__ (self, text, field=None):
        super ().__init__ (text)
        self.field = field


class System:
    name = ""
    own_name = ""                  # the organisation that works with it
    extra_schema = ""
    extra_acts = {}                # act -> function (acting, args), for acts that only this system has

    def __init__ (self, state_dir):
        self.state_dir = os.path.abspath (state_dir)
        os.makedirs (self.state_dir, exist_ok=True)
        self.book = Casebook (self.path ("state.sqlite"), self.number, self.extra_schema)
        if not self.book.setting ("seeded"):
            with self.book.change ():
                if not self.book.setting ("seeded"):
                    self.seed ()
                    self.book.set_setting ("seeded", True)

    def path (self, *parts):
        return os.path.join (self.state_dir, *parts)

    # ------------------------------------------------------------ a system's own
    def number (self, year, count):
        raise NotImplementedError

    def seed (self):
        """Fill the empty book with the house's services and whatever else it begins with."""
        raise NotImplementedError

    def announce (self, event_id):
        """An event was written, in the same transaction."""

    def service_changed (self, key):
        """An own service was changed by a person, in the same transaction."""

    def settle (self):
        """After the transaction: write what shall leave.  Nothing is lost when this is never reached."""

    def can_type (self, text):
        """Whether the system's screens can hold these characters."""
        return True

    def add_acts (self, acts):
        """Declare the extra acts' arguments."""

    def fault_set (self, name):
        """A fault was ordered, in the same transaction."""

    def status_word (self, phase):
        """The phase in the system's own word."""
        raise NotImplementedError

    def own_title (self, service):
        """The title of an own service's body."""
        raise NotImplementedError

    def own_update (self, body, field, value):
        """A person changed one field of an own service."""
        if field not in body:
            raise Refused (f"a service has no field {field}; it has {', '.join (sorted (body))}", field)
        body[field] = value

    def seed_file (self, *parts):
        with open (os.path.join (HERE, self.name, *parts), encoding="utf-8") as file:
            return json.load (file)

    # ------------------------------------------------------------ cases
    def refer (self, content, service_key=None, partner=None, text=""):
        """A person hands a firm over to a neighbour."""
        service = None
        if service_key:
            listed = self.book.find_listed ("neighbours", service_key)
            if listed is None:
                raise Refused (f"no neighbour's service has the key {service_key}; 'act {self.name} … services' lists them",
                               "service")
            service = listed["body"]
            partner = partner or service.get ("partner") or service.get ("provider_name")
        if not partner:
            raise Refused ("a referral needs a neighbour's service or a receiver", "to")
        with self.book.change ():
            case_id = self.book.add_case ("outgoing", "new", content, partner=partner, service_key=service_key,
                                          service=service)
            self.record (case_id, "refer", "user", text=text, author=content.get ("adviser"))
            return case_id

    def take_in (self, content, external_key, event_key=None, direction="incoming", text="", **members):
        """A case comes from outside; raises Taken where the key is known."""
        with self.book.change ():
            case_id = self.book.add_case (direction, "new", content, external_key=external_key, **members)
            self.record (case_id, "refer", "api", text=text, author=content.get ("adviser"), external_key=event_key,
                         phase="received")
            return case_id

    def record (self, case_id, kind, origin, text="", author=None, appointment=None, external_key=None, phase=None,
                **codes):
        """Write down that something happened; moves the case where the event leads.  Gives the event's id."""
        codes = {name: codes[name] for name in CODES if codes.get (name) is not None}
        with self.book.change ():
            case = self.book.case (case_id)
            before = case["phase"]
            after = phase or workflow.LEADS_TO.get (kind, before)
            if kind == "receipt" and before != "sent":
                after = before
            if kind == "ask" and "question" not in codes:
                codes["question"] = len (self.book.questions (case_id)) + 1
            texts = {} if case["erased"] else {"text": text, "author": author, "appointment": appointment}
            event_id = self.book.add_event (case_id, str (uuid.uuid4 ()), kind, origin, before, after, texts, codes,
                                            external_key)
            self.book.update_case (case_id, phase=after, **_effects (kind, codes))
            self.announce (event_id)
            return event_id

    def erase (self, case_id):
        """Remove the personal data of a case from everywhere in this system."""
        self.book.erase (case_id)

    # ------------------------------------------------------------ for a person and for tests
    def view (self, case):
        """Everything of a case in words that are the same for all systems."""
        events = [self.event_view (event) for event in self.book.events (case["id"])]
        return {
            "system": self.name, "id": case["id"], "number": case["number"], "direction": case["direction"],
            "phase": case["phase"], "status": self.status_word (case["phase"]), "external_key": case["external_key"],
            "reference": case["external_reference"], "partner": case["partner"], "partner_case": case["partner_case"],
            "service": case["service_key"], "service_title": (case["service"] or {}).get ("title"),
            "client": case["content"].get ("client"), "contact": case["content"].get ("contact"),
            "need": case["content"].get ("need"), "basis": case["content"].get ("basis"),
            "adviser": case["content"].get ("adviser"), "obstacle": case["obstacle"], "outcome": case["outcome"],
            "suggested": case["suggested"], "withdrawal_wish": bool (case["wish"]), "erased": bool (case["erased"]),
            "custom": case["custom"], "created_at": case["created_at"], "updated_at": case["updated_at"],
            "events": events, "questions": self.book.questions (case["id"]),
            "attachments": [{name: file[name] for name in ("name", "media_type", "size", "sha256")}
                            for file in self.book.files (case["id"])],
        }

    @staticmethod
    def event_view (event):
        shown = {"id": event["id"], "kind": event["kind"], "by": "own" if event["origin"] == "user" else "other",
                 "at": event["at"], "phase": event["phase"], "external_key": event["external_key"]}
        shown |= {name: event[name] for name in ("text", "author", "appointment") if event[name]}
        return shown | event["codes"]


def _effects (kind, codes):
    """What an event sets on the case besides its phase."""
    members = {}
    if "obstacle" in codes and kind in ("decline", "fail"):
        members["obstacle"] = codes["obstacle"]
    for name in ("outcome", "suggested", "partner_case"):
        if name in codes:
            members[name] = codes[name]
    if kind == "withdraw_wish":
        members["wish"] = 1
    return members


__all__ = ["System", "Refused", "Taken", "now_text"]
