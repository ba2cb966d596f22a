#!/usr/bin/python3
"""Close to 5 MiB of attachments go from one partner's system to another's; each adapter stays small."""
import os
import pathlib
import sys

sys.path.insert (0, str (pathlib.Path (__file__).resolve ().parents[1] / "lib"))
import plain                  # noqa: E402,F401  (before network)
import partners               # noqa: E402
import tap                    # noqa: E402
from network import Network   # noqa: E402

SIZES = (3 << 20, (2 << 20) - 1000)   # together just below LIMIT_ATTACHMENTS_BYTES
TITLES = {"erhvervshus-nord": "Serviceteknikere til havvind", "vaeksthus-nordjylland": "Kursus: told mellem EU og Norge",
          "aust-agder": "Prøvestasjon for fôr og merder"}
MUST_KIB, AIM_KIB = 48 * 1024, 24 * 1024


def refer (referrer, receiver, files):
    picked = tap.until ("the neighbour's offering", lambda: next ((s for s in referrer.neighbours_of (receiver)
                                                                   if s["title"] == TITLES[receiver.id]), None), 60, 0.2)
    attach = [word for path in files for word in ("--attach", path)]
    return referrer.act ("refer", "--service", picked["key"], "--client", "Et firma med tunge tegninger", "--client-country", referrer.country,
                         "--client-number", "29826358" if referrer.country == "DK" else "974760673", "--contact", "Kontakt",
                         "--contact-phone", "+45 99 00 00 99", "--contact-mail", "k@firma.example", "--need", "Se tegningerne",
                         "--themes", "export", "--basis", "CONSENT", "--basis-by", "ejeren", "--basis-on", "2026-11-20", *attach)


def heavy_files_go_everywhere ():
    files = []
    for i, size in enumerate (SIZES):
        path = net.folder / f"tegning-{i}.pdf"
        path.write_bytes (os.urandom (size))
        files.append (path)
    for referrer, receiver in zip (three, three[1:] + three[:1]):
        number = refer (referrer, receiver, files)
        reference = tap.until ("a reference", lambda: (referrer.case (number) or {}).get ("reference"), 60, 0.2)
        case = tap.until ("the case arrives", lambda: next ((c for c in receiver.cases () if c["reference"] == reference), None), 60, 0.2)
        def both_are_there ():
            rows = receiver.store ("SELECT name, data FROM files WHERE case_id = ?", receiver.case (case["number"])["id"])
            return len (rows) == len (files) and rows
        arrived = tap.until ("both files arrive", both_are_there, 60, 0.2)
        same = [any (name.endswith (path.name) and data == path.read_bytes () for name, data in arrived) for path in files]
        tap.equal (same, [True, True], f"{referrer.id} to {receiver.id}: both files arrive, byte by byte")


def adapters_stay_small ():
    for partner in three:
        high = partner.adapter.rss_kib ("VmHWM")
        tap.note (f"{partner.id}: kask-adapter had {high} KiB at most (aim {AIM_KIB})")
        tap.ok (high <= MUST_KIB, f"{partner.id}: at most {MUST_KIB} KiB")


with Network ("attachments") as net:
    three = list (partners.bring_up (net, crm={"every": "2 s"}))
    tap.run (heavy_files_go_everywhere, adapters_stay_small)
