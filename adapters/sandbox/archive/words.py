"""
words - the archive's Norwegian words for what the case book holds, and the elements of its form.

FORM is the form of FORMAT.md in the order of its elements.  One table serves both ways.
"""
from collections import namedtuple
from datetime import datetime
from zoneinfo import ZoneInfo

ZONE = ZoneInfo ("Europe/Oslo")

PHASE = {
    "new": "ny", "sent": "oversendt", "received": "mottatt", "accepted": "godtatt", "in_progress": "paabegynt",
    "on_hold": "paa vent", "completed": "avsluttet", "declined": "avslått", "redirected": "omdirigert",
    "withdrawn": "trukket", "expired": "utløpt", "failed": "mislykket", "revoked": "samtykke trukket",
    "in_error": "feilregistrert",
}
ENDED = ("completed", "declined", "redirected", "withdrawn", "expired", "failed", "revoked", "in_error")

Action = namedtuple ("Action", "word title")

# kind of an event -> its word in the form, and the title of its registry entry
ACTIONS = {
    "refer": Action ("oversendelse", "Oversendelse"), "receipt": Action ("mottakskvittering", "Mottakskvittering"),
    "accept": Action ("godtatt", "Henvisningen er godtatt"), "decline": Action ("avslag", "Avslag på henvisning"),
    "redirect": Action ("omdirigert", "Annen mottaker foreslått"), "ask": Action ("sporsmaal", "Spørsmål"),
    "answer": Action ("svar", "Svar på spørsmål"), "start": Action ("paabegynt", "Arbeidet er påbegynt"),
    "hold": Action ("paa-vent", "Satt på vent"), "resume": Action ("gjenopptatt", "Gjenopptatt"),
    "complete": Action ("avsluttet", "Avsluttet"), "fail": Action ("mislykket", "Mislykket"),
    "reopen": Action ("gjenaapnet", "Gjenåpnet"), "withdraw": Action ("trukket", "Trukket tilbake"),
    "withdraw_wish": Action ("oensker-trukket", "Ønske om å trekke henvisningen"),
    "revoke": Action ("samtykke-trukket", "Samtykket er trukket"), "expire": Action ("frist-utloept", "Svarfristen er ute"),
    "mark_error": Action ("feilregistrert", "Feilregistrert"), "contacted": Action ("kontakt", "Virksomheten er kontaktet"),
    "remind": Action ("paaminnelse", "Påminnelse"), "note": Action ("merknad", "Merknad"),
    "correct": Action ("rettelse", "Rettelse"),
}
KIND_OF = {action.word: kind for kind, action in ACTIONS.items ()}

BASIS = {"CONSENT": "samtykke", "CONTRACT": "avtale", "OBLIGATION": "rettslig forpliktelse",
         "PUBLIC_TASK": "offentlig oppgave"}
URGENCY = {"low": "lav", "normal": "normal", "high": "høy"}
STAGE = {"idea": "idé", "startup": "oppstart", "growth": "vekst", "established": "etablert"}
OUTCOME = {"SOLVED": "løst", "PARTLY": "delvis løst", "FUNDED": "finansiert", "ADVISED": "rådgitt",
           "NOT_PURSUED": "ikke forfulgt", "REFERRED_ON": "henvist videre"}

# element -> (part of the content, {element: (member, words)}); a list is marked by []
CONTENT = {
    "virksomhet": ("client", {
        "navn": ("name", None), "land": ("country", None), "organisasjonsnummer": ("number", None),
        "adresse": ("address", None), "postnummer": ("postcode", None), "kommune": ("municipality", None),
        "naeringskode[]": ("nace", None), "naeringskodeversjon": ("nace_version", None), "ansatte": ("employees", None),
        "fase": ("stage", STAGE)}),
    "kontaktperson": ("contact", {
        "navn": ("name", None), "telefon": ("telephone", None), "epost": ("mail", None), "maalform": ("language", None)}),
    "behov": ("need", {
        "beskrivelse": ("text", None), "maalform": ("language", None), "tema[]": ("themes", None),
        "forsoekt": ("tried", None), "hast": ("urgency", URGENCY), "oensketDato": ("wished_date", None)}),
    "rettsgrunnlag": ("basis", {
        "type": ("code", BASIS), "gittAv": ("given_by", None), "gittDato": ("given_on", None), "maate": ("how", None),
        "formaal": ("purpose", None)}),
}
PERSON = {"navn": ("name", None), "telefon": ("telephone", None), "epost": ("mail", None)}
OBSTACLE = {"kode": "obstacle", "nivaa": "level", "virkning": "effect"}


def local (text):
    """A stored UTC time as RFC 3339 in Norwegian local time, without fractions."""
    return moment (text).isoformat (timespec="seconds")


def moment (text):
    return datetime.fromisoformat (text.replace ("Z", "+00:00")).astimezone (ZONE)


def day (text):
    return moment (text).strftime ("%Y-%m-%d")
