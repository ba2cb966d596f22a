"""
records - the handlers for everything that is not a case: tokens, services, organisations,
contacts, attachments, the webhook's address.
"""
import json
import secrets
import time
from urllib.parse import unquote

from common.system import Refused, now_text

from . import shapes
from .answers import Problem, etag, page_of, require_case, require_match

UPLOAD_SECONDS = 86400


# ---------------------------------------------------------------- token
def token_post (request):
    form = dict (pair.split ("=", 1) for pair in request.data.decode ("ascii", "replace").split ("&") if "=" in pair)
    client = request.book.setting ("client")
    said = [unquote (form.get (name, "").replace ("+", " ")) for name in ("client_id", "client_secret")]
    if said != [client["client_id"], client["client_secret"]]:
        raise Problem (401, "invalid_client")
    seconds = request.book.setting ("token-seconds", 300)
    token = secrets.token_urlsafe (24)
    with request.book.change () as db:
        db.execute ("DELETE FROM tokens WHERE ends_at < ?", (time.time (),))
        db.execute ("INSERT INTO tokens VALUES (?, ?)", (token, time.time () + seconds))
    return 200, {"access_token": token, "token_type": "Bearer", "expires_in": seconds}, {}


def require_token (request):
    given = request.headers.get ("Authorization", "").removeprefix ("Bearer ")
    row = request.book.db.execute ("SELECT ends_at FROM tokens WHERE token = ?", (given,)).fetchone ()
    if row is None or row[0] < time.time ():
        raise Problem (401, "token_expired" if given else "token_missing", {"WWW-Authenticate": "Bearer"})


# ---------------------------------------------------------------- services
def services_get (request):
    where, values = "gone = 0", []
    if "updated_since" in request.query:
        where, values = where + " AND updated_at >= ?", [request.query["updated_since"]]
    if "status" in request.query:
        where, values = where + " AND json_extract (body, '$.status') = ?", values + [request.query["status"]]
    return page_of (request, request.book.count ("services", where, values), lambda limit, offset: [
        shapes.service_out (row) for row in request.book.listed ("services", where, values, "updated_at DESC, id", limit, offset)])


def service_get (request, service_id):
    found = request.book.listed ("services", "gone = 0 AND id = ?", (int (service_id),))
    if not found:
        raise Problem (404, "not_found")
    return 200, shapes.service_out (found[0]), {"ETag": etag (found[0]["version"])}


def externals_get (request):
    return page_of (request, request.book.count ("neighbours", "gone = 0"), lambda limit, offset: [
        shapes.external_out (row) for row in request.book.listed ("neighbours", order="key", limit=limit, offset=offset)])


def external_get (request, key):
    row = request.book.find_listed ("neighbours", unquote (key))
    if row is None:
        raise Problem (404, "not_found")
    return 200, shapes.external_out (row), {"ETag": etag (row["version"])}


def external_put (request, key):
    created = request.book.put_listed ("neighbours", unquote (key), shapes.external_in (request.body))
    return 201 if created else 200, shapes.external_out (request.book.find_listed ("neighbours", unquote (key))), {}


def external_delete (request, key):
    request.book.drop_listed ("neighbours", unquote (key))
    return 204, None, {}


# ---------------------------------------------------------------- organisations, contacts
def _rows (request, table, where="1", values=(), limit=-1, offset=0):
    return [dict (row) for row in request.book.db.execute (
        f"SELECT * FROM {table} WHERE {where} ORDER BY updated_at DESC, id LIMIT ? OFFSET ?", (*values, limit, offset))]


def _record_out (part, row):
    return {"id": row["id"], **shapes.part_out (part, json.loads (row["body"])), "updated_at": row["updated_at"]}


def _require_row (request, table, row_id):
    rows = _rows (request, table, "id = ?", (int (row_id),))
    if not rows:
        raise Problem (404, "not_found")
    return rows[0]


def _listing (request, table, part, filters):
    used = [name for name in filters if name in request.query]
    where = " AND ".join (f"{name} = ?" for name in used) or "1"
    values = [request.query[name] for name in used]
    return page_of (request, request.book.count (table, where, values), lambda limit, offset: [
        _record_out (part, row) for row in _rows (request, table, where, values, limit, offset)])


def organisations_get (request):
    return _listing (request, "organisations", "organisation", ("registration_no", "country"))


def organisations_post (request):
    client = shapes.part_in ("organisation", request.body)
    if not client.get ("name"):
        raise Refused ("is missing", "name")
    organisation_id, created = request.system.require_organisation (client)
    row = _require_row (request, "organisations", organisation_id)
    return 201 if created else 200, _record_out ("organisation", row), {"ETag": etag (row["version"])}


def organisation_get (request, organisation_id):
    row = _require_row (request, "organisations", organisation_id)
    return 200, _record_out ("organisation", row), {"ETag": etag (row["version"])}


def organisation_patch (request, organisation_id):
    with request.book.change () as db:
        row = _require_row (request, "organisations", organisation_id)
        require_match (request, row["version"])
        client = json.loads (row["body"]) | shapes.part_in ("organisation", request.body)
        db.execute ("UPDATE organisations SET body = ?, country = ?, registration_no = ?, updated_at = ?, "
                    "version = version + 1 WHERE id = ?", (json.dumps (client), client.get ("country", ""),
                                                           client.get ("number", ""), now_text (), row["id"]))
    return organisation_get (request, organisation_id)


def contacts_get (request):
    return _listing (request, "contacts", "contact", ("organisation_id",))


def contact_get (request, contact_id):
    row = _require_row (request, "contacts", contact_id)
    return 200, _record_out ("contact", row), {"ETag": etag (row["version"])}


# ---------------------------------------------------------------- attachments
def uploads_post (request):
    token = secrets.token_urlsafe (16)
    media_type = request.headers.get ("Content-Type", "application/octet-stream")
    with request.book.change () as db:
        db.execute ("DELETE FROM files WHERE case_id IS NULL AND julianday ('now') - julianday (at) > ?",
                    (UPLOAD_SECONDS / 86400,))
        file_id = request.book.add_file ("", media_type, request.data, token=token)
        row = db.execute ("SELECT size, sha256 FROM files WHERE id = ?", (file_id,)).fetchone ()
    return 201, {"upload_token": token, "size": row["size"], "sha256": row["sha256"]}, {}


def attachment_out (file):
    return {name: file[name] for name in ("id", "case_id", "name", "media_type", "size", "sha256", "external_key")} | {
        "activity_id": file["event_id"], "created_at": file["at"]}


def attachments_get (request, case_id):
    files = request.book.files (require_case (request, case_id)["id"])
    return page_of (request, len (files), lambda limit, offset: [
        attachment_out (file) for file in files[offset:offset + limit]])


def attachments_post (request, case_id):
    """Link what was uploaded; the token is used up, so a repeat is recognised by external_key."""
    body = request.body
    key = shapes.text_in (body.get ("external_key"), "external_key") or None
    with request.book.change () as db:
        case = require_case (request, case_id)
        taken = db.execute ("SELECT id FROM files WHERE external_key = ?", (key,)).fetchone ()
        if taken:
            raise Problem (409, "external_key_taken", existing_id=taken[0])
        token = shapes.text_in (body.get ("upload_token"), "upload_token")
        row = db.execute ("SELECT id, media_type FROM files WHERE token = ?", (token,)).fetchone ()
        if row is None:
            raise Refused ("is not known, or was linked already", "upload_token")
        if case["erased"]:
            raise Refused ("the case was erased", "case")
        event_id = body.get ("activity_id")
        if event_id is not None and (request.book.event (event_id) or {}).get ("case_id") != case["id"]:
            raise Refused ("is not an activity of this case", "activity_id")
        name = shapes.text_in (body.get ("name"), "name")
        db.execute ("UPDATE files SET case_id = ?, event_id = ?, name = ?, media_type = ?, external_key = ?, token = NULL "
                    "WHERE id = ?", (case["id"], event_id, name, body.get ("media_type") or row["media_type"], key, row["id"]))
        request.book.update_case (case["id"])
    return 201, attachment_out (request.book.file (row["id"])), {}


def content_get (request, file_id):
    file = request.book.file (int (file_id))
    if file is None:
        raise Problem (404, "not_found")
    return 200, request.book.file_bytes (file["id"]), {"Content-Type": file["media_type"]}


# ---------------------------------------------------------------- webhook
def webhook_get (request):
    return 200, {"url": (request.book.setting ("webhook") or {}).get ("url")}, {}


def webhook_put (request):
    url = shapes.text_in (request.body.get ("url"), "url")
    if not url.startswith (("http://", "https://")):
        raise Refused ("must be an http address", "url")
    secret = shapes.text_in (request.body.get ("secret"), "secret")
    request.book.set_setting ("webhook", {"url": url, "secret": secret})
    return webhook_get (request)


def webhook_delete (request):
    with request.book.change () as db:
        request.book.set_setting ("webhook", None)
        db.execute ("DELETE FROM webhooks")
    return 204, None, {}


def custom_in (body, before=None):
    """Free fields of a case; names that begin with _ are the vendor's own."""
    given = body.get ("custom_fields") or {}
    if not isinstance (given, dict):
        raise Refused ("must be an object", "custom_fields")
    own = {name: value for name, value in (before or {}).items () if name.startswith ("_")}
    return own | {name: value for name, value in given.items () if not name.startswith ("_")}
