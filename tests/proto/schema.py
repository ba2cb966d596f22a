#!/usr/bin/python3
"""mapping.schema.json is what proto/schema makes, and the partners' samples hold to it."""
import copy
import json
import pathlib
import subprocess
import sys

SOURCE = pathlib.Path (__file__).resolve ().parents[2]
sys.path.insert (0, str (SOURCE / "tests" / "lib"))
import jsonschema   # noqa: E402
import tap          # noqa: E402

SCHEMA = json.loads ((SOURCE / "proto" / "mapping.schema.json").read_text (encoding="utf-8"))
TASKS = {"write-offerings": "OfferingsTask", "read": "ReadingTask"}
RECORDS = {"offerings": "Offering", "events": "Act"}
OFFERING = {"key": "a", "kind": "advice", "status": "active", "title": [{"language": "da", "text": "Råd"}],
            "provider": {"name": "A", "scheme": "0184", "number": "29826358"}, "price": {"model": "fixed", "amount": "15414794.50"}}
ACT = {"act": "1", "case": "c", "event": "DECLINE", "obstacles": [{"code": "CAPACITY"}]}


def validator (name):
    return jsonschema.Draft202012Validator ({**{k: v for k, v in SCHEMA.items () if k != "anyOf"}, "$ref": f"#/$defs/{name}"})


def holds (name, value, what):
    problems = [f"{'/'.join (map (str, p.absolute_path))}: {p.message[:300]}" for p in validator (name).iter_errors (value)]
    if not tap.ok (not problems, what):
        tap.note ("\n".join (problems[:5]))


def it_is_made_from_the_sources ():
    made = subprocess.run ([SOURCE / "proto" / "schema", "--print"], capture_output=True, text=True, timeout=60)
    if not tap.ok (made.returncode == 0 and json.loads (made.stdout) == SCHEMA, "the file is as made anew (else run proto/schema)"):
        tap.note (made.stderr)
    jsonschema.Draft202012Validator.check_schema (SCHEMA)
    tap.ok (True, "and is a JSON Schema")


def samples_of_all_partners_hold ():
    folders = sorted (path.parent for path in SOURCE.glob ("adapters/*/samples/*/sample.json"))
    tap.ok (folders, "there are samples")
    for folder in folders:
        one_sample_holds (folder, json.loads ((folder / "sample.json").read_text (encoding="utf-8")))


def one_sample_holds (folder, sample):
    name = f"{folder.parts[-3]}/{folder.name}"
    expected = json.loads ((folder / sample.get ("expect", "expected.json")).read_text (encoding="utf-8"))
    kind = sample["kind"]
    if kind in RECORDS:
        for i, record in enumerate (expected["records"]):
            holds (RECORDS[kind], record, f"{name}: record {i + 1} is {RECORDS[kind]}")
        return
    task = TASKS.get (kind) or ("AnswerTask" if sample["task"]["kind"] == "answer" else "EventTask")
    if "task" in sample:
        holds (task, sample["task"], f"{name}: its task is {task}")
    for i, answer in enumerate (expected):
        holds ("Answer", answer, f"{name}: answer {i + 1} is Answer")


def with_change (value, path, new):
    value = copy.deepcopy (value)
    at = value
    for part in path[:-1]:
        at = at[part]
    at[path[-1]] = new
    return value


def what_is_wrong_is_found ():
    holds ("Offering", OFFERING, "a good offering holds")
    holds ("Act", ACT, "a good act holds")
    for name, good, path, bad in (
            ("Offering", OFFERING, ["kind"], "advise"), ("Offering", OFFERING, ["price", "amount"], 15414794.5),
            ("Offering", OFFERING, ["provider", "number"], 29826358), ("Offering", OFFERING, ["titel"], []), ("Offering", OFFERING, ["title"], []),
            ("Offering", OFFERING, ["title", 0, "language"], "de"), ("Offering", OFFERING, ["opens"], "01.02.2026"),
            ("Offering", OFFERING, ["price", "amount"], "15.414.794"), ("Act", ACT, ["event"], "RECEIPT"),
            ("Act", ACT, ["event"], "HOLD"), ("Act", ACT, ["obstacles", 0, "code"], "NONE"), ("Act", ACT, ["act"], "")):
        tap.ok (not validator (name).is_valid (with_change (good, path, bad)), f"{name}: {path[-1]} {bad!r} is wrong")
    for member in ("key", "kind", "status", "title", "provider"):
        tap.ok (not validator ("Offering").is_valid ({k: v for k, v in OFFERING.items () if k != member}), f"Offering: {member} is needed")


tap.run (it_is_made_from_the_sources, samples_of_all_partners_hold, what_is_wrong_is_found)
