#!/usr/bin/python3
"""The office's stand-in keeps what adapters/sandbox/office/FORMAT.md says."""
import csv
import io
import os
import re
import sys

sys.dont_write_bytecode = True
sys.path.insert (0, os.path.dirname (os.path.abspath (__file__)))

from tap import SANDBOX, run, wait_for

CASE = {"Linjetype": "Ny henvisning", "Fremmed nøgle": "ref-1", "Fremmed reference": "KA-1", "Afsender": "Aust-Agder fylkeskommune", "Ydelse nøgle": "0003",
        "Virksomhed": "Tromøy Verksted", "Land": "NO", "CVR/Orgnr": "974760673", "Behov": "Vil sende \"not\" til Skagen;\nmed told", "Retsgrundlag": "Samtykke",
        "Hast": "Høj", "Ønsket dato": "01.03.2027", "Tidspunkt": "23.11.2026 14:05:09"}



def put (office, name, rows, encoding="iso-8859-1"):
    """Put a file into inbox/ and give what came of it: (folder, receipt or reason)."""
    columns = list (dict.fromkeys (column for row in rows for column in row))
    text = io.StringIO ()
    writer = csv.writer (text, delimiter=";", quoting=csv.QUOTE_ALL, lineterminator="\n")
    writer.writerow (columns)
    writer.writerows ([row.get (column, "") for column in columns] for row in rows)
    return put_bytes (office, name, text.getvalue ().encode (encoding))


def put_bytes (office, name, data):
    with open (office.path ("inbox", name + ".del"), "wb") as file:
        file.write (data)
    os.replace (office.path ("inbox", name + ".del"), office.path ("inbox", name))

    def found ():
        if os.path.exists (office.path ("inbox", name)):
            return None
        if os.path.exists (office.path ("rejected", name + ".grund.txt")):
            with open (office.path ("rejected", name + ".grund.txt"), encoding="utf-8") as file:
                return "rejected", file.read ()
        return "imported", read (office, "imported", name + ".kvit")
    return wait_for (found, f"receipt of {name}")


def read (office, *place, encoding="iso-8859-1", separator=";"):
    with open (office.path (*place), encoding=encoding, newline="") as file:
        return list (csv.DictReader (file, delimiter=separator))


def lines (office):
    return [row for name in office.names ("outbox", ".csv") for row in read (office, "outbox", name)]


def lists_and_their_quirks (tap, office):
    rows = read (office, "export", "ydelser.csv")
    tap.same ((rows[0]["Ydelsesnr"], len (rows)), ("0001", 7), "the services, leading zeros kept")
    projects = read (office, "export", "projekter.csv")
    money = [row["Budget / Budget"] for row in projects]
    tap.ok (any (re.fullmatch (r"\d+(\.\d{3})+", amount) for amount in money), "amounts as people write them", money)
    with open (office.path ("export", "ydelser.csv"), "rb") as file:
        data = file.read ()
    tap.ok (b"\xe6" in data and b"\r" not in data and data.startswith (b'"Ydelsesnr";"'), "ISO-8859-1, semicolons, quotes, LF")
    for fault, value in (("encoding", "utf-8-sig"), ("separator", ","), ("extra-column", "1")):
        office.act ("fault", fault, value)
    office.act ("export")
    other = read (office, "export", "ydelser.csv", encoding="utf-8-sig", separator=",")
    tap.ok ([r["Ydelsesnr"] for r in other] == [r["Ydelsesnr"] for r in rows] and "Internt notat" in other[0], "after the office's computer changed it is the same list, a column more")
    office.act ("fault", "back")
    office.act ("edit-service", "0002", "Titel", "Mentor fra værftet")
    tap.same ([r["Titel"] for r in read (office, "export", "ydelser.csv")][1], "Mentor fra værftet", "a person's change is in the next list")
    office.act ("drop-service", "0001")
    tap.same (len (read (office, "export", "ydelser.csv")), 6, "a removed service is gone from it")


def a_referral_comes (tap, office):
    with open (office.path ("inbox", "bilag", "m-1-plan.pdf"), "wb") as file:
        file.write (b"%PDF plan")
    row = CASE | {"Linjenøgle": "m-1", "Bilag": "m-1-plan.pdf"}
    folder, receipt = put (office, "a.csv", [row])
    tap.same ((folder, [r["Resultat"] for r in receipt]), ("imported", ["indlæst"]), "a new line is read in")
    number = receipt[0]["Sagsnr"]
    case = office.show (number)
    tap.same ((case["phase"], case["client"]["name"], case["need"]["text"], case["need"]["wished_date"], case["service_title"], case["reference"]),
              ("received", "Tromøy Verksted", "Vil sende \"not\" til Skagen;\nmed told", "2027-03-01", "Kursus: told mellem EU og Norge", "KA-1"), "the case holds what came")
    tap.same ([(f["name"], f["media_type"], f["size"]) for f in case["attachments"]], [("m-1-plan.pdf", "application/pdf", 9)], "with its file")
    tap.ok (not os.listdir (office.path ("inbox", "bilag")), "which is gone from the inbox")
    folder, again = put (office, "b.csv", [row | {"Bilag": ""}])
    tap.same ((folder, again[0]["Resultat"], again[0]["Sagsnr"], len (office.show (number)["events"])), ("imported", "kendt", number, 1), "the same line again has no effect")
    return number


def refusals (tap, office, number):
    good = {"Linjenøgle": "x-0", "Linjetype": "Note", "Sagsnr": number, "Tekst": "Hej"}
    for name, rows, why in (("c.csv", [good, good | {"Linjenøgle": "x-1", "Linjetype": "Tull"}], "linje 3, kolonne Linjetype"),
                            ("d.csv", [good | {"Sagsnr": "VN-1"}], "ingen sag"), ("e.csv", [good | {"Bilag": "../x"}], "kolonne Bilag"),
                            ("f.csv", [good | {"Linjetype": "Afslag", "Årsagskode": "TRAVLT"}], "kolonne Årsagskode"),
                            ("g.csv", [good | {"Tidspunkt": "2026-11-23"}], "kolonne Tidspunkt"), ("h.csv", [good | {"Bilag": "er-ikke-der.pdf"}], "findes ikke")):
        folder, text = put (office, name, rows)
        tap.ok (folder == "rejected" and why in text, f"refused, with line and column: {why}", (folder, text))
    for name, data, why in (("i.csv", b'"Linjen', "linje"), ("j.csv", b"\xef\xbb\xbf\"a\"\n", "UTF-8"), ("k.csv", b'"a";"b"\n"1"\n', "1 felter, men 2 kolonner"),
                            ("l.csv", b'"a";"b"\n"1";"2"', "slutter")):
        folder, text = put_bytes (office, name, data)
        tap.ok (folder == "rejected" and why in text, f"not a whole file of the office's: {why}", (folder, text))
    tap.same (len (office.show (number)["events"]), 1, "nothing of a refused file is read in")


def people_act (tap, office, number):
    tap.ok ("not possible" in office.act ("start", number, fails=True), "no start before acceptance")
    tap.ok ("cannot hold" in office.act ("note", number, "Łódź €", fails=True), "the screens hold ISO-8859-1 only")
    office.act ("ask", number, "Hvad sender I?")
    put (office, "m.csv", [{"Linjenøgle": "m-2", "Linjetype": "Svar", "Sagsnr": number, "Spørgsmålsnr": "1", "Tekst": "Garn"}])
    for words in (("accept",), ("contacted", "--at", "2026-12-08T08:00:00Z", "--place", "Skagen"), ("start",), ("hold", "Venter"), ("resume",),
                  ("complete", "Færdig", "--outcome", "FUNDED")):
        office.act (words[0], number, *words[1:])
    seen = lines (office)
    tap.same ([row["Linjetype"] for row in seen], ["Spørgsmål", "Accept", "Kontaktet", "Start", "Pause", "Genoptaget", "Afsluttet"], "people's acts go out, what was read in does not")
    tap.ok (set (row["Linjetype"] for row in seen) <= set (re.findall (r"`([^`]+)`", kinds ())), "by the words of FORMAT.md")
    tap.same ([row["Linjenøgle"] for row in seen], [f"L{i:06}" for i in range (1, 8)], "with running numbers")
    tap.same ((seen[2]["Aftale tidspunkt"], seen[2]["Aftale sted"], seen[6]["Resultat"], seen[6]["Fremmed nøgle"]), ("08.12.2026 09:00:00", "Skagen", "Finansieret", "ref-1"),
              "local time, codes as words, the foreign key")
    tap.same (office.show (number)["questions"][0]["answer"], "Garn", "the answer stands at its question")


def kinds ():
    with open (os.path.join (SANDBOX, "office", "FORMAT.md"), encoding="utf-8") as file:
        return file.read ().split ("Kinds of lines:")[1].split ("```")[0]


def a_referral_goes_out (tap, office):
    put (office, "naboydelser-1.csv", [{"Nøgle": "agder/A-1", "Partner": "Aust-Agder fylkeskommune", "Titel": "Prøvestasjon", "Udgået": ""},
                                       {"Nøgle": "agder/A-2", "Partner": "Aust-Agder fylkeskommune", "Titel": "Gammel", "Udgået": ""}])
    put (office, "naboydelser-2.csv", [{"Nøgle": "agder/A-2", "Udgået": "Ja", "Titel": ""}])
    plan = office.path ("plan æ.txt")
    with open (plan, "w", encoding="utf-8") as file:
        file.write ("plan")
    number = office.act ("refer", "--service", "agder/A-1", "--client", "Sæby Bådeværft", "--need", "Vil prøve not", "--attach", plan)
    office.act ("refer", "--service", "agder/A-2", "--client", "X", "--need", "Y", fails=True)
    row = lines (office)[-1]
    tap.same ((row["Linjetype"], row["Sagsnr"], row["Ydelse nøgle"], row["Modtager"], row["Virksomhed"], row["Retsgrundlag"]),
              ("Ny henvisning", number, "agder/A-1", "Aust-Agder fylkeskommune", "Sæby Bådeværft", "Samtykke"), "a neighbour's service is picked; one off the list cannot be")
    tap.ok (os.path.exists (office.path ("outbox", "bilag", row["Bilag"])) and row["Bilag"].startswith (row["Linjenøgle"] + "-"), "its file is there, named after its line", row["Bilag"])
    put (office, "n.csv", [{"Linjenøgle": "m-3", "Linjetype": "Kvittering", "Sagsnr": number, "Fremmed nøgle": "ref-2", "Fremmed reference": "KA-2"}])
    put (office, "o.csv", [{"Linjenøgle": "m-4", "Linjetype": "Afslag", "Fremmed nøgle": "ref-2", "Årsagskode": "CAPACITY", "Niveau": "Regionalt", "Virkning": "Stoppet"}])
    case = office.show ("ref-2")
    tap.same ((case["number"], case["phase"], case["obstacle"], case["reference"]), (number, "declined", "CAPACITY", "KA-2"), "answers find the case by the key that the first one brought")


def faults_and_breaks (tap, office, number):
    office.act ("fault", "twice")
    office.act ("note", number, "Ring")
    names = office.names ("outbox", ".csv")[-2:]
    tap.same (*[[row["Linjenøgle"] for row in read (office, "outbox", name)] for name in names], "told twice: two files, one key")
    office.act ("fault", "fail")
    tap.same (put (office, "p.csv", [{"Linjenøgle": "m-5", "Linjetype": "Note", "Sagsnr": number}])[0], "rejected", "fail: the next file is refused")
    office.act ("fault", "away")
    office.act ("note", number, "Mens kontoret er lukket")
    before = len (lines (office))
    office.kill ()
    office.act ("fault", "back")
    office.start ()
    wait_for (lambda: len (lines (office)) == before + 1, "the line of the time away")
    tap.ok (True, "back after kill -9: the line that waited is written")


def erasing (tap, office, number):
    put (office, "q.csv", [{"Linjenøgle": "m-6", "Linjetype": "Samtykke trukket", "Sagsnr": number}])
    case = office.show (number)
    tap.ok (case["erased"] and not case["client"] and not case["attachments"] and case["phase"] == "revoked", "firm, persons, texts and files are gone", case)
    wait_for (lambda: not os.path.exists (office.path ("imported", "a.csv")), "the file read in for it is gone")
    with open (office.path ("sager.txt"), encoding="utf-8") as file:
        tap.ok ("Tromøy" not in file.read (), "the page no longer names the firm")


def test (tap, office):
    office.start ()
    wait_for (lambda: os.path.exists (office.path ("export", "ydelser.csv")), "ydelser.csv")
    lists_and_their_quirks (tap, office)
    number = a_referral_comes (tap, office)
    refusals (tap, office, number)
    people_act (tap, office, number)
    a_referral_goes_out (tap, office)
    faults_and_breaks (tap, office, number)
    erasing (tap, office, number)


if __name__ == "__main__":
    run (test, "office")
