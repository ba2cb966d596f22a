#!/usr/bin/python3
"""deploy/TWO-HOSTS.md, followed block by block, in two network namespaces where that may be done."""
import os
import pathlib
import sys
import tempfile

sys.path.insert (0, str (pathlib.Path (__file__).resolve ().parents[1] / "lib"))
import pages                          # noqa: E402
import tap                            # noqa: E402

pages.become_root ()
from network import BUILD, TOP, Cluster   # noqa: E402

HOSTS = {"broker": "192.0.2.10", "adapter": "192.0.2.20"}
HEARD = {"HEARD_FROM_AUST_AGDER": "adapter", "HEARD_FROM_VAEKSTHUS": "broker"}


def telephone (page):
    """Each side hears the fingerprint that the other's own keys have."""
    heard = {}
    for name, speaker in HEARD.items ():
        said = page.hosts[speaker].run ("kask-adapter fingerprint --state state 2>/dev/null")
        heard[name] = said.stdout.strip ()
    for host in page.hosts.values ():
        host.environment.update (heard)


def environment (cluster):
    socket = cluster.conninfo.split ("'")[1]
    return {"TOP": str (TOP), "PATH": f"{BUILD}:{os.environ['PATH']}", "PGHOST": socket, "PGUSER": "kask", "PGDATABASE": "kask",
            "KASK_MAPPING_HELPER": str (BUILD / "kask-mapping"), "KASK_JQ_LIBRARY": str (TOP / "adapters")}


def logs (page):
    for host in page.hosts.values ():
        for log in sorted (host.folder.glob ("background-*.log")):
            tap.note (f"{host.name}, {log.name}: {log.read_text (errors='replace')[-1500:]}")


def the_page_is_followed ():
    page = pages.Page (TOP / "deploy/TWO-HOSTS.md", hosts, HOSTS, environment (cluster), telephone)
    tap.note ("two network namespaces" if page.with_namespaces else "both hosts are this machine's loopback")
    try:
        page.follow ()
        tap.ok (all ([host.end () for host in reversed (page.hosts.values ())]), "all programs end well when asked to")
    finally:
        page.close ()
        if tap._failed:
            logs (page)


with tempfile.TemporaryDirectory (prefix="kask-two-hosts-") as folder:
    pathlib.Path (folder).chmod (0o755)
    hosts = pathlib.Path (folder) / "hosts"
    hosts.mkdir ()
    cluster = Cluster (pathlib.Path (folder) / "pg")
    try:
        cluster.make ()
        tap.run (the_page_is_followed)
    finally:
        cluster.remove ()
