"""
doctored - evidence that was made wrong on purpose: the checker must see each of these.
"""
import contextlib
import json
import shutil
import sqlite3


def change (folder, *statements):
    """In the system of the first party; :one and :two are ordinary effects in one lane, that nothing excuses."""
    party = json.loads ((folder / "facts.json").read_text ())["parties"][0]
    with contextlib.closing (sqlite3.connect (folder / f"{party}.db", isolation_level=None)) as db:
        numbers = [no for (no,) in db.execute (
            "SELECT no FROM effect WHERE event = 1 AND replay = 0 AND CAST (substr (text, instr (text, '/') + 1) AS integer) % 16 IN (0, 1, 8)"
            " AND sender = (SELECT min (sender) FROM effect) ORDER BY no LIMIT 2")]
        for statement in statements:
            db.execute (statement, dict (zip (("one", "two"), numbers)))


def edit (folder, name, function):
    path = folder / name
    path.write_text (function (path.read_text ()))


def without_line (text, words):
    lines = text.splitlines (True)
    lines.remove (next (line for line in lines if words in line))
    return "".join (lines)


def without_agreement (text):
    """One agreement less, and the numbers as if it had never been."""
    lines = without_line (text, "\tAGREEMENT\t").splitlines ()
    return "".join (f"{i}\t{line.split (chr (9), 1)[1]}\n" for i, line in enumerate (lines, 1))


def fat (text):
    facts = json.loads (text)
    return json.dumps ({**facts, "broker_kib": facts["broker_limit_kib"] + 1})


DOCTORED = (
    ("an effect is lost", "P2 lost", lambda f: change (f, "DELETE FROM effect WHERE no = :one")),
    ("an effect is doubled", "P3 doubled", lambda f: change (
        f, "INSERT INTO effect SELECT NULL, key || '/again', sender, sequence, replay, referral, event, text, by_broker FROM effect WHERE no = :one")),
    ("two effects are swapped", "P4 order", lambda f: change (
        f, "UPDATE effect SET no = -1 WHERE no = :one", "UPDATE effect SET no = :one WHERE no = :two", "UPDATE effect SET no = :two WHERE no = -1")),
    ("the words of two effects are swapped", "P6 swapped", lambda f: change (
        f, "UPDATE effect SET text = (SELECT text FROM effect WHERE no = :two) WHERE no = :one")),
    ("somebody acts who never did", "P6 invented", lambda f: change (f, "UPDATE effect SET referral = randomblob (16) WHERE no = :one")),
    ("what had effect was refused", "P1 wrong answer", lambda f: change (
        f, "UPDATE act SET answer = 'NO_AGREEMENT' WHERE no = (SELECT no FROM act WHERE event = 5 AND answer = 'ACCEPTED' LIMIT 1)")),
    ("an entry of the audit log is gone", "P8 audit", lambda f: edit (f, "audit.tsv", lambda text: without_line (text, "\tDONE\t"))),
    ("an agreement never was", "P5 agreement", lambda f: edit (f, "audit.tsv", without_agreement)),
    ("a sender was not told", "P2 silent", lambda f: change (f, "DELETE FROM effect WHERE by_broker AND event = 2")),
    ("a replay never comes", "P2 lost", lambda f: edit (f, "dead.tsv", lambda text: text.replace ("\tdead\n", "\treplaying\n", 1))),
    ("the broker grew too large", "P9 memory", lambda f: edit (f, "facts.json", fat)),
)


def doctor (folder, aside):
    """(what was done, the breach to be found, the folder where it is so), one after the other."""
    for what, breach, change_it in DOCTORED:
        shutil.rmtree (aside, ignore_errors=True)
        shutil.copytree (folder, aside)
        change_it (aside)
        yield what, breach, aside
