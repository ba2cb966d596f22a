#!/usr/bin/python3
"""The HTTP connector gets along with the CRM, its faults included."""
import json
import os
import sys

sys.dont_write_bytecode = True
sys.path.insert (0, os.path.dirname (os.path.abspath (__file__)))

from connecting import Connector
from tap import run, wait_for

CONFIG = """[http]
url = http://127.0.0.1:{port}
client_id = {client_id}
client_secret = file:secret
timeout = 5 s
try_for = {try_for}
webhook_listen = 127.0.0.1:0
webhook_secret = hook-secret
webhook_signature = X-CRM-Signature
"""
CASE = {"external_key": "ref-1", "partner": "Aust-Agder", "status": "modtaget",
        "organisation": {"name": "Sæby Bådeværft", "country": "DK", "registration_no": "29826358"},
        "enquiry": {"description": "Vil teste\nnot i sjø"}}


def connector_for (crm, try_for="20 s"):
    with open (crm.path ("api-client.json"), encoding="utf-8") as file:
        client = json.load (file)
    with open (crm.path ("port"), encoding="ascii") as file:
        port = file.read ().strip ()
    with open (os.open (crm.path ("secret"), os.O_WRONLY | os.O_CREAT, 0o600), "w", encoding="ascii") as file:
        file.write (client["client_secret"] + "\n")
    return Connector ("http", crm.state, CONFIG.format (port=port, client_id=client["client_id"], try_for=try_for))


def find (http, key):
    return http.done (method="GET", path="/cases", query={"external_key": key})["json"]["items"]


def a_case (tap, http):
    made = http.done (method="POST", path="/cases", json=CASE)
    tap.same (made["status"], 201, "a case is created")
    number = made["json"]["id"]
    again = http.done (method="POST", path="/cases", json=CASE, accept=[409])
    tap.same ((again["status"], again["json"]["existing_id"]), (409, number), "a second one of the same key is told apart")
    refused = http.request (method="POST", path="/cases", json=CASE)
    tap.same ((refused["result"], refused["response"]["status"]), ("REFUSED", 409), "and is a refusal where the dialogue does not accept it")
    case = http.done (method="GET", path=f"/cases/{number}")
    tap.ok (case["json"]["organisation"]["name"] == "Sæby Bådeværft" and case["headers"]["etag"], "it is read back", case)
    changed = http.done (method="PATCH", path=f"/cases/{number}", headers={"If-Match": case["headers"]["etag"]},
                         json={"external_reference": "KA-7F3-9"})
    tap.same (changed["json"]["external_reference"], "KA-7F3-9", "it is changed, by its ETag")
    stale = http.done (method="PATCH", path=f"/cases/{number}", headers={"If-Match": case["headers"]["etag"]}, json={}, accept=[412])
    tap.same (stale["status"], 412, "a stale ETag is told")
    return number


def attachments (tap, http, number):
    paper = {"name": "plan.txt", "media_type": "text/plain", "text": "not i sjø " * 1000}
    sent = http.request (attachments=[paper], method="POST", path="/uploads", attachment=0)
    digest = http.request (attachments=[paper], digest=0)["response"]
    upload = sent["response"]["json"]
    tap.same (upload["sha256"], digest["sha256"], "an attachment goes up whole")
    link = http.done (method="POST", path=f"/cases/{number}/attachments",
                      json={"upload_token": upload["upload_token"], "name": "plan.txt", "media_type": "text/plain", "external_key": "a-1"})
    content = http.ask (fetch={"method": "GET", "path": f"/attachments/{link['json']['id']}/content"})
    tap.ok (content["response"] == paper["text"], "and comes down whole")


def faults (tap, crm, http):
    crm.act ("fault", "expire-tokens")
    tap.same (len (find (http, "ref-1")), 1, "a token that has ended is renewed")
    crm.act ("fault", "throttle", "2")
    tap.same (len (find (http, "ref-1")), 1, "429 is waited out")
    crm.act ("fault", "fail", "2")
    tap.same (len (find (http, "ref-1")), 1, "a failing GET is tried again")
    crm.act ("fault", "throttle", "1")
    tap.same (http.request (method="POST", path="/cases", json=CASE | {"external_key": "ref-2"})["result"], "OK", "a throttled POST too")
    crm.act ("fault", "lose-answer", "1")
    lost = http.request (method="POST", path="/cases", json=CASE | {"external_key": "ref-3"})
    tap.ok (lost["result"] == "LATER" and "not known" in lost["problem"], "a POST whose answer is lost is not sent again", lost)
    tap.same (len (find (http, "ref-3")), 1, "and looking it up finds the one case")


def webhooks (tap, crm, http, number):
    address = http.done (webhook=True)
    registered = http.done (method="PUT", path="/webhook", json=address)
    tap.same (registered["json"]["url"], address["url"], "the webhook's address is registered")
    crm.act ("fault", "twice", "1")
    crm.act ("note", str (number), "Ringet til kunden")
    hints = []

    def come ():
        http.ask (wait=1000)
        hints.extend (http.ask (hints=True)["response"])
        return any (hint["event"] == "activity.created" and hint["origin"] == "user" for hint in hints)
    tap.ok (wait_for (come, "a webhook"), "a person's act comes as a hint, its signature checked")
    tap.ok (all (hint["case_id"] == number for hint in hints), "that names the case", hints)


def away (tap, crm, number):
    impatient = connector_for (crm, "0 s")
    crm.kill ()
    gone = impatient.request (method="GET", path=f"/cases/{number}")
    tap.ok (gone["result"] == "LATER" and "nothing was sent" in gone["problem"], "a system that is gone is put off", gone)
    with open (crm.path ("port"), encoding="ascii") as file:
        before = file.read ()
    crm.start ()
    wait_for (lambda: impatient.request (method="GET", path=f"/cases/{number}")["result"] == "OK", "the CRM is back")
    with open (crm.path ("port"), encoding="ascii") as file:
        tap.same (file.read (), before, "and found again when it is back")
    tap.ok (impatient.end (), "the connector ends in order")


def test (tap, crm):
    crm.start ()
    wait_for (lambda: os.path.exists (crm.path ("port")) and os.path.exists (crm.path ("api-client.json")), "the CRM")
    http = connector_for (crm)
    number = a_case (tap, http)
    attachments (tap, http, number)
    faults (tap, crm, http)
    webhooks (tap, crm, http, number)
    tap.ok (http.end (), "the connector ends in order")
    away (tap, crm, number)


if __name__ == "__main__":
    run (test, "crm")
