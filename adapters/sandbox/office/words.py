"""
words - the office's Danish words for what the case book holds, and the columns of its lines.

COLUMNS is the table of FORMAT.md: column, where it comes from.  One table serves both ways.
"""
from datetime import datetime, timezone
from zoneinfo import ZoneInfo

ZONE = ZoneInfo ("Europe/Copenhagen")

STATUS = {
    "new": "Ny", "sent": "Sendt", "received": "Modtaget", "accepted": "Accepteret", "in_progress": "I gang",
    "on_hold": "Pause", "completed": "Afsluttet", "declined": "Afslået", "redirected": "Henvist videre",
    "withdrawn": "Trukket tilbage", "expired": "Frist udløbet", "failed": "Mislykket", "revoked": "Samtykke trukket",
    "in_error": "Fejlregistreret",
}
KINDS = {
    "refer": "Ny henvisning", "receipt": "Kvittering", "accept": "Accept", "decline": "Afslag",
    "redirect": "Henvist videre", "ask": "Spørgsmål", "answer": "Svar", "start": "Start", "hold": "Pause",
    "resume": "Genoptaget", "complete": "Afsluttet", "fail": "Mislykket", "reopen": "Genåbnet",
    "withdraw": "Tilbagetrukket", "withdraw_wish": "Ønske om tilbagetrækning", "revoke": "Samtykke trukket",
    "expire": "Frist udløbet", "mark_error": "Fejlregistreret", "contacted": "Kontaktet", "remind": "Påmindelse",
    "note": "Note",
}
LEVEL = {"LOCAL": "Lokalt", "REGIONAL": "Regionalt", "NATIONAL": "Nationalt", "EU": "EU"}
EFFECT = {"STOPPED": "Stoppet", "DELAYED": "Forsinket", "DEARER": "Fordyret", "WORKED_AROUND": "Omgået"}
OUTCOME = {"SOLVED": "Løst", "PARTLY": "Delvist løst", "FUNDED": "Finansieret", "ADVISED": "Rådgivet",
           "NOT_PURSUED": "Ikke forfulgt", "REFERRED_ON": "Henvist videre"}
BASIS = {"CONSENT": "Samtykke", "CONTRACT": "Kontrakt", "OBLIGATION": "Retlig forpligtelse",
         "PUBLIC_TASK": "Offentlig opgave"}
URGENCY = {"low": "Lav", "normal": "Normal", "high": "Høj"}
STAGE = {"idea": "Idé", "startup": "Opstart", "growth": "Vækst", "established": "Etableret"}

# column -> (part of the content, member, form); only with a new case
CONTENT = {
    "Virksomhed": ("client", "name", None), "Land": ("client", "country", None), "CVR/Orgnr": ("client", "number", None),
    "Adresse": ("client", "address", None), "Postnr": ("client", "postcode", None),
    "Kommune": ("client", "municipality", None), "Branchekoder": ("client", "nace", "list"),
    "Branchekodeversion": ("client", "nace_version", None), "Ansatte": ("client", "employees", None),
    "Fase": ("client", "stage", STAGE), "Kontaktperson": ("contact", "name", None),
    "Telefon": ("contact", "telephone", None), "Mail": ("contact", "mail", None), "Sprog": ("contact", "language", None),
    "Behov": ("need", "text", None), "Behov sprog": ("need", "language", None), "Temaer": ("need", "themes", "list"),
    "Forsøgt": ("need", "tried", None), "Hast": ("need", "urgency", URGENCY), "Ønsket dato": ("need", "wished_date", "date"),
    "Retsgrundlag": ("basis", "code", BASIS), "Givet af": ("basis", "given_by", None),
    "Givet den": ("basis", "given_on", "date"), "Hvordan": ("basis", "how", None), "Formål": ("basis", "purpose", None),
}
PERSON = {"Medarbejder": "name", "Medarbejder telefon": "telephone", "Medarbejder mail": "mail"}
# column -> (code of the event, form)
CODES = {
    "Spørgsmålsnr": ("question", "number"), "Årsagskode": ("obstacle", None), "Niveau": ("level", LEVEL),
    "Virkning": ("effect", EFFECT), "Resultat": ("outcome", OUTCOME), "Foreslået modtager": ("suggested", None),
    "Fremmed sagsnr": ("partner_case", None),
}
HEAD = ["Linjenøgle", "Linjetype", "Tidspunkt", "Sagsnr", "Fremmed nøgle", "Fremmed reference", "Afsender", "Modtager",
        "Fremmed sagsnr", "Medarbejder", "Medarbejder telefon", "Medarbejder mail", "Ydelse nøgle", "Ydelse"]
TAIL = ["Spørgsmålsnr", "Årsagskode", "Niveau", "Virkning", "Resultat", "Foreslået modtager", "Aftale tidspunkt",
        "Aftale sted", "Tekst", "Bilag"]
COLUMNS = HEAD + list (CONTENT) + TAIL


class Unreadable (Exception):
    """What is wrong with the field."""


def date_out (text):
    """2026-11-23 -> 23.11.2026; anything else as it is."""
    parts = text.split ("-")
    return ".".join (reversed (parts)) if len (parts) == 3 else text


def time_out (text):
    """RFC 3339 -> Danish local time without a zone."""
    return datetime.fromisoformat (text.replace ("Z", "+00:00")).astimezone (ZONE).strftime ("%d.%m.%Y %H:%M:%S")


def time_in (text):
    try:
        local = datetime.strptime (text, "%d.%m.%Y %H:%M:%S").replace (tzinfo=ZONE)
    except ValueError:
        raise Unreadable (f"{text!r} er ikke et tidspunkt (dd.mm.åååå tt:mm:ss)") from None
    return local.astimezone (timezone.utc).strftime ("%Y-%m-%dT%H:%M:%SZ")


def shown (value, form):
    """A value of the case book as the field's text."""
    if not value:
        return ""
    if form == "list":
        return ", ".join (value)
    if form == "date":
        return date_out (value)
    return form.get (value, value) if isinstance (form, dict) else str (value)


def taken (text, form):
    """The field's text as a value of the case book."""
    if form == "list":
        return [word.strip () for word in text.split (",") if word.strip ()]
    if form == "number":
        if not text.isdigit () or not 0 < int (text) < 10000:
            raise Unreadable (f"{text!r} er ikke et nummer")
        return int (text)
    if form == "date":
        try:
            return datetime.strptime (text, "%d.%m.%Y").strftime ("%Y-%m-%d")
        except ValueError:
            raise Unreadable (f"{text!r} er ikke en dato (dd.mm.åååå)") from None
    if isinstance (form, dict):
        for code, word in form.items ():
            if word == text:
                return code
        raise Unreadable (f"{text!r} er ikke et af {', '.join (form.values ())}")
    return text
