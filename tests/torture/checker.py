#!/usr/bin/python3
"""
checker FOLDER - holds what partners' systems have against what their senders' logs say.

Shares no code with the broker, libkask or the scenarios; reads files alone:
  facts.json    parties, those whose outbox was put back, what the run saw of P8 and P9
  PARTY.db      the party's system: acts that its people did and what was answered, effects of others' acts
  audit.tsv     the audit log: number, kind, actor, counterpart, referral, event, sequence, detail
  dead.tsv      dead letters: recipient, sender, referral, sequence, and its state or, where that is done, its fate
Prints each breach in plain words, the promise first, and exits 1 if there is any.
"""
import collections
import contextlib
import json
import pathlib
import re
import sqlite3
import sys

SEND, RECEIPT, REVOKE, DEAD_LETTER = "SEND", "RECEIPT", "REVOKE", "DEAD_LETTER"
EVENTS = ("", SEND, RECEIPT, "ASK", "ANSWER", "ACCEPT", "DECLINE", "REDIRECT", "START", "HOLD", "RESUME", "COMPLETE", "REOPEN", "FAIL",
          "WITHDRAW", REVOKE, "EXPIRE", "MARK_ERROR", "NOTE", "REMIND", "CONTACTED", DEAD_LETTER, "REPLAYED", "RETURNED", "DROPPED")
# What may be answered where an agreement has ended or the referral had moved on.
LEGAL_REFUSALS = {"NO_AGREEMENT": {SEND}, "UNKNOWN_REFERRAL": None, "CONFLICT": None, "BAD_STATE": None}

AGREED = re.compile (r"(\S+): (\S+) to (\S+),")   # what, referrer, receiver

Act = collections.namedtuple ("Act", "no sender recipient referral event text answers")
Effect = collections.namedtuple ("Effect", "no recipient sender sequence replay referral event text by_broker")
Entry = collections.namedtuple ("Entry", "number kind actor counterpart referral event sequence detail")
Dead = collections.namedtuple ("Dead", "recipient sender referral sequence state")


def rows (path, query):
    with contextlib.closing (sqlite3.connect (f"file:{path}?mode=ro", uri=True, timeout=30)) as db:
        return db.execute (query).fetchall ()


def acts_of (party, path):
    return [Act (no, party, recipient, referral, EVENTS[event], text, answer.split ()) for no, recipient, referral, event, text, answer in
            rows (path, "SELECT no, recipient, lower (hex (referral)), event, text, answer FROM act ORDER BY no")]


def effects_of (party, path):
    return [Effect (no, party, sender, sequence, replay, referral, EVENTS[event], *rest) for no, sender, sequence, replay, referral, event, *rest in
            rows (path, "SELECT no, sender, sequence, replay, lower (hex (referral)), event, text, by_broker FROM effect ORDER BY no")]


def table (path, kind, numbers):
    for line in path.read_text ().splitlines ():
        yield kind (*(int (cell or 0) if i in numbers else cell for i, cell in enumerate (line.split ("\t"))))


class Evidence:
    def __init__ (self, folder):
        folder = pathlib.Path (folder)
        self.facts = json.loads ((folder / "facts.json").read_text ())
        self.acts = [a for p in self.facts["parties"] for a in acts_of (p, folder / f"{p}.db")]
        self.effects = [e for p in self.facts["parties"] for e in effects_of (p, folder / f"{p}.db")]
        self.audit = list (table (folder / "audit.tsv", Entry, (0, 6)))
        self.dead = list (table (folder / "dead.tsv", Dead, (3,)))
        self.restored = set (self.facts["restored"])
        self.by_act = {(a.sender, a.recipient, a.referral, a.event): a for a in self.acts}
        self.had = collections.defaultdict (list)
        for e in self.effects:
            if not e.by_broker:
                self.had[e.sender, e.recipient, e.referral, e.event].append (e)
        self.accepted = collections.Counter ((e.actor, e.counterpart, e.referral, e.event) for e in self.audit if e.kind == "ACCEPTED")
        self.revoked = {a.referral for a in self.acts if a.event == REVOKE and self.is_accepted (a)}
        died = {(e.actor, e.counterpart, e.sequence): e.event for e in self.audit if e.kind == "DEAD"}   # a notice may stand in its place now
        self.dead_as = {(d.sender, d.recipient, d.referral, died.get ((d.recipient, d.sender, d.sequence))): d.state for d in self.dead}
        self.holds = {(d.sender, d.recipient, d.referral) for d in self.dead if d.state == "dead"}
        self.was_dead = {d.referral for d in self.dead}
        self.had_ended = {tuple (said.groups ()[1:]) for e in self.audit if e.kind == "AGREEMENT" and (said := AGREED.match (e.detail))[1] == "revoked"}
        self.told = {(e.recipient, e.referral, e.event) for e in self.effects if e.by_broker}

    def effects_under (self, act):
        return self.had.get (key (act), [])

    def is_accepted (self, act):
        """As its sender was told; where a restored outbox was told nothing more, as the audit log says."""
        if act.answers:
            return act.answers[-1] == "ACCEPTED"
        return act.sender in self.restored and self.accepted[key (act)] > 0


def key (act):
    return act.sender, act.recipient, act.referral, act.event


def name (act):
    return f"{act.event} of {act.sender} to {act.recipient} on {act.text}"


def is_excused (seen, act):
    """No effect, and rightly: it is a dead letter or waits behind one, was given up by the operator, or was erased on order."""
    waits = (act.sender, act.recipient, act.referral) in seen.holds
    given_up = seen.dead_as.get (key (act)) in ("returned", "dropped", "revoked")
    return waits or given_up or (act.referral in seen.revoked and act.event != REVOKE)


# ---------------------------------------------------------------- promises

def nothing_accepted_is_lost (seen):
    for act in seen.acts:
        if seen.is_accepted (act) and not seen.effects_under (act) and not is_excused (seen, act):
            yield f"P2 lost: {name (act)} was accepted, and {act.recipient}'s system has no effect of it"
        if not act.answers and act.sender not in seen.restored:
            yield f"P8 stuck: {name (act)} has had no answer"


def nothing_refused_has_effect (seen):
    for act in seen.acts:
        refusal = act.answers[-1] if act.answers and act.answers[-1] != "ACCEPTED" else None
        if refusal and seen.effects_under (act):
            yield f"P1 wrong answer: {name (act)} was refused with {refusal}, and {act.recipient}'s system has it"
        if refusal and (refusal not in LEGAL_REFUSALS or act.event not in (LEGAL_REFUSALS[refusal] or (act.event,))):
            yield f"P2 refused: {name (act)} was refused with {refusal}, for which nothing in this run is a reason"


def nothing_has_effect_twice (seen):
    for (sender, recipient, _, event), effects in seen.had.items ():
        if len (effects) > 1:
            yield f"P3 doubled: {event} of {sender} on {effects[0].text} took effect {len (effects)} times in {recipient}'s system"
    notices = collections.Counter ((e.recipient, e.referral) for e in seen.effects if e.by_broker and e.event == RECEIPT)
    for (recipient, referral), n in notices.items ():
        if n > 1:
            yield f"P3 doubled: {recipient} was told RECEIPT of {referral} {n} times"


def nothing_comes_from_nowhere (seen):
    for where, effects in seen.had.items ():
        act = seen.by_act.get (where)
        if act is None:
            yield f"P6 invented: {where[1]}'s system has a {where[3]} of {where[0]} on {effects[0].text} that {where[0]} never did"
        elif effects[0].text != act.text:
            yield f"P6 swapped: {where[1]}'s system has the words \"{effects[0].text}\" under {name (act)}"


def may_have_been_refused (seen, act):
    """First, and accepted when it was tried again; a restored outbox has forgotten that, and its people were never told."""
    own = act.text.startswith (f"{act.sender}>")
    return set (act.answers) - {"ACCEPTED"} or (own and act.sender in seen.restored and (act.sender, act.recipient) in seen.had_ended)


def everything_is_in_order (seen):
    """As the lane's sequence says, and as the acts were done; but for dead letters and REVOKEs, and in acts what was refused first."""
    last_sequence, last_act = {}, {}
    for effect in seen.effects:
        act = seen.by_act.get ((effect.sender, effect.recipient, effect.referral, effect.event))
        if effect.by_broker or act is None or effect.event == REVOKE:
            continue
        in_lane = effect.referral not in seen.was_dead
        lane, referral = (effect.sender, effect.recipient), (effect.sender, effect.recipient, effect.referral)
        if in_lane and last_sequence.get (lane, 0) >= effect.sequence:
            yield f"P4 order: {name (act)} has lane sequence {effect.sequence} and came behind {last_sequence[lane]}"
        if in_lane:
            last_sequence[lane] = effect.sequence
        if may_have_been_refused (seen, act):
            continue
        for place in (lane, referral) if in_lane else (referral,):
            before = last_act.get (place)
            if before and before.no > act.no:
                yield f"P4 order: {name (act)} came to {effect.recipient} behind {before.event} on {before.text}, which was done after it"
            last_act[place] = act


def no_referral_without_agreement (seen):
    agreed = set ()
    for entry in seen.audit:
        if entry.kind == "AGREEMENT":
            what, referrer, receiver = AGREED.match (entry.detail).groups ()
            (agreed.discard if what == "revoked" else agreed.add) ((referrer, receiver))
        if entry.kind == "ACCEPTED" and entry.event == SEND and (entry.actor, entry.counterpart) not in agreed:
            yield f"P5 agreement: entry {entry.number} accepts a SEND of {entry.actor} to {entry.counterpart}, between whom no agreement was in force"


def senders_are_told (seen):
    for act in (a for a in seen.acts if a.event == SEND):
        if key (act) in seen.dead_as and (act.sender, act.referral, DEAD_LETTER) not in seen.told and act.referral not in seen.revoked:
            yield f"P2 silent: {name (act)} is a dead letter, and its sender's system was not told"
        if seen.effects_under (act) and (act.sender, act.referral, RECEIPT) not in seen.told and act.referral not in seen.revoked:
            yield f"P2 silent: {name (act)} was taken by {act.recipient}'s system, and its sender's was told no RECEIPT"


def the_audit_log_is_complete (seen):
    numbers = [entry.number for entry in seen.audit]
    if numbers != list (range (1, len (numbers) + 1)):
        gap = next (n for i, n in enumerate ([*numbers, None]) if n != i + 1)
        yield f"P8 audit: its numbers have a gap: {gap} stands where {(numbers.index (gap) if gap in numbers else len (numbers)) + 1} should"
    for act in seen.acts:
        n = seen.accepted[key (act)]
        if n != (1 if seen.is_accepted (act) else 0):
            yield f"P8 audit: {name (act)} was answered {' '.join (act.answers) or 'nothing'}, and the log has {n} entries of its acceptance"
    settled = collections.Counter ((e.actor, e.counterpart, e.sequence) for e in seen.audit if e.kind == "DONE")
    for effect in (e for e in seen.effects if not e.by_broker):   # of the broker's notices it tells no DONE
        n = settled[effect.recipient, effect.sender, effect.sequence]
        if n != 1:
            yield f"P8 audit: {effect.recipient} has {effect.event} {effect.sender}/{effect.sequence}, and the log has {n} entries that it is DONE"


def what_the_run_saw (seen):
    for hand in seen.facts["hands"]:
        yield f"P8 human hand: {hand}"
    if seen.facts["broker_kib"] > seen.facts["broker_limit_kib"]:
        yield f"P9 memory: the broker had {seen.facts['broker_kib'] // 1024} MiB, {seen.facts['broker_limit_kib'] // 1024} MiB is the limit"


PROMISES = (nothing_accepted_is_lost, nothing_refused_has_effect, nothing_has_effect_twice, nothing_comes_from_nowhere, everything_is_in_order,
            no_referral_without_agreement, senders_are_told, the_audit_log_is_complete, what_the_run_saw)


def check (folder):
    """Every breach, in plain words."""
    seen = Evidence (folder)
    return [breach for promise in PROMISES for breach in promise (seen)]


if __name__ == "__main__":
    found = check (sys.argv[1])
    print ("\n".join (found) or "nothing is wrong")
    sys.exit (1 if found else 0)
