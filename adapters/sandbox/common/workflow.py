"""
workflow - what a person may do with a case, and where it leads.

One table for all three systems: each gives the phases its own words.  It binds people
only; what comes by a system's interface is written down as it comes, as real systems do.
"""
from collections import namedtuple

PHASES = ("new", "sent", "received", "accepted", "in_progress", "on_hold", "completed", "declined", "redirected",
          "withdrawn", "expired", "failed", "revoked", "in_error")
UNDER_WAY = ("accepted", "in_progress", "on_hold")
WAITING = ("sent", "received", "expired")
OPEN = ("sent", "received") + UNDER_WAY

# Where an event leads; what is not here leaves the phase alone.
LEADS_TO = {
    "refer": "sent", "receipt": "received", "accept": "accepted", "decline": "declined", "redirect": "redirected",
    "start": "in_progress", "hold": "on_hold", "resume": "in_progress", "reopen": "in_progress",
    "complete": "completed", "fail": "failed", "withdraw": "withdrawn", "revoke": "revoked", "expire": "expired",
    "mark_error": "in_error",
}
STAYS = ("ask", "answer", "note", "remind", "contacted", "withdraw_wish", "correct", "create")

OBSTACLES = (
    "SEAT NATREG AIDCEIL AIDSECT AIDNOBASIS FUNDAREA MANDATE TIER COMPETE SECRECY CONSENT TAXVAT CUSTOMS SOCIAL QUALIF "
    "PRODRULE PROCURE NOMATCH CAPACITY LANG EID FORM DEADLINE PAYMENT CURRENCY DATA PROCESS SYSTEM DISTANCE TRAVELCOST "
    "NOCONTACT CLIENTNO UNKNOWN TIME DOCS TRUST CULTURE DUPLICATE").split()
LEVELS = ("LOCAL", "REGIONAL", "NATIONAL", "EU")
EFFECTS = ("STOPPED", "DELAYED", "DEARER", "WORKED_AROUND")
OUTCOMES = ("SOLVED", "PARTLY", "FUNDED", "ADVISED", "NOT_PURSUED", "REFERRED_ON")
BASES = ("CONSENT", "CONTRACT", "OBLIGATION", "PUBLIC_TASK")

Act = namedtuple("Act", "kind side phases needs")

# kind: the event it makes; side: whose case it must be; phases: when; needs: what must be said with it.
ACTS = {
    "accept":     [Act("accept", "incoming", ("received", "expired"), ())],
    "decline":    [Act("decline", "incoming", ("received", "expired"), ("obstacle",))],
    "redirect":   [Act("redirect", "incoming", ("received",), ("suggested",))],
    "ask":        [Act("ask", "incoming", OPEN, ("text",))],
    "answer":     [Act("answer", "outgoing", OPEN, ("text", "question"))],
    "start":      [Act("start", "incoming", ("accepted",), ())],
    "contacted":  [Act("contacted", "incoming", UNDER_WAY, ())],
    "hold":       [Act("hold", "incoming", ("in_progress",), ("text",))],
    "resume":     [Act("resume", "incoming", ("on_hold",), ())],
    "complete":   [Act("complete", "incoming", UNDER_WAY, ("outcome",))],
    "fail":       [Act("fail", "incoming", UNDER_WAY, ("obstacle",))],
    "reopen":     [Act("reopen", "incoming", ("completed", "failed"), ("text",))],
    "withdraw":   [Act("withdraw", "outgoing", WAITING, ()),
                   Act("withdraw_wish", "outgoing", UNDER_WAY, ()),
                   Act("withdraw", "incoming", UNDER_WAY, ())],
    "revoke":     [Act("revoke", None, PHASES, ())],
    "mark-error": [Act("mark_error", None, PHASES, ("text",))],
    "note":       [Act("note", None, PHASES, ("text",))],
}


def choose (name, case):
    """The row of ACTS that fits the case, or None where the act is not for it now."""
    for act in ACTS[name]:
        if act.side in (None, case["direction"]) and case["phase"] in act.phases:
            return act
    return None


def refusal (name, case):
    """What the screen says when the button is grey."""
    sides = sorted({act.side for act in ACTS[name] if act.side})
    return (f"{case['number']}: '{name}' is not possible in a case that is {case['direction']} and {case['phase']}"
            + (f" (it is for {' or '.join(sides)} cases)" if case["direction"] not in sides and sides else "")
            + "; nothing was changed")
