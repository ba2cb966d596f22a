"""
form - the archive's XML: elements by short names, the form s:skjema from and to the case book.

Reading is strict about what the archive would file under a wrong heading (a word that is on no
list, an element twice) and passes over elements it does not know.
"""
import re
import xml.etree.ElementTree as ET

from common import workflow

from . import words

SPACES = {"n5": "http://www.arkivverket.no/standarder/noark5/arkivstruktur", "s": "urn:sak-og-arkiv:skjema:1"}
for _prefix, _space in SPACES.items ():
    ET.register_namespace (_prefix, _space)
MAX_BYTES = 4 * 1024 * 1024


class Unfit (Exception):
    """What is wrong, and where; the file is refused as a whole."""


# ---------------------------------------------------------------- elements
def name (short):
    prefix, local = short.split (":")
    return f"{{{SPACES[prefix]}}}{local}"


def add (parent, short, text=None):
    """An element; None where a text was given and is empty."""
    if text is not None and not str (text):
        return None
    child = ET.SubElement (parent, name (short)) if parent is not None else ET.Element (name (short))
    if text is not None:
        child.text = str (text)
    return child


def parse (data):
    if len (data) > MAX_BYTES:
        raise Unfit (f"filen er større enn {MAX_BYTES} byte")
    if re.search (rb"<!(DOCTYPE|ENTITY)", data):
        raise Unfit ("dokumenttypedeklarasjon er ikke tillatt")
    try:
        return ET.fromstring (data)
    except ET.ParseError as error:
        raise Unfit (f"ikke velformet XML: {error}") from None


def serialise (root):
    ET.indent (root)
    return ET.tostring (root, encoding="UTF-8", xml_declaration=True) + b"\n"


def one (parent, short):
    """The only child of that name, or None."""
    found = [] if parent is None else parent.findall (name (short))
    if len (found) > 1:
        raise Unfit (f"{short} står {len (found)} ganger")
    return found[0] if found else None


def text_of (parent, short):
    child = one (parent, short)
    return "" if child is None else (child.text or "").strip ()


def coded (word, table, short):
    """The code whose word this is; None for no word."""
    if not word:
        return None
    for code, known in table.items ():
        if known == word:
            return code
    raise Unfit (f"{short}: {word!r} er ikke blant {', '.join (table.values ())}")


# ---------------------------------------------------------------- the form, going out
def write_form (parent, event, case, external_key):
    skjema = add (parent, "s:skjema")
    codes = event["codes"]
    add (skjema, "s:handling", words.ACTIONS[event["kind"]].word)
    add (skjema, "s:eksternNoekkel", external_key or "")
    add (skjema, "s:tekst", event["text"] or "")
    _write_part (skjema, "saksbehandler", words.PERSON, event["author"])
    if event["kind"] == "refer":
        for element, (part, members) in words.CONTENT.items ():
            _write_part (skjema, element, members, case["content"].get (part))
    if event["kind"] == "refer" and case["service_key"]:
        service = add (skjema, "s:tjeneste")
        add (service, "s:identifikator", case["service_key"])
        add (service, "s:navn", (case["service"] or {}).get ("title", ""))
    if codes.get ("obstacle"):
        obstacle = add (skjema, "s:hindring")
        for element, code in words.OBSTACLE.items ():
            add (obstacle, "s:" + element, codes.get (code, ""))
    add (skjema, "s:resultat", words.OUTCOME.get (codes.get ("outcome"), ""))
    add (skjema, "s:sporsmaalsnummer", codes.get ("question", ""))
    add (skjema, "s:foreslaattMottaker", codes.get ("suggested", ""))
    if event["appointment"]:
        appointment = add (skjema, "s:avtale")
        add (appointment, "s:tidspunkt", event["appointment"].get ("at", ""))
        add (appointment, "s:sted", event["appointment"].get ("place", ""))


def _write_part (skjema, element, members, values):
    values = {member: value for member, value in (values or {}).items () if value}
    if not values:
        return
    part = add (skjema, "s:" + element)
    for short, (member, table) in members.items ():
        value = values.get (member, "")
        for text in value if isinstance (value, list) else [value]:
            add (part, "s:" + short.removesuffix ("[]"), table.get (text, text) if table else text)


# ---------------------------------------------------------------- the form, coming in
def read_form (skjema):
    """(kind, key, arguments of System.record, content, service key)"""
    kind = words.KIND_OF.get (text_of (skjema, "s:handling"))
    if kind is None:
        raise Unfit (f"s:handling: {text_of (skjema, 's:handling')!r} er ikke en handling")
    key = text_of (skjema, "s:eksternNoekkel")
    if not key:
        raise Unfit ("s:eksternNoekkel: mangler i skjemaet")
    event = {"text": text_of (skjema, "s:tekst"), "author": _read_part (skjema, "saksbehandler", words.PERSON)}
    event |= _read_codes (skjema)
    appointment = one (skjema, "s:avtale")
    if appointment is not None:
        event["appointment"] = {"at": text_of (appointment, "s:tidspunkt"), "place": text_of (appointment, "s:sted")}
    content = {part: _read_part (skjema, element, members) for element, (part, members) in words.CONTENT.items ()}
    return kind, key, event, content, text_of (one (skjema, "s:tjeneste"), "s:identifikator")


def _read_codes (skjema):
    obstacle = one (skjema, "s:hindring")
    codes = {code: text_of (obstacle, "s:" + element) or None for element, code in words.OBSTACLE.items ()}
    for code, known in (("obstacle", workflow.OBSTACLES), ("level", workflow.LEVELS), ("effect", workflow.EFFECTS)):
        if codes[code] and codes[code] not in known:
            raise Unfit (f"s:hindring: {codes[code]!r} er ikke på regionens liste")
    codes["outcome"] = coded (text_of (skjema, "s:resultat"), words.OUTCOME, "s:resultat")
    codes["suggested"] = text_of (skjema, "s:foreslaattMottaker") or None
    number = text_of (skjema, "s:sporsmaalsnummer")
    if number and not (number.isdigit () and 0 < int (number) < 10000):
        raise Unfit (f"s:sporsmaalsnummer: {number!r} er ikke et nummer")
    return codes | {"question": int (number) if number else None}


def _read_part (skjema, element, members):
    part, values = one (skjema, "s:" + element), {}
    for short, (member, table) in members.items () if part is not None else ():
        if short.endswith ("[]"):
            found = part.findall (name ("s:" + short.removesuffix ("[]")))
            values[member] = [(child.text or "").strip () for child in found if (child.text or "").strip ()]
            continue
        word = text_of (part, "s:" + short)
        values[member] = coded (word, table, f"s:{element}/s:{short}") if table else word
    return {member: value for member, value in values.items () if value}
