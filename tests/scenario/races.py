#!/usr/bin/python3
"""
Races: in every state each event of the referrer meets each event of the receiver, and of the clock, in both orders.

Both act on what they knew before they heard of each other.  What has to follow is computed here from the rows of
broker/referral.def and PROTOCOL.md section 8; the broker's answers, its table, and what both clients know in the end are compared with it.
"""
import copy
import pathlib
import re
import sys

sys.path.insert (0, str (pathlib.Path (__file__).resolve ().parents[1] / "lib"))
from network import Network, TOP   # noqa: E402
import tap                         # noqa: E402
from shift import Shift, at        # noqa: E402
import kask_pb2 as pb              # noqa: E402

FIELDS = {"DECLINE": {"obstacles": [pb.Obstacle (code="SEAT")]}, "FAIL": {"obstacles": [pb.Obstacle (code="SEAT")]},
          "REDIRECT": {"redirect_to": "partner-c"}, "HOLD": {"reason": "WAITING"}, "REOPEN": {"reason": "OTHER"},
          "MARK_ERROR": {"reason": "TEST"}, "COMPLETE": {"outcome": "SOLVED"}, "ANSWER": {"question": 1}}
ENDED = {"COMPLETED", "DECLINED", "REDIRECTED", "WITHDRAWN", "EXPIRED", "FAILED", "REVOKED", "IN_ERROR"}
AT_ONCE = 400


# ---------------------------------------------------------------- what has to follow
def read_steps ():
    """(state, event, R, V or H) -> (next state, flags)."""
    steps = {}
    roles = {"REFERRER": "R", "RECEIVER": "V", "EITHER": "RV", "CLOCK": "H"}
    for row in re.findall (r"^STEP \(([^)]*)\)", (TOP / "broker/referral.def").read_text (), re.M):
        state, event, by, to, flags = (part.strip () for part in row.split (","))
        for role in roles[by]:
            steps[state, event, role] = (to, set (flags.split (" | ")))
    return steps


STEPS = read_steps ()


class Model:
    """A referral by the rules."""

    def __init__ (self):
        self.state, self.version, self.questions, self.asked, self.wish = "NONE", 0, [], 0, False

    def take (self, event, role, version):
        """The fault that it gets, or None where it took effect."""
        to, flags = STEPS.get ((self.state, event, role), (None, set ()))
        stale = version != self.version and role != "H" and self.state != "NONE"
        if not to:
            return "CONFLICT" if stale else "BAD_STATE"
        if version > self.version or (stale and "STALE_OK" not in flags):
            return "CONFLICT"
        if "ANSWERS" in flags and 1 not in self.questions:
            return "NO_SUCH_QUESTION"
        self.apply (to, flags)
        return None

    def apply (self, to, flags):
        if "ASKS" in flags:
            self.asked += 1
            self.questions.append (self.asked)
        if "ANSWERS" in flags:
            self.questions.remove (1)
        self.wish = self.wish or "WISH" in flags
        self.state = to
        if to in ENDED:
            self.questions, self.wish = [], False
        self.version += "SILENT" not in flags

    def standing (self):
        return self.state, self.version, tuple (self.questions), self.wish


def events_of (role):
    return sorted ({event for _, event, by in STEPS if by == role} - {"SEND", "RECEIPT"})


def paths ():
    """Circumstance -> what leads to it, behind the SEND: each state, some with an open question or a wish."""
    begin = {"SENT": [], "RECEIVED": [("V", "RECEIPT")], "EXPIRED": [("H", "EXPIRE")]}
    begin.update ({"ACCEPTED": [("V", "ACCEPT")], "DECLINED": [("V", "DECLINE")], "REDIRECTED": [("V", "REDIRECT")],
                   "WITHDRAWN": [("R", "WITHDRAW")], "REVOKED": [("R", "REVOKE")], "IN_ERROR": [("R", "MARK_ERROR")]})
    begin.update ({"IN_PROGRESS": begin["ACCEPTED"] + [("V", "START")], "COMPLETED": begin["ACCEPTED"] + [("V", "COMPLETE")], "FAILED": begin["ACCEPTED"] + [("V", "FAIL")]})
    begin["ON_HOLD"] = begin["IN_PROGRESS"] + [("V", "HOLD")]
    found = dict (begin)
    for state in ("SENT", "RECEIVED", "ACCEPTED", "IN_PROGRESS", "ON_HOLD"):
        found[state + ", asked"] = begin[state] + [("V", "ASK")]
    for state in ("ACCEPTED", "IN_PROGRESS", "ON_HOLD"):
        found[state + ", wished"] = begin[state] + [("R", "WITHDRAW")]
    return found


class Race:
    def __init__ (self, name, path, *acts):
        self.name, self.acts, self.todo, self.model, self.faults = name, acts, list (path), Model (), []
        self.model.take ("SEND", "R", 0)
        self.before = copy.deepcopy (self.model)
        for role, event in path:
            self.before.take (event, role, self.before.version)

    def __str__ (self):
        return f"{self.name}: " + " then ".join (f"{event} by {role}" for role, event in self.acts)


# ---------------------------------------------------------------- doing it
clients = {}
views = {"R": {}, "V": {}}


def look (role):
    """Notes what came: the newest standing of each referral that this side knows."""
    client, view = clients[role], views[role]
    told = [answer.standing for answer in client.answers] + [delivery.facts.standing for delivery in client.deliveries]
    sends = [d for d in client.deliveries if d.event == pb.EVENT_SEND]
    for standing in told:
        if standing.referral_id and (standing.referral_id not in view or view[standing.referral_id].version <= standing.version):
            view[standing.referral_id] = standing
    for delivery in sends:
        delivered[delivery.header.referral.referral_id] = delivery
    client.deliveries.clear ()
    client.taken (*[ref for ref in client.inbox if ref[2] == 0])
    client.inbox.clear ()


delivered = {}


def flush (role):
    """Waits until all of this side's acts are answered; number -> answer."""
    client = clients[role]
    client.wait (lambda: not client.unanswered, 60, "all answers")
    answers = {(a.recipient, a.number): a for a in client.answers}
    look (role)
    client.answers.clear ()
    return answers


def in_turn (races, role, act):
    """Does one act for each of them, some at a time; the answers in their order."""
    client, found = clients[role], []
    for i in range (0, len (races), AT_ONCE):
        keys = []
        for race in races[i:i + AT_ONCE]:
            act (race)
            keys.append ((other[role], client.next_number[other[role]]))
        answers = flush (role)
        found += [answers[key] for key in keys]
    return found


other = {"R": "partner-v", "V": "partner-r"}


def begin (races):
    """All of them are sent, and stand where they shall."""
    def send (race):
        race.referral = clients["R"].send_event ("partner-v", pb.EVENT_SEND).referral.referral_id
    for answer in in_turn (races, "R", send):
        assert answer.outcome == pb.ACCEPTED, answer.fault
    while True:
        for role in "VR":
            now = [race for race in races if race.todo and race.todo[0][0] == role and race.todo[0][1] != "RECEIPT"]
            for race, answer in zip (now, in_turn (now, role, lambda race: send_act (race, role, race.todo[0][1], race.model.version))):
                assert answer.outcome == pb.ACCEPTED, f"{race}: {race.todo[0]}: {answer.fault}"
                step_done (race)
        receipts ([race for race in races if race.todo and race.todo[0][1] == "RECEIPT"])
        if not any (race.todo and race.todo[0][0] != "H" for race in races):
            return


def step_done (race):
    role, event = race.todo.pop (0)
    race.model.take (event, role, race.model.version)


def send_act (race, role, event, version):
    clients[role].send_event (other[role], pb.Event.Value ("EVENT_" + event), referral_id=race.referral, version=version, **FIELDS.get (event, {}))


def receipts (races):
    v = clients["V"]
    def seen ():
        look ("V")
        return all (race.referral in delivered for race in races)
    v.wait (seen, 60, "all SENDs")
    for i in range (0, len (races), AT_ONCE):
        v.confirm (v.done (*[delivered[race.referral] for race in races[i:i + AT_ONCE]]), 60)
    for race in races:
        step_done (race)
        knows_of_its_receipt (race)


def knows_of_its_receipt (race):
    """The receiver is not told what followed from its own DONE."""
    known = views["V"][race.referral]
    if known.state == pb.STATE_SENT and not known.version > race.model.version - 1:
        known.state, known.version = pb.STATE_RECEIVED, known.version + 1


def act (races, place):
    """The act at that place of each; what its answer must be is asked of the model."""
    for role in "RV":
        now = [race for race in races if race.acts[place][0] == role and race.acts[place][1] != "RECEIPT"]
        for race, answer in zip (now, in_turn (now, role, lambda race: send_act (race, role, race.acts[place][1], race.before.version))):
            want = race.model.take (race.acts[place][1], role, race.before.version)
            got = None if answer.outcome == pb.ACCEPTED else answer.fault
            if (got, shown (answer.standing)) != (want, race.model.standing ()):
                race.faults.append (f"{race.acts[place]}: got {got} {shown (answer.standing)}, want {want} {race.model.standing ()}")
    receipts_in_race ([race for race in races if race.acts[place] == ("V", "RECEIPT")])


def receipts_in_race (races):
    for race in races:
        race.todo = [("V", "RECEIPT")]
    receipts (races)


def shown (standing):
    return pb.State.Name (standing.state).removeprefix ("STATE_"), standing.version, tuple (standing.open_questions), standing.withdrawal_wished


def compare (races, name):
    """Both sides know the same in the end, as do the broker's table and the model."""
    def heard ():
        for role in "RV":
            clients[role].drain (0.02)
            look (role)
        return all (views[role][race.referral].version >= race.model.version for race in races for role in "RV" if race.referral in views[role]) \
            and all (race.referral in views[role] for race in races for role in "RV")
    try:
        tap.until ("both have heard of everything", heard, 60)
    except TimeoutError:
        tap.ok (False, f"{name}: both hear of everything")
    rows = {bytes.fromhex (row[0]): (row[1], int (row[2]), tuple (map (int, row[3].split ())), row[4] == "t") for row in
            net.cluster.sql ("SELECT encode (id, 'hex'), kask_state_name (state), version, array_to_string (questions, ' '), withdrawal_wished FROM referral")}
    for race in races:
        for who, got in (("R", shown (views["R"][race.referral])), ("V", shown (views["V"][race.referral])), ("the broker", rows[race.referral])):
            if got != race.model.standing ():
                race.faults.append (f"{who} ends with {got}, want {race.model.standing ()}")
    wrong = [race for race in races if race.faults]
    tap.equal (len (wrong), 0, f"{name}: {len (races)} races end as the table says, with both sides and the broker agreeing")
    for race in wrong[:10]:
        tap.note (f"{race}: " + "; ".join (race.faults))


# ---------------------------------------------------------------- the clock
def time_passes (races):
    """The deadlines of all that still wait pass; those that must expire have."""
    shift.set (at (5, 27, 0, 1))
    due = [race for race in races if race.model.state in ("SENT", "RECEIVED") and not race.model.questions]
    count = "SELECT count (*) FROM referral WHERE state = 10"
    tap.until ("what was due has expired", lambda: int (net.cluster.value (count)) >= len (due), 90, 0.2)
    tap.equal (int (net.cluster.value (count)), len (due), "what waited unanswered has expired, and nothing else")
    for race in due:
        race.model.take ("EXPIRE", "H", race.model.version)
        if race.todo:
            race.todo.pop (0)


# ---------------------------------------------------------------- all of them
def pairs_of (name, path):
    for x in events_of ("R"):
        for y in events_of ("V") + (["RECEIPT"] if name == "SENT" else []):
            yield Race (name, path, ("R", x), ("V", y))
            yield Race (name, path, ("V", y), ("R", x))


def against_the_clock (first):
    """EXPIRE before or behind each event, from both states in which the clock runs."""
    for state in ("SENT", "RECEIVED"):
        for role in "RV":
            for event in events_of (role):
                acts = ((role, event), ("H", "EXPIRE"))
                yield Race (state, paths ()[state], *(acts if first else acts[::-1]))


def with_the_clock ():
    acted, expired = list (against_the_clock (True)), list (against_the_clock (False))
    lost = list (pairs_of ("EXPIRED", paths ()["EXPIRED"]))
    begin (acted + expired + lost)
    act (acted, 0)
    time_passes (acted + expired + lost)
    act (expired, 1)
    compare (acted + expired, "against the clock")
    act (lost, 0)
    act (lost, 1)
    compare (lost, "EXPIRED")


def with_each_other ():
    for name, path in paths ().items ():
        if name != "EXPIRED":
            races = list (pairs_of (name, path))
            begin (races)
            act (races, 0)
            act (races, 1)
            compare (races, name)


with Shift (at (5, 8, 12)) as shift, Network ("races", heartbeat="20 s", time_shift_file=shift.path) as net:
    clients["R"], clients["V"] = net.pair ("partner-r", "partner-v")
    tap.run (with_the_clock, with_each_other)
