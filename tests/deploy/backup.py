#!/usr/bin/python3
"""deploy/BACKUP.md, followed block by block; between the copy and the restoring more is accepted, and the database dies."""
import atexit
import contextlib
import os
import pathlib
import pwd
import shutil
import signal
import sys
import tempfile

sys.path.insert (0, str (pathlib.Path (__file__).resolve ().parents[1] / "lib"))


def remove_if_empty (folder):
    with contextlib.suppress (OSError):
        os.rmdir (folder)


def become_postgres ():
    """The page's commands are those of the user that PostgreSQL runs as, and that is never root; the checkout may lie below a closed home."""
    if os.geteuid () != 0:
        if own := os.environ.get ("KASK_BACKUP_FOLDER"):
            atexit.register (remove_if_empty, own)
        return
    user = pwd.getpwnam (os.environ.get ("KASK_POSTGRES_USER", "postgres"))
    folder = tempfile.mkdtemp (prefix="kask-backup-", dir="/var/tmp")
    os.chown (folder, user.pw_uid, user.pw_gid)
    os.environ.update (TMPDIR=folder, KASK_LOGS=folder, KASK_BACKUP_FOLDER=folder, HOME=folder)
    os.execvp ("setpriv", ["setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--init-groups",
                           "--inh-caps=+dac_read_search", "--ambient-caps=+dac_read_search", "--",
                           sys.executable, "-B", *sys.argv])


become_postgres ()
import pages                                     # noqa: E402
import tap                                       # noqa: E402
from network import BUILD, TOP, Network          # noqa: E402
import content_pb2 as content                    # noqa: E402

PROGRAMS = sorted (pathlib.Path ("/usr/lib/postgresql").glob ("*/bin"))[-1]
AUDIT = "SELECT count (*), max (number) FROM audit"


def publish (client, keys):
    """Offerings, each ACCEPTED."""
    for key in keys:
        client.publish (content.Offering (key=key, kind="advice", status="active", title=[content.Text (language="da", text=f"Tilbud {key}")],
                                          provider=content.Provider (name="A provider", identifier_unknown=True, country="DK")))
        client.answer ("catalogue")


class Disaster:
    """Once the copy is made: more is accepted, then the database dies and its folder is gone."""

    def __init__ (self, client):
        self.client, self.before = client, None

    def __call__ (self, page):
        if self.before or not (page.hosts["broker"].folder / "copy/backup_manifest").exists ():
            return
        publish (self.client, [f"after-{n}" for n in range (20)])
        self.before = net.cluster.sql (AUDIT)
        net.cluster.end (signal.SIGKILL)
        shutil.rmtree (net.folder / "pg/data")
        for left in pathlib.Path (net.cluster.conninfo.split ("'")[1]).glob (".s.PGSQL.*"):
            left.unlink ()


def make_page (client):
    folder = net.folder / "hosts"
    folder.mkdir ()
    environment = {"DATABASE": net.cluster.conninfo, "CONTROL": str (net.control), "KEYS": str (net.folder / "broker/broker.key"),
                   "PATH": f"{BUILD}:{PROGRAMS}:{os.environ['PATH']}"}
    return pages.Page (TOP / "deploy/BACKUP.md", folder, {"broker": "broker", "adapter": "adapter"}, environment, Disaster (client))


def the_page_is_followed ():
    client = net.client ("partner-a")
    publish (client, [f"before-{n}" for n in range (20)])
    page = make_page (client)
    made = page.hosts["adapter"].run ("kask-adapter init --state state --partner partner-c --name C --country NO")
    tap.ok (made.returncode == 0, "an adapter's state is made")
    fingerprint = page.hosts["adapter"].run ("kask-adapter fingerprint --state state").stdout
    try:
        page.follow ()
        tap.equal (net.cluster.sql (AUDIT), page.fill.before, "every entry that was committed after the copy is there")
        client.connect ()   # a database that was restored wants to hear its partners
        publish (client, ["restored"])
        tap.ok (True, "what is sent now is accepted")
        tap.equal (page.hosts["adapter"].run ("kask-adapter fingerprint --state state").stdout, fingerprint, "the adapter has its keys")
    finally:
        page.hosts["broker"].run ("pg_ctl -D restored -s -m fast stop")
        page.close ()


with Network ("backup") as net:
    tap.run (the_page_is_followed)
