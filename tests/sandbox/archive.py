#!/usr/bin/python3
"""The archive's stand-in keeps what adapters/sandbox/archive/FORMAT.md says."""
import hashlib
import os
import sys
import xml.etree.ElementTree as ET

sys.dont_write_bytecode = True
sys.path.insert (0, os.path.dirname (os.path.abspath (__file__)))

from tap import run, wait_for

N5 = "{http://www.arkivverket.no/standarder/noark5/arkivstruktur}"
S = "{urn:sak-og-arkiv:skjema:1}"
HEAD = ('<s:innlevering xmlns:n5="http://www.arkivverket.no/standarder/noark5/arkivstruktur" '
        'xmlns:s="urn:sak-og-arkiv:skjema:1"><s:sak>{sak}</s:sak>{posts}</s:innlevering>')
POST = ("<n5:journalpost>{extra}<n5:virksomhetsspesifikkeMetadata><s:skjema><s:handling>{kind}</s:handling>"
        "<s:eksternNoekkel>{key}</s:eksternNoekkel>{form}</s:skjema></n5:virksomhetsspesifikkeMetadata></n5:journalpost>")
CLIENT = ("<s:virksomhet><s:navn>Sæby Bådeværft</s:navn><s:land>DK</s:land></s:virksomhet>"
          "<s:behov><s:beskrivelse>Vil teste not i sjø</s:beskrivelse></s:behov>"
          "<s:tjeneste><s:identifikator>AAF-03</s:identifikator></s:tjeneste>")


def deliver (archive, name, sak, *posts):
    """Put a delivery into inn/ and give its receipt: (folder, root)."""
    place = archive.path ("inn", name)
    with open (place + ".tmp", "w", encoding="utf-8") as file:
        file.write (HEAD.format (sak=sak, posts="".join (posts)))
    os.replace (place + ".tmp", place)
    return receipt (archive, name)


def receipt (archive, name):
    def found ():
        for folder in ("registrert", "avvist"):
            if not os.path.exists (archive.path ("inn", name)):
                path = archive.path ("inn", folder, name + ".kvittering.xml")
                if os.path.exists (path):
                    return folder, ET.parse (path).getroot ()
        return None
    return wait_for (found, f"receipt of {name}")


def post (kind, key, form="", extra=""):
    return POST.format (kind=kind, key=key, form=form, extra=extra)


def result (root):
    return [element.text for element in root.iter (S + "resultat")]


def outgoing (archive):
    return [ET.parse (archive.path ("ut", name)).getroot () for name in archive.names ("ut", ".xml")]


def incoming_life (tap, archive):
    folder, root = deliver (archive, "a.xml", "<s:eksternNoekkel>ref-1</s:eksternNoekkel><s:eksternReferanse>KA-1</s:eksternReferanse>"
                            "<s:motpart>Væksthus Nordjylland</s:motpart>", post ("oversendelse", "m-1", CLIENT))
    tap.same ((folder, result (root)), ("registrert", ["registrert"]), "a new key opens a case")
    number = root.find (f".//{S}mappeID").text
    case = archive.show (number)
    tap.same ((case["direction"], case["phase"], case["reference"], case["service_title"], case["client"]["name"]),
              ("incoming", "received", "KA-1", "Prøvestasjon for fôr og merder", "Sæby Bådeværft"), "the case holds what came")
    folder, root = deliver (archive, "b.xml", "<s:eksternNoekkel>ref-1</s:eksternNoekkel>", post ("oversendelse", "m-1", CLIENT))
    tap.same ((folder, result (root)), ("registrert", ["fantes"]), "the same key again is found, not registered")
    archive.act ("ask", number, "Hvor stor er noten?")
    deliver (archive, "c.xml", f"<n5:mappeID>{number}</n5:mappeID>",
             post ("svar", "m-2", "<s:tekst>12 meter</s:tekst><s:sporsmaalsnummer>1</s:sporsmaalsnummer>"))
    for words in (("accept",), ("start",), ("hold", "Venter på tillatelse"), ("resume",), ("contacted", "--at", "2026-12-01T09:00:00Z"),
                  ("complete", "Ferdig", "--outcome", "SOLVED"), ("reopen", "Rapporten mangler"),
                  ("complete", "Ferdig", "--outcome", "PARTLY")):
        archive.act (words[0], number, *words[1:])
    archive.act ("accept", number, fails=True)
    case = archive.show (number)
    tap.same ([event["kind"] for event in case["events"]],
              ["refer", "ask", "answer", "accept", "start", "hold", "resume", "contacted", "complete", "reopen", "complete"],
              "a case worker's acts and the answer are all registered")
    tap.same (case["questions"][0]["answer"], "12 meter", "the answer stands at its question")
    said = [root.find (f".//{S}handling").text for root in outgoing (archive)]
    tap.same (said, ["sporsmaal", "godtatt", "paabegynt", "paa-vent", "gjenopptatt", "kontakt", "avsluttet", "gjenaapnet", "avsluttet"],
              "what was received does not go out again")
    journal = [int (event["journal"].split ("/")[1]) for event in case["events"]]
    tap.same (journal, list (range (1, len (journal) + 1)), "journal numbers have no gaps")
    return number


def refusals (tap, archive, number):
    for name, sak, what, why in (
            ("d.xml", f"<n5:mappeID>{number}</n5:mappeID>", post ("merknad", "x-1", extra=f"<n5:registreringsID>{number}-1</n5:registreringsID>"), "kan ikke endres"),
            ("e.xml", "<s:eksternNoekkel>ukjent</s:eksternNoekkel>", post ("godtatt", "x-2"), "ingen sak"),
            ("f.xml", f"<n5:mappeID>{number}</n5:mappeID>", post ("merknad", "x-3") + post ("tull", "x-4"), "journalpost 2"),
            ("g.xml", f"<n5:mappeID>{number}</n5:mappeID><s:eksternNoekkel>annen</s:eksternNoekkel>", post ("merknad", "x-5"), "annen nøkkel")):
        folder, root = deliver (archive, name, sak, what)
        text = root.findtext (S + "feil") or ""
        tap.ok (folder == "avvist" and why in text, f"refused with its reason: {why}", (folder, text))
    tap.same (len (archive.show (number)["events"]), 11, "nothing of a refused file is registered")


def corrections_and_documents (tap, archive, number):
    with open (archive.path ("inn", "dokumenter", "plan.txt"), "wb") as file:
        file.write (b"plan")
    document = ("<n5:dokumentbeskrivelse><n5:tittel>plan.txt</n5:tittel><n5:dokumentobjekt><n5:format>text/plain</n5:format>"
                "<n5:referanseDokumentfil>dokumenter/plan.txt</n5:referanseDokumentfil><n5:sjekksum>{}</n5:sjekksum>"
                "</n5:dokumentobjekt></n5:dokumentbeskrivelse>")
    sak = f"<n5:mappeID>{number}</n5:mappeID>"
    folder, root = deliver (archive, "h.xml", sak, post ("merknad", "m-3", extra=document.format ("00")))
    tap.ok (folder == "avvist" and "sjekksum" in root.findtext (S + "feil"), "a document with another checksum is refused")
    deliver (archive, "i.xml", sak, post ("merknad", "m-3", extra=document.format (hashlib.sha256 (b"plan").hexdigest ())),
             post ("rettelse", "m-4", "<s:tekst>Gjaldt ikke</s:tekst>",
                   f"<n5:referanseTilRegistrering>{number}-4</n5:referanseTilRegistrering>"))
    case = archive.show (number)
    tap.same ([file["name"] for file in case["attachments"]], ["plan.txt"], "a document is taken in")
    tap.same (case["events"][-1]["corrects"], f"{number}-4", "a correction points to what it corrects")
    tap.ok (not os.path.exists (archive.path ("inn", "dokumenter", "plan.txt")), "its file is gone from inn/dokumenter")


def faults_and_breaks (tap, archive, number):
    archive.act ("fault", "twice")
    archive.act ("note", number, "Ring meg")
    same = [root.findtext (f"{N5}journalpost/{N5}systemID") for root in outgoing (archive)][-2:]
    tap.same (same[0], same[1], "told twice: two files, one systemID")
    archive.act ("fault", "fail")
    folder, _ = deliver (archive, "j.xml", f"<n5:mappeID>{number}</n5:mappeID>", post ("merknad", "m-5"))
    tap.same (folder, "avvist", "fail: the next file is refused")
    archive.act ("fault", "away")
    archive.act ("note", number, "Mens arkivet er borte")
    before = len (archive.names ("ut", ".xml"))
    archive.kill ()
    archive.act ("fault", "back")
    archive.start ()
    wait_for (lambda: len (archive.names ("ut", ".xml")) == before + 1, "entry of the time away")
    tap.ok (True, "back after kill -9: the entry that waited is written")


def erasing (tap, archive, number):
    deliver (archive, "k.xml", f"<n5:mappeID>{number}</n5:mappeID>", post ("samtykke-trukket", "m-6"))
    case = archive.show (number)
    tap.ok (case["erased"] and not case["client"] and not case["attachments"] and case["phase"] == "revoked",
            "disposal removes the firm, persons and documents", case)
    tap.same (len (case["events"]), 16, "the entries themselves stay")
    wait_for (lambda: "a.xml" not in archive.names ("inn/registrert", ".xml"), "the delivered file is disposed of")
    tap.ok (True, "and so is what was delivered")
    with open (archive.path ("saker.txt"), encoding="utf-8") as file:
        tap.ok ("Sæby" not in file.read (), "the page no longer names the firm")


def outgoing_life (tap, archive):
    catalogue = ('@prefix cpsv: <http://purl.org/vocab/cpsv#> . @prefix dct: <http://purl.org/dc/terms/> .\n'
                 '<urn:x> a cpsv:PublicService ; dct:identifier "huset/EN-1" ; dct:title "Eksportsparring"@da ; dct:publisher <urn:p> .\n'
                 '<urn:p> dct:title "Erhvervshus Nord"@da .\n')
    for name, text in (("god.ttl", catalogue), ("daarlig.ttl", catalogue.replace ("@da ;", "@da"))):
        with open (archive.path ("inn", "katalog", name), "w", encoding="utf-8") as file:
            file.write (text)
    wait_for (lambda: "god.ttl" in archive.names ("inn/registrert", ".ttl") and "daarlig.ttl" in archive.names ("inn/avvist", ".ttl"),
              "the catalogue files")
    number = archive.act ("refer", "--service", "huset/EN-1", "--client", "Agder Merd AS", "--need", "Agent i Danmark")
    root = outgoing (archive)[-1]
    tap.same ((root.findtext (f".//{S}identifikator"), root.findtext (f".//{S}motpart")), ("huset/EN-1", "Erhvervshus Nord"),
              "a neighbour's service is picked and its publisher is the receiver")
    sak = f"<n5:mappeID>{number}</n5:mappeID><s:eksternNoekkel>ref-2</s:eksternNoekkel><s:eksternReferanse>KA-2</s:eksternReferanse>"
    deliver (archive, "l.xml", sak, post ("mottakskvittering", "n-1"))
    deliver (archive, "m.xml", sak, post ("sporsmaal", "n-2", "<s:tekst>Hvilken vare?</s:tekst><s:sporsmaalsnummer>1</s:sporsmaalsnummer>"))
    archive.act ("answer", number, "Merder")
    deliver (archive, "n.xml", sak, post ("godtatt", "n-3"))
    archive.act ("withdraw", number)
    case = archive.show (number)
    tap.ok (case["withdrawal_wish"] and case["phase"] == "accepted" and case["reference"] == "KA-2",
            "after acceptance a withdrawal is a wish", case)
    deliver (archive, "o.xml", sak, post ("trukket", "n-4"))
    tap.same (archive.show ("ref-2")["phase"], "withdrawn", "and the other side ends it")


def test (tap, archive):
    archive.start ()
    wait_for (lambda: os.path.exists (archive.path ("tjenester", "katalog.ttl")), "katalog.ttl")
    number = incoming_life (tap, archive)
    refusals (tap, archive, number)
    corrections_and_documents (tap, archive, number)
    faults_and_breaks (tap, archive, number)
    erasing (tap, archive, number)
    outgoing_life (tap, archive)


if __name__ == "__main__":
    run (test, "archive")
