"""
report - what happened, as a person wants to read it: offerings, both sides' timelines, the audit trail.
"""
import shlex
from datetime import datetime
from zoneinfo import ZoneInfo

import place
from say import heading, room
from story import FIRM, table

WORDS = {
    "refer": "the firm is handed over", "receipt": "received there", "ask": "a question", "answer": "an answer", "accept": "accepted",
    "start": "begun", "contacted": "the firm was called", "complete": "completed", "note": "a note", "remind": "a reminder",
}
INDENT = "  "
ZONES = {"DK": ZoneInfo ("Europe/Copenhagen"), "NO": ZoneInfo ("Europe/Oslo"), "SE": ZoneInfo ("Europe/Stockholm")}
SECOND = "--client 'Grimstad Mekaniske AS' --client-country NO --client-number 999888763 --need 'Kurs for to teknikere.' --basis CONSENT"


def offerings (broker, partners):
    rows = table (broker.rows ("offering", "list"))
    heading (f"{len (rows)} offerings in the catalogue")
    for partner in partners:
        own = [row for row in rows if row["partner"] == partner.id]
        print (f"  {partner.name}: {len (own)}")
        for row in own:
            print (f"    {row['kind']:<16} {row['title']}")
    for partner in partners:
        print (f"  To be picked in {partner.name}'s own system: {len (partner.services ()['neighbours'])} of the others'")


def referral (broker, story):
    heading (f"Referral {story.reference}: {FIRM}, from {story.sender.name} to {story.receiver.name}")
    for partner, case in ((story.sender, story.sent_case ()), (story.receiver, story.received_case ())):
        print (f"  as {partner.name} sees it, in case {case['number']} ({case['status']}):")
        for event in case["events"]:
            print (f"    {_local (event['at'], partner.country)}  {_side (event):<5}  {_told (event)}")
    heading ("The broker's timeline (kask referral show): it saw who, what and when, and no word of the contents")
    width = room () - len (INDENT) if room () else 0
    _indented (broker.kask ("referral", "show", story.reference, width=width))
    heading ("The audit trail (kask audit list)")
    _indented (broker.kask ("audit", "list", "--referral", story.reference, width=width))


def what_next (broker, partners, story):
    sender, receiver = story.sender.screen (), story.receiver.screen ()
    kask = place.shortcut ("kask", broker.argv ())
    heading ("The network goes on running. From here:")
    print (f"""  cd {shlex.quote (place.TOP)}
  look around
    {kask} status
    {kask} referral list
    {kask} --help
  a second referral: pick a service, refer a firm to it; then take it, in the other system
    {sender} services
    {sender} refer --service {story.find_offering ()['key']} {SECOND}
    {receiver} list
    {receiver} accept {_next (story.receiver.cases ())} 'Velkommen'
  look into each partner's system""")
    for partner in partners:
        print (f"    {partner.name:<26}{partner.page ()}\n    {'':<26}{partner.screen ()} --help")
    print ("""  logs         var/*/*.log
  what runs    deploy/quickstart status
  stop         deploy/quickstart stop      (and clean: delete it all)""")


def _next (cases):
    """The number of the CRM's next case, where nobody makes one meanwhile."""
    head, _, last = max (case["number"] for case in cases).rpartition ("-")
    return f"{head}-{int (last) + 1:0{len (last)}}"


def _told (event):
    said = " ".join (str (event[name]) for name in ("outcome", "obstacle", "text") if event.get (name))
    return f"{WORDS.get (event['kind'], event['kind'].replace ('_', ' '))}{': ' + said if said else ''}"


def _local (text, country):
    return datetime.fromisoformat (text.replace ("Z", "+00:00")).astimezone (ZONES[country]).strftime ("%H:%M:%S")


def _side (event):
    """Who did it; what kask itself notes in a case has its own word."""
    if (event.get ("external_key") or "").startswith ("answer/"):
        return "kask"
    return "here" if event["by"] == "own" else "there"


def _indented (text):
    print ("\n".join ((INDENT + line).rstrip () for line in text.splitlines ()))
