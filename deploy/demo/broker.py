"""
broker - the private PostgreSQL cluster, kaskd, and what its operator does.
"""
import json
import os
import subprocess

import place
from daemon import Daemon
from place import TOP, program, run, var
from say import Trouble

CLUSTER = os.path.join (TOP, "deploy", "cluster")
MIGRATE = os.path.join (TOP, "deploy", "migrate")


class Broker:
    def __init__ (self):
        self.folder = var ("broker")
        self.conf = var ("broker", "kaskd.conf")
        self.endpoint_file = var ("broker", "endpoint")
        self.daemon = Daemon ("kaskd", [os.path.join (place.BUILD, "kaskd"), "--config", self.conf], self.folder)

    # ------------------------------------------------------------ database
    def start_database (self):
        for verb in ("make", "start"):
            run ([CLUSTER, verb, var ("pg")], f"deploy/cluster {verb}", f"see the logs in {var ('pg')}; deploy/quickstart clean begins anew")
        self.conninfo = run ([CLUSTER, "conninfo", var ("pg")], "deploy/cluster conninfo").strip ()
        run ([MIGRATE, self.conninfo], "deploy/migrate", "the tables are not there, so nothing was started")

    def stop_database (self):
        run ([CLUSTER, "stop", var ("pg")], "deploy/cluster stop")

    def database_runs (self):
        return subprocess.run ([CLUSTER, "status", var ("pg")], check=False, capture_output=True).returncode == 0

    def remove_database (self):
        run ([CLUSTER, "remove", var ("pg")], "deploy/cluster remove")

    # ------------------------------------------------------------ kaskd
    def start (self):
        """Starts kaskd unless it runs; True if it was started."""
        if self.daemon.pid ():
            return False
        keys = var ("broker", "broker.key")
        if not os.path.exists (keys):
            run ([program ("kaskd"), "--make-keys", keys], "kaskd --make-keys")
        # the port of the last time, so that partners find the broker again; another one where it is taken
        endpoints = [*filter (None, [self.last_endpoint ()]), "tcp://127.0.0.1:*"]
        while endpoints:
            self.configure (endpoints.pop (0), keys)
            try:
                return self.start_kaskd ()
            except Trouble:
                self.daemon.stop ()
                if not endpoints:
                    raise
        return False

    def configure (self, endpoint, keys):
        place.write_settings (self.conf, {
            "endpoint": endpoint, "endpoint_file": self.endpoint_file, "database": self.conninfo, "keys": keys,
            "control": os.path.join (place.socket_folder (), "control")})

    def start_kaskd (self):
        if os.path.exists (self.endpoint_file):
            os.unlink (self.endpoint_file)
        self.daemon.start ()
        self.daemon.until ("kaskd answers its operator", self.answers, 20)
        return True

    def last_endpoint (self):
        try:
            with open (self.endpoint_file + ".last", encoding="ascii") as file:
                return file.read ().strip ()
        except OSError:
            return None

    def answers (self):
        if not os.path.exists (self.endpoint_file) or self.call ("status").returncode:
            return False
        with open (self.endpoint_file, encoding="ascii") as file, open (self.endpoint_file + ".last", "w", encoding="ascii") as last:
            last.write (file.read ())
        return True

    def stop (self):
        was_there = self.daemon.stop ()
        place.drop_short_folder ()
        return was_there

    # ------------------------------------------------------------ the operator
    def socket (self):
        with open (self.conf, encoding="utf-8") as file:
            return next (line.split ("=", 1)[1].strip ().strip ('"') for line in file if line.startswith ("control"))

    def argv (self, *words):
        return [program ("kask"), "--socket", self.socket (), *words]

    def call (self, *words):
        return subprocess.run (self.argv (*words), stdin=subprocess.DEVNULL, text=True, capture_output=True, check=False)

    def kask (self, *words, width=0):
        """What it prints; tables not wider than that, where it is given."""
        return run (self.argv (*words), f"kask {' '.join (words)}", env={**os.environ, "COLUMNS": str (width)})

    def rows (self, *words):
        return json.loads (self.kask (*words, "--json"))
