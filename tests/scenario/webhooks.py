#!/usr/bin/python3
"""The CRM's webhooks bring news at once; doubled, late or lost, no act is lost and none is sent twice."""
import pathlib
import sys

sys.path.insert (0, str (pathlib.Path (__file__).resolve ().parents[1] / "lib"))
import partners
import tap
from network import Network

NEVER = "10 h"


def refer ():
    """The CRM's adviser refers a firm to Aust-Agder."""
    picked = tap.until ("Aust-Agder's offerings in the CRM", lambda: agder.neighbours_of (north) and north.neighbours_of (agder), 60)[0]
    return north.act ("refer", "--service", picked["key"], "--client", "Sæby Bådeværft", "--need", "Vil prøve not")


def notes_at_the_other ():
    return [e["text"] for e in agder.case (reference)["events"] if e["kind"] == "note" and e["by"] == "other"]


def they_bring_news ():
    global number, reference
    tap.until ("the address is registered", lambda: north.settings ().get ("webhook"))
    number = refer ()
    reference = tap.until ("a reference", lambda: north.case (number)["reference"], 60)
    tap.until ("the case in the archive", lambda: agder.case (reference), 60)
    tap.ok (True, f"a referral leaves the CRM by a webhook alone: cases are read every {NEVER}")


def doubled_and_late ():
    for fault in (("webhook-double", "100"), ("webhook-late", "1500")):
        north.act ("fault", *fault)
    for text in ("note 1", "note 2", "note 3"):
        north.act ("note", number, text)
    tap.until ("the third note", lambda: "note 3" in notes_at_the_other (), 60)
    tap.equal (notes_at_the_other (), ["note 1", "note 2", "note 3"], "doubled and late ones: each act arrives once, in order")
    north.act ("fault", "back")


def lost ():
    north.act ("fault", "lose", "2")   # case.updated and activity.created
    north.act ("note", number, "note 4")
    north.act ("note", number, "note 5")
    tap.until ("the fifth note", lambda: "note 5" in notes_at_the_other (), 60)
    tap.equal (notes_at_the_other ()[3:], ["note 4", "note 5"], "one whose webhooks were lost comes with the next")


def without_any ():
    north.act ("fault", "webhook-loss", "100")
    north.adapter.stop ()
    north.act ("note", number, "note 6")
    north.configure (every="1 s")
    north.adapter.start ()
    tap.until ("the sixth note", lambda: "note 6" in notes_at_the_other (), 60)
    north.act ("note", number, "note 7")
    tap.until ("the seventh note", lambda: "note 7" in notes_at_the_other (), 60)
    tap.equal (notes_at_the_other (), [f"note {i}" for i in range (1, 8)], "without any webhook reading finds all, and none twice")


def forged ():
    import urllib.error
    import urllib.request
    request = urllib.request.Request (north.settings ()["webhook"]["url"], data=b'{"event": "case.updated"}', method="POST",
                                      headers={"Content-Type": "application/json", "X-CRM-Signature": "sha256=" + "0" * 64})
    try:
        status = urllib.request.urlopen (request, timeout=10).status
    except urllib.error.HTTPError as error:
        status = error.code
    tap.ok (400 <= status < 500, f"a webhook with a wrong signature is refused: {status}")


with Network ("webhooks") as net:
    north, office, agder = partners.bring_up (net, crm={"every": NEVER})
    tap.run (they_bring_news, doubled_and_late, lost, without_any, forged)
