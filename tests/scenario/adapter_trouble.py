#!/usr/bin/python3
"""
kask-adapter in trouble: what its own machine, its partner's system and its neighbours may do to it.

Each time it says what is wrong and what to do, its session stays, and nothing is lost, doubled or half-done.
"""
import contextlib
import json
import pathlib
import shutil
import socket
import subprocess
import sys
import threading

sys.path.insert (0, str (pathlib.Path (__file__).resolve ().parents[1] / "lib"))
from network import BUILD, TOP, Network, kaskclient   # noqa: E402
from disk import Disk, environment                    # noqa: E402
import tap                                            # noqa: E402
import content_pb2 as content                         # noqa: E402
import kask_pb2 as pb                                 # noqa: E402

FILES = """partner = {name}
state = {state}
connector = files
retry = 300 ms

[files]
root = {root}
settle = 50 ms
poll = 200 ms
receipt_wait = 5 s

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

[mapping]
time = 5 s
"""
HTTP = """partner = {name}
state = {state}
connector = http
retry = 300 ms

[http]
url = {url}
timeout = 5 s
try_for = 1 s
max_response = 1 MiB
webhook_listen = {listen}
webhook_secret = hook

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
    "act.jq": "def endless: endless; if .endless then endless else . end",
    "event.jq": """if .step > 0 then {case: .task.referral}
                   elif .task.kind == "answer" or .task.event != "SEND" then {case: .task.referral}
                   else {request: ({write: ("in/" + (.task.id | gsub ("/"; "-")) + ".json"), format: "json", records: [.task.content]}
                         + if .task.content.text == "no receipt" then {receipt: {done: "in/receipt", refused: "in/refused", format: "json"}} else {} end)} end""",
    "read.jq": """if .step == 0 then {request: {method: "GET", path: "/cases"}} else {emit: [], cursor: "1"} end""",
}


class Adapter:
    """A partner whose system is a folder of this scenario's own, or what listens at `url`."""

    def __init__ (self, name, state=None, root=None, text=FILES, disks=(), **more):
        self.name, self.folder, self.disks = name, net.folder / name, disks
        self.state, self.root, self.conf = state or self.folder / "state", root or self.folder / "root", self.folder / "adapter.conf"
        for folder in (self.folder, *(self.root / sub for sub in ("offers", "acts", "in"))):
            folder.mkdir (parents=True, exist_ok=True)
        for program, source in PROGRAMS.items ():
            (self.folder / program).write_text (source)
        self.conf.write_text (text.format (name=name, state=self.state, root=self.root, **more))
        self.cli ("init", "--state", self.state, "--partner", name, "--name", name, "--country", "NO")
        joined = self.folder / "broker"
        joined.write_text (net.add_partner (self.cli ("request", "--state", self.state).stdout))
        self.cli ("join", "--state", self.state, joined)
        self.program = self.another (self.conf)

    def another (self, conf):
        return net.program (f"{self.name}-{len (net.programs)}", [BUILD / "kask-adapter", "run", "--config", conf],
                            env={"KASK_MAPPING_HELPER": str (BUILD / "kask-mapping"), "KASK_JQ_LIBRARY": str (TOP / "adapters"), **environment (*self.disks)})

    def cli (self, *words, code=0):
        result = subprocess.run ([BUILD / "kask-adapter", *map (str, words)], text=True, capture_output=True)
        if result.returncode != code:
            raise RuntimeError (f"kask-adapter {words}: exit {result.returncode}\n{result.stdout}{result.stderr}")
        return result

    def meet (self, client):
        self.cli ("pin", "--state", self.state, client.identity.partner, fingerprint (client.identity))
        net.agree (self.name, client.identity.partner)
        facts = dict (line.split (" = ", 1) for line in self.cli ("request", "--state", self.state).stdout.splitlines () if " = " in line)
        client.pin (self.name, pb.KeyStatement.FromString (bytes.fromhex (facts["statement"])).identity_key)
        return self

    def put (self, name, records):
        """As a system writes a file that is not to be read in half: under another name first."""
        aside = self.root / (name + ".tmp")
        aside.write_text (json.dumps (records))
        aside.rename (self.root / name)

    def act (self, number, **more):
        self.put (f"acts/{number}.json", [{"act": f"act-{number}", "case": f"case-{number}", "event": "SEND", "to": "other", "legal_basis": "CONSENT",
                                           "content": {"text": f"act {number}"}, **more}])

    def texts (self, sender="other"):
        """What of that partner was written into the system."""
        return sorted (json.loads (path.read_text ())[0]["text"] for path in (self.root / "in").glob (f"{sender}-*.json"))

    def log (self):
        return self.program.log ()

    def says (self, *words, seconds=20):
        until (f"{self.name} says {words}", lambda: any (all (word in line for word in words) for line in self.log ().splitlines ()), seconds)

    def status (self):
        return self.cli ("status", "--config", self.conf).stdout


def until (what, condition, seconds=20):
    """Like tap.until; the scenario's own partners send their heartbeats meanwhile."""
    def look ():
        for client in net.clients:
            if client.socket:
                client.ping ()
                client.drain ()
        return condition ()
    return tap.until (what, look, seconds)


def fingerprint (identity):
    return kaskclient.fingerprint (bytes (identity.signing.verify_key))


def arrived (client, text, seconds=20):
    """The deliveries with that text, done; waits for one."""
    def find ():
        return [d for d in client.deliveries if d.event == pb.EVENT_SEND and client.open (d).text == text]
    found = until (f"{text!r} arrives", find, seconds)
    client.taken ()
    client.done (*found)
    for delivery in found:
        client.deliveries.remove (delivery)
    return found


def refer (client, adapter, text):
    client.send_event (adapter.name, pb.EVENT_SEND, content.Content (text=text))
    answer = client.answer (adapter.name)
    tap.equal ((answer.outcome, answer.fault), (pb.ACCEPTED, ""), f"the broker takes {text!r}")


def sessions_of (adapter):
    """How often the broker has let it in."""
    return net.broker.log ().count (f"session: began partner={adapter.name} ")


def offerings ():
    return len (json.loads (net.kask ("offering", "list", "--partner", "main", "--json").stdout)["offerings"])


# ------------------------------------------------------------ a source that shrinks

def a_shrunken_list_is_held ():
    whole = [{"key": f"k{i}", "title": f"Råd {i}"} for i in range (20)]
    main.put ("offers/1.json", whole)
    until ("20 offerings in the catalogue", lambda: offerings () == 20)
    main.put ("offers/2.json", whole[:3])
    main.says ("source=offers", "confirm offers")
    tap.ok ("HELD" in main.status () and "kask-adapter confirm offers" in main.status (), "a list that lost most of its records is held, and status says what to do")
    tap.equal (offerings (), 20, "nothing was withdrawn")
    said = main.cli ("confirm", "--config", main.conf, "acts", code=65).stderr
    tap.ok ("acts" in said and "nothing was changed" in said, "a source that holds nothing cannot be confirmed")
    main.cli ("confirm", "--config", main.conf, "offers")
    until ("confirmed, they are withdrawn", lambda: offerings () == 3)
    tap.ok ("HELD" not in main.status (), "and it is held no more")
    main.put ("offers/3.json", whole)
    until ("they come back", lambda: offerings () == 20)


# ------------------------------------------------------------ what takes long

def an_endless_mapping_costs_no_session ():
    before = sessions_of (main)
    main.act (1, endless=True)
    main.act (2)
    arrived (other, "act 2")
    tap.ok (True, "what comes after an endless mapping goes out")
    reason = until ("the reason", lambda: list ((main.root / "acts/refused").glob ("1.json.reason.txt")))[0].read_text ()
    tap.ok ("1.json" in reason and "took longer" in reason, f"the record is set aside with the reason: {reason.splitlines ()[-1][:100]}")
    tap.equal (sessions_of (main), before, "the session outlived it by its heartbeats")


def a_silent_system_costs_no_session ():
    before = sessions_of (main)
    refer (other, main, "no receipt")
    refer (other, main, "behind it")
    main.says ("put off", "there is no receipt yet", "see whether")
    tap.equal (sessions_of (main), before, "a system that gives no receipt: put off, and the session stays")
    main.put ("in/receipt", [])
    until ("what came behind it is in the system", lambda: main.texts () == ["behind it", "no receipt"])
    tap.ok (True, "when it gives one, both are in it, once")


class Listener:
    """A system at which every connection gets `answer`, again and again where it is `endless`."""

    def __init__ (self, answer, endless=False):
        self.socket = socket.create_server (("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.socket.getsockname ()[1]}"
        self.answer, self.endless, self.open = answer, endless, []
        threading.Thread (target=self.serve, daemon=True).start ()

    def serve (self):
        while True:
            connection, _ = self.socket.accept ()
            self.open.append (connection)
            threading.Thread (target=self.speak, args=(connection,), daemon=True).start ()

    def speak (self, connection):
        with contextlib.suppress (OSError):
            connection.sendall (self.answer)
            while self.endless:
                connection.sendall (b"x" * 65536)


def an_http_system_that_does_not_answer ():
    for name, answer, endless, says in (("mute", b"", False, ("source=cases", "again_ms")),
                                        ("endless", b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n", True, ("source=cases", "max_response"))):
        adapter = Adapter (name, text=HTTP, url=Listener (answer, endless).url, listen="127.0.0.1:0").meet (other)
        adapter.program.start ()
        adapter.says (*says)
        refer (other, adapter, f"to {name}")
        tap.ok (adapter.program.is_running () and sessions_of (adapter) == 1, f"a system that is {name}: said, and the session stays")
        tap.equal (adapter.program.stop (), 0, "and it ends when it is asked to")


def a_port_in_use ():
    taken = socket.create_server (("127.0.0.1", 0))
    adapter = Adapter ("port", text=HTTP, url="http://127.0.0.1:1", listen=f"127.0.0.1:{taken.getsockname ()[1]}")
    adapter.program.start ()
    tap.equal (adapter.program.process.wait (20), 78, "a port in use: it does not start")
    tap.ok ("webhook_listen" in adapter.log () and "in use" in adapter.log () and "nothing was started" in adapter.log (), f"and says so: {adapter.log ().strip ()[:150]}")


# ------------------------------------------------------------ neighbours

def an_unpinned_sender_waits ():
    stranger = net.client ("stranger")
    net.agree ("main", "stranger")
    stranger.pin ("main", other.pins["main"])
    refer (stranger, main, "from a stranger")
    main.says ("stranger", "not pinned", "fingerprints")
    tap.equal ([d for d in stranger.deliveries if d.event == pb.EVENT_RECEIPT], [], "what an unpinned partner sends is not acknowledged")
    tap.ok ("not pinned" in next (line for line in main.cli ("partners", "--state", main.state).stdout.splitlines () if line.startswith ("stranger ")), "partners says who is not pinned")
    main.cli ("pin", "--state", main.state, "stranger", fingerprint (stranger.identity))
    stranger.next (pb.EVENT_RECEIPT, seconds=20)
    tap.equal (main.texts ("stranger"), ["from a stranger"], "once pinned it arrives, without a restart")
    stranger.close ()


def another_identity_than_the_pinned_one ():
    old = net.client ("changed")
    main.meet (old)
    main.put ("acts/3.json", [{"act": "act-3", "case": "case-3", "event": "SEND", "to": "changed", "legal_basis": "CONSENT", "content": {"text": "before"}}])
    arrived (old, "before")
    old.close ()
    identity = kaskclient.Identity ("changed")
    request = net.folder / "changed.request"
    request.write_text (identity.request ("Changed", "DK"))
    net.kask ("partner", "add", request, "--replace")
    new = kaskclient.Client (identity, net.endpoint, old.broker_key).connect ()
    net.clients.append (new)
    new.pin ("main", other.pins["main"])
    main.put ("acts/4.json", [{"act": "act-4", "case": "case-4", "event": "SEND", "to": "changed", "legal_basis": "CONSENT", "content": {"text": "a secret"}}])
    refer (new, main, "from whoever that is")
    main.says ("changed", "another identity")
    tap.ok ("CONFLICT" in main.cli ("partners", "--state", main.state).stdout, "another identity than the pinned one: a conflict that partners shows")
    new.drain (0.5)
    tap.equal ([d.event for d in new.deliveries], [], "nothing was sent to it, and nothing of it acknowledged")
    tap.equal (main.texts ("changed"), [], "nor did anything of it come into the system")
    said = main.cli ("pin", "--state", main.state, "changed", fingerprint (old.identity), code=65).stderr
    tap.ok ("changed" in said and "nothing was pinned" in said, f"the old fingerprint is refused now: {said.strip ()[:110]}")
    main.cli ("pin", "--state", main.state, "changed", fingerprint (identity), code=65)
    tap.equal (new.deliveries, [], "nor is the new one taken while the old is pinned")
    main.cli ("unpin", "--state", main.state, "changed")
    said = main.cli ("unpin", "--state", main.state, "changed", code=65).stderr
    tap.ok ("not pinned" in said and "nothing was changed" in said, "unpinned twice")
    main.cli ("pin", "--state", main.state, "changed", fingerprint (identity))
    arrived (new, "a secret")
    until ("what it had sent", lambda: main.texts ("changed") == ["from whoever that is"])
    tap.ok (True, "pinned anew by a person, both go on")


# ------------------------------------------------------------ disks

def a_full_disk_under_the_store ():
    state_disk.fill ()
    full.act (10)
    full.says ("full", "source")
    refer (other, full, "while the store is full")
    tap.equal (full.texts (), [], "with a full disk nothing is taken")
    tap.ok (full.program.is_running (), "and it goes on running")
    state_disk.make_room ()
    tap.equal (len (arrived (other, "act 10", 30)), 1, "with room again the act goes out, once")
    until ("what came meanwhile", lambda: full.texts () == ["while the store is full"], 30)
    tap.ok (True, "and what came meanwhile is in the system, once")


def a_full_disk_under_the_system ():
    root_disk.fill ()
    refer (other, full, "while the folders are full")
    full.says ("No space left on device")
    tap.equal (full.texts (), ["while the store is full"], "no half of a file is seen")
    root_disk.make_room ()
    until ("it is written", lambda: "while the folders are full" in full.texts (), 30)
    left = [path.name for path in (full.root / "in").iterdir () if not path.name.startswith ("other-")]
    tap.equal (left, [], "with room again it is written, once, and nothing else is left")


# ------------------------------------------------------------ a copy of itself

def a_second_one_with_the_same_keys ():
    copy = main.folder / "copy"
    shutil.copytree (main.state, copy, ignore=lambda folder, names: [n for n in names if pathlib.Path (folder, n).is_fifo ()])
    conf = main.folder / "copy.conf"
    conf.write_text (main.conf.read_text ().replace (f"state = {main.state}", f"state = {copy}"))
    second = main.another (conf).start ()
    tap.equal (main.program.process.wait (20), 78, "a second adapter with the same keys: the first ends with 78, which its unit does not restart")
    tap.ok ("SUPERSEDED" in main.log () and "another adapter runs with this partner's keys" in main.log (), "and says why, and what to do")
    tap.ok (second.is_running (), "the second goes on")
    tap.equal (second.stop (), 0, "until it is ended")


with Network ("trouble", heartbeat="1 s") as net:
    other = net.client ("other")
    main = Adapter ("main").meet (other)
    main.program.start ()
    state_disk, root_disk = Disk (net.folder / "state-disk"), Disk (net.folder / "root-disk")
    full = Adapter ("full", state_disk.path / "state", root_disk.path, disks=(state_disk, root_disk)).meet (other)
    full.program.start ()
    tap.run (a_shrunken_list_is_held, an_endless_mapping_costs_no_session, a_silent_system_costs_no_session, an_http_system_that_does_not_answer,
             a_port_in_use, an_unpinned_sender_waits, another_identity_than_the_pinned_one, a_full_disk_under_the_store, a_full_disk_under_the_system,
             a_second_one_with_the_same_keys)
