"""pages - what an adviser sees in the CRM: the cases, one case, the services."""
import re
from html import escape

from common import page as look

from . import shapes

MENU = ("Rådgiver-CRM · Erhvervshus Nord", ("Sager", "/"), ("Ydelser", "/ydelser"))
DIRECTION = {"internal": "egen", "outgoing": "sendt til", "incoming": "kommet fra"}
KIND = {"refer": "Sag oprettet", "ask": "Spørgsmål", "answer": "Svar", "note": "Notat", "remind": "Påmindelse",
        "withdraw_wish": "Ønske om tilbagetrækning", "contacted": "Virksomheden er kontaktet"}
HTML = {"Content-Type": "text/html; charset=utf-8"}
SHOWN_CASES = 500
BASIS = {"CONSENT": "samtykke", "CONTRACT": "kontrakt", "OBLIGATION": "retlig forpligtelse", "PUBLIC_TASK": "offentlig opgave"}
OUTCOME = {"SOLVED": "løst", "PARTLY": "delvist løst", "FUNDED": "finansieret", "ADVISED": "rådgivet", "NOT_PURSUED": "ikke forfulgt",
           "REFERRED_ON": "henvist videre"}


def is_page (path):
    return path in ("/", "/ydelser") or path.startswith ("/sager/")


def page (system, path):
    match = re.fullmatch (r"/sager/(\d+)", path)
    case = system.book.case (int (match[1])) if match else None
    if path == "/":
        title, body = "Sager", _cases (system)
    elif path == "/ydelser":
        title, body = "Ydelser", _services (system)
    elif case is not None:
        title, body = f"Sag {case['number']}", _case (system, case)
    else:
        return 404, look.document ("Findes ikke", "da", "#14508c", MENU, "").encode (), HTML
    return 200, look.document (title, "da", "#14508c", MENU, body).encode (), HTML


def _status (phase):
    return look.status (phase, shapes.STATUS_TEXT[shapes.STATUS[phase]])


def _cases (system):
    rows = []
    for case in system.book.cases (order="updated_at DESC", limit=SHOWN_CASES):
        content = case["content"]
        rows.append ((f'<a href="/sager/{case["id"]}">{case["number"]}</a>', _status (case["phase"]),
                      f"{DIRECTION[case['direction']]} {escape (case['partner'] or '')}",
                      escape ((content.get ("client") or {}).get ("name") or "(slettet)"),
                      escape ((case["service"] or {}).get ("title") or ""), look.whole (look.local (case["updated_at"]))))
    return look.table (("Sag", "Status", "Retning", "Virksomhed", "Ydelse", "Ændret"), rows)


def _case (system, case):
    content = case["content"]
    named = look.joined
    head = look.facts ((
        ("Status", shapes.STATUS_TEXT[shapes.STATUS[case["phase"]]]),
        ("Retning", f"{DIRECTION[case['direction']]} {case['partner'] or ''}"),
        ("Reference", case["external_reference"]), ("Deres sagsnummer", case["partner_case"]),
        ("Ydelse", (case["service"] or {}).get ("title") or case["service_key"]),
        ("Virksomhed", named (content.get ("client"), "name", "number", "address", "postcode", "municipality", "country")),
        ("Kontaktperson", named (content.get ("contact"), "name", "telephone", "mail")),
        ("Behov", named (content.get ("need"), "text")), ("Emner", named (content.get ("need"), "themes")),
        ("Grundlag", _basis (content.get ("basis"))),
        ("Rådgiver", named (content.get ("adviser"), "name", "telephone", "mail")),
        ("Hindring", case["obstacle"]), ("Resultat", OUTCOME.get (case["outcome"])), ("Foreslået modtager", case["suggested"]),
        ("Persondata", "slettet" if case["erased"] else "")))
    rows = [(look.local (event["at"]), "vi" if event["origin"] == "user" else "udefra",
             escape (KIND.get (event["kind"], shapes.STATUS_TEXT[shapes.STATUS[event["phase"]]])),
             escape ((event["author"] or {}).get ("name") or ""), escape (_said (event)))
            for event in system.book.events (case["id"])]
    files = "".join (f"<li>{escape (file['name'])} ({file['size']} bytes)</li>" for file in system.book.files (case["id"]))
    return (head + "<h2>Forløb</h2>" + look.table (("Tid", "Hvem", "Hvad", "Person", "Tekst"), rows)
            + (f"<h2>Bilag</h2><ul>{files}</ul>" if files else ""))


def _basis (basis):
    basis = basis or {}
    return look.joined (basis | {"code": BASIS.get (basis.get ("code"), "")}, "code", "given_by", "given_on", "how")


def _said (event):
    codes = event["codes"]
    said = [codes.get (name) for name in ("obstacle", "level", "effect")] + [OUTCOME.get (codes.get ("outcome")), codes.get ("suggested"), event["text"]]
    if event["appointment"]:
        said.append (f"{_moment (event['appointment'].get ('at', ''))} {event['appointment'].get ('place', '')}")
    return " · ".join (word for word in said if word)


def _moment (text):
    """A time as people read it, or what was written instead of one."""
    try:
        return look.local (text)
    except ValueError:
        return text


def _services (system):
    own = [(escape (row["key"]), escape (row["body"]["title"]), escape (row["body"]["provider"]["name"]),
            escape (row["body"]["status"])) for row in system.book.listed ("services")]
    others = [(escape (row["body"]["title"]), escape (row["body"]["provider_name"]), escape (row["body"]["country"]),
               f'<span class="key">{escape (row["key"])}</span>') for row in system.book.listed ("neighbours", order="key")]
    return (look.table (("Kode", "Vores ydelser", "Udbyder", "Status"), own) + "<h2>Naboernes ydelser</h2>"
            + look.table (("Ydelse", "Udbyder", "Land", "Nøgle"), others))
