#!/usr/bin/python3
"""PROTOCOL.md's tables are those of the .def files, and every code of the C tables stands in them."""
import pathlib
import re
import subprocess
import sys

SOURCE = pathlib.Path (__file__).resolve ().parents[2]
sys.path.insert (0, str (SOURCE / "tests" / "lib"))
import tap   # noqa: E402

PAGE = (SOURCE / "proto" / "PROTOCOL.md").read_text (encoding="utf-8")


def the_tables_are_written_out ():
    check = subprocess.run ([SOURCE / "proto" / "tables", "--check"], capture_output=True, text=True, timeout=60)
    if not tap.ok (check.returncode == 0, "PROTOCOL.md holds the tables as they are (else run proto/tables)"):
        tap.note (check.stdout + check.stderr)


def no_row_is_lost ():
    for name, macro in (("faults", "FAULT"), ("limits", "LIMIT"), ("codes", "CODE"), ("forms", "FORM")):
        table = PAGE.split (f"<!-- begin {name}.def -->")[1].split (f"<!-- end {name}.def -->")[0]
        text = (SOURCE / "proto" / f"{name}.def").read_text (encoding="utf-8")
        wanted = len (re.findall (rf"^{macro} \(", text, re.M)) - (name == "faults")   # OK is no fault
        found = sum (line.startswith (("| `", "- **", "| ")) for line in table.splitlines ())
        tap.equal (found - (0 if name == "forms" else 2), wanted, f"{name}.def: a line a row")


def every_fault_that_the_page_names_exists ():
    words = {w for line in PAGE.split ("## 12.")[0].splitlines ()
             for w in re.findall (r"(?:Fault|REFUSED|gets) `([A-Z_]+)`", line)}
    known = set (re.findall (r"^FAULT \((\w+)", (SOURCE / "proto" / "faults.def").read_text (encoding="utf-8"), re.M))
    tap.ok (words, "the page names faults")
    tap.equal (words - known, set (), "and each is in faults.def")


tap.run (the_tables_are_written_out, no_row_is_lost, every_fault_that_the_page_names_exists)
