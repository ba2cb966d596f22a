# offering - one of the house's services as an Offering.
include "kask";
include "words";
include "crm";

def kinds:
  {"raadgivning": "advice", "kursus": "course", "netvaerk": "network", "tilskud": "grant", "mentor": "mentor", "eksport": "export",
   "matchmaking": "matchmaking", "testforloeb": "testbed"};
def states: {"aktiv": "active", "pause": "paused", "ophoert": "ended"};
def price_models: {"gratis": "free", "fast": "fixed", "time": "hourly", "egenbetaling": "share"};
def channel_kinds: {"web": "web", "telefon": "phone", "mail": "mail", "besoeg": "office", "video": "video"};
def languages: {"da": "da", "nb": "nb", "no": "nb", "nn": "nn", "sv": "sv", "en": "en"};
def areas:
  {"danmark": ["DK", "country"], "norge": ["NO", "country"], "sverige": ["SE", "country"], "nordjylland": ["DK050", "NUTS-2024"],
   "agder": ["NO092", "NUTS-2024"], "aust-agder": ["NO092", "NUTS-2024"], "vest-agder": ["NO092", "NUTS-2024"],
   "västra götaland": ["SE232", "NUTS-2024"], "halland": ["SE231", "NUTS-2024"]};

def area: . as $written | areas[ascii_downcase] as $known | {written: $written, code: $known[0], scheme: $known[1]} | compact;

def channel:
  {kind: (channel_kinds[.type] // .type)}
  + (if .type == "web" then {url: .value} elif .type == "telefon" then {telephone: .value} elif .type == "mail" then {mail: .value}
     else {address: .value} end)
  | compact;

def provider:
  {name, country, public_body: (.public == true)}
  + if .registration_no | blank then {identifier_unknown: true}
    else {scheme: (.country | scheme_of_country), number: (.registration_no | digits)} end;

def foreign: if .open_to_foreign == true then "yes" elif .open_to_foreign == false then "no" else "unknown" end;

if .code | blank then problem ("code"; "is missing"; "give the service a code in the CRM")
elif kinds[.category // ""] == null then problem ("category"; "\(.category) is not a category that the network knows"; "choose another one in the CRM, or add it to offering.jq")
elif states[.status // ""] == null then problem ("status"; "\(.status) is not a status"; "choose another one in the CRM")
elif .title | blank then problem ("title"; "is missing"; "write one in the CRM")
else
  (.topics // [] | theme_codes (crm_themes; "da")) as $themes
  | {key: .code, provider: (.provider | provider), kind: kinds[.category], status: states[.status],
     title: ({da: .title, en: .english.title} | texts), summary: ({da: .teaser, en: .english.teaser} | texts),
     description: ({da: (.description // "" | plain_html)} | texts),
     themes: [$themes[] | select (is_theme)],
     keywords: [($themes[] | select (is_theme | not)), .keywords[]? | {language: "da", text: .}],
     eligibility: ({areas: [.regions[]? | area], nace: .industries, nace_version: (if .industries == [] then "" else .industry_version end),
                    employees_min: (.company_size.min | if . then "\(.)" else null end),
                    employees_max: (.company_size.max | if . then "\(.)" else null end),
                    stages: [.stages[]? | code_for (crm_stages) // .], foreign_clients: foreign,
                    conditions: ({da: .conditions} | texts)} | compact),
     service_languages: [.languages[]? | languages[.] // .], channels: [.channels[]? | channel],
     price: (if .price == null then null else
               {model: (price_models[.price.model] // "unknown"), amount: .price.amount,
                currency: (if .price.amount then .price.currency else "" end), terms: ({da: .price.note} | texts)} | compact end),
     opens: .opens_on, closes: .closes_on, capacity, competence: .expertise, assured_on: .verified_on, url: .link,
     contacts: [.contact // empty | person_in | del (.language) | select (. != {})]}
  | compact
end
