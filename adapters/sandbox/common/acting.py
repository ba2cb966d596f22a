"""
acting - the acts of a person at a stand-in's screen, as commands.

Each command does what the person's button does and no more; how the rest of the world learns
of it is the system's own interface.  The last section is not a person's: faults on command.
"""
import argparse
import json
import mimetypes
import os
import shlex
import sys

from . import workflow
from .system import Refused

FAULTS = {
    "slow": "answer N milliseconds late (0: no more)",
    "fail": "fail the next N times: CRM answers 500, a folder system refuses the file",
    "twice": "tell the next N things twice (webhook, file)",
    "lose": "CRM: lose the next N webhooks",
    "lose-answer": "CRM: do the next N changes and close the connection without an answer",
    "throttle": "CRM: answer 429 to the next N requests",
    "expire-tokens": "CRM: end all tokens now",
    "shift": "CRM: after each of the next N pages read, somebody edits the case that was updated longest ago",
    "webhook-loss": "CRM: lose N percent of all webhooks",
    "webhook-double": "CRM: double N percent of all webhooks",
    "webhook-late": "CRM: send each webhook up to N milliseconds late",
    "encoding": "office: write lists as iso-8859-1, cp1252 or utf-8-sig",
    "separator": "office: write lists with this separator",
    "extra-column": "office: a column more in the lists (1), or not (0)",
    "away": "be gone until 'back'",
    "back": "be there again, and without any fault",
}
WORDS = ("encoding", "separator")


def add_referral_options (parser):
    add = parser.add_argument
    add ("--service", help="key of a neighbour's service")
    add ("--to", help="receiver, where no service was picked")
    add ("--client", required=True, help="the firm's name")
    add ("--need", required=True)
    for group, names in REFERRAL.items ():
        for option in names:
            if option not in ("client", "need"):
                add ("--" + option)
    add ("--attach", action="append", default=[], metavar="FILE")


# content part -> option -> member of the part
REFERRAL = {
    "client": {"client": "name", "client-country": "country", "client-number": "number", "address": "address",
               "postcode": "postcode", "municipality": "municipality", "nace": "nace", "nace-version": "nace_version",
               "employees": "employees", "stage": "stage"},
    "contact": {"contact": "name", "contact-phone": "telephone", "contact-mail": "mail", "contact-language": "language"},
    "need": {"need": "text", "need-language": "language", "themes": "themes", "tried": "tried", "urgency": "urgency",
             "wished": "wished_date"},
    "basis": {"basis": "code", "basis-by": "given_by", "basis-on": "given_on", "basis-how": "how", "basis-for": "purpose"},
    "adviser": {"adviser": "name", "adviser-phone": "telephone", "adviser-mail": "mail"},
}
LISTS = ("nace", "themes")


def referral_content (args, defaults):
    content = {}
    for group, names in REFERRAL.items ():
        part = dict (defaults.get (group, {}))
        for option, member in names.items ():
            value = getattr (args, option.replace ("-", "_"))
            if value is not None:
                part[member] = [word.strip () for word in value.split (",")] if member in LISTS else value
        content[group] = part
    if content["basis"].get ("code") not in workflow.BASES:
        raise Refused (f"--basis is one of {', '.join (workflow.BASES)}", "basis")
    return content


NEEDS = {"obstacle": "--obstacle", "outcome": "--outcome", "suggested": "--to", "text": "a text"}


def _act_help (name):
    """Where the act is possible, and what it needs, from the workflow's table."""
    rows = workflow.ACTS[name]
    sides = " or ".join (sorted ({row.side for row in rows if row.side}))
    needs = [NEEDS[need] for need in rows[0].needs if need in NEEDS]
    return (f"in an {sides} case" if sides else "in any case") + (f"; with {' and '.join (needs)}" if needs else "")


def build_parser (system):
    parser = argparse.ArgumentParser (prog=f"act {system}", description="Act as a person in this system.")
    acts = parser.add_subparsers (dest="act", required=True, metavar="ACT")
    refer = acts.add_parser ("refer", help="hand a firm over to a neighbour; prints the case number")
    add_referral_options (refer)
    for name in workflow.ACTS:
        act = acts.add_parser (name, help=_act_help (name))
        act.add_argument ("case", metavar="CASE", help="number, external key or reference")
        act.add_argument ("text", nargs="?", default="")
        act.add_argument ("--text", dest="more", default="")
        act.add_argument ("--obstacle", choices=workflow.OBSTACLES, metavar="CODE")
        act.add_argument ("--level", choices=workflow.LEVELS)
        act.add_argument ("--effect", choices=workflow.EFFECTS)
        act.add_argument ("--outcome", choices=workflow.OUTCOMES)
        act.add_argument ("--question", type=int, help="its number; the last open one")
        act.add_argument ("--to", dest="suggested", help="suggested receiver")
        act.add_argument ("--at", help="appointment, RFC 3339")
        act.add_argument ("--place", default="")
        act.add_argument ("--adviser", default=None)
        act.add_argument ("--force", action="store_true", help="also where the button is grey")
    attach = acts.add_parser ("attach", help="put a file into a case")
    attach.add_argument ("case", metavar="CASE")
    attach.add_argument ("file", metavar="FILE")
    attach.add_argument ("--text", default="")
    _add_reading (acts)
    _add_services (acts)
    fault = acts.add_parser ("fault", help="; ".join (f"{name}: {text}" for name, text in FAULTS.items ()))
    fault.add_argument ("name", choices=sorted (FAULTS))
    fault.add_argument ("value", nargs="?", default=None)
    batch = acts.add_parser ("batch", help="read acts from FILE or -, one a line")
    batch.add_argument ("file")
    return parser, acts


def _add_reading (acts):
    listing = acts.add_parser ("list", help="all cases")
    show = acts.add_parser ("show", help="one case")
    show.add_argument ("case", metavar="CASE")
    services = acts.add_parser ("services", help="what an adviser can pick, and the house's own")
    for parser in (listing, show, services):
        parser.add_argument ("--json", action="store_true")
    acts.add_parser ("settle", help="write and read what waits in the folders")
    acts.add_parser ("export", help="write the list of services again")


def _add_services (acts):
    edit = acts.add_parser ("edit-service", help="change a field of an own service")
    edit.add_argument ("key")
    edit.add_argument ("field")
    edit.add_argument ("value")
    drop = acts.add_parser ("drop-service", help="remove an own service")
    drop.add_argument ("key")


class Acting:
    """The acts on one system; each gives the line that the person sees."""

    def __init__ (self, system):
        self.system = system
        self.book = system.book

    def require_case (self, word):
        case = self.book.find_case (word)
        if case is None:
            raise Refused (f"there is no case {word} here", "case")
        if case["deleted"]:
            raise Refused (f"{case['number']} was deleted", "case")
        return self.book.case (case["merged_into"]) if case["merged_into"] else case

    def refer (self, args):
        content = referral_content (args, self.desk ())
        files = [_read_file (path) for path in args.attach]
        with self.book.change ():
            case_id = self.system.refer (content, args.service, args.to)
            event = self.book.events (case_id)[-1]
            for name, media_type, data in files:
                self.book.add_file (name, media_type, data, case_id, event["id"])
        return self.book.case (case_id)["number"]

    def act (self, args):
        """Any act of the workflow's table."""
        case = self.require_case (args.case)
        row = workflow.choose (args.act, case)
        if row is None and not args.force:
            raise Refused (workflow.refusal (args.act, case))
        row = row or workflow.ACTS[args.act][0]
        text = args.text or args.more
        question = args.question or (self.last_open (case) if row.kind == "answer" else None)
        said = {"text": text, "obstacle": args.obstacle, "outcome": args.outcome, "suggested": args.suggested,
                "question": question}
        for need in row.needs:
            if not said[need]:
                raise Refused (f"'{args.act}' needs {'--' + need if need != 'text' else 'a text'}; nothing was changed", need)
        codes = {name: said[name] for name in ("obstacle", "outcome", "suggested", "question") if said[name]}
        with self.book.change ():
            self.system.record (case["id"], row.kind, "user", text=text, author=self.author (args),
                                appointment=_appointment (args), level=args.level, effect=args.effect, **codes)
            if row.kind == "revoke":
                self.system.erase (case["id"])
        return f"{case['number']} {self.system.status_word (self.book.case (case['id'])['phase'])}"

    def desk (self):
        """What this person's screen fills in by itself."""
        return self.system.seed_file ("..", "common", "desk.json")[self.system.name]

    def author (self, args):
        return {"name": args.adviser} if args.adviser else self.desk ()["adviser"]

    def last_open (self, case):
        still_open = [q["number"] for q in self.book.questions (case["id"]) if q["answered_at"] is None]
        return still_open[-1] if still_open else None

    def attach (self, args):
        case = self.require_case (args.case)
        name, media_type, data = _read_file (args.file)
        if case["erased"]:
            raise Refused (f"{case['number']} was erased; nothing can be put into it")
        with self.book.change ():
            event_id = self.system.record (case["id"], "note", "user", text=args.text or name,
                                           author=self.desk ()["adviser"])
            self.book.add_file (name, media_type, data, case["id"], event_id)
        return f"{case['number']} {name}"

    def list (self, args):
        cases = self.book.cases ()
        if args.json:
            return json.dumps ([self.system.view (case) for case in cases], ensure_ascii=False)
        return "\n".join (f"{case['number']:<16} {case['direction']:<9} {self.system.status_word (case['phase']):<18} "
                          f"{case['content'].get ('client', {}).get ('name', '')}" for case in cases)

    def show (self, args):
        view = self.system.view (self.require_case (args.case))
        return json.dumps (view, ensure_ascii=False) if args.json else _plain (view)

    def services (self, args):
        own, others = self.book.listed ("services"), self.book.listed ("neighbours")
        if args.json:
            return json.dumps ({"own": [{"key": row["key"], **row["body"]} for row in own],
                                "neighbours": [{"key": row["key"], **row["body"]} for row in others]}, ensure_ascii=False)
        lines = [f"own       {row['key']:<24} {self.system.own_title (row['body'])}" for row in own]
        return "\n".join (lines + [f"neighbour {row['key']:<24} {row['body'].get ('title', '')}" for row in others])

    def edit_service (self, args):
        row = self.book.find_listed ("services", args.key)
        if row is None:
            raise Refused (f"no own service has the key {args.key}", "key")
        body = dict (row["body"])
        self.system.own_update (body, args.field, _value (args.value))
        with self.book.change ():
            self.book.put_listed ("services", args.key, body)
            self.system.service_changed (args.key)
        return f"{args.key} {args.field}"

    def drop_service (self, args):
        with self.book.change ():
            if not self.book.drop_listed ("services", args.key):
                raise Refused (f"no own service has the key {args.key}", "key")
            self.system.service_changed (args.key)
        return args.key

    def fault (self, args):
        with self.book.change ():
            if args.name == "back":
                for name in FAULTS:
                    self.book.set_setting ("fault-" + name, 0)
            else:
                value = args.value if args.name in WORDS else int (args.value or 1)
                self.book.set_setting ("fault-" + args.name, value)
            self.system.fault_set (args.name)
        return f"{args.name} {args.value or ''}".strip ()

    def settle (self, args):
        return None

    def export (self, args):
        with self.book.change ():
            self.system.service_changed (None)
        return None


def _read_file (path):
    with open (path, "rb") as file:
        data = file.read ()
    return os.path.basename (path), mimetypes.guess_type (path)[0] or "application/octet-stream", data


def _appointment (args):
    return {"at": args.at, "place": args.place} if args.at else None


def _value (text):
    """A field's new value: JSON where it is JSON, else the text as it stands."""
    try:
        return json.loads (text)
    except ValueError:
        return text


def _plain (view):
    lines = [f"{view['number']}  {view['status']}  ({view['direction']}, {view['partner'] or 'own'})"]
    for part in ("client", "contact", "need", "basis", "adviser"):
        values = [", ".join (v) if isinstance (v, list) else str (v) for v in (view[part] or {}).values () if v]
        lines += [f"  {part:<8} {'; '.join (values)}"] if values else []
    for event in view["events"]:
        said = " ".join (str (event[name]) for name in ("obstacle", "outcome", "suggested", "text") if event.get (name))
        lines.append (f"  {event['at'][:19]}  {event['by']:<5} {event['kind']:<14} {said}")
    lines += [f"  file     {file['name']} ({file['size']} bytes)" for file in view["attachments"]]
    return "\n".join (lines)


def perform (system, parser, argv):
    """One act; gives its line."""
    args = parser.parse_args (argv)
    for word in argv:
        if not system.can_type (word):
            raise Refused (f"the screens here cannot hold all characters of {word!r}; nothing was changed")
    acting = Acting (system)
    if args.act in system.extra_acts:
        return system.extra_acts[args.act] (acting, args)
    if args.act in workflow.ACTS:
        return acting.act (args)
    return getattr (acting, args.act.replace ("-", "_")) (args)


def run (system, argv, out=sys.stdout):
    """All of a command line; exit status 0, or 1 where the system refused."""
    parser, acts = build_parser (system.name)
    system.add_acts (acts)
    if argv[:1] == ["batch"]:
        with (sys.stdin if argv[1] == "-" else open (argv[1], encoding="utf-8")) as file:
            orders = [shlex.split (line, comments=True) for line in file]
    else:
        orders = [argv]
    status = 0
    for order in filter (None, orders):
        try:
            line = perform (system, parser, order)
            if line is not None:
                print (line, file=out)
        except Refused as error:
            print (f"{system.name}: {error}", file=sys.stderr)
            status = 1
    system.settle ()
    return status
