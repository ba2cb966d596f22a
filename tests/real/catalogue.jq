# catalogue - a record of the written catalogue of offerings as an Offering.
include "kask";

def texts: [to_entries[] | {language: .key, text: .value}];
def number: if . == null then null else tostring end;
# "10-33" is the divisions from 10 to 33.
def divisions: if test ("^[0-9]{2}-[0-9]{2}$") then split ("-") | [range (.[0] | tonumber; (.[1] | tonumber) + 1)] | map ("0\(.)" | .[-2:]) | .[] else . end;

{key: .id, kind: .kind, status: ({"closed": "ended"}[.status] // .status),
 provider: {name: .provider.name, scheme: .provider.scheme, number: .provider.id, country: .country},
 title: (.title | texts), summary: (.summary | texts), description: (.description | texts), themes: .themes,
 eligibility: {areas: [.eligibility.areas[] | {written: .}], nace: [.eligibility.nace[] | divisions], nace_version: .eligibility.nace_version,
               employees_max: (.eligibility.employees_max | number), stages: .eligibility.stage, foreign_clients: .eligibility.foreign_clients},
 service_languages: .service_languages, channels: [.channels[] | {kind: .}],
 price: {model: .price.model, amount: (.price.amount | number), currency: .price.currency},
 funding: (if .funding then {maximum: (.funding.max | number), currency: .funding.currency, rate_percent: (.funding.share_percent | number),
                             terms: [{language: (.title | keys[0]), text: .funding.basis}]} else null end),
 opens: .opens, closes: .closes, capacity: .capacity, competence: .competence, assured_on: .assured_on, url: .url}
| absent_blanks
