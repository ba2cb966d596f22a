#!/usr/bin/python3
"""
Every ordered pair of the three partners takes a referral through its whole life, by what people do in their own systems.

All six run side by side, step by step, through three kask-adapters, kaskd and PostgreSQL; what both systems hold is compared.
"""
import hashlib
import json
import pathlib
import random
import re
import signal
import sys
import time

sys.path.insert (0, str (pathlib.Path (__file__).resolve ().parents[1] / "lib"))
import partners
import tap
from network import Network

# publisher -> the offering that is picked, and its title there
OFFERINGS = {"erhvervshus-nord": ("EN-OFF-02", "Serviceteknikere til havvind"),
             "vaeksthus-nordjylland": ("0003", "Kursus: told mellem EU og Norge"),
             "aust-agder": ("AAF-03", "Prøvestasjon for fôr og merder")}
CLIENTS = {"DK": ("29826358", "Frederikshavn", "9900"), "NO": ("974760673", "Arendal", "4836")}
THEMES = ("maritime-offshore", "tax-vat-customs")
THEME_WORDS = {"crm": {"maritime erhverv og offshore", "skat, moms og told"}, "archive": {"maritim næring og offshore", "skatt, mva. og toll"},
               "office": {"maritime erhverv og offshore", "skat  moms og told"}}


class Referral:
    """One referral from the referrer R to the receiver V."""

    count = 0

    def __init__ (self, r, v, about):
        Referral.count += 1
        self.r, self.v = r, v
        self.name = f"{r.id} to {v.id}{about}"
        self.firm = f"Sæby Bådeværft nr. {Referral.count}"
        self.bytes = self.firm.encode () + random.Random (self.name).randbytes (70000)
        self.path = net.folder / f"tilbud-{Referral.count}.pdf"
        self.path.write_bytes (self.bytes)

    # ------------------------------------------------------------ what is seen
    def sent (self):
        return self.r.case (self.number)

    def received (self):
        return self.v.case (self.v_number)

    def until (self, what, look, seconds=60):
        return tap.until (f"{self.name}: {what}", look, seconds, 0.2)

    def until_event (self, side, kind, **members):
        """The other's event of this kind in the case of `side`; with it the case."""
        look = self.sent if side == "r" else self.received
        def found ():
            case = look ()
            return case if [e for e in case["events"] if e["kind"] == kind and e["by"] == "other" and members.items () <= e.items ()] else None
        return self.until (f"{kind} in the system of {(self.r if side == 'r' else self.v).id}", found)

    def until_phase (self, phase):
        """Both systems say so; gives both cases."""
        def found ():
            r, v = self.sent (), self.received ()
            return (r, v) if r["phase"] == v["phase"] and r["phase"] in phase.split () else None
        return self.until (f"both are {phase}", found)

    # ------------------------------------------------------------ acts
    def refer (self, *more):
        key, title = OFFERINGS[self.v.id]
        picked = next (s for s in self.r.neighbours_of (self.v) if s["title"] == title)
        number, town, postcode = CLIENTS[self.r.country]
        self.number = self.r.act (
            "refer", "--service", picked["key"], "--client", self.firm, "--client-country", self.r.country, "--client-number", number,
            "--address", "Havnevej 1, 2. sal", "--postcode", postcode, "--municipality", town, "--nace", "30.11,33.15", "--employees", "14",
            "--contact", "Åse Direktør", "--contact-phone", "+45 99 00 00 99", "--contact-mail", "aase@vaerft.example",
            "--need", "Vil øve \"not\" i sjø; koster ca. 5.000,50 kr.\n- mangler personale\n- og papirer", "--themes", ",".join (THEMES),
            "--tried", "Banken", "--urgency", "high", "--wished", "2027-03-01", "--basis", "CONSENT", "--basis-by", "ejeren",
            "--basis-on", "2026-11-20", "--attach", self.path, *more)

    def arrive (self):
        self.until_event ("r", "receipt")
        self.reference = self.until ("a reference", lambda: self.sent ()["reference"])
        found = self.until ("the case", lambda: next ((c for c in self.v.cases () if c["reference"] == self.reference), None))
        self.v_number = found["number"]


def between_all (about=""):
    """One referral for each ordered pair."""
    return [Referral (r, v, about) for r in three for v in three if r is not v]


def each (step, referrals=None):
    for referral in referrals or lives:
        step (referral)


def begin (about):
    """Referrals that have arrived, one for each ordered pair."""
    referrals = between_all (about)
    each (Referral.refer, referrals)
    each (Referral.arrive, referrals)
    return referrals


# ---------------------------------------------------------------- the whole life
def catalogues_flow ():
    def complete ():
        return all (OFFERINGS[o.id][1] in {s["title"] for s in p.neighbours_of (o)} for p in three for o in three if o is not p)
    tap.until ("all offerings in all systems", complete, 60, 0.2)
    tap.ok (True, "each system lists its neighbours' offerings")


def referrals_arrive ():
    each (Referral.refer)
    each (Referral.arrive)
    each (same_case)


def words_of (themes):
    return {theme.replace (",", " ") for theme in themes}


def same_case (pair):
    """What was referred stands in the receiver's system as it did in the referrer's."""
    r, v = pair.sent (), pair.received ()
    key, title = OFFERINGS[pair.v.id]
    for part in ("client", "contact", "basis", "adviser"):
        tap.equal (v[part], r[part], f"{pair.name}: {part}")
    without = {part: {k: t for k, t in case["need"].items () if k != "themes"} for part, case in (("r", r), ("v", v))}
    tap.equal (without["v"], without["r"], f"{pair.name}: need")
    tap.equal (words_of (v["need"]["themes"]), words_of (THEME_WORDS[pair.v.system]), f"{pair.name}: themes in the receiver's words")
    tap.equal ((v["direction"], v["phase"], r["phase"], v["partner"], v["service"], v["service_title"], v["external_key"]),
               ("incoming", "received", "received", pair.r.name, key, title, r["external_key"]), f"{pair.name}: case, state, offering and key")
    tap.equal (v["partner_case"], pair.number, f"{pair.name}: the referrer's case number")
    tap.equal (files_of (pair.v, v), [(pair.path.name, "application/pdf", hashlib.sha256 (pair.bytes).hexdigest ())], f"{pair.name}: the attachment, its bytes too")


def files_of (partner, case):
    """Name, media type and checksum of what the system holds; the office's files are named after the message, then as they were."""
    return [(re.sub (r"^[a-z-]+-\d+-\d+-", "", file["name"]) if partner.system == "office" else file["name"], file["media_type"],
             hashlib.sha256 (partner.attachment (case, file["name"])).hexdigest ()) for file in case["attachments"]]


def questions_are_answered ():
    each (lambda p: p.v.act ("ask", p.v_number, "Har I tegninger?\nHvor mange?"))
    each (lambda p: p.until_event ("r", "ask", text="Har I tegninger?\nHvor mange?", question=1))
    each (lambda p: p.r.act ("answer", p.number, "Ja, 12 stk. på 1.500 kr."))
    each (lambda p: p.until_event ("v", "answer", text="Ja, 12 stk. på 1.500 kr.", question=1))
    for pair in lives:
        seen = [[(q["number"], q["text"], q["answer"]) for q in case["questions"]] for case in (pair.sent (), pair.received ())]
        tap.equal (seen, [[(1, "Har I tegninger?\nHvor mange?", "Ja, 12 stk. på 1.500 kr.")]] * 2, f"{pair.name}: the question and its answer, in both")


def work_is_done ():
    paper = net.folder / "rapport.txt"
    paper.write_text ("Målt på båden: 12 m\n" * 50)
    each (lambda p: p.v.act ("accept", p.v_number, "Vi tager den."))
    each (lambda p: p.until_event ("r", "accept"))
    each (lambda p: p.v.act ("contacted", p.v_number, "Møde aftalt.", "--at", "2026-12-08T08:00:00Z", "--place", "Frederikshavn"))
    each (lambda p: p.v.act ("start", p.v_number))
    each (lambda p: p.r.act ("note", p.number, "Firmaet har fået ny telefon: +45 99 00 00 98"))
    each (lambda p: p.v.act ("attach", p.v_number, paper, "--text", "Rapporten"))
    each (lambda p: p.v.act ("hold", p.v_number, "Venter på tilladelse"))
    each (lambda p: p.v.act ("resume", p.v_number))
    each (lambda p: p.v.act ("complete", p.v_number, "Otte er på kursus.", "--outcome", "PARTLY"))
    each (lambda p: p.until_event ("r", "complete"))
    each (lambda p: p.until_event ("v", "note", text="Firmaet har fået ny telefon: +45 99 00 00 98"))
    each (lambda p: same_life (p, paper.read_bytes ()))


LIFE = ["ask", "accept", "contacted", "start", "note", "hold", "resume", "complete"]


def same_life (pair, paper):
    r, v = pair.sent (), pair.received ()
    tap.equal ((r["phase"], v["phase"], r["outcome"], v["outcome"]), ("completed", "completed", "PARTLY", "PARTLY"), f"{pair.name}: state and outcome")
    own = [(e["kind"], e.get ("text", "")) for e in v["events"] if e["by"] == "own"]
    tap.equal ([kind for kind, text in own], LIFE, f"{pair.name}: the receiver's acts")
    other = [(e["kind"], e.get ("text", "")) for e in r["events"] if e["by"] == "other" and e["kind"] in LIFE and not is_ours (e)]
    tap.equal (other, own, f"{pair.name}: each once, in order, with its words")
    met = next (e for e in r["events"] if e["kind"] == "contacted")
    tap.ok (met["appointment"]["place"] == "Frederikshavn" and met["appointment"]["at"][:16] in ("2026-12-08T08:00", "2026-12-08T09:00"), f"{pair.name}: the appointment")
    tap.equal (r["partner_case"], pair.v_number, f"{pair.name}: the receiver's case number")
    tap.equal ([f for f in files_of (pair.r, r) if f[0] == "rapport.txt"], [("rapport.txt", "text/plain", hashlib.sha256 (paper).hexdigest ())], f"{pair.name}: the report, its bytes too")


def is_ours (event):
    """The adapter's own words to the referrer's people."""
    return event["kind"] == "note" and event.get ("text", "").startswith (("Henvisningen er sendt", "Henvisningen er oversendt"))


# ---------------------------------------------------------------- other ends
def some_are_declined ():
    declined = begin (", declined")
    each (lambda p: p.v.act ("decline", p.v_number, "Alle er optaget.", "--obstacle", "CAPACITY", "--level", "REGIONAL", "--effect", "STOPPED"), declined)
    for pair in declined:
        r, v = pair.until_phase ("declined")
        event = next (e for e in r["events"] if e["kind"] == "decline")
        tap.equal ((r["obstacle"], event["text"], event["level"], event["effect"]), ("CAPACITY", "Alle er optaget.", "REGIONAL", "STOPPED"),
                   f"{pair.name}: the obstacle, where and how much")


def some_are_redirected ():
    redirected = begin (", redirected")
    def other (pair):
        return next (p for p in three if p not in (pair.r, pair.v))
    each (lambda p: p.v.act ("redirect", p.v_number, "De kan mere.", "--to", other (p).name), redirected)
    for pair in redirected:
        r, v = pair.until_phase ("redirected")
        tap.equal (r["suggested"], other (pair).name, f"{pair.name}: who is suggested instead")


def some_are_withdrawn ():
    withdrawn = begin (", withdrawn")
    early, late = withdrawn[::2], withdrawn[1::2]
    each (lambda p: p.v.act ("accept", p.v_number), late)
    each (lambda p: p.until_event ("r", "accept"), late)
    each (lambda p: p.r.act ("withdraw", p.number, "Kunden klarer det selv."), withdrawn)
    each (lambda p: p.until ("the wish", lambda: p.received ()["withdrawal_wish"]), late)
    each (lambda p: tap.equal ((p.sent ()["phase"], p.received ()["phase"]), ("accepted", "accepted"), f"{p.name}: after acceptance it is a wish"), late)
    each (lambda p: p.v.act ("withdraw", p.v_number), late)
    each (lambda p: tap.ok (p.until_phase ("withdrawn"), f"{p.name}: both know"), withdrawn)


def some_are_revoked ():
    revoked = begin (", revoked")
    each (lambda p: p.v.act ("accept", p.v_number), revoked)
    each (lambda p: p.until_event ("r", "accept"), revoked)
    each (lambda p: p.r.act ("revoke", p.number, "Kunden ringede."), revoked[::2])
    each (lambda p: p.v.act ("revoke", p.v_number, "Kunden ringede."), revoked[1::2])
    for pair in revoked:
        for side, case in zip ("rv", pair.until_phase ("revoked")):
            case = pair.until (f"{side} is erased", lambda s=side: erased_case (pair.sent () if s == "r" else pair.received ()))
            tap.equal ((case["client"], case["contact"], case["need"], case["attachments"], [e for e in case["events"] if e.get ("text") and e["kind"] != "note"]),
                       (None, None, None, [], []), f"{pair.name}: nothing of the firm is left in the case of {'referrer' if side == 'r' else 'receiver'}")
    for partner in three:
        firms = [p.firm for p in revoked if partner in (p.r, p.v)]
        deadline = time.monotonic () + 20
        while files_that_name (partner, firms) and time.monotonic () < deadline:
            time.sleep (0.2)
        tap.equal (files_that_name (partner, firms), [], f"{partner.id}: no file in its folders names a firm whose consent is gone")


def erased_case (case):
    return case if case["erased"] else None


def files_that_name (partner, firms):
    """Of the system's folders and the adapter's; the stand-in's own database is asked by its screen."""
    found = []
    for path in sorted ([*partner.system_dir.rglob ("*"), *partner.state.rglob ("*"), pathlib.Path (partner.adapter.log_path)]):
        if path.is_file () and not path.name.startswith ("state.sqlite"):
            data = path.read_bytes ()
            found += [f"{path}: {firm}" for firm in firms if any (firm.encode (code) in data for code in ("utf-8", "iso-8859-1"))]
    return found


def both_act_at_once ():
    conflicts = begin (", both at once")
    for partner in three:
        partner.adapter.signal (signal.SIGSTOP)
    each (lambda p: p.r.act ("withdraw", p.number, "Kunden fortrød."), conflicts)
    each (lambda p: p.v.act ("decline", p.v_number, "Kan ikke.", "--obstacle", "LANG"), conflicts)
    for partner in three:
        partner.adapter.signal (signal.SIGCONT)
    for pair in conflicts:
        r, v = pair.until_phase ("withdrawn declined")
        state = json.loads (net.kask ("referral", "show", pair.reference, "--json").stdout)["referral"]["state"]
        tap.equal (r["phase"].upper (), state, f"{pair.name}: both end as the broker says")
        loser = v if r["phase"] == "withdrawn" else r
        told = pair.until ("the loser is told", lambda: words_that_say_no (pair.received () if loser is v else pair.sent ()))
        tap.ok (told, f"{pair.name}: and the loser reads why")


def words_that_say_no (case):
    return [e["text"] for e in case["events"] if e.get ("text", "").startswith (("Gælder ikke", "Gjelder ikke"))]


with Network ("pairs") as net:
    three = partners.bring_up (net, crm={"every": "2 s"})
    lives = between_all ()
    tap.run (catalogues_flow, referrals_arrive, questions_are_answered, work_is_done, some_are_declined, some_are_redirected,
             some_are_withdrawn, some_are_revoked, both_act_at_once)
