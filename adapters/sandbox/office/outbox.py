"""
outbox - what the office writes: its two lists, the lines of its people's acts, its page.

A line waits in the table `outgoing` from the act's own transaction on.  A file's name comes from
the first line in it, so that a break between writing and noting it down writes the same file again.
"""
from common import files, page

from . import csvfile, words

DIRECTION = {"outgoing": "sendt til", "incoming": "kommet fra"}


def write_lists (system):
    """The whole of both lists, as the office's computer likes it today."""
    book = system.book
    encoding = book.setting ("fault-encoding", 0) or csvfile.ENCODING
    separator = book.setting ("fault-separator", 0) or ";"
    for name, header, rows in (("projekter.csv", system.project_columns, system.projects ()),
                               ("ydelser.csv", system.service_columns, system.services ())):
        if book.setting ("fault-extra-column", 0):
            header = header[:2] + ["Internt notat"] + header[2:]
            rows = [row | {"Internt notat": "se mappe 4"} for row in rows]
        files.write_whole (system.path ("export", name), csvfile.write (header, rows, encoding, separator), ".del")


def write_lines (system):
    """All lines that wait, in one file."""
    rows = system.book.db.execute ("SELECT * FROM outgoing WHERE written = 0 ORDER BY id").fetchall ()
    if not rows:
        return
    lines = [line_of (system, row) for row in rows]
    write_attachments (system, rows)
    names = [f"linjer-{rows[0]['id']:06}.csv"]
    if system.book.spend ("fault-twice"):
        names.append (f"linjer-{rows[0]['id']:06}-igen.csv")
    for name in names:
        files.write_whole (system.path ("outbox", name), csvfile.write (words.COLUMNS, lines), ".del")
    with system.book.change () as db:
        db.execute ("UPDATE outgoing SET written = 1 WHERE id BETWEEN ? AND ?", (rows[0]["id"], rows[-1]["id"]))


def line_key (row):
    return f"L{row['id']:06}"


def line_of (system, row):
    """One act as a line."""
    event = system.book.event (row["event_id"])
    case = system.book.case (event["case_id"])
    outgoing = case["direction"] == "outgoing"
    line = {
        "Linjenøgle": line_key (row), "Linjetype": words.KINDS[event["kind"]], "Tidspunkt": words.time_out (event["at"]),
        "Sagsnr": case["number"], "Fremmed nøgle": case["external_key"] or "",
        "Fremmed reference": case["external_reference"] or "", "Afsender": system.own_name, "Modtager": case["partner"] or "",
        "Ydelse nøgle": case["service_key"] or "", "Ydelse": (case["service"] or {}).get ("title", "") if outgoing else "",
        "Tekst": event["text"] or "", "Bilag": "\n".join (attachment_names (system, row)),
    }
    line |= {column: (event["author"] or {}).get (member, "") for column, member in words.PERSON.items ()}
    line |= {column: words.shown (event["codes"].get (code), form) for column, (code, form) in words.CODES.items ()}
    if event["kind"] == "refer":
        line |= {column: words.shown ((case["content"].get (part) or {}).get (member), form)
                 for column, (part, member, form) in words.CONTENT.items ()}
    if event["appointment"]:
        line |= {"Aftale tidspunkt": words.time_out (event["appointment"]["at"]),
                 "Aftale sted": event["appointment"].get ("place", "")}
    return line


def _event_files (system, row):
    case_id = system.book.event (row["event_id"])["case_id"]
    return [file for file in system.book.files (case_id) if file["event_id"] == row["event_id"]]


def _attachment_name (row, file):
    return f"{line_key (row)}-{files.safe_name (file['name'], 'bilag')}"


def attachment_names (system, row):
    return [_attachment_name (row, file) for file in _event_files (system, row)]


def write_attachments (system, rows):
    """Before the lines, so that they are there when a line names them."""
    for row in rows:
        for file in _event_files (system, row):
            files.write_whole (system.path ("outbox", "bilag", _attachment_name (row, file)),
                               system.book.file_bytes (file["id"]), ".del")


def write_pages (system):
    """sager.html for the eye, sager.txt for grep."""
    rows, lines = [], []
    for case in system.book.cases (order="updated_at DESC", limit=500):
        client = (case["content"].get ("client") or {}).get ("name") or "(slettet)"
        where = f"{DIRECTION[case['direction']]} {case['partner'] or ''}"
        lines.append (f"{case['number']:<13} {words.STATUS[case['phase']]:<16} {where:<36} {client}")
        said = [f"{words.time_out (event['at'])[:16]}  {'os' if event['origin'] == 'user' else 'udefra':<6} "
                f"{words.KINDS[event['kind']]}{': ' + event['text'] if event['text'] else ''}"
                for event in system.book.events (case["id"])]
        lines += ["    " + line for line in said]
        rows.append ((case["number"], page.status (case["phase"], words.STATUS[case["phase"]]), page.escape (where),
                      page.escape (client), page.escape (page.joined (case["content"].get ("need"), "text")),
                      page.log (line.split ("  ", 1) for line in said[-4:])))
    body = page.table (("Sag", "Status", "Retning", "Virksomhed", "Behov", "Seneste"), rows)
    look = page.document ("Sager", "da", "#2e6b3a", ("Kontorets sager · " + system.own_name,), body)
    files.write_whole (system.path ("sager.html"), look, ".del")
    files.write_whole (system.path ("sager.txt"), "\n".join (lines) + "\n", ".del")


def drop_waiting (system, case_id):
    """An erased case whose referral nobody has seen yet is told to nobody; True when so."""
    db = system.book.db
    unseen = db.execute ("SELECT 1 FROM outgoing o JOIN events e ON e.id = o.event_id WHERE e.case_id = ? AND e.kind = 'refer' "
                         "AND o.written = 0", (case_id,)).fetchone () is not None
    if unseen:
        db.execute ("DELETE FROM outgoing WHERE event_id IN (SELECT id FROM events WHERE case_id = ?)", (case_id,))
    return unseen
