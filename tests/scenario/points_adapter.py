#!/usr/bin/python3
"""
kask-adapter is stopped right before and right after each call in its source by which it makes something durable or tells
its partner's system, and what its store had not synced is lost, as by a power cut; with acts and referrals under way: none
is lost, none comes twice.
Every so many points; KASK_POINTS=all: each (tests/long/points_adapter.sh).  One that was not hit is a failure.
"""
import contextlib
import http.server
import itertools
import json
import os
import pathlib
import subprocess
import sys
import threading
import urllib.request

sys.path.insert (0, str (pathlib.Path (__file__).resolve ().parents[1] / "lib"))
from network import BUILD, TOP, Network, kaskclient   # noqa: E402
import points                                         # noqa: E402
import tap                                            # noqa: E402
import content_pb2 as content                         # noqa: E402
import kask_pb2 as pb                                 # noqa: E402

STEP = 1 if os.environ.get ("KASK_POINTS") == "all" else 6
REFERRALS = 60   # that are under way, at most
PAPERS = [content.Attachment (name="paper.txt", media_type="text/plain", data=b"paper")]
# What only a broken disk or drive, another program's hand at the same file, or a newer neighbour brings about.
BY_OTHERS = {("unlinkat", "file_write"): 1, ("renameat", "file_move"): 0, ("file_move", "move_taken"): 1, ("unlinkat", "move_taken"): 0,
             ("unlinkat", "remove_papers"): 0, ("kask_crashed", "message_unknown"): 0}
COMMON = """partner = {name}
state = {state}
connector = {connector}
retry = 300 ms
"""
FILES = COMMON + """
[files]
root = {root}
settle = 50 ms
poll = 100 ms
receipt_wait = 300 ms
keep_done = 1 s

[source offers]
gives = offerings
folder = offers
pattern = *.json
format = json
mapping = offering.jq
complete = yes

[source acts]
gives = events
folder = acts
pattern = *.json
format = json
mapping = act.jq

[write]
event = event.jq
"""
HTTP = COMMON + """
[http]
url = {url}
timeout = 5 s
try_for = 1 s
webhook_listen = 127.0.0.1:0
webhook_secret = hook
webhook_file = {root}/webhook

[source cases]
gives = events
read = read.jq
mapping = act.jq
every = 200 ms

[write]
event = event.jq
"""
PROGRAMS = {
    "offering.jq": """{key: .key, kind: "advice", status: "active", title: [{language: "nb", text: .title}],
                       provider: {name: "P", identifier_unknown: true, country: "NO"}}""",
    "act.jq": """if .wrong then error ("wrong") else . end""",
    "event.jq": """if .task.kind == "answer" or .task.event != "SEND" then {}
                   elif .step > 0 then {case: .task.referral}
                   elif (.task.content.text | startswith ("crash")) then error ("crash")
                   elif (.task.content.text | startswith ("refuse")) then {refused: "no"}
                   elif (.task.content.text | startswith ("later")) and (now * 2 | floor) % 2 == 0 then {later: "soon"}
                   else (.task.id | gsub ("/"; "-")) as $id | {request: {write: "in/\\($id).json", format: "json", records: [.task.content.text],
                         attachments: [range (.task.attachments // [] | length) | {attachment: ., file: "in/\\($id)/\\(.).txt"}]}} end""",
    "read.jq": """if .step == 0 then {request: {method: "GET", path: "/cases"}} else {emit: .response.json, cursor: "1"} end""",
}


class Adapter:
    def __init__ (self, name, text, **more):
        self.name, self.folder = name, net.folder / name
        self.state, self.root, self.conf = self.folder / "state", self.folder / "root", self.folder / "adapter.conf"
        for folder in (self.folder, *(self.root / sub for sub in ("offers", "acts", "in"))):
            folder.mkdir (parents=True, exist_ok=True)
        for program, source in PROGRAMS.items ():
            (self.folder / program).write_text (source)
        self.conf.write_text (text.format (name=name, state=self.state, root=self.root, **more))
        self.call ("init", "--partner", name, "--name", name, "--country", "NO")
        joined = self.folder / "broker"
        joined.write_text (net.add_partner (self.call ("request")))
        self.call ("join", joined)
        self.call ("pin", other.partner, kaskclient.fingerprint (bytes (other.identity.signing.verify_key)))
        net.agree (name, other.partner)
        facts = dict (line.split (" = ", 1) for line in self.call ("request").splitlines () if " = " in line)
        other.pin (name, pb.KeyStatement.FromString (bytes.fromhex (facts["statement"])).identity_key)
        self.aim = points.Aim (self.folder / "aim")
        self.program = net.program (f"{name}-adapter", [BUILD / "kask-adapter-points", "run", "--config", self.conf],
                                    env={"KASK_MAPPING_HELPER": str (BUILD / "kask-mapping"), "KASK_JQ_LIBRARY": str (TOP / "adapters"),
                                         "KASK_POINT": str (self.aim.path), "KASK_POINT_DISK": str (self.state)})
        self.numbers = itertools.count (1)
        self.acts, self.referrals, self.revoked = [], [], set ()

    def call (self, verb, *more):
        return subprocess.run ([BUILD / "kask-adapter", verb, "--state", self.state, *more], text=True, check=True, stdout=subprocess.PIPE).stdout

    def start (self):
        if not self.program.is_running ():
            self.program.start ()

    def put (self, name, records):
        aside = self.root / (name + ".tmp")
        aside.write_text (json.dumps (records))
        aside.rename (self.root / name)

    def act (self, **more):
        n = next (self.numbers)
        text = f"act {self.name} {n}"
        if not more:
            self.acts.append (text)
        return {"act": text, "case": f"case-{n}", "event": "SEND", "to": "other", "legal_basis": "CONSENT", "content": {"text": text}, **more}

    def texts (self):
        return [json.loads (path.read_text ())[0] for path in (self.root / "in").glob ("*.json")]


class System (http.server.BaseHTTPRequestHandler):
    """An HTTP system that has one new act at each look, and keeps those of before."""
    acts = []

    def do_GET (self):
        if len (self.acts) < 20:
            self.acts.append (web.act ())
        data = json.dumps (self.acts[-20:]).encode ()
        self.send_response (200)
        self.send_header ("Content-Type", "application/json")
        self.send_header ("Content-Length", str (len (data)))
        self.end_headers ()
        self.wfile.write (data)

    def log_message (self, *_):
        pass


# ---------------------------------------------------------------- what happens meanwhile

def pump ():
    """The other partner takes what comes, and says that it is there."""
    other.ping ()
    other.drain ()
    new = [d for d in other.deliveries if d.ref not in other.settled]
    other.deliveries.clear ()
    if not new:
        return
    for d in new:
        if d.event == pb.EVENT_SEND:
            arrived.append (other.open (d).text)
    other.taken ()
    other.done (*new)


def refer (adapter, kind="usual", referral=None):
    if kind == "usual" and len (adapter.referrals) - len (adapter.texts ()) > REFERRALS:
        return None
    text = f"{kind} {len (adapter.referrals)}"
    header = other.send_event (adapter.name, pb.EVENT_SEND, content.Content (text=text, attachments=PAPERS), referral_id=referral or os.urandom (16))
    if kind in ("usual", "later"):
        adapter.referrals.append (text)
    return header


def acts_are_made (victim):
    adapter = victim.adapter
    adapter.put (f"acts/{next (adapter.numbers)}.json", [adapter.act ()])
    refer (adapter)
    pump ()


def rare_referrals_come (victim):
    for kind in ("later", "refuse", "crash"):
        refer (victim.adapter, kind)
    header = other.header (victim.adapter.name)   # and one that cannot be opened
    header.referral.CopyFrom (pb.ReferralEvent (event=pb.EVENT_SEND, referral_id=header.message_id, chain_id=header.message_id, legal_basis="CONSENT"))
    other.send (victim.adapter.name, header.SerializeToString (), os.urandom (200))
    pump ()


def wrong_acts_are_made (victim):
    adapter = victim.adapter
    adapter.put (f"acts/{next (adapter.numbers)}.json", [adapter.act (wrong=True)])
    pump ()


def offerings_change (victim):
    n = next (victim.adapter.numbers)
    victim.adapter.put (f"offers/{n}.json", [{"key": f"k{i}", "title": f"{n}"} for i in range (20) if i != n % 20])
    pump ()


def a_referral_is_revoked (victim):
    """One of the adapter's own, by its receiver; its files are forgotten."""
    sent = [d for d in other.inbox.values () if d.event == pb.EVENT_SEND and d.facts.sender == victim.adapter.name
            and d.header.referral.referral_id not in victim.adapter.revoked]
    if sent:
        referral = sent[-1].header.referral.referral_id
        victim.adapter.revoked.add (referral)
        other.send_event (victim.adapter.name, pb.EVENT_REVOKE, referral_id=referral)
    pump ()


def an_unknown_case_is_acted_on (victim):
    """The act waits for its case, which comes the next time."""
    adapter = victim.adapter
    if early:
        refer (adapter, "later", early.pop ())
    else:
        early.append (os.urandom (16))
        adapter.put (f"acts/{next (adapter.numbers)}.json", [{"act": f"early {early[0].hex ()}", "case": early[0].hex (), "event": "ACCEPT"}])
    pump ()


def the_system_tells (victim):
    with contextlib.suppress (OSError):
        urllib.request.urlopen (urllib.request.Request ((victim.adapter.root / "webhook").read_text ().strip (), data=b"{}", method="POST"), timeout=2)
    pump ()


def victim_starts_again (victim):
    victim.program ().kill ()
    victim.start ()
    pump ()


STIRS = {"main": (acts_are_made, rare_referrals_come, offerings_change, wrong_acts_are_made, an_unknown_case_is_acted_on, a_referral_is_revoked,
                  victim_starts_again),
         "web": (the_system_tells, victim_starts_again)}


# ---------------------------------------------------------------- the parts

def is_ours (point):
    """Not one that others bring about: the nth such call in its function, from the key's number on."""
    return not any ((point.function, point.within) == key and ORDER[point] >= first for key, first in BY_OTHERS.items ())


def order_of (found):
    """Point -> how many of its kind stand before it in its function."""
    return {p: sum (q.line < p.line for q in found if (q.file, q.function, q.within) == (p.file, p.function, p.within)) for p in found}


def victim_of (adapter, found):
    victim = points.Victim (adapter.name, found, adapter.aim, lambda: adapter.program, adapter.start)
    victim.adapter = adapter
    return victim


def each_point_is_known ():
    for victim in victims:
        victim.say_which_are_places ()


def they_are_stopped_at_each ():
    for victim in victims:
        victim.adapter.start ()
        victim.stop_at_each (STEP, STIRS[victim.name])
        victim.say_which_were_hit ()


def nothing_is_lost_or_doubled ():
    def all_there ():
        pump ()
        return all (set (a.acts) <= set (arrived) and set (a.referrals) <= set (a.texts ()) for a in (main, web) if a is main or a.acts)
    try:
        tap.until ("all has arrived", all_there, 60, 0.1)
    except TimeoutError as problem:
        tap.note (problem)
    for adapter in (main, web):
        got = [text for text in arrived if text in set (adapter.acts)]
        tap.equal (sorted (set (adapter.acts) - set (got)), [], f"no act of {adapter.name} is lost: {len (adapter.acts)}")
        tap.equal (len (got), len (set (got)), f"none of {adapter.name} is sent twice")
    tap.equal (sorted (set (main.referrals) - set (main.texts ())), [], f"no referral is lost: {len (main.referrals)}")
    tap.equal (len (main.texts ()), len (set (main.texts ())), "none is written twice")


with Network ("points", heartbeat="30 s") as net:
    other = net.client ("other", connect=False)
    arrived, early = [], []
    server = http.server.ThreadingHTTPServer (("127.0.0.1", 0), System)
    main = Adapter ("main", FILES, connector="files")
    web = Adapter ("web", HTTP, connector="http", url=f"http://127.0.0.1:{server.server_port}")
    other.connect ()
    threading.Thread (target=server.serve_forever, daemon=True).start ()
    of_all = points.of_adapter ()
    ORDER = order_of (of_all)
    of_sdk = {p: places for p, places in points.of_sdk ("kask-adapter-points").items () if points.is_by_adapter (p)}
    of_web = {p: places for p, places in of_all.items () if p.file in ("http_client.c", "http_listen.c")}
    of_main = {**of_sdk, **{p: places for p, places in of_all.items () if p not in of_web and is_ours (p)}}
    victims = [victim_of (main, of_main), victim_of (web, of_web)]
    tap.run (each_point_is_known, they_are_stopped_at_each, nothing_is_lost_or_doubled)
