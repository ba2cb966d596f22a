#!/usr/bin/python3
"""The operator's command line against a real broker: every command, its answers and exit codes."""
import json
import os
import pathlib
import subprocess
import sys

sys.path.insert (0, str (pathlib.Path (__file__).resolve ().parents[1] / "lib"))
from network import Network, kaskclient, BUILD   # noqa: E402
import tap                                       # noqa: E402
import content_pb2 as content                    # noqa: E402
import kask_pb2 as pb                            # noqa: E402


def kask_json (*argv):
    return json.loads (net.kask (*argv, "--json").stdout)


def request_file (identity, **changes):
    lines = dict (line.split (" = ", 1) for line in identity.request ("A partner", "DK").splitlines () if " = " in line)
    return "".join (f"{key} = {value}\n" for key, value in {**lines, **changes}.items () if value is not None)


def partners_are_added ():
    global north, south
    north, south = kaskclient.Identity ("partner-north"), kaskclient.Identity ("partner-south")
    answer = net.exits (0, "a partner is added from standard input", "partner", "add", "-", stdin=request_file (north),
                        says=["partner-north", "added", "fingerprint"])
    lines = answer.stdout.splitlines ()
    tap.ok (any (line.startswith ("endpoint = tcp://") for line in lines), "its file names the endpoint")
    tap.ok (any (line.startswith ("broker_key = ") and len (line) == 13 + 40 for line in lines), "and the broker's key in Z85")
    net.exits (0, "the same file again is harmless", "partner", "add", "-", stdin=request_file (north))
    net.add_partner (south.request ("Sørlandets næringshage", "NO"))
    partners = kask_json ("partner", "list")["partners"]
    tap.equal ([(p["partner"], p["country"]) for p in partners], [("partner-north", "DK"), ("partner-south", "NO")], "partner list has both")
    tap.equal (partners[0]["fingerprint"], kaskclient.fingerprint (bytes (north.signing.verify_key)), "with the fingerprint of the identity key")


def bad_requests_are_refused ():
    stranger = kaskclient.Identity ("partner-north")
    net.exits (1, "another identity of a known partner is refused", "partner", "add", "-", stdin=request_file (stranger),
               says=["partner-north", "another identity", "nothing was changed", "--replace"])
    other = kaskclient.Identity ("partner-east")
    net.exits (1, "a statement that is another partner's is refused", "partner", "add", "-",
               stdin=request_file (other, partner="partner-west"), says=["another partner's"])
    statement = bytearray.fromhex (request_file (other).split ("statement = ")[1].split ()[0])
    statement[-1] ^= 1
    net.exits (1, "a statement that was changed is refused", "partner", "add", "-",
               stdin=request_file (other, statement=statement.hex ()), says=["not signed"])
    for change, word in (({"country": "FI"}, "country"), ({"name": None}, "missing"), ({"signature": "00"}, "signature"),
                         ({"statement": "zz"}, "statement"), ({"colour": "red"}, "another key"), ({"partner": "catalogue"}, "own names")):
        net.exits (1, f"a request with {change} is refused", "partner", "add", "-", stdin=request_file (other, **change), says=[word, "nothing was changed"])
    net.exits (2, "a file that is not there", "partner", "add", "/does/not/exist", says=["/does/not/exist", "nothing was done"])
    net.exits (2, "a file that is far too large", "partner", "add", "-", stdin="x" * 100000, says=["no partner's request"])
    tap.equal (len (kask_json ("partner", "list")["partners"]), 2, "nobody was added by all that")
    older = kaskclient.Identity ("partner-north")
    older.signing = north.signing
    net.exits (0, "an identity is replaced when the operator says so", "partner", "add", "-", "--replace", stdin=request_file (stranger), says=["replaced"])
    net.exits (0, "and back", "partner", "add", "-", "--replace", stdin=request_file (north), says=["replaced"])


def agreements_decide ():
    net.exits (0, "an agreement is allowed", "agreement", "allow", "partner-north", "partner-south", says=["added"])
    net.exits (0, "again: nothing changes", "agreement", "allow", "partner-north", "partner-south", says=["already"])
    net.exits (1, "a partner that is not known", "agreement", "allow", "partner-north", "nobody", says=["nobody", "kask partner list"])
    net.exits (1, "a partner with itself", "agreement", "allow", "partner-north", "partner-north", says=["itself"])
    net.exits (2, "a date that is none", "agreement", "allow", "partner-north", "partner-south", "--from", "2026-02-30", says=["2026-02-30", "date"])
    net.exits (1, "an end that has passed", "agreement", "allow", "partner-south", "partner-north", "--from", "2020-01-01", "--to", "2020-12-31", says=["nothing was changed"])
    net.exits (0, "with dates", "agreement", "allow", "partner-south", "partner-north", "--from", "2026-01-01", "--to", "2039-12-31")
    rows = kask_json ("agreement", "list")["agreements"]
    tap.equal ([(r["referrer"], r["receiver"], r["state"]) for r in rows],
               [("partner-north", "partner-south", "in force"), ("partner-south", "partner-north", "in force")], "agreement list has both")
    tap.equal ((rows[1]["from"], rows[1]["to"]), ("2026-01-01 00:00:00", "2040-01-01 00:00:00"), "days are whole days of local time")


def connect ():
    global a, b
    key = net.kask ("partner", "add", "-", stdin=request_file (north)).stdout.split ("broker_key = ")[1].strip ()
    a, b = (kaskclient.Client (identity, net.endpoint, key) for identity in (north, south))
    net.clients += [a, b]
    a.pin ("partner-south", bytes (south.signing.verify_key))
    b.pin ("partner-north", bytes (north.signing.verify_key))
    a.connect (), b.connect ()


def a_referral_is_shown ():
    global reference, referral
    connect ()
    b.publish (content.Offering (key="øk-1", kind="advice", status="active", title=[content.Text (language="nb", text="Økonomisk rådgivning")],
                                 provider=content.Provider (name="A provider", identifier_unknown=True, country="NO")))
    b.answer ("catalogue")
    tap.equal ([(o["partner"], o["key"], o["title"], o["referable"]) for o in kask_json ("offering", "list", "--kind", "advice")["offerings"]],
               [("partner-south", "øk-1", "Økonomisk rådgivning", True)], "offering list has it, in Norwegian letters")
    tap.equal (kask_json ("offering", "show", "partner-south", "øk-1")["offering"]["revision"], 1, "offering show has its revision")
    net.exits (1, "an offering that is not there", "offering", "show", "partner-south", "nothing", says=["no such offering"])

    referral = a.send_event ("partner-south", pb.EVENT_SEND, content.Content (text="secret words")).referral.referral_id
    reference = a.answer ("partner-south").standing.reference
    mailbox = kask_json ("mailbox", "list", "--partner", "partner-south")["mailboxes"]
    tap.equal ([(m["recipient"], m["waiting"]) for m in mailbox if m["sender"] == "partner-north"], [("partner-south", 1)], "mailbox list: one message waits")
    b.takes_and_does (b.next (pb.EVENT_SEND, referral))
    b.send_event ("partner-north", pb.EVENT_ACCEPT, referral_id=referral, version=2)
    b.answer ("partner-north")
    typed = reference.lower ().replace ("-", " ")
    shown = kask_json ("referral", "show", typed)
    tap.equal ((shown["referral"]["reference"], shown["referral"]["state"], shown["referral"]["referral_id"]),
               (reference, "ACCEPTED", referral.hex ()), f"referral show finds it as a person types it: {typed}")
    tap.equal ([(e["who"], e["what"], e["whom"], e["state"], e["late"]) for e in shown["timeline"]],
               [("partner-north", "SEND", "partner-south", "SENT", ""), ("partner-south", "has it: SEND", "partner-north", "RECEIVED", ""),
                ("partner-south", "ACCEPT", "partner-north", "ACCEPTED", "")], "its timeline: who, what, whom")
    wrong = ("1" if reference[0] == "0" else "0") + reference[1:]
    net.exits (2, "a reference with one wrong character", "referral", "show", wrong, says=[wrong, "read it again"])
    tap.equal ([r["reference"] for r in kask_json ("referral", "list", "--open", "--state", "accepted", "--partner", "partner-north")["referrals"]],
               [reference], "referral list finds it by partner and state")
    tap.equal (kask_json ("referral", "list", "--state", "DECLINED")["referrals"], [], "and not by another state")


def dead_letters_are_replayed ():
    a.send_event ("partner-south", pb.EVENT_NOTE, content.Content (text="a note"), referral_id=referral, version=3,
                  obstacles=[pb.Obstacle (code="DATA")])
    a.answer ("partner-south")
    note = b.next (pb.EVENT_NOTE, referral)
    b.taken ()
    b.confirm (b.dead (note, pb.MAPPING_FAILED, "field 7 has no place"))
    dead = kask_json ("dead", "list")["dead"]
    tap.equal ([(d["recipient"], d["sender"], d["reference"], d["reason"], d["state"], d["text"]) for d in dead],
               [("partner-south", "partner-north", reference, "MAPPING_FAILED", "dead", "field 7 has no place")], "dead list has it")
    number = dead[0]["number"]
    shown = kask_json ("dead", "show", number)
    tap.equal ((shown["dead"]["event"], shown["dead"]["message_id"]), ("NOTE", note.header.message_id.hex ()), "dead show names the message")
    net.exits (1, "a dead letter that is not there", "dead", "show", "999", says=["kask dead list"])
    net.exits (1, "nor can it be replayed", "dead", "replay", "999", says=["no dead letter"])
    net.exits (2, "a number that is none", "dead", "replay", "x", says=["number"])
    net.exits (0, "it is replayed", "dead", "replay", number, says=["again", "partner-south"])
    net.exits (1, "once only", "dead", "replay", number, says=["nothing was changed"])
    again = b.next (pb.EVENT_NOTE, referral)
    tap.equal ((again.facts.replay, b.open (again).text), (1, "a note"), "it comes again with its replay number, and opens")
    b.takes_and_does (again)
    tap.equal (kask_json ("dead", "list")["dead"], [], "settled, it leaves the list")
    tap.equal (kask_json ("dead", "list", "--all")["dead"][0]["state"], "done", "and stays under --all")
    told = a.next (pb.EVENT_REPLAYED, referral)
    tap.equal (told.header.referral.about_message_id, note.header.message_id, "the sender is told")


def revoked_agreements_hold ():
    net.exits (0, "an agreement is revoked", "agreement", "revoke", "partner-north", "partner-south", says=["ended"])
    net.exits (1, "once", "agreement", "revoke", "partner-north", "partner-south", says=["none is in force"])
    a.send_event ("partner-south", pb.EVENT_SEND)
    tap.equal (a.answer ("partner-south").fault, "NO_AGREEMENT", "a new referral is refused")
    a.send_event ("partner-south", pb.EVENT_NOTE, referral_id=referral, version=3)
    tap.equal (a.answer ("partner-south").outcome, pb.ACCEPTED, "an old one goes on")
    net.exits (0, "and allowed again", "agreement", "allow", "partner-north", "partner-south")
    a.send_event ("partner-south", pb.EVENT_SEND)
    tap.equal (a.answer ("partner-south").outcome, pb.ACCEPTED, "new referrals are taken at once")
    tap.equal ([r["state"] for r in kask_json ("agreement", "list", "--all", "--partner", "partner-north")["agreements"]].count ("ended"), 1, "agreement list --all shows the ended one")


def the_audit_log_tells ():
    entries = kask_json ("audit", "list", "--limit", 1000)["audit"]
    tap.equal ([e["number"] for e in entries], list (range (1, len (entries) + 1)), "audit list has every number, without a gap")
    kinds = {e["kind"] for e in entries}
    tap.ok ({"ACCEPTED", "REFUSED", "DONE", "DEAD", "REPLAYED", "KEY", "AGREEMENT"} <= kinds, f"of all kinds: {sorted (kinds)}")
    tap.ok (all (e["actor"] == "operator" for e in entries if e["kind"] in ("KEY", "AGREEMENT", "REPLAYED")), "acts are the operator's")
    tap.ok (all (e["actor"].startswith ("partner-") for e in entries if e["kind"] in ("ACCEPTED", "DONE", "DEAD")), "messages are partners'")
    own = kask_json ("audit", "list", "--referral", reference)["audit"]
    tap.ok (own and all (e["reference"] == reference for e in own), "by referral")
    tap.equal (kask_json ("audit", "list", "--from", "2030-01-01")["audit"], [], "by time")
    tap.equal (len (kask_json ("audit", "list", "--limit", 3)["audit"]), 3, "the newest, by limit")
    north_too = kask_json ("audit", "list", "--partner", "partner-north", "--limit", 1000)["audit"]
    tap.ok (any (e["kind"] == "AGREEMENT" and "partner-north to partner-south" in e["detail"] for e in north_too), "by partner, agreements in which it refers too")
    tap.ok ("secret words" not in json.dumps (entries), "no content")


def tables_fit_the_room_there_is ():
    shown = subprocess.run ([BUILD / "kask", "--socket", net.control, "audit", "list"], text=True, capture_output=True, check=True,
                            env={**os.environ, "COLUMNS": "100"}).stdout.splitlines ()
    tap.ok (max (map (len, shown)) <= 100, f"100 columns: the widest line has {max (map (len, shown))}")
    times = [e["at"] for e in kask_json ("audit", "list")["audit"]]
    tap.ok (all (at in line for at, line in zip (times, shown[1:])), "and no time is cut")


def auditors_read_views_only ():
    sql = net.cluster.sql
    for view in ("audit", "referral_timeline", "mailbox", "obstacles"):
        rows = sql (f"SET ROLE kask_auditor; SELECT count (*) FROM {view}")
        tap.ok (int (rows[-1][0]) > 0, f"an auditor reads {view}")
    tables = [row[0] for row in sql ("SELECT format ('%I', relname) FROM pg_class WHERE relnamespace = 'public'::regnamespace"
                                     " AND relkind IN ('r', 'p', 'v', 'S')") if row[0] not in ("audit", "referral_timeline", "mailbox", "obstacles")]
    readable = []
    for table in tables:
        try:
            sql (f"SET ROLE kask_auditor; SELECT * FROM {table} LIMIT 1")
            readable.append (table)
        except RuntimeError:
            pass
    tap.equal ((readable, len (tables) > 15), ([], True), "and no table of the database")
    for statement in ("SELECT hold_epoch (1)", "SELECT make_partition (1)", "CREATE TABLE public.t (i int)", "DELETE FROM mailbox"):
        try:
            sql (f"SET ROLE kask_auditor; {statement}")
            tap.ok (False, f"an auditor cannot: {statement}")
        except RuntimeError:
            tap.ok (True, f"an auditor cannot: {statement}")
    uncommented = sql ("SELECT c.relname, a.attname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0"
                       " WHERE c.relname IN ('audit', 'referral_timeline', 'mailbox', 'obstacles') AND col_description (c.oid, a.attnum) IS NULL")
    tap.equal (uncommented, [], "every column of a view has its comment")


def json_has_numbers_where_the_manual_says_so ():
    """By the names of what they are in."""
    numbers = {"referrals", "statement", "revision", "bytes", "version", "questions", "number", "waiting", "accepted", "settled", "dead", "sequence", "attempts",
               "replays", "replay", "attempt", "header_bytes", "body_bytes", "epoch", "sessions", "waiting_bytes", "last_audit_number", "generation",
               "schema", "partners", "offerings", "open_referrals", "overdue", "dead_letters", "audit_entries"}
    texts = {("offerings", "accepted"), ("offering", "accepted"), ("revisions", "accepted"), ("dead", "accepted"), ("referral", "overdue")}
    flags = {"referable", "withdrawn", "withdrawal", "withdrawal_wished", "erased"}
    wrong, seen = [], set ()
    for words in (["partner", "list"], ["agreement", "list", "--all"], ["offering", "list"], ["offering", "show", "partner-south", "øk-1"], ["referral", "list"],
                  ["referral", "show", reference], ["audit", "list"], ["mailbox", "list"], ["dead", "list", "--all"], ["dead", "show", kask_json ("dead", "list", "--all")["dead"][0]["number"]],
                  ["obstacles"], ["closing", "list"], ["status"], ["recover"]):
        for table, rows in kask_json (*words).items ():
            for name, value in [pair for row in (rows if isinstance (rows, list) else [rows] if isinstance (rows, dict) else []) for pair in row.items ()]:
                want = int if name in numbers and (table, name) not in texts else bool if name in flags else str
                seen.add ((table, name))
                if type (value) is not want and not (value is None and want is not str):
                    wrong.append ((table, name, value))
    tap.equal (wrong, [], f"numbers, true and false, and texts, in {len (seen)} members of --json")


def names_of_sql_are_those_of_the_contract ():
    value = net.cluster.value
    for function, enum, prefix in (("kask_state_name", pb.State, "STATE_"), ("kask_event_name", pb.Event, "EVENT_"),
                                   ("kask_kind_name", pb.AuditKind, "AUDIT_"), ("kask_reason_name", pb.DeadReason, "")):
        wrong = [name for name, number in enum.items () if number and value (f"SELECT {function} ({number})") != name.removeprefix (prefix)]
        tap.equal (wrong, [], f"{function} knows every name")
    wrong = [row for row in net.cluster.sql ("SELECT DISTINCT reference FROM referral_timeline")
             if net.kask ("referral", "show", row[0], check=False).returncode != 0]
    tap.equal (wrong, [], "kask_reference writes what reference_read reads")


def tables_are_for_people ():
    text = net.kask ("partner", "list").stdout.splitlines ()
    column = text[0].index ("country")
    tap.ok (all (line[column:column + 2] in ("co", "DK", "NO") for line in text), "columns stand under each other, whatever the letters")
    text = net.kask ("referral", "show", reference).stdout
    tap.ok ("secret" not in text and "ACCEPTED" in text, "referral show is a table")
    tap.equal (net.kask ("--version").stdout[:5], "kask ", "--version")


def wrong_use_is_said ():
    net.exits (2, "half a command names those that begin so", "partner", says=["partner add, partner list, partner revoke", "nothing was done"])
    net.exits (2, "no such command", "partner", "fly", says=["partner fly", "partner list"])
    net.exits (2, "nor anything like it", "fly", says=["fly", "kask --help"])
    net.exits (2, "no such option", "partner", "list", "--colour", says=["--colour"])
    net.exits (2, "a missing argument", "referral", "show", says=["REF", "kask referral show --help"])
    net.exits (2, "an argument too many", "status", "now", says=["now"])
    net.exits (2, "no such state", "referral", "list", "--state", "SEND", says=["SEND", "no such state", "--help"])
    net.exits (0, "a state in small letters", "referral", "list", "--state", "in_progress")
    net.exits (2, "no such kind", "offering", "list", "--kind", "advise", says=["advise", "no such kind"])
    net.exits (2, "an option without its value", "audit", "list", "--limit", says=["--limit"])
    result = subprocess.run ([BUILD / "kask", "--socket", "/nowhere/control", "status"], text=True, capture_output=True)
    tap.ok (result.returncode == 3 and "/nowhere/control" in result.stderr, "no broker at the socket is exit 3")
    tap.equal (os.stat (net.control).st_mode & 0o777, 0o660, "the socket is for owner and group")


def garbage_on_the_socket_ends_nothing ():
    import socket
    for data in (b"\0\0\0\4xxxx", b"\xff\xff\xff\xff", b"\0\0\0\0", b"\0\0\0\2\x0a\xff", b"\0\0"):
        with socket.socket (socket.AF_UNIX) as s:
            s.settimeout (10)
            s.connect (str (net.control))
            s.sendall (data)
            s.shutdown (socket.SHUT_WR)
            while s.recv (65536):
                pass
    open_ones = [socket.socket (socket.AF_UNIX) for _ in range (20)]
    for s in open_ones:
        s.connect (str (net.control))
    for s in open_ones:
        s.close ()
    tap.until ("kask is served again", lambda: net.kask ("status", check=False).returncode == 0)
    tap.ok (net.broker.is_running (), "garbage, and more connections than places: the broker goes on")


def without_the_database ():
    net.cluster.stop ("immediate")
    tap.until ("status says so", lambda: net.kask ("status", check=False).returncode == 4)
    result = net.exits (4, "status without the database is exit 4, and still says how the broker is", "status", says=["database", "by itself"])
    tap.ok ("state" in result.stdout, "with the broker's own facts")
    net.exits (4, "a list too", "partner", "list", says=["try again"])
    net.exits (4, "an act is unknown", "agreement", "revoke", "partner-north", "partner-south", says=["unknown"])
    net.cluster.start ()
    tap.until ("status is good again", lambda: net.kask ("status", check=False).returncode == 0)
    tap.ok (True, "with the database back, kask works without a restart")


with Network ("command-line") as net:
    tap.run (partners_are_added, bad_requests_are_refused, agreements_decide, a_referral_is_shown, dead_letters_are_replayed,
             revoked_agreements_hold, the_audit_log_tells, tables_fit_the_room_there_is, json_has_numbers_where_the_manual_says_so, auditors_read_views_only, names_of_sql_are_those_of_the_contract,
             tables_are_for_people, wrong_use_is_said, garbage_on_the_socket_ends_nothing, without_the_database)
