#!/usr/bin/python3
"""The manual pages that deploy/manual makes are what the programs say; every program has a page; all are good roff."""
import os
import pathlib
import subprocess
import sys

sys.path.insert (0, str (pathlib.Path (__file__).resolve ().parents[1] / "lib"))
import tap   # noqa: E402

TOP = pathlib.Path (__file__).resolve ().parents[2]
BUILD = pathlib.Path (os.environ.get ("KASK_BUILD", TOP / "build-test"))
MADE = (("config", "kaskd", "broker/kaskd.conf.5"), ("config", "kask-adapter", "adapters/kask-adapter.conf.5"),
        ("commands", "kask-adapter", "adapters/kask-adapter.1"))
PAGES = ("broker/kask.1", "broker/kaskd.8", "broker/kaskd.conf.5", "adapters/kask-adapter.1", "adapters/kask-adapter.conf.5", "adapters/sdk/libkask.3")


def pages_are_what_the_programs_say ():
    for kind, program, page in MADE:
        made = subprocess.run ([TOP / "deploy/manual", kind, BUILD / program], text=True, capture_output=True, check=True).stdout
        if not tap.ok (made == (TOP / page).read_text (), f"{page} is what {program} says"):
            tap.note (f"deploy/manual {kind} BUILD/{program} >{page}")


def every_page_is_installed ():
    makefile = (BUILD / "Makefile").read_text ()
    for page in PAGES:
        tap.ok (f"{page} " in makefile or f"{page}\n" in makefile, f"{page} is in the Makefile")


def options_stand_in_the_broker_s_page ():
    text = (TOP / "broker/kaskd.8").read_text ().replace ("\\-", "-")
    said = subprocess.run ([BUILD / "kaskd", "--help"], text=True, capture_output=True, check=True).stdout
    options = {word.strip ("[],.;") for word in said.split () if word.strip ("[").startswith ("--")}
    tap.equal ([option for option in sorted (options) if option not in text], [], "kaskd.8 has every option of kaskd --help")


tap.run (pages_are_what_the_programs_say, every_page_is_installed, options_stand_in_the_broker_s_page)
