"""
inbox - what the archive takes in: a file as a whole or not at all.

All entries of a file are one transaction.  An entry whose key is there already changes nothing and
gets `fantes`.  The receipt is written before the file is moved; after a break in between, the file
is found again and all its entries are there.
"""
import contextlib
import hashlib
import os

from common import files
from common.system import Taken

from . import catalogue, form, journal
from .form import Unfit, add, one, text_of


def read_all (system):
    for name in files.ready_files (system.path ("inn"), ".xml"):
        take_file (system, "", name, take_delivery)
    for name in files.ready_files (system.path ("inn", "katalog"), ".ttl"):
        take_file (system, "katalog", name, catalogue.take_in)


def take_file (system, folder, name, take):
    """Take one file in; receipt first, then the file is moved."""
    place = system.path ("inn", folder, name)
    with open (place, "rb") as file:
        data = file.read ()
    root = add (None, "s:kvittering")
    add (root, "s:fil", name)
    documents, end = [], "registrert"
    try:
        if system.book.spend ("fault-fail"):
            raise Unfit ("arkivet kunne ikke lese filen")
        with system.book.change ():
            documents = take (system, data, root)
    except Unfit as error:
        root, end = add (None, "s:kvittering"), "avvist"
        add (root, "s:fil", name)
        add (root, "s:feil", f"{error}; ingenting er registrert")
    files.write_whole (system.path ("inn", end, name + ".kvittering.xml"), form.serialise (root))
    os.replace (place, system.path ("inn", end, name))
    for document in documents:
        with contextlib.suppress (OSError):
            os.remove (document)
    system.note_import (name)


def take_delivery (system, data, receipt):
    """Register a delivery; gives the documents that are in the archive now."""
    root = form.parse (data)
    if root.tag != form.name ("s:innlevering"):
        raise Unfit ("rotelementet er ikke s:innlevering")
    sak, posts = one (root, "s:sak"), root.findall (form.name ("n5:journalpost"))
    if sak is None or not posts:
        raise Unfit ("s:sak eller n5:journalpost mangler")
    taken = [take_entry (system, sak, post, receipt, f"journalpost {number}") for number, post in enumerate (posts, 1)]
    system.taken_cases = {case_id for case_id, _ in taken}
    return [document for _, documents in taken for document in documents]


def take_entry (system, sak, post, receipt, where):
    """Give (case's id, files read)."""
    try:
        if one (post, "n5:registreringsID") is not None:
            raise Unfit ("n5:registreringsID: en registrert journalpost kan ikke endres; lever en rettelse")
        kind, key, event, content, service_key = form.read_form (
            one (one (post, "n5:virksomhetsspesifikkeMetadata"), "s:skjema"))
        known = system.book.find_event (key)
        result = "registrert" if known is None else "fantes"
        documents = read_documents (system, post) if known is None else []
        if known is None:
            case_id = find_case (system, sak, kind, content, event["author"], service_key)
            event_id = record (system, case_id, kind, key, event, post)
            for name, media_type, data, _ in documents if not system.book.case (case_id)["erased"] else ():
                system.book.add_file (name, media_type, data, case_id, event_id)
            if kind == "revoke":
                system.erase (case_id)
            known = system.book.event (event_id)
        write_receipt (system, receipt, key, known, result)
        return known["case_id"], [place for *_, place in documents]
    except Unfit as error:
        raise Unfit (f"{where}: {error}") from None


def find_case (system, sak, kind, content, author, service_key):
    """The case's id; a key that is not known and no number opens a new one."""
    key, number = text_of (sak, "s:eksternNoekkel"), text_of (sak, "n5:mappeID")
    members = {member: text_of (sak, "s:" + short) for short, member in (
        ("eksternReferanse", "external_reference"), ("motpart", "partner"), ("motpartSaksnummer", "partner_case"))}
    members = {member: text for member, text in members.items () if text}
    case = system.book.find_case (number) if number else system.book.find_key (key) if key else None
    if number and (case is None or case["number"] != number):
        raise Unfit (f"n5:mappeID: ingen sak {number!r}")
    if case is None and kind != "refer":
        raise Unfit (f"s:sak: ingen sak med nøkkelen {key!r}, og bare en oversendelse oppretter en ny")
    if case is None:
        if not key or not content["client"].get ("name"):
            raise Unfit ("en ny sak trenger s:eksternNoekkel og s:virksomhet/s:navn")
        return system.open_case (content | {"adviser": author}, key, service_key, members)
    if number and key and case["external_key"] not in (None, key):
        raise Unfit (f"s:eksternNoekkel: sak {number} har en annen nøkkel allerede")
    try:
        system.book.update_case (case["id"], **members, **({"external_key": key} if key else {}))
    except Taken:
        raise Unfit (f"s:eksternNoekkel: {key!r} står på en annen sak") from None
    return case["id"]


def record (system, case_id, kind, key, event, post):
    corrects = text_of (post, "n5:referanseTilRegistrering")
    if corrects and journal.find_entry (system, corrects) is None:
        raise Unfit (f"n5:referanseTilRegistrering: ingen journalpost {corrects!r}")
    if kind == "answer" and event["question"] is None:
        raise Unfit ("s:sporsmaalsnummer: mangler i et svar")
    phase = "received" if kind == "refer" and system.book.case (case_id)["direction"] == "incoming" else None
    return system.record (case_id, kind, "api", external_key=key, phase=phase, corrects=corrects or None, **event)


def read_documents (system, post):
    """[(title, media type, bytes, place)] of what the entry names."""
    found = []
    for description in post.findall (form.name ("n5:dokumentbeskrivelse")):
        item = one (description, "n5:dokumentobjekt")
        place = text_of (item, "n5:referanseDokumentfil")
        if os.path.dirname (place) != "dokumenter" or not os.path.basename (place):
            raise Unfit (f"n5:referanseDokumentfil: {place!r} er ikke en fil i dokumenter/")
        try:
            with open (system.path ("inn", place), "rb") as file:
                data = file.read ()
        except OSError:
            raise Unfit (f"n5:referanseDokumentfil: {place!r} finnes ikke") from None
        checksum = text_of (item, "n5:sjekksum")
        if checksum and checksum.lower () != hashlib.sha256 (data).hexdigest ():
            raise Unfit (f"n5:sjekksum: {place!r} har en annen sjekksum")
        title = text_of (description, "n5:tittel") or os.path.basename (place)
        media_type = text_of (item, "n5:format") or "application/octet-stream"
        found.append ((title, media_type, data, system.path ("inn", place)))
    return found


def write_receipt (system, receipt, key, event, result):
    case, row = system.book.case (event["case_id"]), journal.entry (system, event["id"])
    post = add (receipt, "s:journalpost")
    for short, text in (("eksternNoekkel", key), ("resultat", result), ("mappeID", case["number"]),
                        ("registreringsID", journal.entry_id (case, row)), ("systemID", event["uid"])):
        add (post, "s:" + short, text)
