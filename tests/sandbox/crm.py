#!/usr/bin/python3
"""The CRM's stand-in keeps what adapters/sandbox/crm/openapi.yaml says."""
import hashlib
import hmac
import http.server
import json
import os
import queue
import re
import sys
import threading
import time
import urllib.error
import urllib.request

sys.dont_write_bytecode = True
sys.path.insert (0, os.path.dirname (os.path.abspath (__file__)))

from tap import SANDBOX, run, wait_for

sys.path.insert (0, SANDBOX)
from crm import api

CASE = {"external_key": "ref-1", "partner": "Aust-Agder fylkeskommune", "status": "modtaget", "service_code": "EN-OFF-02",
        "organisation": {"name": "Tromøy Verksted", "country": "NO", "registration_no": "974760673"}, "enquiry": {"description": "Vil inn i havvind"}}


class Client:
    """The interface as any HTTP client sees it."""

    def __init__ (self, crm):
        with open (crm.path ("port"), encoding="ascii") as file:
            self.url = f"http://127.0.0.1:{file.read ().strip ()}"
        with open (crm.path ("api-client.json"), encoding="utf-8") as file:
            self.client = json.load (file)
        self.log_in ()

    def log_in (self):
        form = f"grant_type=client_credentials&client_id={self.client['client_id']}&client_secret={self.client['client_secret']}"
        self.token = self.send ("POST", "/oauth/token", form.encode (), {})[1]["access_token"]

    def send (self, method, path, data, headers):
        """Status, body, header fields."""
        request = urllib.request.Request (self.url + path, data=data, method=method, headers=headers)
        try:
            with urllib.request.urlopen (request, timeout=20) as answer:
                status, data, fields = answer.status, answer.read (), answer.headers
        except urllib.error.HTTPError as error:
            status, data, fields = error.code, error.read (), error.headers
        is_json = fields.get ("Content-Type", "").startswith ("application/json")
        return status, json.loads (data) if is_json and data else data, fields

    def call (self, method, path, body=None, **headers):
        fields = {"Authorization": "Bearer " + self.token, "Content-Type": "application/json"} | {n.replace ("_", "-"): v for n, v in headers.items ()}
        return self.send (method, path, None if body is None else json.dumps (body).encode (), fields)

    def get (self, path):
        return self.call ("GET", path)[1]


class Hooks:
    """Takes webhooks; each is (signature is good, event)."""

    def __init__ (self, secret):
        self.came = queue.Queue ()
        hooks = self

        class Handler (http.server.BaseHTTPRequestHandler):
            def do_POST (self):
                data = self.rfile.read (int (self.headers["Content-Length"]))
                want = "sha256=" + hmac.new (secret.encode (), data, hashlib.sha256).hexdigest ()
                hooks.came.put ((self.headers["X-CRM-Signature"] == want, json.loads (data)))
                self.send_response (204)
                self.end_headers ()

            def log_message (self, *_):
                """A test's own output is TAP."""

        self.server = http.server.HTTPServer (("127.0.0.1", 0), Handler)
        threading.Thread (target=self.server.serve_forever, daemon=True).start ()
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook"

    def until_note (self, text, client):
        """All events up to the one that tells of this note."""
        events = []
        while True:
            good, event = self.came.get (timeout=30)
            events.append ((good, event))
            if event["event"] == "activity.created" and any (a["id"] == event["activity_id"] and a["text"] == text
                                                             for a in client.get (f"/cases/{event['case_id']}/activities?size=100")["items"]):
                return events


def described (tap):
    with open (os.path.join (SANDBOX, "crm", "openapi.yaml"), encoding="utf-8") as file:
        text = file.read ().split ("\npaths:\n")[1].split ("\ncomponents:")[0]
    paths, methods = None, set ()
    for line in text.splitlines ():
        if found := re.fullmatch (r"  (/\S+):", line):
            paths = re.sub (r"\{external_key\}", "(.+)", re.sub (r"\{id\}", r"(\\d+)", found[1]))
        elif found := re.fullmatch (r"    (get|post|put|patch|delete):", line):
            methods.add ((found[1].upper (), paths + "$"))
    tap.same ({(method, pattern.pattern) for method, pattern, _ in api.ROUTES}, methods, "the interface is what openapi.yaml describes, no more and no less")


def tokens (tap, crm, client):
    tap.same (client.send ("GET", "/cases", None, {})[0], 401, "nothing without a token")
    tap.same (client.send ("POST", "/oauth/token", b"grant_type=client_credentials&client_id=x&client_secret=y", {})[0], 401, "no token for a wrong secret")
    crm.act ("fault", "expire-tokens")
    tap.same (client.call ("GET", "/cases")[:2], (401, {"error": "token_expired"}), "a token ends")
    client.log_in ()
    tap.same (client.call ("GET", "/cases")[0], 200, "and another one is given")


def a_case_comes (tap, crm, client):
    status, case, fields = client.call ("POST", "/cases", CASE)
    tap.same ((status, case["direction"], case["status"], case["organisation"]["name"]), (201, "incoming", "modtaget", "Tromøy Verksted"), "a case is created")
    again = client.call ("POST", "/cases", CASE)
    tap.same ((again[0], again[1]["existing_id"], again[1]["state"]), (409, case["id"], "open"), "a key that is taken is told, with its case")
    seen = crm.show (case["number"])
    tap.same ((seen["phase"], seen["service_title"], seen["client"]["number"]), ("received", "Serviceteknikere til havvind", "974760673"), "the adviser sees it")
    for body, field in (({**CASE, "external_key": "x", "organisation": {}}, "organisation.name"), ({**CASE, "external_key": "x", "status": "sovende"}, "status"),
                        ({**CASE, "external_key": "x", "enquiry": {"topics": "eksport"}}, "enquiry.topics")):
        answer = client.call ("POST", "/cases", body)
        tap.same ((answer[0], answer[1]["field"]), (422, field), f"refused by field: {field}")
    tap.same (len (client.get ("/cases?external_key=x")["items"]), 0, "and nothing was created")
    return case["id"], fields["ETag"]


def changes (tap, client, case_id, mark):
    path = f"/cases/{case_id}"
    tap.same (client.call ("PATCH", path, {"external_reference": "KA-1"})[0], 428, "no change without If-Match")
    tap.same (client.call ("PATCH", path, {"external_reference": "KA-1"}, If_Match=mark)[0], 200, "a change by its ETag")
    tap.same (client.call ("PATCH", path, {"external_reference": "KA-2"}, If_Match=mark)[0], 412, "not by an old one")
    note = {"kind": "note", "external_key": "m-1", "text": "Hej"}
    first, second = client.call ("POST", path + "/activities", note), client.call ("POST", path + "/activities", note)
    tap.same ((first[0], second[0], second[1]["existing_id"]), (201, 409, first[1]["id"]), "an activity's key is known again")
    client.call ("POST", path + "/activities", {"kind": "status_change", "status": "accepteret"})
    tap.same (client.get (path)["status"], "accepteret", "the interface may set any status")


def people_act (tap, crm, client, case_id):
    number = client.get (f"/cases/{case_id}")["number"]
    tap.ok ("not possible" in crm.act ("accept", number, fails=True), "the button is grey in a case that was accepted")
    crm.act ("start", number)
    crm.act ("complete", number, "Færdig", "--outcome", "SOLVED")
    last = client.get (f"/cases/{case_id}/activities?size=100")["items"][-1]
    tap.same ((last["kind"], last["status"], last["previous_status"], last["outcome_code"], last["origin"], last["text"]),
              ("status_change", "afsluttet", "i_gang", "solved", "user", "Færdig"), "a person's act is an activity")
    client.call ("PUT", "/external-services/agder%2FA-1", {"title": "Prøvestasjon", "partner": "Aust-Agder fylkeskommune"})
    own = crm.act ("refer", "--service", "agder/A-1", "--client", "Sæby Bådeværft", "--need", "Vil prøve not")
    sent = [case for case in client.get ("/cases?direction=outgoing")["items"] if case["number"] == own][0]
    tap.same ((sent["status"], sent["partner"], sent["external_service"]["external_key"]), ("oversendt", "Aust-Agder fylkeskommune", "agder/A-1"), "a neighbour's service is picked")
    return number, sent["id"]


def pages_shift (tap, crm, client):
    keys = [f"page-{i}" for i in range (6)]
    for key in keys:
        client.call ("POST", "/cases", {**CASE, "external_key": key})
    first = client.get ("/cases?sort=updated&size=5&page=1")
    crm.act ("fault", "shift", "1")
    again = client.get ("/cases?sort=updated&size=5&page=1")
    moved = client.get ("/cases?sort=updated&size=5&page=1")
    tap.same ([c["id"] for c in again["items"]], [c["id"] for c in first["items"]], "a page is a page")
    tap.same ([c["id"] for c in moved["items"][:4]], [c["id"] for c in first["items"][1:]], "and shifts when somebody edits meanwhile")
    since = moved["items"][-1]["updated_at"]
    tap.ok (all (c["updated_at"] >= since for c in client.get (f"/cases?updated_since={since}&size=100")["items"]), "updated_since leaves out what is older")


def attachments (tap, client, case_id):
    data = bytes (range (256)) * 40
    status, upload, _ = client.send ("POST", "/uploads", data, {"Authorization": "Bearer " + client.token, "Content-Type": "application/pdf"})
    tap.same ((status, upload["sha256"]), (201, hashlib.sha256 (data).hexdigest ()), "bytes go up in one step")
    link = {"upload_token": upload["upload_token"], "name": "plan.pdf", "media_type": "application/pdf", "external_key": "a-1"}
    tap.same ([client.call ("POST", f"/cases/{case_id}/attachments", link)[0] for _ in range (2)], [201, 409], "and are linked in a second, once")
    found = client.get (f"/cases/{case_id}/attachments")["items"][-1]
    tap.same (client.get (f"/attachments/{found['id']}/content"), data, "they come down as they were")


def webhooks (tap, crm, client, case_id):
    number = client.get (f"/cases/{case_id}")["number"]
    hooks = Hooks ("hemmelig")
    client.call ("PUT", "/webhook", {"url": hooks.url, "secret": "hemmelig"})
    tap.ok ("secret" not in client.get ("/webhook"), "the secret is not given out")
    crm.act ("note", number, "en")
    events = hooks.until_note ("en", client)
    tap.ok (all (good and event["case_id"] == case_id and event["origin"] == "user" for good, event in events), "webhooks are signed and name the case", events)
    crm.act ("fault", "webhook-double", "100")
    crm.act ("note", number, "to")
    events = hooks.until_note ("to", client)
    deliveries = [event["delivery"] for _, event in events]
    crm.act ("fault", "back")
    crm.act ("fault", "webhook-loss", "100")
    crm.act ("note", number, "tabt")
    crm.act ("fault", "back")
    crm.act ("note", number, "tre")
    deliveries += [event["delivery"] for _, event in hooks.until_note ("tre", client)]
    tap.ok (len (set (deliveries)) < len (deliveries), "a doubled one has the same delivery id", deliveries)
    lost = [a["id"] for a in client.get (f"/cases/{case_id}/activities?size=100")["items"] if a["text"] == "tabt"]
    tap.ok (lost and hooks.came.empty (), "a lost one never comes; what it was about is there to be read")
    client.call ("DELETE", "/webhook")
    hooks.server.shutdown ()


def merging_erasing_deleting (tap, crm, client, number, other):
    case = crm.show (number)
    other_number = client.get (f"/cases/{other}")["number"]
    crm.act ("merge", number, other_number)
    gone = client.call ("GET", f"/cases/{case['id']}")
    tap.same ((gone[0], gone[1]["error"], gone[1]["merged_into"]), (410, "merged", other), "a merged case says where it went")
    tap.same (client.get (f"/cases/{other}")["former_keys"], ["ref-1"], "and its key is known there")
    client.call ("POST", f"/cases/{other}/erase")
    erased = client.get (f"/cases/{other}")
    texts = [a["text"] + a["author"]["name"] for a in client.get (f"/cases/{other}/activities?size=100")["items"]]
    tap.ok (erased["erased"] and not erased["organisation"]["name"] and not any (texts) and not client.get (f"/cases/{other}/attachments")["items"],
            "erasing takes firm, persons, texts and bytes", erased)
    tap.ok (all (o["name"] != "Sæby Bådeværft" for o in client.get ("/organisations?size=100")["items"]), "and the organisation, where no other case has it")
    crm.act ("delete", other_number)
    tap.same (client.call ("GET", f"/cases/{other}")[:2], (410, {"error": "deleted"}), "a deleted case is gone")


def faults (tap, crm, client):
    crm.act ("fault", "throttle")
    status, _, fields = client.call ("GET", "/cases")
    tap.same ((status, fields["Retry-After"]), (429, "1"), "too many requests, and when to come again")
    crm.act ("fault", "fail")
    tap.same (client.call ("GET", "/cases")[0], 500, "it fails")
    crm.act ("fault", "lose-answer")
    try:
        client.call ("POST", "/cases", {**CASE, "external_key": "lost"})
        tap.ok (False, "an answer that was to be lost came")
    except OSError:
        tap.same (len (client.get ("/cases?external_key=lost")["items"]), 1, "an answer is lost, what was asked is done")
    crm.act ("fault", "slow", "300")
    began = time.monotonic ()
    client.get ("/cases")
    tap.ok (time.monotonic () - began >= 0.3, "it is slow")
    crm.act ("fault", "back")


def a_restart (tap, crm, client):
    before = client.get ("/cases?size=100")["total"]
    crm.kill ()
    crm.start ()

    def back ():
        try:
            return client.get ("/cases?size=100")
        except OSError:
            return None
    tap.same (wait_for (back, "the CRM after kill -9")["total"], before, "after kill -9: the same port, token and cases")


def pages_for_people (tap, client):
    for path, word in (("/", "Tromøy Verksted"), ("/ydelser", "Prøvestasjon"), ("/sager/1", "Forløb")):
        status, data, _ = client.send ("GET", path, None, {})
        tap.ok (status == 200 and word in data.decode (), f"a page for people: {path}")


def test (tap, crm):
    described (tap)
    crm.start ()
    wait_for (lambda: os.path.exists (crm.path ("port")), "the CRM")
    client = Client (crm)
    tokens (tap, crm, client)
    case_id, mark = a_case_comes (tap, crm, client)
    changes (tap, client, case_id, mark)
    number, sent = people_act (tap, crm, client, case_id)
    pages_shift (tap, crm, client)
    attachments (tap, client, case_id)
    webhooks (tap, crm, client, case_id)
    pages_for_people (tap, client)
    merging_erasing_deleting (tap, crm, client, number, sent)
    faults (tap, crm, client)
    a_restart (tap, crm, client)


if __name__ == "__main__":
    run (test, "crm")
