"""
inbox - what the office reads in: a file as a whole or not at all.

All lines of a file are one transaction.  A line key that was read in before has no effect.  The
receipt is written before the file is moved; after a break in between, the file is found again and all its
lines are known.
"""
import contextlib
import mimetypes
import os

from common import files, workflow
from common.system import Taken

from . import csvfile, words

NEIGHBOUR = {"Partner": "partner", "Udbyder": "provider_name", "Land": "country", "Titel": "title", "Kort tekst": "teaser",
             "Beskrivelse": "description", "Type": "category", "Temaer": "topics", "Pris": "price_text", "Web": "link",
             "Fremmed felt 1": "free1", "Fremmed felt 2": "free2"}


class Unfit (Exception):
    """Why the whole file is refused."""


def read_all (system):
    for name in files.ready_files (system.path ("inbox"), ".csv"):
        read_file (system, name)


def read_file (system, name):
    with open (system.path ("inbox", name), "rb") as file:
        data = file.read ()
    try:
        if system.book.spend ("fault-fail"):
            raise Unfit ("linje 1: kontorets program kunne ikke læse filen")
        rows = csvfile.read (data)
        with system.book.change ():
            if name.startswith ("naboydelser"):
                receipts = [take_neighbour (system, number, row) for number, row in rows]
            else:
                receipts = [take_line (system, name, number, row) for number, row in rows]
    except (Unfit, csvfile.NotWhole) as error:
        files.write_whole (system.path ("rejected", name + ".grund.txt"), f"{error}\nIngen linje er indlæst.\n", ".del")
        os.replace (system.path ("inbox", name), system.path ("rejected", name))
        return
    header = ["Linjenøgle", "Resultat", "Sagsnr"]
    files.write_whole (system.path ("imported", name + ".kvit"), csvfile.write (header, receipts), ".del")
    os.replace (system.path ("inbox", name), system.path ("imported", name))
    for _, row in rows:
        for attachment in attachment_names (row):
            with contextlib.suppress (OSError):
                os.remove (system.path ("inbox", "bilag", attachment))


def take_neighbour (system, number, row):
    key = row.get ("Nøgle", "")
    if not key or not (row.get ("Titel") or row.get ("Udgået") == "Ja"):
        raise Unfit (f"linje {number}, kolonne Nøgle/Titel: mangler")
    if row.get ("Udgået") == "Ja":
        system.book.drop_listed ("neighbours", key)
    else:
        system.book.put_listed ("neighbours", key, {member: row.get (column, "") for column, member in NEIGHBOUR.items ()})
    return {"Linjenøgle": key, "Resultat": "indlæst", "Sagsnr": ""}


def take_line (system, name, number, row):
    """Give the receipt of one line."""
    key = row.get ("Linjenøgle", "")
    if not key:
        raise Unfit (f"linje {number}, kolonne Linjenøgle: mangler")
    known = system.book.find_event (key)
    if known is not None:
        return {"Linjenøgle": key, "Resultat": "kendt", "Sagsnr": system.book.case (known["case_id"])["number"]}
    kind = next ((kind for kind, word in words.KINDS.items () if word == row.get ("Linjetype")), None)
    if kind is None:
        raise Unfit (f"linje {number}, kolonne Linjetype: {row.get ('Linjetype')!r} er ikke en linjetype")
    event = read_event (number, row)
    bilag = read_attachments (system, number, row)
    try:
        case_id = open_case (system, number, row, key, event) if kind == "refer" else add_event (system, number, row, kind, key, event)
    except Taken:
        raise Unfit (f"linje {number}, kolonne Fremmed nøgle: {row.get ('Fremmed nøgle')!r} er brugt i en anden sag") from None
    event_id = system.book.find_event (key)["id"]
    for file_name, data in bilag if not system.book.case (case_id)["erased"] else ():
        system.book.add_file (file_name, mimetypes.guess_type (file_name)[0] or "application/octet-stream", data, case_id, event_id)
    system.book.db.execute ("INSERT OR IGNORE INTO imports VALUES (?, ?)", (name, case_id))
    if kind == "revoke":
        system.erase (case_id)
    return {"Linjenøgle": key, "Resultat": "indlæst", "Sagsnr": system.book.case (case_id)["number"]}


def field (number, row, column, form):
    """The value of one field, None where it is empty."""
    text = row.get (column, "")
    if not text:
        return None
    try:
        return words.time_in (text) if form == "time" else words.taken (text, form)
    except words.Unreadable as error:
        raise Unfit (f"linje {number}, kolonne {column}: {error}") from None


def read_event (number, row):
    """The arguments of System.record."""
    event = {code: field (number, row, column, form) for column, (code, form) in words.CODES.items ()}
    if event["obstacle"] and event["obstacle"] not in workflow.OBSTACLES:
        raise Unfit (f"linje {number}, kolonne Årsagskode: {event['obstacle']!r} er ikke på listen")
    event["text"] = row.get ("Tekst", "")
    event["author"] = {member: row.get (column, "") for column, member in words.PERSON.items ()}
    at = field (number, row, "Aftale tidspunkt", "time")
    event["appointment"] = {"at": at, "place": row.get ("Aftale sted", "")} if at else None
    event["occurred_at"] = field (number, row, "Tidspunkt", "time")
    return event


def open_case (system, number, row, key, event):
    content = {"client": {}, "contact": {}, "need": {}, "basis": {}}
    for column, (part, member, form) in words.CONTENT.items ():
        value = field (number, row, column, form)
        if value is not None:
            content[part][member] = value
    if not content["client"].get ("name"):
        raise Unfit (f"linje {number}, kolonne Virksomhed: mangler")
    content["adviser"] = event["author"]
    own = system.book.find_listed ("services", row.get ("Ydelse nøgle", ""))
    case_id = system.book.add_case (
        "incoming", "new", content, external_key=row.get ("Fremmed nøgle") or None, partner=row.get ("Afsender", ""),
        external_reference=row.get ("Fremmed reference") or None, service_key=row.get ("Ydelse nøgle") or None,
        service={"title": own["body"]["Titel"]} if own else None)
    system.record (case_id, "refer", "api", external_key=key, phase="received", **event)
    return case_id


def add_event (system, number, row, kind, key, event):
    foreign = row.get ("Fremmed nøgle")
    case = system.book.find_case (row["Sagsnr"]) if row.get ("Sagsnr") else system.book.find_key (foreign or "")
    if case is None:
        raise Unfit (f"linje {number}, kolonne Sagsnr/Fremmed nøgle: ingen sag med {row.get ('Sagsnr') or foreign!r}")
    members = {name: row[column] for name, column in (("external_key", "Fremmed nøgle"), ("external_reference", "Fremmed reference"))
               if row.get (column)}
    if members:
        system.book.update_case (case["id"], **members)
    if kind == "answer" and event["question"] is None:
        raise Unfit (f"linje {number}, kolonne Spørgsmålsnr: mangler")
    system.record (case["id"], kind, "api", external_key=key, **event)
    return case["id"]


def attachment_names (row):
    return [name for name in (row.get ("Bilag") or "").split ("\n") if name and name == os.path.basename (name)]


def read_attachments (system, number, row):
    found = []
    for name in filter (None, (row.get ("Bilag") or "").split ("\n")):
        if name not in attachment_names (row):
            raise Unfit (f"linje {number}, kolonne Bilag: {name!r} er ikke et filnavn")
        try:
            with open (system.path ("inbox", "bilag", name), "rb") as file:
                found.append ((name, file.read ()))
        except OSError:
            raise Unfit (f"linje {number}, kolonne Bilag: {name!r} findes ikke i bilag") from None
    return found
