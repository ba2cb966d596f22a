# office - the office's words in its CSV files.
include "words";

def office_kinds:
  {"SEND": "Ny henvisning", "RECEIPT": "Kvittering", "ACCEPT": "Accept", "DECLINE": "Afslag", "REDIRECT": "Henvist videre", "ASK": "Spørgsmål",
   "ANSWER": "Svar", "START": "Start", "HOLD": "Pause", "RESUME": "Genoptaget", "COMPLETE": "Afsluttet", "FAIL": "Mislykket",
   "REOPEN": "Genåbnet", "WITHDRAW": "Tilbagetrukket", "WISH": "Ønske om tilbagetrækning", "REVOKE": "Samtykke trukket",
   "EXPIRE": "Frist udløbet", "MARK_ERROR": "Fejlregistreret", "CONTACTED": "Kontaktet", "REMIND": "Påmindelse", "NOTE": "Note",
   "DEAD_LETTER": "Note", "REPLAYED": "Note"};
def office_levels: {"LOCAL": "Lokalt", "REGIONAL": "Regionalt", "NATIONAL": "Nationalt", "EU": "EU"};
def office_effects: {"STOPPED": "Stoppet", "DELAYED": "Forsinket", "DEARER": "Fordyret", "WORKED_AROUND": "Omgået"};
def office_outcomes:
  {"SOLVED": "Løst", "PARTLY": "Delvist løst", "FUNDED": "Finansieret", "ADVISED": "Rådgivet", "NOT_PURSUED": "Ikke forfulgt",
   "REFERRED_ON": "Henvist videre"};
def office_bases: {"CONSENT": "Samtykke", "CONTRACT": "Kontrakt", "OBLIGATION": "Retlig forpligtelse", "PUBLIC_TASK": "Offentlig opgave"};
def office_urgencies: {"low": "Lav", "normal": "Normal", "high": "Høj"};
def office_stages: {"idea": "Idé", "startup": "Opstart", "growth": "Vækst", "mature": "Etableret"};
# The code of one of the office's words; null for another word.
def code_for ($table): . as $word | first ($table | to_entries[] | select (.value == $word) | .key) // null;

# The office writes themes in its own words.
def office_themes:
  {"eksport": "export-internationalisation", "told og moms": "tax-vat-customs", "maritim og offshore": "maritime-offshore",
   "fiskeri og akvakultur": "aquaculture-fisheries", "fødevarer": "agri-food", "turisme": "tourism-experience",
   "iværksætteri": "startup-incubation", "finansiering": "finance-capital", "kompetencer": "hr-skills", "byggeri": "construction-wood",
   "handel": "retail-trade", "digitalisering": "ict-digitalisation", "transport": "transport-logistics"};
def office_areas:
  {"danmark": ["DK", "country"], "norge": ["NO", "country"], "sverige": ["SE", "country"], "hovedstaden": ["DK01", "NUTS-2024"],
   "sjælland": ["DK02", "NUTS-2024"], "syddanmark": ["DK03", "NUTS-2024"], "midtjylland": ["DK04", "NUTS-2024"],
   "nordjylland": ["DK05", "NUTS-2024"], "bornholm": ["DK014", "NUTS-2024"], "national pulje": ["DK", "country"],
   "agder": ["NO092", "NUTS-2024"], "aust-agder": ["NO092", "NUTS-2024"], "vest-agder": ["NO092", "NUTS-2024"],
   "halland": ["SE231", "NUTS-2024"], "västra götaland": ["SE232", "NUTS-2024"]};
def area: . as $written | office_areas[ascii_downcase | trim] as $known | {written: ($written | trim), code: $known[0], scheme: $known[1]} | compact;
