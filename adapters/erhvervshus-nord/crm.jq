# crm - the CRM's words, and a dialogue's steps with it.
include "words";
include "partners";

def crm_status:
  {"SENT": "oversendt", "RECEIVED": "modtaget", "ACCEPTED": "accepteret", "IN_PROGRESS": "i_gang", "ON_HOLD": "paa_hold",
   "COMPLETED": "afsluttet", "DECLINED": "afvist", "REDIRECTED": "henvist_videre", "WITHDRAWN": "trukket_tilbage",
   "EXPIRED": "udloebet", "FAILED": "mislykket", "REVOKED": "samtykke_trukket", "IN_ERROR": "fejlregistreret"}[.];
def crm_bases: {"CONSENT": "consent", "CONTRACT": "contract", "OBLIGATION": "legal_obligation", "PUBLIC_TASK": "public_task"};
def crm_outcomes:
  {"SOLVED": "solved", "PARTLY": "partly_solved", "FUNDED": "funding_obtained", "ADVISED": "advised", "NOT_PURSUED": "not_pursued",
   "REFERRED_ON": "referred_on"};
def crm_stages: {"idea": "idea", "startup": "startup", "growth": "growth", "mature": "established"};
# The word that stands for a code here, and back.
def code_for ($table): . as $word | first ($table | to_entries[] | select (.value == $word) | .key) // null;

# The CRM's advisers write themes in their own words.
def crm_themes:
  {"eksport": "export-internationalisation", "told og moms": "tax-vat-customs", "maritim og offshore": "maritime-offshore",
   "kompetencer": "hr-skills", "handel": "retail-trade", "digitalisering": "ict-digitalisation",
   "iværksætteri": "startup-incubation", "finansiering": "finance-capital", "krise": "restructuring-crisis",
   "fødevarer": "agri-food", "fiskeri og akvakultur": "aquaculture-fisheries", "turisme": "tourism-experience",
   "byggeri": "construction-wood", "sundhed": "health-welfare-tech", "transport": "transport-logistics"};

# ---------------------------------------------------------------- people and firms
def person_in: if . == null then null else {name, telephone: .phone, mail: .email, language} | compact end;
def person_out: if . == null then null else {name, phone: .telephone, email: .mail, language} | compact end;

def organisation_in:
  {scheme: (.country // "" | scheme_of_country), number: (.registration_no // "" | digits), name, address: .street_address,
   postcode: .zip, municipality, country, nace: .industry_codes, nace_version: .industry_version, employees,
   stage: (.stage // "" | code_for (crm_stages))}
  | if .number == "" then .scheme = "" else . end | compact;
def organisation_out:
  {name, country, registration_no: .number, street_address: .address, zip: .postcode, municipality, industry_codes: .nace,
   industry_version: .nace_version, employees, stage: (crm_stages[.stage // ""])} | compact;

# ---------------------------------------------------------------- a dialogue's steps
# Ask the CRM; `at` names what is done with its answer.
def ask ($at; $request; $known): {request: $request, state: ((.state // {}) + $known + {at: $at})};
def body: .response.json // {};
def status: .response.status;
def header ($name): first (.response.headers // {} | to_entries[] | select ((.key | ascii_downcase) == $name) | .value) // "";
