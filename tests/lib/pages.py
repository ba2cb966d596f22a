"""
pages - runs the command blocks of a page, each on the host that it names.

A block begins with ```sh HOST [HOW], HOW is one of
  background   runs until the end of the page
  wait         is repeated until it succeeds, with a deadline
  root         needs a network namespace: left out where there is none
A host is a folder, and a network namespace where this process may make one: root, or sudo without
a password.  Elsewhere all hosts are this machine's loopback, and addresses are replaced.
`scp` is a copy from one host's folder to another's.
"""
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import sys

import tap

BLOCK = re.compile (r"^```sh (\w+)(?: (\w+))?\n(.*?)^```$", re.M | re.S)
SECONDS_A_WAIT = 30

SCP = """#!/bin/sh
set -eu
for last; do :; done
host=${last#*@}
cp "$1" "$HOSTS/${host%%:*}/"
"""


def may_make_namespaces ():
    return os.geteuid () == 0 and shutil.which ("nsenter") is not None


def become_root ():
    """Starts this scenario again as root where sudo asks for no password."""
    if os.geteuid () == 0 or os.environ.get ("KASK_AS_USER") or not shutil.which ("sudo"):
        return
    if subprocess.run (["sudo", "-n", "true"], capture_output=True, check=False).returncode == 0:
        kept = [f"{name}={value}" for name, value in os.environ.items () if name.startswith ("KASK_") or name in ("LC_ALL", "TMPDIR")]
        os.execvp ("sudo", ["sudo", "-n", "env", *kept, sys.executable, "-B", *sys.argv])


def free_port ():
    with socket.socket () as probe:
        probe.bind (("127.0.0.1", 0))
        return probe.getsockname ()[1]


class Host:
    def __init__ (self, name, address, folder, environment):
        self.name, self.address = name, address
        self.folder = folder / address
        self.folder.mkdir ()
        self.environment = {**os.environ, **environment}
        self.holder = None
        self.background = []

    def make_namespace (self):
        """A namespace lives as long as a process in it."""
        self.holder = subprocess.Popen (["unshare", "--net", "cat"], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
        tap.until (f"a namespace for {self.name}", lambda: os.readlink (f"/proc/{self.holder.pid}/ns/net") != os.readlink ("/proc/self/ns/net"))
        subprocess.run ([*self.inside (), "ip", "link", "set", "lo", "up"], check=True)

    def inside (self):
        return ["nsenter", "--net", "--target", str (self.holder.pid)] if self.holder else []

    def argv (self, text):
        return [*self.inside (), "bash", "-eu", "-o", "pipefail", "-c", text]

    def run (self, text):
        return subprocess.run (self.argv (text), cwd=self.folder, env=self.environment, text=True, stdin=subprocess.DEVNULL,
                               capture_output=True, check=False)

    def start (self, text):
        log = open (self.folder / f"background-{len (self.background)}.log", "wb")
        self.background.append (subprocess.Popen (self.argv ("exec " + text), cwd=self.folder, env=self.environment,
                                                  stdin=subprocess.DEVNULL, stdout=log, stderr=log))
        log.close ()

    def end (self):
        """Ends what runs in the background; true if all of it ended well when asked to."""
        for process in reversed (self.background):
            process.send_signal (signal.SIGTERM)
        codes = []
        for process in self.background:
            try:
                codes.append (process.wait (20))
            except subprocess.TimeoutExpired:
                process.kill ()
                codes.append (process.wait ())
        self.background = []
        return not any (codes)

    def close (self):
        self.end ()
        if self.holder:
            self.holder.stdin.close ()
            self.holder.wait ()
            self.holder = None


class Page:
    def __init__ (self, path, folder, hosts, environment, fill=None):
        """hosts: name -> address as the page writes it.  fill: called before each block, with the hosts."""
        self.path, self.folder, self.fill = pathlib.Path (path), folder, fill
        self.text = self.path.read_text (encoding="utf-8")
        tools = folder / "tools"
        tools.mkdir ()
        (tools / "scp").write_text (SCP)
        (tools / "scp").chmod (0o755)
        environment = {**environment, "PATH": f"{tools}:{environment['PATH']}", "HOSTS": str (folder)}
        self.hosts = {name: Host (name, address, folder, environment) for name, address in hosts.items ()}
        self.with_namespaces = may_make_namespaces ()
        if self.with_namespaces:
            self.wire ()

    def wire (self):
        """Two hosts, one wire."""
        one, two = self.hosts.values ()
        for host in (one, two):
            host.make_namespace ()
        subprocess.run (["ip", "link", "add", "wire", "netns", str (one.holder.pid), "type", "veth", "peer", "name", "wire",
                         "netns", str (two.holder.pid)], check=True)
        for host in (one, two):
            for words in (("address", "add", f"{host.address}/24", "dev", "wire"), ("link", "set", "wire", "up")):
                subprocess.run ([*host.inside (), "ip", *words], check=True)

    def here (self, text):
        """The block's text for hosts that are this machine."""
        if self.with_namespaces:
            return text
        self.port = getattr (self, "port", None) or free_port ()
        first = next (iter (self.hosts.values ()))
        return text.replace (f"tcp://{first.address}:7720", f"tcp://127.0.0.1:{self.port}").replace ("tcp://*:7720", f"tcp://127.0.0.1:{self.port}")

    def follow (self):
        for name, how, text in BLOCK.findall (self.text):
            if how == "root" and not self.with_namespaces:
                tap.note (f"no namespaces here, left out: {text.splitlines ()[0]}")
                continue
            host, text = self.hosts[name], self.here (text)
            if self.fill:
                self.fill (self)
            self.carry_out (host, how, text)

    def carry_out (self, host, how, text):
        what = f"{self.path.name}, {host.name}: {text.strip ().splitlines ()[-1][:70]}"
        if how == "background":
            host.start (text.strip ())
            return
        if how == "wait":
            last = []
            def good ():
                last[:] = [host.run (text)]
                return last[0].returncode == 0
            try:
                tap.until (what, good, SECONDS_A_WAIT, 0.2)
            except TimeoutError:
                tap.note (last[0].stdout + last[0].stderr)
            result = last[0]
        else:
            result = host.run (text)
        if not tap.ok (result.returncode == 0, what):
            tap.note (result.stdout + result.stderr)
            raise RuntimeError (f"exit {result.returncode}")

    def close (self):
        for host in self.hosts.values ():
            host.close ()
