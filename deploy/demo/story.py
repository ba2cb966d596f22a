"""
story - one referral through its whole life, by what people do in their own systems.

An adviser in Aust-Agder refers a machine shop to a Danish offering.  Each step is done
once its mark is seen in a system, so a story that was broken off goes on where it was.
"""
import json
import os

from place import var
from say import until

SECONDS_A_STEP = 30
OFFERING = "Serviceteknikere til havvind"
FIRM = "Tromøy Maskinverksted AS"
REFERRAL = [
    "--client", FIRM, "--client-country", "NO", "--client-number", "999888771", "--municipality", "Arendal", "--nace", "25.62",
    "--employees", "14", "--contact", "Daglig leder", "--contact-phone", "+47 37 00 00 99",
    "--need", "Verkstedet vil inn i drift og vedlikehold av havvindturbiner og mangler opplæring og dokumentasjon.",
    "--themes", "maritime-offshore", "--basis", "CONSENT", "--basis-by", "daglig leder",
]
STORY_FILE = "story.json"


def table (reply):
    """The rows of a reply of kask --json, whatever it is wrapped in."""
    if isinstance (reply, dict):
        return next ((value for value in reply.values () if isinstance (value, list)), [reply])
    return reply


class Story:
    def __init__ (self, partners, step):
        self.sender = next (p for p in partners if p.id == "aust-agder")
        self.receiver = next (p for p in partners if p.id == "erhvervshus-nord")
        self.step = step
        self.sent = self.received = None

    # ------------------------------------------------------------ what was seen
    def sent_case (self):
        return self.sender.case (self.sent)

    def received_case (self):
        return self.receiver.case (self.received)

    @staticmethod
    def has (case, kind):
        return any (event["kind"] == kind for event in case["events"])

    def until (self, what, look, partner):
        return until (what, look, SECONDS_A_STEP, partner.adapter.log)

    # ------------------------------------------------------------ the steps
    def refer (self):
        self.sent = self.remembered () or self.new_case ()
        case = self.until ("the receipt in Aust-Agder's archive", lambda: self.case_with (self.sent_case (), "receipt"), self.sender)
        self.reference = case["reference"]
        self.received = self.until ("the case in Erhvervshus Nord's CRM", self.find_received, self.receiver)["number"]

    def remembered (self):
        try:
            with open (var (STORY_FILE), encoding="utf-8") as file:
                return json.load (file)["sent"]
        except (OSError, ValueError):
            return None

    def new_case (self):
        service = self.find_offering ()
        self.step (f"Aust-Agder: an adviser picks \"{service['title']}\" and refers {FIRM}")
        number = self.sender.act ("refer", "--service", service["key"], *REFERRAL)
        with open (var (STORY_FILE + ".new"), "w", encoding="utf-8") as file:
            json.dump ({"sent": number}, file)
        os.replace (var (STORY_FILE + ".new"), var (STORY_FILE))
        return number

    def find_offering (self):
        def look ():
            return next ((service for service in self.sender.services ()["neighbours"] if service.get ("title") == OFFERING), None)
        return self.until (f"\"{OFFERING}\" among the neighbours' services in Aust-Agder's archive", look, self.sender)

    def find_received (self):
        return next ((case for case in self.receiver.cases ()
                      if case["direction"] == "incoming" and case["reference"] == self.reference), None)

    def case_with (self, case, kind):
        return case if case and self.has (case, kind) else None

    def receive (self, kind, told, *words):
        """The receiver's adviser does it, and it is seen in the sender's archive."""
        if not self.has (self.received_case (), kind):
            self.step (f"Erhvervshus Nord: {told}")
            self.receiver.act (words[0], self.received, *words[1:])
        self.until (f"'{kind}' in Aust-Agder's archive", lambda: self.case_with (self.sent_case (), kind), self.receiver)

    def answer (self):
        if not self.has (self.sent_case (), "answer"):
            self.step ("Aust-Agder: the adviser answers")
            self.sender.act ("answer", self.sent, "Ja, to av fjorten har GWO; resten trenger hele kurset.")
        self.until ("'answer' in Erhvervshus Nord's CRM", lambda: self.case_with (self.received_case (), "answer"), self.sender)

    def tell (self):
        self.refer ()
        self.receive ("ask", "the adviser there asks a question", "ask", "Har medarbejderne GWO-moduler i forvejen?")
        self.answer ()
        self.receive ("accept", "takes the referral", "accept", "Vi tager den. Kursusstart 1. marts.")
        self.receive ("start", "begins", "start")
        self.receive ("contacted", "has called the firm, and has an appointment with it", "contacted", "Møde aftalt.",
                      "--at", "2026-12-08T09:00:00+01:00", "--place", "Frederikshavn")
        self.receive ("complete", "is done: solved", "complete", "Otte teknikere har gennemført kurset.", "--outcome", "SOLVED")
        return self


def run (partners, step):
    return Story (partners, step).tell ()
