#!/usr/bin/python3
"""
Adapters are killed, systems fail, go away and lose answers: every act of a person still arrives once and in order.

What a system refuses for good becomes a dead letter that both sides see, and is delivered when an operator replays it.
"""
import json
import pathlib
import random
import sys

sys.path.insert (0, str (pathlib.Path (__file__).resolve ().parents[1] / "lib"))
import partners
import tap
from network import Network

NOTES = 6


def offering (partner, publisher):
    """The key of what is referred to, in the partner's system; None where it is not there yet."""
    return next ((s["key"] for s in partner.neighbours_of (publisher) if s["key"].endswith (("/EN-OFF-02", "/0003", "/AAF-03"))), None)


class Referral:
    def __init__ (self, r, v):
        self.r, self.v, self.name = r, v, f"{r.id} to {v.id}"
        self.number = r.act ("refer", "--service", offering (r, v), "--client", f"Firma {self.name}", "--need", "Hjælp")

    def arrive (self):
        self.reference = tap.until (f"{self.name}: a reference", lambda: self.r.case (self.number)["reference"], 90, 0.2)
        tap.until (f"{self.name}: the case", lambda: self.v.case (self.reference), 90, 0.2)

    def notes (self, side, by):
        case = self.r.case (self.number) if side == "r" else self.v.case (self.reference)
        return [e["text"] for e in case["events"] if e["kind"] == "note" and e["by"] == by and e.get ("text", "").startswith ("note ")]

    def same_notes (self):
        return all (self.notes (*here) == self.notes (*there) for here, there in ((("r", "own"), ("v", "other")), (("v", "own"), ("r", "other"))))


def bring_referrals ():
    global referrals
    tap.until ("the offerings in all systems", lambda: all (offering (p, o) for p in three for o in three if o is not p), 60, 0.2)
    referrals = [Referral (r, v) for r in three for v in three if r is not v]


def adapters_are_killed ():
    for partner in dice.sample (three, 3):
        partner.adapter.kill ()
        partner.adapter.start ()
    for referral in referrals:
        referral.arrive ()
    for i in range (NOTES):
        for referral in referrals:
            referral.r.act ("note", referral.number, f"note {i}")
            referral.v.act ("note", referral.reference, f"note {i}")
            if dice.random () < 0.4:
                victim = dice.choice (three)
                victim.adapter.kill ()
                victim.adapter.start ()
    for referral in referrals:
        tap.until (f"{referral.name}: all notes", referral.same_notes, 90, 0.3)
        tap.equal (referral.notes ("v", "other"), [f"note {i}" for i in range (NOTES)], f"{referral.name}: killed adapters: each note once, in order")
    for partner in three:
        keys = [case["external_key"] for case in partner.cases () if case["external_key"]]
        tap.equal ((len (keys), len (set (keys))), (4, 4), f"{partner.id}: one case for each referral")


def a_system_goes_away_and_fails ():
    crm = [referral for referral in referrals if north in (referral.r, referral.v)]
    for fault in (("throttle", "2"), ("fail", "3"), ("lose-answer", "2")):
        north.act ("fault", *fault)
    for partner in (office, agder):
        partner.act ("fault", "away")
    for referral in crm:
        referral.r.act ("note", referral.number, "note during the fault")
        referral.v.act ("note", referral.reference, "note during the fault")
    north.stand_in.kill ()
    tap.until ("the CRM's adapter says so", lambda: "put off" in north.adapter.log () or "source" in north.adapter.log (), 30)
    north.stand_in.start ()
    for partner in (office, agder):
        partner.act ("fault", "back")
    for referral in crm:
        tap.until (f"{referral.name}: all notes", referral.same_notes, 90, 0.3)
        tap.equal (referral.notes ("v", "other").count ("note during the fault"), 1, f"{referral.name}: failing systems: once, when they are back")


def what_is_refused_is_a_dead_letter ():
    for partner in (office, agder):
        referral = next (x for x in referrals if x.v is partner and x.r is north)
        partner.act ("fault", "fail", "1")
        north.act ("note", referral.number, "note that is refused")
        dead = tap.until (f"{partner.id}: a dead letter", lambda p=partner: dead_letters (p), 60, 0.2)
        tap.ok (dead[0]["sender"] == north.id and any (why in dead[0]["text"] for why in ("linje 1", "kunne ikke lese")),
                f"{partner.id}: what its system refuses is a dead letter, with the reason")
        tap.until ("the sender's people are told", lambda r=referral: any (e["by"] == "other" and "kunne ikke lægges" in e.get ("text", "") for e in north.case (r.number)["events"]), 60, 0.2)
        north.act ("note", referral.number, "note behind it")
        net.kask ("dead", "replay", dead[0]["number"])
        tap.until (f"{referral.name}: it and what it held back", lambda r=referral: r.notes ("v", "other")[-2:] == ["note that is refused", "note behind it"], 90, 0.3)
        tap.ok (True, f"{partner.id}: replayed it is delivered, then what it held back")
        tap.equal (dead_letters (partner), [], f"{partner.id}: and no dead letter is left")


def dead_letters (partner):
    return [d for d in json.loads (net.kask ("dead", "list", "--json").stdout)["dead"] if d["recipient"] == partner.id]


with Network ("rough") as net:
    dice = random.Random (20261124)
    three = list (partners.bring_up (net, crm={"every": "2 s", "try_for": "2 s"}))
    north, office, agder = three
    tap.run (bring_referrals, adapters_are_killed, a_system_goes_away_and_fails, what_is_refused_is_a_dead_letter)
