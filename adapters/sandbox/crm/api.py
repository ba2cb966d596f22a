"""
api - what each path of openapi.yaml does.

A handler gets a Request and gives (status, body, headers); body None is no content.  The table
ROUTES at the end is the whole interface; a test holds it against openapi.yaml.
"""
import re

from common.system import Refused, Taken

from . import records, shapes
from .answers import Problem, etag, page_of, require_case, require_match

LIVE = "deleted = 0 AND merged_into IS NULL"


# ---------------------------------------------------------------- cases
def case_answer (request, case_id, status=200):
    case = request.book.case (case_id)
    shown = shapes.case_out (case, request.system.former_keys (case_id))
    return status, shown, {"ETag": etag (case["version"])}


def cases_get (request):
    where, values = LIVE, []
    query = request.query
    if "external_key" in query:
        known = request.book.find_key (query["external_key"])
        where += " AND id = ?"
        values.append ((known["merged_into"] or known["id"]) if known else 0)
    for name, column, table in (("status", "phase", shapes.PHASE), ("direction", "direction", None)):
        if name in query:
            where += f" AND {column} = ?"
            values.append (shapes.code_in (query[name], table, name) if table else query[name])
    if "updated_since" in query:
        where += " AND updated_at >= ?"
        values.append (query["updated_since"])
    way = "" if query.get ("sort") == "updated" else " DESC"
    answer = page_of (request, request.book.count ("cases", where, values), lambda limit, offset: [
        shapes.case_out (case, request.system.former_keys (case["id"]))
        for case in request.book.cases (where, values, f"updated_at{way}, id{way}", limit, offset)])
    if request.book.spend ("fault-shift"):
        _somebody_edits (request)
    return answer


def _somebody_edits (request):
    oldest = request.book.cases (LIVE, order="updated_at", limit=1)
    for case in oldest:
        with request.book.change ():
            request.book.update_case (case["id"])
            request.system.tell ("case.updated", "user", case_id=case["id"])


def taken_answer (request, existing):
    case = request.book.case (existing)
    state = "deleted" if case["deleted"] else "merged" if case["merged_into"] else "open"
    return Problem (409, "external_key_taken", existing_id=case["merged_into"] or case["id"], state=state)


def cases_post (request):
    body = request.body
    content = shapes.content_in (body)
    if not content.get ("client", {}).get ("name"):
        raise Refused ("is missing", "organisation.name")
    direction = shapes.code_in (body.get ("direction", "incoming"), {w: w for w in ("internal", "outgoing", "incoming")}, "direction")
    members = {name: shapes.text_in (body.get (outer), outer) or None for outer, name in (
        ("external_reference", "external_reference"), ("partner", "partner"), ("partner_case_number", "partner_case"),
        ("service_code", "service_key"))}
    own = request.book.find_listed ("services", members["service_key"])
    members |= {"custom": records.custom_in (body), "service": {"title": own["body"]["title"]} if own else None}
    phase = shapes.code_in (body.get ("status", "modtaget"), shapes.PHASE, "status")
    key = shapes.text_in (body.get ("external_key"), "external_key") or None
    try:
        case_id = request.system.open_case (content, key, direction, phase, **members)
    except Taken as taken:
        raise taken_answer (request, taken.existing) from None
    return case_answer (request, case_id, 201)


def case_get (request, case_id):
    return case_answer (request, require_case (request, case_id)["id"])


def case_patch (request, case_id):
    body = request.body
    with request.book.change ():
        case = require_case (request, case_id)
        require_match (request, case["version"])
        members = {name: shapes.text_in (body[outer], outer) or None for outer, name in (
            ("external_key", "external_key"), ("external_reference", "external_reference"),
            ("partner_case_number", "partner_case"), ("partner", "partner")) if outer in body}
        if "custom_fields" in body:
            members["custom"] = records.custom_in (body, case["custom"])
        if not case["erased"]:
            content = case["content"]
            for part, values in shapes.content_in (body).items ():
                content[part] = content.get (part, {}) | values
            members["content"] = content
        try:
            request.book.update_case (case["id"], **members)
        except Taken as taken:
            raise taken_answer (request, taken.existing) from None
        if "status" in body and body["status"] != shapes.STATUS[case["phase"]]:
            order = shapes.activity_in ({**body, "kind": "status_change", "external_key": None}, case)
            request.system.record (case["id"], order.pop ("kind"), "api", **order)
        else:
            request.system.tell ("case.updated", "api", case_id=case["id"])
    return case_answer (request, case["id"])


def case_erase (request, case_id):
    case = require_case (request, case_id)
    with request.book.change ():
        request.system.erase (case["id"])
        request.system.tell ("case.updated", "api", case_id=case["id"])
    return case_answer (request, case["id"])


# ---------------------------------------------------------------- activities, questions
def _activity (request, event):
    file_ids = [file["id"] for file in request.book.files (event["case_id"]) if file["event_id"] == event["id"]]
    return shapes.activity_out (event, file_ids)


def activities_get (request, case_id):
    case = require_case (request, case_id)
    return page_of (request, request.book.count ("events", "case_id = ?", (case["id"],)), lambda limit, offset: [
        _activity (request, event) for event in request.book.events (case["id"], limit, offset)])


def activities_post (request, case_id):
    with request.book.change ():
        case = require_case (request, case_id)
        order = shapes.activity_in (request.body, case)
        try:
            event_id = request.system.record (case["id"], order.pop ("kind"), "api", **order)
        except Taken as taken:
            raise Problem (409, "external_key_taken", existing_id=taken.existing,
                           case_id=request.book.event (taken.existing)["case_id"]) from None
    return 201, _activity (request, request.book.event (event_id)), {}


def questions_get (request, case_id):
    case = require_case (request, case_id)
    questions = [{("question_no" if name == "number" else name): value for name, value in question.items ()}
                 for question in request.book.questions (case["id"])]
    return page_of (request, len (questions), lambda limit, offset: questions[offset:offset + limit])


# ---------------------------------------------------------------- table
ROUTES = [(method, re.compile (pattern + "$"), handler) for method, pattern, handler in (
    ("POST", "/oauth/token", records.token_post),
    ("GET", "/organisations", records.organisations_get),
    ("POST", "/organisations", records.organisations_post),
    ("GET", r"/organisations/(\d+)", records.organisation_get),
    ("PATCH", r"/organisations/(\d+)", records.organisation_patch),
    ("GET", "/contacts", records.contacts_get),
    ("GET", r"/contacts/(\d+)", records.contact_get),
    ("GET", "/services", records.services_get),
    ("GET", r"/services/(\d+)", records.service_get),
    ("GET", "/external-services", records.externals_get),
    ("GET", "/external-services/(.+)", records.external_get),
    ("PUT", "/external-services/(.+)", records.external_put),
    ("DELETE", "/external-services/(.+)", records.external_delete),
    ("GET", "/cases", cases_get),
    ("POST", "/cases", cases_post),
    ("GET", r"/cases/(\d+)", case_get),
    ("PATCH", r"/cases/(\d+)", case_patch),
    ("GET", r"/cases/(\d+)/activities", activities_get),
    ("POST", r"/cases/(\d+)/activities", activities_post),
    ("GET", r"/cases/(\d+)/questions", questions_get),
    ("GET", r"/cases/(\d+)/attachments", records.attachments_get),
    ("POST", r"/cases/(\d+)/attachments", records.attachments_post),
    ("POST", r"/cases/(\d+)/erase", case_erase),
    ("POST", "/uploads", records.uploads_post),
    ("GET", r"/attachments/(\d+)/content", records.content_get),
    ("GET", "/webhook", records.webhook_get),
    ("PUT", "/webhook", records.webhook_put),
    ("DELETE", "/webhook", records.webhook_delete),
)]


def answer (request):
    """Route one request; gives status, body, headers."""
    try:
        if request.path != "/oauth/token":
            records.require_token (request)
        methods = []
        for method, pattern, handler in ROUTES:
            match = pattern.match (request.path)
            if match and method == request.method:
                return handler (request, *match.groups ())
            if match:
                methods.append (method)
        if methods:
            raise Problem (405, "method_not_allowed", {"Allow": ", ".join (methods)})
        raise Problem (404, "not_found")
    except Problem as problem:
        return problem.status, problem.body, problem.headers
    except Refused as refused:
        return 422, {"error": "invalid", "field": refused.field, "message": str (refused)}, {}


