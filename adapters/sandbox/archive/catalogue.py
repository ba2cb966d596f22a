"""
catalogue - the county's own services as Turtle in CPSV-AP-NO's terms, and other bodies' services read in.
"""
from common import files

from .form import Unfit

BASE = "https://fylke.example/"
EU = "http://publications.europa.eu/resource/authority/"
PREFIXES = {
    "adms": "http://www.w3.org/ns/adms#", "cpsv": "http://purl.org/vocab/cpsv#", "cv": "http://data.europa.eu/m8g/",
    "dcat": "http://www.w3.org/ns/dcat#", "dcatno": "https://data.norge.no/vocabulary/dcatno#",
    "dct": "http://purl.org/dc/terms/", "foaf": "http://xmlns.com/foaf/0.1/", "locn": "http://www.w3.org/ns/locn#",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#", "schema": "http://schema.org/",
    "skos": "http://www.w3.org/2004/02/skos/core#", "vcard": "http://www.w3.org/2006/vcard/ns#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
LANGUAGE = {"nb": "NOB", "nn": "NNO", "en": "ENG", "da": "DAN", "sv": "SWE"}
# the languages that a case worker reads, best first
READ = ("nb", "nn", "da", "sv", "en")
ESCAPES = str.maketrans ({"\\": "\\\\", '"': '\\"', "\r": "\\r"})


# ---------------------------------------------------------------- own services, going out
def write_own (system):
    """The whole list; what is not in it is no longer given."""
    seed = system.seed_file ("seed.json")
    services = [row["body"] for row in system.book.listed ("services", order="key")]
    lines = [f"@prefix {prefix}: <{iri}> ." for prefix, iri in PREFIXES.items ()]
    lines.append (resource ("katalog", "dcat:Catalog", [
        ("dct:title", texts (seed["catalogue"]["title"])), ("dct:description", texts (seed["catalogue"]["description"])),
        ("dct:identifier", [typed (BASE + "katalog", "anyURI")]), ("dct:publisher", own (["organisasjon/fylke"])),
        ("dcatno:containsService", own (service["path"] for service in services))]))
    lines += [service_resource (service) for service in services]
    lines += [other_resource (path, thing) for path, thing in seed["resources"].items ()]
    files.write_whole (system.path ("tjenester", "katalog.ttl"), "\n".join (lines))


def service_resource (service):
    return resource (service["path"], "cpsv:PublicService", [
        ("dct:identifier", [text (service["identifier"])]), ("dct:title", texts (service["title"])),
        ("dct:description", texts (service["description"])), ("cv:hasCompetentAuthority", own ([service["authority"]])),
        ("dct:type", own ([service["type"]])), ("cv:thematicArea", own (service["themes"])),
        ("cv:sector", iris (f"http://data.europa.eu/ux2/nace2/{code}" for code in service["nace"])),
        ("dct:language", iris (f"{EU}language/{LANGUAGE[code]}" for code in service["languages"])),
        ("cv:hasChannel", own (service["channels"])), ("cv:hasCost", own (service["costs"])),
        ("dct:spatial", iris (service["areas"])), ("cv:holdsRequirement", own (service["requirements"])),
        ("cpsv:produces", own (service["outputs"])), ("cv:contactPoint", own ([service["contact"]])),
        ("foaf:homepage", iris ([service["homepage"]] if service["homepage"] else [])),
        ("adms:status", iris ([f"http://purl.org/adms/status/{service['status']}"])),
        ("dcat:keyword", texts (service["keywords"])), ("dct:modified", [typed (service["modified"], "date")])])


def other_resource (path, thing):
    """What services refer to; a value is by its shape text, texts in languages, or written Turtle."""
    pairs = [(name, texts (value) if isinstance (value, dict) else value if isinstance (value, list) else [text (value)])
             for name, value in thing.items () if name != "a"]
    return resource (path, thing["a"], pairs)


def resource (path, kind, pairs):
    lines = [f"<{BASE}{path}>", f"   rdf:type {kind}"]
    lines += [f"   {name} " + ",\n       ".join (values) for name, values in pairs if values]
    return "\n" + lines[0] + "\n" + ";\n".join (lines[1:]) + ";\n   ."


def text (value):
    return '"""' + value.translate (ESCAPES) + '"""'


def texts (by_language):
    return [f"{text (value)}@{language}" for language, value in by_language.items ()]


def typed (value, kind):
    return f'"{value}"^^xsd:{kind}'


def iris (values):
    return [f"<{value}>" for value in values]


def own (paths):
    return iris (BASE + path for path in paths)


# ---------------------------------------------------------------- neighbours' services, coming in
def take_in (system, data, _receipt):
    """All services of one file, or none."""
    import rdflib                      # slow to load, and only needed here
    graph = rdflib.Graph ()
    try:
        graph.parse (data=data.decode ("utf-8"), format="turtle")
    except Exception as error:         # the parser raises whatever it stumbles on
        reason = str (error).split ("\n")[0]
        raise Unfit (f"ikke Turtle: {reason}") from None
    reader = _Reader (rdflib, graph)
    for subject in sorted (reader.subjects ()):
        key = reader.text (subject, "dct:identifier")
        if not key:
            raise Unfit (f"{subject}: en tjeneste uten dct:identifier")
        if reader.text (subject, "adms:status").endswith ("/Withdrawn"):
            system.book.drop_listed ("neighbours", key)
        else:
            system.book.put_listed ("neighbours", key, reader.neighbour (subject, key))
    return []


class _Reader:
    """Property values of a graph as plain text."""

    def __init__ (self, rdflib, graph):
        self.graph = graph
        self.iri = lambda short: rdflib.URIRef (PREFIXES[short.split (":")[0]] + short.split (":")[1])

    def subjects (self):
        return set (self.graph.subjects (self.iri ("rdf:type"), self.iri ("cpsv:PublicService")))

    def text (self, subject, *names):
        """The value of the first property that has one, in the language that is read best."""
        for name in names:
            values = sorted (self.graph.objects (subject, self.iri (name)), key=self.rank)
            if values:
                return str (values[0]).strip ()
        return ""

    @staticmethod
    def rank (value):
        language = getattr (value, "language", None)
        return READ.index (language) if language in READ else len (READ), str (value)

    def named (self, subject, name):
        """What the resource is called that the property refers to."""
        for value in sorted (self.graph.objects (subject, self.iri (name))):
            return self.text (value, "dct:title", "skos:prefLabel")
        return ""

    def neighbour (self, subject, key):
        title = self.text (subject, "dct:title")
        if not title:
            raise Unfit (f"{key}: en tjeneste uten dct:title")
        return {"title": title, "description": self.text (subject, "dct:description"),
                "provider_name": self.named (subject, "cv:hasCompetentAuthority"),
                "partner": self.named (subject, "dct:publisher"), "category": self.text (subject, "dct:type"),
                "link": self.text (subject, "foaf:homepage"), "status": self.text (subject, "adms:status")}
