"""
partners - the three partners of adapters/ in a network: stand-in, kask-adapter, and what people do there.

    with Network ("pairs") as net:
        north, office, agder = partners.bring_up (net)
        number = agder.act ("refer", "--service", key, …)

What people do and see goes through the stand-ins' screens alone (sandbox/act).
"""
import contextlib
import json
import re
import shutil
import sqlite3
import subprocess
import sys

import tap
from network import BUILD, TOP

SANDBOX = TOP / "adapters/sandbox"


class Partner:
    def __init__ (self, net, partner_id, name, country, system):
        self.net, self.id, self.name, self.country, self.system = net, partner_id, name, country, system
        self.folder = net.folder / partner_id
        self.state, self.system_dir, self.conf = self.folder / "state", self.folder / "system", self.folder / "adapter/adapter.conf"
        self.folder.mkdir ()
        self.stand_in = net.program (f"{partner_id}-system", [sys.executable, "-B", SANDBOX / "sandbox.py", system, "--state", self.system_dir])
        self.adapter = net.program (f"{partner_id}-adapter", [BUILD / "kask-adapter", "run", "--config", self.conf])

    # ------------------------------------------------------------ start
    def start_system (self):
        self.stand_in.start ()
        if self.system == "crm":
            tap.until ("the CRM listens", lambda: (self.system_dir / "port").exists () and (self.system_dir / "api-client.json").exists ())
        else:
            tap.until (f"{self.name}'s files", lambda: list (self.system_dir.glob ("sa*er.txt")))

    def join (self):
        """Keys are made here; the operator adds the partner and hands back the broker's address."""
        self.kask_adapter ("init", "--state", self.state, "--partner", self.id, "--name", self.name, "--country", self.country)
        answer = self.folder / "broker.join"
        answer.write_text (self.net.add_partner (self.kask_adapter ("request", "--state", self.state)))
        self.kask_adapter ("join", "--state", self.state, answer)

    def pin (self, other):
        self.kask_adapter ("pin", "--state", self.state, other.id, other.kask_adapter ("fingerprint", "--state", other.state).strip ())

    def configure (self, **settings):
        """A copy of the partner's folder with this machine's places, and `settings` over what it says."""
        shutil.copytree (TOP / "adapters" / self.id, self.conf.parent, dirs_exist_ok=True)
        here = {"state": self.state, "root": self.system_dir, "url": self.url (), "retry": "1 s", **settings}
        text = self.conf.read_text ()
        for key, value in here.items ():
            text, found = re.subn (rf"^{key}( *)=.*$", lambda m, k=key, v=value: f"{k}{m.group (1)}= {v}", text, flags=re.M)
            if not found and key == "retry":
                text = text.replace ("\n\n[", f"\n{key} = {value}\n\n[", 1)
        self.conf.write_text (text)
        self.adapter.env = {"KASK_MAPPING_HELPER": str (BUILD / "kask-mapping"), "KASK_JQ_LIBRARY": str (TOP / "adapters"), **self.secrets ()}

    def url (self):
        return f"http://127.0.0.1:{(self.system_dir / 'port').read_text ().strip ()}" if self.system == "crm" else ""

    def secrets (self):
        """What the system gave its integration to log in with."""
        if self.system != "crm":
            return {}
        client = json.loads ((self.system_dir / "api-client.json").read_text ())
        return {"CRM_CLIENT_ID": client["client_id"], "CRM_CLIENT_SECRET": client["client_secret"], "CRM_WEBHOOK_SECRET": "hook"}

    def kask_adapter (self, *words):
        result = subprocess.run ([BUILD / "kask-adapter", *map (str, words)], text=True, capture_output=True)
        if result.returncode:
            raise RuntimeError (f"kask-adapter {words[0]} ({self.id}): exit {result.returncode}\n{result.stdout}{result.stderr}")
        return result.stdout

    # ------------------------------------------------------------ its people
    def call (self, *words):
        return subprocess.run ([sys.executable, "-B", SANDBOX / "act", self.system, "--state", self.system_dir, *map (str, words)],
                               stdin=subprocess.DEVNULL, text=True, capture_output=True)

    def act (self, *words):
        """What a person does at the screen; the line that the person sees."""
        result = self.call (*words)
        if result.returncode:
            raise RuntimeError (f"{self.name}: {' '.join (map (str, words))}: {result.stderr.strip ()}")
        return result.stdout.strip ()

    def case (self, word):
        result = self.call ("show", word, "--json")
        return json.loads (result.stdout) if result.returncode == 0 else None

    def cases (self):
        return json.loads (self.act ("list", "--json"))

    def services (self):
        return json.loads (self.act ("services", "--json"))

    def neighbours_of (self, publisher):
        return [service for service in self.services ()["neighbours"] if service["key"].startswith (publisher.id + "/")]

    def attachment (self, case, name):
        """The bytes of a file in a case, as the system's own store holds them."""
        rows = self.store ("SELECT data FROM files WHERE case_id = ? AND name = ?", case["id"], name)
        return rows[0][0] if rows else None

    def settings (self):
        """What the system was told to be: its faults, and where it sends webhooks."""
        return {name: json.loads (value) for name, value in self.store ("SELECT name, value FROM settings")}

    def store (self, query, *values):
        with contextlib.closing (sqlite3.connect (f"file:{self.system_dir / 'state.sqlite'}?mode=ro", uri=True)) as db:
            return db.execute (query, values).fetchall ()

    def status (self):
        return self.kask_adapter ("status", "--config", self.conf)


def bring_up (net, **settings):
    """The three of them, connected, pinned to each other, with agreements both ways; `settings`: partner's id -> its own."""
    all_three = (Partner (net, "erhvervshus-nord", "Erhvervshus Nord", "DK", "crm"),
                 Partner (net, "vaeksthus-nordjylland", "Væksthus Nordjylland", "DK", "office"),
                 Partner (net, "aust-agder", "Aust-Agder fylkeskommune", "NO", "archive"))
    for partner in all_three:
        partner.start_system ()
        partner.join ()
    for one in all_three:
        for other in all_three:
            if one is not other:
                one.pin (other)
                net.kask ("agreement", "allow", one.id, other.id)
    for partner in all_three:
        partner.configure (**settings.get (partner.system, {}))
        partner.adapter.start ()
    return all_three
