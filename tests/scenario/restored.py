#!/usr/bin/python3
"""
Restored copies under load: an adapter's folder and its system that are rolled back, one that runs twice, and a database from an older copy.

Two programs refer to each other all the time; what counts is what their systems hold in the end: each act once.
A program is stopped where a message is at a certain moment of its life, and copied there; the copy is asked whether one is.
Systems at some of these moments, since each has the whole day given out again; KASK_MOMENTS=all: at each (tests/long/restored.sh).
"""
import collections
import contextlib
import datetime
import json
import os
import pathlib
import random
import re
import shutil
import sqlite3
import subprocess
import sys

sys.path.insert (0, str (pathlib.Path (__file__).resolve ().parents[1] / "lib"))
from network import BUILD, Network, Setup              # noqa: E402
import points                                           # noqa: E402
import tap                                              # noqa: E402
import kask_pb2 as pb                                   # noqa: E402

ALL = os.environ.get ("KASK_MOMENTS") == "all"
TURNS = 10           # of two adapters with the same keys
STEP = 20            # acts of each side between two moments
TRIES, TRY_S = 30, 20

# A program is stopped at a side of a call, (function, the one it is called in); `query` counts the messages that its copy shows at this moment.
Moment = collections.namedtuple ("Moment", "name side call query")

UNDONE = "FROM kask_inbox i LEFT JOIN system.effect e USING (sender, sequence) WHERE i.state = 0"
ACT_OF = f"SELECT count (*) FROM system.effect e JOIN system.act a ON a.text = e.text AND a.event = {{}} WHERE e.event = {pb.EVENT_SEND}"
ANSWERED = "a.name IN (SELECT act FROM kask_answer)"
MOMENTS = (
    Moment ("not in the outbox yet", points.BEFORE, ("store_leave", "finish"),
            "SELECT count (*) FROM system.act WHERE name NOT IN (SELECT act FROM kask_act)"),
    Moment ("in the outbox", points.BEFORE, ("store_commit", "write_step"), "SELECT count (*) FROM kask_outbox WHERE no NOT IN (SELECT no FROM kask_sent)"),
    Moment ("sent", points.AFTER, ("port->send", "send_row"), "SELECT count (*) FROM kask_sent"),
    Moment ("accepted, and not told", points.BEFORE, ("store_leave", "answers_noted"), "SELECT count (*) FROM kask_answer WHERE accepted"),
    Moment ("taken, and TAKEN not said", points.BEFORE, ("port->send", "send_taken"), f"SELECT count (*) {UNDONE} AND e.no IS NULL"),
    Moment ("in hand", points.AFTER, ("store_leave", "mark"),
            f"SELECT count (*) {UNDONE} AND e.no IS NULL AND i.no <= (SELECT value FROM kask_fact WHERE name = 'handed_no')"),
    Moment ("with its effect, and not DONE", points.BEFORE, ("store_leave", "handling_done"), f"SELECT count (*) {UNDONE} AND e.no IS NOT NULL"),
    Moment ("DONE, and that is sent", points.AFTER, ("port->send", "reports_flush"), "SELECT count (*) FROM kask_report"),
    Moment ("confirmed, and the reply's answer not told", points.BEFORE, ("store_leave", "answers_noted"),
            f"{ACT_OF.format (pb.EVENT_ACCEPT)} AND {ANSWERED}"
            " AND NOT EXISTS (SELECT 1 FROM kask_inbox i WHERE (i.sender, i.sequence) = (e.sender, e.sequence))"
            " AND NOT EXISTS (SELECT 1 FROM kask_report_item r WHERE (r.sender, r.sequence) = (e.sender, e.sequence))"),
    Moment ("replied to, and one answer told", points.AFTER, ("store_leave", "answers_noted"),   # the last is told first
            f"{ACT_OF.format (pb.EVENT_ACCEPT)} AND {ANSWERED} AND EXISTS (SELECT 1 FROM system.act b WHERE b.text = e.text"
            f" AND b.event = {pb.EVENT_COMPLETE} AND b.answer <> '' AND b.name NOT IN (SELECT act FROM kask_outbox UNION SELECT act FROM kask_answer))"),
)


def copy_database (source, target):
    """As a backup does it: whole, while the program writes."""
    for beside in ("", "-wal", "-shm"):
        pathlib.Path (f"{target}{beside}").unlink (missing_ok=True)
    with sqlite3.connect (source) as one, sqlite3.connect (target) as other:
        one.backup (other)
    one.close ()
    other.close ()


def points_of (calls):
    """(function, within) -> its places in the program."""
    found = points.of_sdk ("kask-test-partner-points")
    return {call: [place for point, places in found.items () if (point.function, point.within) == call for place in places] for call in calls}


class Partner (Setup):
    """A state folder, the program that runs on it, and the system behind it."""

    def __init__ (self, name, other):
        super ().__init__ (net, name)
        self.system, self.goal, self.other = net.folder / f"{name}.system", net.folder / f"{name}.goal", other
        self.goal.write_text ("0")
        self.copies = {self.dir / "kask.db": net.folder / f"{name}.copy", self.system: net.folder / f"{name}.system.copy"}
        self.aim = points.Aim (net.folder / f"{name}.aim")
        self.program = self.program_in (self.dir, name)

    def program_in (self, folder, name):
        return net.program (name, [BUILD / "kask-test-partner-points", folder, self.system, self.goal, self.other],
                            env={"KASK_POINT": str (self.aim.path)})

    def copy (self):
        for source, target in self.copies.items ():
            copy_database (source, target)

    def put_back (self, *sources):
        for source in sources:
            copy_database (self.copies[source], source)

    def copied_at (self, moment):
        """How many messages of its copy are at that moment."""
        store, system = self.copies.values ()
        with contextlib.closing (sqlite3.connect (store)) as db:
            db.execute ("ATTACH ? AS system", (str (system),))
            return db.execute (moment.query).fetchone ()[0]

    def stop_at (self, moment):
        """Its program is down then, and copied."""
        for _ in range (TRIES):
            load.wait (dice.randrange (STEP))   # what was left by the try before has gone on
            with self.aim.held (moment.side, PLACES[moment.call]):
                load.more ()
                tap.until (f"{self.name} is stopped where a message is {moment.name}", lambda: not self.program.is_running (), TRY_S)
            self.copy ()
            if self.copied_at (moment):
                return
            self.program.start ()
        raise TimeoutError (f"{self.name}: in {TRIES} copies no message is {moment.name}")

    def effects (self):
        """Texts of the referrals that came in, in order."""
        if not self.system.exists ():
            return []
        db = sqlite3.connect (f"file:{self.system}?mode=ro", uri=True)
        try:
            return [row[0] for row in db.execute ("SELECT text FROM effect WHERE event = ? ORDER BY no", (pb.EVENT_SEND,))]
        except sqlite3.OperationalError:
            return []
        finally:
            db.close ()


class Load:
    acts = 0

    def more (self, n=STEP):
        self.acts += n
        for partner in (left, right):
            partner.goal.write_text (str (self.acts))

    def wait (self, n):
        """Until so many acts of the last step had their effect on each side."""
        least = self.acts - STEP + n
        tap.until (f"{least} effects on each side", lambda: all (len (set (p.effects ())) >= least for p in (left, right)), 60)

    def check (self, what):
        self.more ()
        self.wait (STEP)
        for sender, receiver in ((left, right), (right, left)):
            wanted = collections.Counter (f"{sender.name}>{receiver.name}/{n}" for n in range (1, self.acts + 1))
            got = collections.Counter (receiver.effects ())
            tap.equal ((sorted (wanted - got), sorted (got - wanted)), ([], []), f"{what}: of {self.acts} acts of {sender.name} none is lost, none has two effects")


def nothing_waits ():
    return net.cluster.value ("SELECT sum (next_sequence - 1 - done) FROM lane") == "0"


def are_rolled_back (what, roll_back, moments=MOMENTS):
    """At each of the moments: `roll_back` does it, to a partner that is down afterwards."""
    for moment in moments:
        partner = dice.choice ((left, right))
        load.more ()
        roll_back (partner, moment)
        partner.program.start ()
    load.check (f"{what} rolled back at {len (moments)} moments")
    tap.until ("all is DONE", nothing_waits, 60)
    tap.ok (True, "and in the end nothing waits at the broker")


def to_a_copy_of (partner, moment, *files):
    """The moment is the copy's; what came after it is forgotten."""
    partner.stop_at (moment)
    partner.program.start ()
    load.more ()
    load.wait (dice.randrange (STEP))
    partner.program.kill ()
    partner.put_back (*files)


def an_adapter_is_rolled_back ():
    are_rolled_back ("an adapter", lambda partner, moment: to_a_copy_of (partner, moment, partner.dir / "kask.db"))


def an_adapter_runs_twice ():
    folder = net.folder / "left-second"
    first, second = left.program, left.program_in (folder, "left-second")
    for turn in range (TURNS):
        load.more ()
        load.wait (dice.randrange (STEP))
        if turn == 0:
            folder.mkdir ()
            shutil.copy (left.dir / "kask.reserve", folder)
            copy_database (left.dir / "kask.db", folder / "kask.db")
        second.start ()
        tap.until ("the older one has ended", lambda: not first.is_running (), 30)
        tap.equal (first.process.returncode, 78, "the older session is superseded, and its program stays down") if turn == 0 else None
        first, second = second, first
    load.check (f"a second adapter with the same keys, started by turns {TURNS} times")
    tap.until ("all is DONE", nothing_waits, 60)
    tap.ok (True, "and in the end nothing waits at the broker")


def accepted_acts (partner):
    """The acts that its outbox has handed to the broker."""
    db = sqlite3.connect (f"file:{partner.dir / 'kask.db'}?mode=ro", uri=True)
    try:
        return {row[0] for row in db.execute ("SELECT act FROM kask_act EXCEPT SELECT act FROM kask_outbox")}
    finally:
        db.close ()


def gets_the_day_again (partner):
    """What an operator, and who runs the adapter, do for a system that was rolled back (deploy/BACKUP.md)."""
    since = (datetime.date.today () - datetime.timedelta (days=1)).isoformat ()
    net.kask ("mailbox", "again", partner.name, since)
    partner.call ("recover")


def a_system_is_rolled_back ():
    """The moment is the adapter's, whose system forgets what came before it."""
    older = net.folder / "older.system"

    def roll_back (partner, moment):
        copy_database (partner.system, older)
        partner.stop_at (moment)
        copy_database (older, partner.system)
        gets_the_day_again (partner)
    are_rolled_back ("a system", roll_back, MOMENTS if ALL else MOMENTS[1::3])


def an_adapter_and_its_system_are_rolled_back ():
    def roll_back (partner, moment):
        to_a_copy_of (partner, moment, *partner.copies)
        gets_the_day_again (partner)
    are_rolled_back ("adapter and system", roll_back, MOMENTS if ALL else MOMENTS[2::4])


def names (partner):
    """The acts that its outbox has let go of and the database may have lost, as its people are told."""
    return re.findall (r"outbox: act 1 (\S+) to partner", partner.program.log ())


def the_database_is_restored ():
    data, copy = net.folder / "pg/data", net.folder / "pg-copy"
    load.more ()
    load.wait (STEP // 2)
    net.cluster.stop ()
    subprocess.run (["cp", "-a", data, copy], check=True)
    net.cluster.start ()
    load.more ()
    load.wait (STEP // 2)
    right.program.stop ()
    load.more ()
    tap.until ("left's acts are accepted", lambda: f"1 left>right/{load.acts}" in accepted_acts (left), 60)
    net.cluster.stop ("immediate")
    shutil.rmtree (data)
    subprocess.run (["cp", "-a", copy, data], check=True)
    net.cluster.start ()
    right.program.start ()
    tap.until ("the broker says so", lambda: "the database is older than what a partner has seen" in net.broker.log (), 60)
    tap.ok (True, "a database restored from an older copy is found at hello, and said loudly")
    tap.until ("both are held", lambda: all ("DATABASE_BEHIND" in p.program.log () for p in (left, right)), 60)
    held = json.loads (net.kask ("recover", "--json").stdout)["held_by_partners"]
    tap.equal (sorted ((one["holder"], one["sender"]) for one in held), [("left", "right"), ("right", "left")], "kask recover says who holds what")
    tap.note (net.kask ("recover").stdout)
    load.more ()
    accepted = net.cluster.value ("SELECT count (*) FROM message")
    net.kask ("recover", "--go")
    tap.until ("the generation rose", lambda: net.cluster.value ("SELECT generation FROM broker") == "2")
    last = [f"{one.name}>{other.name}/{load.acts}" for one, other in ((left, right), (right, left))]
    tap.until ("the last acts have their effect", lambda: last[0] in right.effects () and last[1] in left.effects (), 60)
    lost_of = {}
    for sender, receiver in ((left, right), (right, left)):
        wanted = {f"{sender.name}>{receiver.name}/{n}" for n in range (1, load.acts + 1)}
        got = collections.Counter (receiver.effects ())
        lost = wanted - set (got)
        tap.note (f"{sender.name}: {len (lost)} acts nobody holds, {len (set (names (sender)))} named")
        tap.equal ([act for act, n in got.items () if n > 1], [], f"{sender.name}: no act has two effects")
        tap.equal (sorted (lost - set (names (sender))), [], f"{sender.name}: each act has its effect, or is named to its people as perhaps lost")
        lost_of[sender.name] = lost
    tap.ok (lost_of["left"], "among them some that the broker had accepted and nobody has")
    tap.equal (net.cluster.value ("SELECT count (*) FROM audit_entry WHERE detail LIKE 'recovered:%'"), "2", "each lane stands in the audit log")
    tap.ok ("lacks nothing" in net.kask ("recover").stdout, "and kask recover says that it is over")
    tap.until ("all is DONE", nothing_waits, 60)
    tap.ok (True, "what was DONE and forgotten is DONE again: in the end nothing waits")


def another_life_waits_for_all ():
    told = len (names (left))
    for partner in (left, right):
        partner.program.stop ()
    net.broker.stop ()
    net.cluster.sql ("UPDATE broker SET life = 'of another machine'")
    net.start_broker ()
    left.program.start ()
    tap.until ("left is there", lambda: "began partner=left" in net.broker.log ().rpartition ("another life")[2])
    load.more ()
    shown = net.kask ("recover").stdout
    tap.ok ("restored, promoted or moved" in shown and "right" in shown.partition ("not_heard_yet")[2], "a database on another machine: who was not heard yet is named")
    before = net.cluster.value ("SELECT next_sequence FROM lane l JOIN partner a ON a.no = l.sender WHERE a.partner = 'left'")
    tap.until ("left is told to wait", lambda: sqlite_value (left.dir / "kask.db", "SELECT count (*) FROM kask_outbox") >= STEP)
    tap.equal (net.cluster.value ("SELECT next_sequence FROM lane l JOIN partner a ON a.no = l.sender WHERE a.partner = 'left'"), before,
               "nothing is taken for a partner that was not heard")
    right.program.start ()
    tap.until ("the suspicion is over", lambda: "lacks nothing" in net.kask ("recover").stdout, 30)
    last = f"left>right/{load.acts}"
    tap.until ("the last act has its effect", lambda: last in right.effects (), 60)
    tap.ok (True, "when all were heard and nothing is missing it goes on by itself")
    tap.equal (net.cluster.value ("SELECT suspect_from || ' ' || generation FROM broker"), "0 2", "and the generation stays")
    tap.equal (len (names (left)), told, "what may have been lost by the recovery before is not named again")


def sqlite_value (path, query):
    db = sqlite3.connect (f"file:{path}?mode=ro", uri=True)
    try:
        return db.execute (query).fetchone ()[0]
    finally:
        db.close ()


with Network ("restored") as net:
    dice, load = random.Random (3), Load ()
    PLACES = points_of (moment.call for moment in MOMENTS)
    left, right = Partner ("left", "right"), Partner ("right", "left")
    left.pin (right)
    right.pin (left)
    net.agree ("left", "right")
    left.program.start ()
    right.program.start ()
    tap.run (a_system_is_rolled_back, an_adapter_and_its_system_are_rolled_back, an_adapter_is_rolled_back, an_adapter_runs_twice,
             the_database_is_restored, another_life_waits_for_all)
