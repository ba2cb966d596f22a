"""
shapes - the JSON of openapi.yaml from the case book's words, and back.

Going in, everything is checked before anything is changed: a member of the wrong kind is Refused with
its path, so that the answer 422 can name it.
"""
from common import workflow
from common.system import Refused

STATUS = {
    "new": "ny", "sent": "oversendt", "received": "modtaget", "accepted": "accepteret", "in_progress": "i_gang",
    "on_hold": "paa_hold", "completed": "afsluttet", "declined": "afvist", "redirected": "henvist_videre",
    "withdrawn": "trukket_tilbage", "expired": "udloebet", "failed": "mislykket", "revoked": "samtykke_trukket",
    "in_error": "fejlregistreret",
}
PHASE = {word: phase for phase, word in STATUS.items ()}
STATUS_TEXT = {
    "ny": "Ny", "oversendt": "Oversendt", "modtaget": "Modtaget", "accepteret": "Accepteret", "i_gang": "I gang",
    "paa_hold": "På hold", "afsluttet": "Afsluttet", "afvist": "Afvist", "henvist_videre": "Henvist videre",
    "trukket_tilbage": "Trukket tilbage", "udloebet": "Udløbet", "mislykket": "Mislykket",
    "samtykke_trukket": "Samtykke trukket tilbage", "fejlregistreret": "Fejlregistreret",
}
OUTCOME = {"SOLVED": "solved", "PARTLY": "partly_solved", "FUNDED": "funding_obtained", "ADVISED": "advised",
           "NOT_PURSUED": "not_pursued", "REFERRED_ON": "referred_on"}
OUTCOME_IN = {word: code for code, word in OUTCOME.items ()}
BASIS = {"CONSENT": "consent", "CONTRACT": "contract", "OBLIGATION": "legal_obligation", "PUBLIC_TASK": "public_task"}

# part of the content -> member in the JSON -> member in the case book; a list is marked by []
PARTS = {
    "organisation": ("client", {"name": "name", "country": "country", "registration_no": "number", "zip": "postcode",
                                "street_address": "address", "municipality": "municipality", "industry_codes[]": "nace",
                                "industry_version": "nace_version", "employees": "employees", "stage": "stage"}),
    "contact": ("contact", {"name": "name", "phone": "telephone", "email": "mail", "language": "language"}),
    "enquiry": ("need", {"description": "text", "language": "language", "topics[]": "themes", "tried_before": "tried",
                         "urgency": "urgency", "desired_by": "wished_date"}),
    "consent": ("basis", {"basis": "code", "given_by": "given_by", "given_on": "given_on", "how": "how",
                          "purpose": "purpose"}),
    "adviser": ("adviser", {"name": "name", "phone": "telephone", "email": "mail"}),
}
KIND_OUT = {"refer": "created", "ask": "question", "answer": "answer", "note": "note", "remind": "reminder",
            "withdraw_wish": "withdrawal_request", "contacted": "contact_made"}
KIND_IN = {word: kind for kind, word in KIND_OUT.items () if word != "created"}
BY_TARGET = {phase: kind for kind, phase in workflow.LEADS_TO.items () if kind not in ("start", "resume", "reopen", "refer")}


def part_out (name, values):
    _, members = PARTS[name]
    shown = {}
    for outer, inner in members.items ():
        empty = [] if outer.endswith ("[]") else ""
        shown[outer.removesuffix ("[]")] = (values or {}).get (inner, empty) or empty
    if name == "consent":
        shown["basis"] = BASIS.get (shown["basis"], "")
    return shown


def text_in (value, field):
    if value is None:
        return ""
    if not isinstance (value, str) or len (value) > 100000:
        raise Refused ("must be a text", field)
    return value


def part_in (name, values, field=None):
    """The case book's form of one part; members that are not sent are left out."""
    _, members = PARTS[name]
    field = field or name
    if values is None:
        return {}
    if not isinstance (values, dict):
        raise Refused ("must be an object", field)
    taken = {}
    for outer, inner in members.items ():
        plain = outer.removesuffix ("[]")
        if plain not in values:
            continue
        value = values[plain]
        if outer.endswith ("[]"):
            if not isinstance (value, list):
                raise Refused ("must be a list", f"{field}.{plain}")
            taken[inner] = [text_in (item, f"{field}.{plain}") for item in value]
        else:
            taken[inner] = text_in (value, f"{field}.{plain}")
    if name == "consent" and taken.get ("code"):
        taken["code"] = code_in (taken["code"], {word: code for code, word in BASIS.items ()}, "consent.basis")
    return taken


def code_in (value, table, field):
    if value not in table:
        raise Refused (f"{value!r} is none of {', '.join (table)}", field)
    return table[value]


def content_in (body):
    return {PARTS[name][0]: part_in (name, body[name]) for name in PARTS if name in body}


def case_out (case, former_keys=()):
    content = case["content"]
    status = STATUS[case["phase"]]
    shown = {name: part_out (name, content.get (part)) for name, (part, _) in PARTS.items ()}
    shown["organisation"]["id"] = case["custom"].get ("_organisation")
    shown["contact"]["id"] = case["custom"].get ("_contact")
    outgoing = case["direction"] == "outgoing"
    picked = {**case["service"], "external_key": case["service_key"]} if outgoing and case["service"] else None
    return {
        "id": case["id"], "number": case["number"], "direction": case["direction"], "status": status,
        "status_text": STATUS_TEXT[status], "external_key": case["external_key"],
        "external_reference": case["external_reference"], "custom_fields": custom_out (case), **shown,
        "partner": case["partner"] or "", "partner_case_number": case["partner_case"],
        "service_code": None if outgoing else case["service_key"], "external_service": picked,
        "outcome_code": OUTCOME.get (case["outcome"]), "reason_code": case["obstacle"],
        "suggested_receiver": case["suggested"], "withdrawal_requested": bool (case["wish"]),
        "erased": bool (case["erased"]), "former_keys": list (former_keys), "created_at": case["created_at"],
        "updated_at": case["updated_at"], "version": case["version"],
    }


def custom_out (case):
    return {name: value for name, value in case["custom"].items () if not name.startswith ("_")}


def activity_out (event, file_ids):
    codes = event["codes"]
    kind = KIND_OUT.get (event["kind"], "status_change")
    author = part_out ("adviser", event["author"])
    changes = kind == "status_change"
    return {
        "id": event["id"], "case_id": event["case_id"], "kind": kind,
        "status": STATUS[event["phase"]] if changes else None,
        "previous_status": STATUS[event["phase_before"]] if changes else None, "text": event["text"] or "",
        "reason_code": codes.get ("obstacle"), "reason_level": codes.get ("level"),
        "reason_effect": codes.get ("effect"), "outcome_code": OUTCOME.get (codes.get ("outcome")),
        "suggested_receiver": codes.get ("suggested"), "question_no": codes.get ("question"),
        "appointment": event["appointment"], "partner_case_number": codes.get ("partner_case"),
        "attachment_ids": file_ids, "author": author, "origin": event["origin"], "external_key": event["external_key"],
        "occurred_at": codes.get ("occurred_at"), "created_at": event["at"],
    }


def kind_for (status, before):
    """Which event a change of status is, and the phase it leads to."""
    phase = code_in (status, PHASE, "status")
    if phase == "in_progress":
        return {"on_hold": "resume", "completed": "reopen", "failed": "reopen"}.get (before, "start"), phase
    return BY_TARGET.get (phase, "note"), phase


def activity_in (body, case):
    """The arguments of System.record for an activity that the interface writes."""
    kind = body.get ("kind")
    if kind == "status_change":
        name, phase = kind_for (body.get ("status"), case["phase"])
    else:
        name, phase = code_in (kind, KIND_IN, "kind"), None
    order = {"kind": name, "phase": phase, "text": text_in (body.get ("text"), "text"),
             "author": part_in ("adviser", body.get ("author"), "author"),
             "external_key": text_in (body.get ("external_key"), "external_key") or None}
    for member, code, table in (("reason_code", "obstacle", workflow.OBSTACLES), ("reason_level", "level", workflow.LEVELS),
                                ("reason_effect", "effect", workflow.EFFECTS)):
        if body.get (member):
            order[code] = code_in (body[member], {word: word for word in table}, member)
    if body.get ("outcome_code"):
        order["outcome"] = code_in (body["outcome_code"], OUTCOME_IN, "outcome_code")
    for member, code in (("suggested_receiver", "suggested"), ("partner_case_number", "partner_case"),
                         ("occurred_at", "occurred_at")):
        if body.get (member):
            order[code] = text_in (body[member], member)
    return order | _question_and_appointment (body, name)


def _question_and_appointment (body, kind):
    order = {}
    number = body.get ("question_no")
    if number is not None:
        if not isinstance (number, int) or number < 1:
            raise Refused ("must be a number from 1", "question_no")
        order["question"] = number
    elif kind == "answer":
        raise Refused ("an answer names its question", "question_no")
    appointment = body.get ("appointment")
    if appointment is not None:
        if not isinstance (appointment, dict):
            raise Refused ("must be an object", "appointment")
        order["appointment"] = {name: text_in (appointment.get (name), f"appointment.{name}") for name in ("at", "place")}
    return order


def service_out (row):
    return {**row["body"], "id": row["id"], "code": row["key"], "updated_at": row["updated_at"],
            "version": row["version"]}


EXTERNAL_TEXTS = ("title", "teaser", "description", "provider_name", "partner", "country", "category", "price_text", "link",
                  "status")


def external_in (body):
    service = {name: text_in (body.get (name), name) for name in EXTERNAL_TEXTS}
    if not service["title"]:
        raise Refused ("is missing", "title")
    topics, custom = body.get ("topics") or [], body.get ("custom_fields") or {}
    if not isinstance (topics, list) or not isinstance (custom, dict):
        raise Refused ("topics is a list, custom_fields an object", "topics")
    return {**service, "topics": [text_in (topic, "topics") for topic in topics], "custom_fields": custom}


def external_out (row):
    return {"external_key": row["key"], **row["body"], "updated_at": row["updated_at"], "version": row["version"]}
