"""
network - a broker with a PostgreSQL cluster of its own, and partners, for scenarios.

    with Network ("send") as net:
        a, b = net.client ("partner-a", "DK"), net.client ("partner-b", "NO")
        net.agree ("partner-a", "partner-b")

Everything lies in one folder, that is removed when all went well and named when not.
Where the programs are: KASK_BUILD (a build folder; else build-test/ of the checkout).
"""
import atexit
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile

TOP = pathlib.Path (__file__).resolve ().parents[2]
BUILD = pathlib.Path (os.environ.get ("KASK_BUILD", TOP / "build-test")).resolve ()
sys.dont_write_bytecode = True


def generated ():
    """The Python code of the .proto files, made once a run, outside the tree."""
    folder = tempfile.mkdtemp (prefix="kask-pb2-")
    atexit.register (shutil.rmtree, folder, True)
    subprocess.run (["protoc", f"-I{TOP / 'proto'}", f"--python_out={folder}", "kask.proto", "content.proto"], check=True)
    sys.path.insert (0, folder)


generated ()
import kaskclient  # noqa: E402  (needs what generated() made)
import tap         # noqa: E402


def is_alive (pid):
    """A process that has ended and is not waited for counts as gone."""
    try:
        return pathlib.Path (f"/proc/{pid}/stat").read_text ().rpartition (")")[2].split ()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


class Program:
    """A program of ours that runs; ended by its own pid only."""

    def __init__ (self, name, argv, log, env=None, cwd=None):
        self.name, self.argv, self.log_path, self.env, self.cwd = name, [str (a) for a in argv], log, env, cwd
        self.process = None

    def start (self):
        with open (self.log_path, "ab") as log:
            self.process = subprocess.Popen (self.argv, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                             env={**os.environ, **(self.env or {})}, cwd=self.cwd)
        return self

    def log (self):
        return pathlib.Path (self.log_path).read_text (errors="replace") if os.path.exists (self.log_path) else ""

    def is_running (self):
        return self.process is not None and self.process.poll () is None

    def signal (self, number):
        if self.is_running ():
            self.process.send_signal (number)

    def kill (self):
        """As a power cut would: no time to say anything."""
        self.signal (signal.SIGKILL)
        if self.process:
            self.process.wait ()

    def stop (self, seconds=15):
        """Asks it to end; its exit code."""
        if self.process is None:
            return None
        self.signal (signal.SIGTERM)
        try:
            return self.process.wait (seconds)
        except subprocess.TimeoutExpired:
            self.kill ()
            return -9

    def rss_kib (self, what="VmRSS"):
        for line in open (f"/proc/{self.process.pid}/status"):
            if line.startswith (what + ":"):
                return int (line.split ()[1])
        return 0


class Cluster:
    """A private PostgreSQL cluster, by deploy/cluster."""

    def __init__ (self, folder):
        self.folder = folder

    def call (self, action, *more):
        result = subprocess.run ([TOP / "deploy/cluster", action, self.folder, *more], text=True, capture_output=True)
        if result.returncode:
            raise RuntimeError (f"cluster {action}: {result.stdout}{result.stderr}")
        return result.stdout.strip ()

    def make (self):
        self.call ("make")
        self.call ("start")
        self.conninfo = self.call ("conninfo")
        return self

    def start (self):
        self.call ("start")

    def stop (self, *how):
        self.call ("stop", *how)

    def pid (self):
        """Of the postmaster."""
        return int (self.call ("pid"))

    def end (self, number):
        """Its first process gets that signal; waits until it is gone."""
        pid = self.pid ()
        os.kill (pid, number)
        tap.until ("the postmaster is gone", lambda: not is_alive (pid))

    def remove (self):
        self.call ("remove")

    def sql (self, statement, conninfo=None):
        """Rows, each a list of texts."""
        result = subprocess.run (["psql", "-X", "-q", "-A", "-t", "-F", "\t", "-v", "ON_ERROR_STOP=1", "-d",
                                  conninfo or self.conninfo, "-c", statement], text=True, capture_output=True)
        if result.returncode:
            raise RuntimeError (result.stderr)
        return [line.split ("\t") for line in result.stdout.splitlines ()]

    def value (self, statement):
        rows = self.sql (statement)
        return rows[0][0] if rows else None


class Network:
    def __init__ (self, name, **settings):
        self.name = name
        self.settings = settings           # of kaskd, over the ones below
        self.programs = []
        self.clients = []

    # ------------------------------------------------------------ start and end

    def __enter__ (self):
        self.folder = pathlib.Path (tempfile.mkdtemp (prefix=f"kask-{self.name}-", dir=os.environ.get ("KASK_LOGS")))
        self.folder.chmod (0o755)
        try:
            self.cluster = Cluster (self.folder / "pg").make ()
            subprocess.run ([TOP / "deploy/migrate", self.cluster.conninfo], check=True, capture_output=True)
            self.configure ()
            self.start_broker ()
        except BaseException:
            self.__exit__ (*sys.exc_info ())
            raise
        return self

    def __exit__ (self, kind, problem, trace):
        for client in self.clients:
            client.close ()
        for program in reversed (self.programs):
            program.stop ()
        good = kind in (None, SystemExit) and not tap._failed
        try:
            if good:
                self.cluster.remove ()
            else:
                self.cluster.stop ()
        except (AttributeError, RuntimeError) as left:
            tap.note (f"the cluster was not removed: {left}")
        shutil.rmtree (getattr (self, "short", self.folder / "none"), ignore_errors=True)
        if good:
            shutil.rmtree (self.folder, ignore_errors=True)
        else:
            tap.note (f"logs are in {self.folder}")

    def configure (self):
        broker = self.folder / "broker"
        broker.mkdir (exist_ok=True)
        self.conf = broker / "kaskd.conf"
        self.control = broker / "control"
        if len (os.fsencode (self.control)) > 100:   # a Unix socket's path has 107 bytes at most
            self.short = getattr (self, "short", None) or tempfile.mkdtemp (prefix="kask-", dir="/tmp")
            self.control = pathlib.Path (self.short, "control")
        keys = {"endpoint": "tcp://127.0.0.1:*", "endpoint_file": broker / "endpoint", "database": self.cluster.conninfo,
                "keys": broker / "broker.key", "control": self.control, **self.settings}
        self.conf.write_text ("".join (f'{key} = "{value}"\n' if " " in str (value) else f"{key} = {value}\n"
                                       for key, value in keys.items () if value is not None))
        if not (broker / "broker.key").exists ():
            subprocess.run ([BUILD / "kaskd", "--make-keys", broker / "broker.key"], check=True, capture_output=True)

    def program (self, name, argv, **more):
        program = Program (name, argv, self.folder / f"{name}.log", **more)
        self.programs.append (program)
        return program

    def start_broker (self, wait=True):
        if not hasattr (self, "broker"):
            self.broker = self.program ("kaskd", [BUILD / "kaskd", "--config", self.conf])
        endpoint = self.folder / "broker/endpoint"
        endpoint.unlink (missing_ok=True)
        self.broker.start ()
        if not wait:
            return
        def listening ():
            if not self.broker.is_running ():
                raise RuntimeError (f"kaskd ended: {self.broker.log ()[-2000:]}")
            return endpoint.exists () and endpoint.read_text ().strip ()
        self.endpoint = tap.until ("kaskd listens", listening)
        # from now on the same port, so that clients find it again
        self.settings["endpoint"] = self.endpoint
        self.configure ()
        tap.until ("kaskd is active", lambda: self.kask ("status", check=False).returncode == 0)

    # ------------------------------------------------------------ the operator

    def kask (self, *argv, check=True, stdin=None, seconds=None):
        result = subprocess.run ([BUILD / "kask", "--socket", self.control, *map (str, argv)], text=True,
                                 capture_output=True, input=stdin, timeout=seconds)
        if check and result.returncode:
            raise RuntimeError (f"kask {' '.join (map (str, argv))}: exit {result.returncode}\n{result.stdout}{result.stderr}")
        return result

    def exits (self, code, name, *argv, says=(), stdin=None):
        """A test of kask's exit code and of words on its standard error."""
        result = self.kask (*argv, check=False, stdin=stdin)
        if not tap.ok (result.returncode == code and all (word in result.stderr for word in says), name):
            tap.note (f"exit {result.returncode}, wanted {code}, saying {says}\n{result.stdout}{result.stderr}")
        return result

    def add_partner (self, request):
        """Takes the text of a request; returns what the operator hands back."""
        path = self.folder / "request"
        path.write_text (request)
        return self.kask ("partner", "add", path).stdout

    def agree (self, *partners):
        """Agreements from the first to each of the others, and back."""
        for other in partners[1:]:
            self.kask ("agreement", "allow", partners[0], other)
            self.kask ("agreement", "allow", other, partners[0])

    # ------------------------------------------------------------ partners

    def client (self, partner, country="DK", connect=True, **more):
        """A partner whose system is this scenario itself."""
        identity = kaskclient.Identity (partner)
        answer = self.add_partner (identity.request (partner.replace ("-", " ").title (), country))
        facts = dict (line.split (" = ", 1) for line in answer.splitlines () if " = " in line and not line.startswith ("#"))
        client = kaskclient.Client (identity, self.endpoint, facts["broker_key"].strip (), **more)
        self.clients.append (client)
        return client.connect () if connect else client

    def pair (self, a="partner-a", b="partner-b", countries=("DK", "NO")):
        """Two connected clients with agreements both ways, pinned to each other."""
        one, two = self.client (a, countries[0], connect=False), self.client (b, countries[1], connect=False)
        self.agree (a, b)
        one.pin (b, bytes (two.identity.signing.verify_key))
        two.pin (a, bytes (one.identity.signing.verify_key))
        return one.connect (), two.connect ()


class Setup:
    """A state folder of libkask, joined to the network; by another endpoint than the broker's own where one is given."""

    def __init__ (self, net, name, country="NO", folder=None, endpoint=None):
        self.name, self.dir = name, (folder or net.folder) / name
        self.call ("init", name, country)
        answer = net.add_partner (self.call ("request"))
        broker = net.folder / f"{name}.broker"
        broker.write_text (re.sub (r"(?m)^endpoint = .*$", f"endpoint = {endpoint}", answer) if endpoint else answer)
        self.call ("join", broker)
        self.fingerprint = self.call ("fingerprint").strip ()

    def call (self, verb, *more):
        return subprocess.run ([BUILD / "kask-test-setup", verb, self.dir, *more], text=True, check=True, stdout=subprocess.PIPE).stdout

    def pin (self, other):
        self.call ("pin", other.name, other.fingerprint)
