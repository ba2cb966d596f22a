# archive - the case and archive system's words and the shape of its XML.
include "words";

def archive_actions:
  {"SEND": "oversendelse", "RECEIPT": "mottakskvittering", "ACCEPT": "godtatt", "DECLINE": "avslag", "REDIRECT": "omdirigert", "ASK": "sporsmaal",
   "ANSWER": "svar", "START": "paabegynt", "HOLD": "paa-vent", "RESUME": "gjenopptatt", "COMPLETE": "avsluttet", "FAIL": "mislykket",
   "REOPEN": "gjenaapnet", "WITHDRAW": "trukket", "WISH": "oensker-trukket", "REVOKE": "samtykke-trukket", "EXPIRE": "frist-utloept",
   "MARK_ERROR": "feilregistrert", "CONTACTED": "kontakt", "REMIND": "paaminnelse", "NOTE": "merknad", "CORRECTION": "rettelse"};
def archive_titles:
  {"SEND": "Oversendelse", "RECEIPT": "Mottakskvittering", "ACCEPT": "Henvisningen er godtatt", "DECLINE": "Avslag på henvisning",
   "REDIRECT": "Annen mottaker foreslått", "ASK": "Spørsmål", "ANSWER": "Svar på spørsmål", "START": "Arbeidet er påbegynt", "HOLD": "Satt på vent",
   "RESUME": "Gjenopptatt", "COMPLETE": "Avsluttet", "FAIL": "Mislykket", "REOPEN": "Gjenåpnet", "WITHDRAW": "Trukket tilbake",
   "WISH": "Ønske om å trekke henvisningen", "REVOKE": "Samtykket er trukket", "EXPIRE": "Svarfristen er ute", "MARK_ERROR": "Feilregistrert",
   "CONTACTED": "Virksomheten er kontaktet", "REMIND": "Påminnelse", "NOTE": "Merknad", "CORRECTION": "Rettelse"};
def archive_outcomes:
  {"SOLVED": "løst", "PARTLY": "delvis løst", "FUNDED": "finansiert", "ADVISED": "rådgitt", "NOT_PURSUED": "ikke forfulgt",
   "REFERRED_ON": "henvist videre"};
def archive_bases: {"CONSENT": "samtykke", "CONTRACT": "avtale", "OBLIGATION": "rettslig forpliktelse", "PUBLIC_TASK": "offentlig oppgave"};
def archive_urgencies: {"low": "lav", "normal": "normal", "high": "høy"};
def archive_stages: {"idea": "idé", "startup": "oppstart", "growth": "vekst", "mature": "etablert"};
# The code of one of the archive's words; null for another word.
def code_for ($table): . as $word | first ($table | to_entries[] | select (.value == $word) | .key) // null;

# The county writes themes in its own words.
def archive_themes:
  {"finansiering": "finance-capital", "etablering": "startup-incubation", "havbruk og fiskeri": "aquaculture-fisheries",
   "forskning": "research-collaboration", "maritim og offshore": "maritime-offshore", "fornybar energi": "renewable-energy",
   "energieffektivisering": "energy-efficiency", "transport": "transport-logistics", "regelverk og tillatelser": "regulation-permits",
   "bygg og tre": "construction-wood", "kompetanse": "hr-skills", "eksport": "export-internationalisation", "reiseliv": "tourism-experience"};
