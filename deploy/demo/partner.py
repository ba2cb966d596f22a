"""
partner - one partner of the network: its system (a stand-in), its adapter, and what people do there.

var/PARTNER/system   the stand-in's state; a person's page or file of cases is in it
var/PARTNER/adapter  the folder adapters/PARTNER, with this machine's addresses in adapter.conf
var/PARTNER/state    the adapter's keys, pins, outbox and inbox
"""
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys

import place
from daemon import Daemon
from place import TOP, program, run, var
from say import Trouble

SANDBOX = os.path.join (TOP, "adapters", "sandbox")


class Partner:
    def __init__ (self, partner_id, name, country, system, kind):
        self.id, self.name, self.country, self.system, self.kind = partner_id, name, country, system, kind
        self.folder = var (partner_id)
        self.system_dir, self.state = var (partner_id, "system"), var (partner_id, "state")
        self.conf = var (partner_id, "adapter", "adapter.conf")
        self.system_daemon = Daemon (f"{partner_id}-system", [sys.executable, "-B", os.path.join (SANDBOX, "sandbox.py"), system,
                                                              "--state", self.system_dir], self.folder)
        self.adapter = Daemon (f"{partner_id}-adapter", [os.path.join (place.BUILD, "kask-adapter"), "run", "--config", self.conf],
                               self.folder)

    def daemons (self):
        return self.system_daemon, self.adapter

    # ------------------------------------------------------------ start and stop
    def start_system (self):
        os.makedirs (self.system_dir, exist_ok=True)
        self.system_daemon.start ()
        self.system_daemon.until (f"{self.name}'s system is ready", lambda: self.call ("list").returncode == 0 and self.is_ready (), 20)

    def is_ready (self):
        return self.system != "crm" or self.page () is not None

    def join (self, broker):
        """Keys, made here; the operator takes the request and hands back the broker's addresses and key."""
        if not os.path.exists (os.path.join (self.state, "kask.db")):
            shutil.rmtree (self.state, ignore_errors=True)
            self.kask_adapter ("init", "--state", self.state, "--partner", self.id, "--name", self.name,
                               "--country", self.country)
        request = var (self.id, self.id + ".request")
        with open (request, "w", encoding="utf-8") as file:
            file.write (self.kask_adapter ("request", "--state", self.state))
        answer = var (self.id, self.id + ".broker")
        with open (answer, "w", encoding="utf-8") as file:
            file.write (broker.kask ("partner", "add", request))
        self.kask_adapter ("join", "--state", self.state, answer)

    def pin (self, other):
        self.kask_adapter ("pin", "--state", self.state, other.id, other.fingerprint ())

    def fingerprint (self):
        return self.kask_adapter ("fingerprint", "--state", self.state).strip ()

    def start_adapter (self):
        if not self.adapter.pid ():
            self.configure ()
            self.adapter.start ()

    def configure (self):
        """A copy of the partner's folder, in which adapter.conf has this machine's addresses and folders."""
        folder = os.path.dirname (self.conf)
        shutil.rmtree (folder, ignore_errors=True)
        shutil.copytree (os.path.join (TOP, "adapters", self.id), folder)
        here = {"state": self.state, "root": self.system_dir, "url": (self.page () or "").rstrip ("/")}
        with open (self.conf, encoding="utf-8") as file:
            text = file.read ()
        for key, value in here.items ():
            text = re.sub (rf"^{key}( *)= .*$", lambda found, k=key, v=value: f"{k}{found.group (1)}= {place.quoted (v)}", text, flags=re.M)
        with open (self.conf, "w", encoding="utf-8") as file:
            file.write (text)
        self.adapter.environment = {"KASK_MAPPING_HELPER": program ("kask-mapping"), "KASK_JQ_LIBRARY": os.path.join (TOP, "adapters"),
                                    **self.secrets ()}

    def secrets (self):
        """What the system gave its integration to log in with."""
        path = os.path.join (self.system_dir, "api-client.json")
        if not os.path.exists (path):
            return {}
        with open (path, encoding="utf-8") as file:
            client = json.load (file)
        return {"CRM_CLIENT_ID": client["client_id"], "CRM_CLIENT_SECRET": client["client_secret"],
                "CRM_WEBHOOK_SECRET": hashlib.sha256 (("webhook " + client["client_secret"]).encode ()).hexdigest ()}

    def stop (self):
        """Its daemons that ran."""
        return [daemon.name for daemon in reversed (self.daemons ()) if daemon.stop ()]

    def kask_adapter (self, *words):
        return run ([program ("kask-adapter"), *words], f"kask-adapter {words[0]} ({self.id})")

    # ------------------------------------------------------------ its people
    def screen (self):
        """A command of the partner's own in var/, for who looks around; its path from the checkout."""
        return place.shortcut (os.path.join (self.id, "act"), self.argv ())

    def argv (self, *words):
        return [sys.executable, "-B", os.path.join (SANDBOX, "act"), self.system, "--state", self.system_dir, *words]

    def call (self, *words):
        return subprocess.run (self.argv (*words), stdin=subprocess.DEVNULL, text=True, capture_output=True, check=False)

    def act (self, *words):
        """What a person does at the screen; gives the line that the person sees."""
        result = self.call (*words)
        if result.returncode:
            raise Trouble (f"{self.name}'s system refused '{words[0]}': {result.stderr.strip ()}", "deploy/quickstart clean begins anew")
        return result.stdout.strip ()

    def case (self, number):
        result = self.call ("show", number, "--json")
        return json.loads (result.stdout) if result.returncode == 0 else None

    def cases (self):
        return json.loads (self.act ("list", "--json"))

    def services (self):
        return json.loads (self.act ("services", "--json"))

    def wait_for_catalogue (self, partners):
        """Until the others' offerings are in this partner's own system, to be picked there."""
        others = {p.name for p in partners if p is not self}
        self.adapter.until (f"offerings of {' and '.join (sorted (others))} are in {self.name}'s system",
                            lambda: len (self.services ()["neighbours"]) >= 2, 60)

    def page (self):
        """Where a person looks at the cases."""
        if self.system != "crm":
            return os.path.join (self.system_dir, {"office": "sager.txt", "archive": "saker.txt"}[self.system])
        try:
            with open (os.path.join (self.system_dir, "port"), encoding="ascii") as file:
                return f"http://127.0.0.1:{file.read ().strip ()}/"
        except OSError:
            return None


PARTNERS = [
    Partner ("erhvervshus-nord", "Erhvervshus Nord", "DK", "crm", "a CRM over HTTP"),
    Partner ("vaeksthus-nordjylland", "Væksthus Nordjylland", "DK", "office", "CSV files in folders"),
    Partner ("aust-agder", "Aust-Agder fylkeskommune", "NO", "archive", "a case archive, XML and Turtle files"),
]
