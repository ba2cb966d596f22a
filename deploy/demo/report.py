"""
report - what happened, as a person wants to read it: offerings, both sides' timelines, the audit trail.
"""
import shlex
from datetime import datetime

from place import TOP, BUILD
from say import heading
from story import FIRM, table

WORDS = {
    "refer": "the firm is handed over", "receipt": "received there", "ask": "a question", "answer": "an answer", "accept": "accepted",
    "start": "begun", "contacted": "the firm was called", "complete": "completed", "note": "a note", "remind": "a reminder",
}


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
            print (f"    {_local (event['at'])}  {'here ' if event['by'] == 'own' else 'there'}  {_told (event)}")
    heading ("The broker's timeline (kask referral show): it saw who, what and when, and no word of the contents")
    _indented (broker.kask ("referral", "show", story.reference))
    heading ("The audit trail (kask audit list)")
    _indented (broker.kask ("audit", "list", "--referral", story.reference))


def what_next (broker, partners, story):
    sender, receiver = story.sender, story.receiver
    heading ("The network goes on running. From here:")
    kask = _shell (broker.argv ())
    print (f"""  look around         {kask} status
                      {kask} referral list
                      {kask} --help
  a second referral   {_shell (sender.argv ("services"))}
                      {_shell (sender.argv ("refer", "--service", "KEY", "--client", "Name AS", "--need", "What it needs"))}
                      {_shell (receiver.argv ("list"))}
                      {_shell (receiver.argv ("accept", "CASE"))}""")
    for partner in partners:
        print (f"  {partner.name + ':':<19} {partner.page ()}")
    print (f"""  logs                {BUILD.rsplit ("/", 1)[0]}/*/*.log
  what runs           {_shell ([TOP + "/deploy/quickstart", "status"])}
  stop                {_shell ([TOP + "/deploy/quickstart", "stop"])}      (and clean: delete it all)""")


def _told (event):
    said = " ".join (str (event[name]) for name in ("outcome", "obstacle", "text") if event.get (name))
    return f"{WORDS.get (event['kind'], event['kind'].replace ('_', ' '))}{': ' + said if said else ''}"


def _local (text):
    return datetime.fromisoformat (text.replace ("Z", "+00:00")).astimezone ().strftime ("%H:%M:%S")


def _indented (text):
    print ("\n".join ("  " + line for line in text.splitlines ()))


def _shell (argv):
    return " ".join (shlex.quote (str (word)) for word in argv)
