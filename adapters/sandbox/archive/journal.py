"""
journal - the registry entries: their numbers, what leaves of them, the pages.

Every event of a case is an entry, numbered in the event's own transaction: in its case, and in the
year's journal without gaps.  A trigger refuses to change one.  A file's name comes from the entry's
own number, so that a break between writing and noting it down writes the same file again.
"""
from common import files, page

from . import form, words

SCHEMA = """
CREATE TABLE IF NOT EXISTS entries (
  event_id INTEGER PRIMARY KEY, case_id INTEGER NOT NULL, year INTEGER NOT NULL, sequence INTEGER NOT NULL,
  number INTEGER NOT NULL, type TEXT NOT NULL, status TEXT NOT NULL, outgoing INTEGER, UNIQUE (year, sequence),
  UNIQUE (case_id, number));
CREATE TRIGGER IF NOT EXISTS entries_stay BEFORE UPDATE OF event_id, case_id, year, sequence, number, type, status ON entries
  BEGIN SELECT RAISE (ABORT, 'a registered entry cannot be changed'); END;
"""
SCREENING = "offentleglova § 13 jf. forvaltningsloven § 13"
DIRECTION = {"outgoing": "sendt til", "incoming": "kommet fra"}
OUT, IN, INTERNAL = "U", "I", "X"


def register (system, event_id):
    """Give the event its numbers; a person's act also waits to leave."""
    book = system.book
    event = book.event (event_id)
    by_person = event["origin"] == "user"
    kind = INTERNAL if event["kind"] == "correct" else OUT if by_person else IN
    year = int (words.day (event["at"])[:4])
    number = book.count ("entries", "case_id = ?", (event["case_id"],)) + 1
    outgoing = book.next_of ("outgoing") if by_person else None
    book.db.execute ("INSERT INTO entries VALUES (?, ?, ?, ?, ?, ?, ?, ?)", (
        event_id, event["case_id"], year, book.next_of (f"journal-{year}"), number, kind, "E" if kind == OUT else "J",
        outgoing))


def entry (system, event_id):
    return dict (system.book.db.execute ("SELECT * FROM entries WHERE event_id = ?", (event_id,)).fetchone ())


def entry_id (case, row):
    return f"{case['number']}-{row['number']}"


def find_entry (system, registration_id):
    """The entry with this registreringsID, or None."""
    number, _, place = registration_id.rpartition ("-")
    case = system.book.find_case (number) if number and place.isdigit () else None
    row = system.book.db.execute ("SELECT * FROM entries WHERE case_id = ? AND number = ?",
                                  (case["id"], int (place))).fetchone () if case else None
    return dict (row) if row else None


# ---------------------------------------------------------------- leaving
def write_entries (system):
    """All entries that wait, each in a file of its own."""
    rows = system.book.db.execute ("SELECT * FROM entries WHERE outgoing > ? ORDER BY outgoing",
                                   (system.book.setting ("written", 0),)).fetchall ()
    for row in map (dict, rows):
        case, event = system.book.case (row["case_id"]), system.book.event (row["event_id"])
        documents = write_documents (system, row)
        data = form.serialise (case_element (system, case, event, row, documents))
        stem = f"{row['outgoing']:06}-{case['number'].replace ('/', '-')}-{row['number']}"
        for name in [stem] + ([stem + "-igjen"] if system.book.spend ("fault-twice") else []):
            files.write_whole (system.path ("ut", name + ".xml"), data)
        system.book.set_setting ("written", row["outgoing"])


def write_documents (system, row):
    """Before the entry, so that they are there when it names them."""
    documents = [file for file in system.book.files (row["case_id"]) if file["event_id"] == row["event_id"]]
    for number, file in enumerate (documents, 1):
        file["place"] = f"dokumenter/{row['outgoing']:06}-{number}-{files.safe_name (file['name'], 'dokument')}"
        files.write_whole (system.path ("ut", file["place"]), system.book.file_bytes (file["id"]))
    return documents


def case_element (system, case, event, row, documents):
    root = form.add (None, "n5:saksmappe")
    year, sequence = case["number"].split ("/")
    for short, text in (
            ("systemID", case["custom"].get ("_uid", "")), ("mappeID", case["number"]), ("tittel", "Henvisning av virksomhet"),
            ("saksaar", year), ("sakssekvensnummer", sequence), ("saksdato", words.day (case["created_at"])),
            ("administrativEnhet", "Næring og innovasjon"),
            ("saksansvarlig", (case["content"].get ("adviser") or {}).get ("name", "")),
            ("saksstatus", "Avsluttet" if case["phase"] in words.ENDED else "Under behandling")):
        form.add (root, "n5:" + short, text)
    sak = form.add (form.add (root, "n5:virksomhetsspesifikkeMetadata"), "s:sak")
    for short, text in (
            ("eksternNoekkel", case["external_key"]), ("eksternReferanse", case["external_reference"]),
            ("motpart", case["partner"]), ("motpartSaksnummer", case["partner_case"]),
            ("retning", "ut" if case["direction"] == "outgoing" else "inn"), ("fase", words.PHASE[event["phase"]])):
        form.add (sak, "s:" + short, text or "")
    entry_element (root, system, case, event, row, documents)
    return root


def entry_element (root, system, case, event, row, documents):
    post = form.add (root, "n5:journalpost")
    corrects = event["codes"].get ("corrects", "")
    for short, text in (
            ("systemID", event["uid"]), ("registreringsID", entry_id (case, row)),
            ("tittel", words.ACTIONS[event["kind"]].title), ("journalaar", row["year"]),
            ("journalsekvensnummer", row["sequence"]), ("journalpostnummer", row["number"]),
            ("journalposttype", row["type"]), ("journalstatus", row["status"]), ("journaldato", words.day (event["at"])),
            ("opprettetDato", words.local (event["at"]))):
        form.add (post, "n5:" + short, text)
    party = form.add (post, "n5:korrespondansepart")
    form.add (party, "n5:korrespondanseparttype", "Mottaker")
    form.add (party, "n5:korrespondansepartNavn", case["partner"] or "")
    form.add (party, "n5:saksbehandler", (event["author"] or {}).get ("name", ""))
    screening = form.add (post, "n5:skjerming")
    form.add (screening, "n5:tilgangsrestriksjon", "UO")
    form.add (screening, "n5:skjermingshjemmel", SCREENING)
    form.add (post, "n5:referanseTilRegistrering", corrects)
    for number, file in enumerate (documents, 1):
        document_element (post, number, file)
    form.write_form (form.add (post, "n5:virksomhetsspesifikkeMetadata"), event, case, event["external_key"])


def document_element (post, number, file):
    description = form.add (post, "n5:dokumentbeskrivelse")
    form.add (description, "n5:dokumentnummer", number)
    form.add (description, "n5:tittel", file["name"])
    form.add (description, "n5:tilknyttetRegistreringSom", "Vedlegg")
    item = form.add (description, "n5:dokumentobjekt")
    for short, text in (("format", file["media_type"]), ("referanseDokumentfil", file["place"]), ("sjekksum", file["sha256"]),
                        ("sjekksumAlgoritme", "SHA-256"), ("filstoerrelse", file["size"])):
        form.add (item, "n5:" + short, text)


def forget_waiting (system, case_id):
    """Entries of an erased case that nobody has seen tell nobody; True when even its beginning was unseen."""
    db, written = system.book.db, system.book.setting ("written", 0)
    unseen = db.execute ("SELECT 1 FROM entries n JOIN events e ON e.id = n.event_id WHERE n.case_id = ? AND e.kind = 'refer' "
                         "AND n.outgoing > ?", (case_id, written)).fetchone () is not None
    if unseen:
        db.execute ("UPDATE entries SET outgoing = NULL WHERE case_id = ?", (case_id,))
    return unseen


# ---------------------------------------------------------------- pages
def write_pages (system):
    """saker.html for the eye, saker.txt for grep."""
    rows, lines = [], []
    for case in system.book.cases (order="updated_at DESC", limit=500):
        client = (case["content"].get ("client") or {}).get ("name") or "(kassert)"
        where = f"{DIRECTION[case['direction']]} {case['partner'] or ''}"
        lines.append (f"{case['number']:<10} {words.PHASE[case['phase']]:<16} {where:<36} {client}")
        said = [said_line (system, case, event) for event in system.book.events (case["id"])]
        lines += ["    " + line.replace ("\n", "\n        ") for line in said]
        documents = [file["name"] for file in system.book.files (case["id"])]
        lines += [f"    dokument   {name}" for name in documents]
        reference = case["external_reference"] or ""
        rows.append ((case["number"], page.status (case["phase"], words.PHASE[case["phase"]]), page.escape (where),
                      page.whole (reference), page.escape (client), page.escape (page.joined (case["content"].get ("need"), "text")),
                      page.log ([line.split ("  ", 1) for line in said[-5:]] + [("dokument", name) for name in documents])))
    body = page.table (("Sak", "Fase", "Retning", "Referanse", "Virksomhet", "Behov", "Siste journalposter"), rows)
    look = page.document ("Saker", "nb", "#6b2e4a", ("Sak og arkiv · " + system.own_name,), body)
    files.write_whole (system.path ("saker.html"), look)
    files.write_whole (system.path ("saker.txt"), "\n".join (lines) + "\n")


def said_line (system, case, event):
    row, codes = entry (system, event["id"]), event["codes"]
    about = f" (gjelder {codes['corrects']})" if codes.get ("corrects") else ""
    said = [codes.get (name) for name in ("obstacle", "suggested")] + [words.OUTCOME.get (codes.get ("outcome")), event["text"]]
    told = " · ".join (word for word in said if word)
    return (f"{page.local (event['at'], 'Europe/Oslo')}  {entry_id (case, row):<11} {row['type']}  "
            f"{words.ACTIONS[event['kind']].title}{about}{': ' + told if told else ''}")
