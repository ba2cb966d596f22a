# offering - a row of the services list as an Offering.
include "kask";
include "words";
include "office";

def kinds:
  {"Rådgivning": "advice", "Kursus": "course", "Netværk": "network", "Mentorordning": "mentor", "Tilskud": "grant", "Eksportfremme": "export",
   "Testforløb": "testbed"};
def states: {"Aktiv": "active", "Pause": "paused", "Ophørt": "ended"};
def models: {"Gratis": "free", "Fast": "fixed", "Pr. time": "hourly", "Medfinansiering": "share"};
def languages: {"dansk": "da", "norsk": "nb", "nynorsk": "nn", "svensk": "sv", "engelsk": "en", "tysk": "de"};

# "3.750,00 kr." -> "3750.00"; a rate is not an amount.
def amount:
  if blank or test ("%") then null
  else
    . as $written
    | ([capture ("^ *(?<whole>[0-9]{1,3}([.][0-9]{3})*|[0-9]+)(,(?<part>[0-9]{1,2}))? *(kr[.]?|DKK)? *$")] | .[0]) as $number
    | if $number == null then problem ("price"; "\($written) is not an amount"; "write it like 1.500,00 kr. or 50%")
      else ($number.whole | gsub ("[.]"; "")) + (if $number.part then "." + $number.part else "" end) end
  end;
def rate: if blank then null else [capture ("^ *(?<rate>[0-9]+(,[0-9]+)?) *% *$")] | .[0].rate // null | if . then sub (","; ".") else null end end;

# People write "DK-99 10 80 61"; the number has eight digits or is not one.
def provider:
  {name: (.provider // "" | trim), country: "DK"}
  + if .cvr | blank then {identifier_unknown: true}
    else (.cvr | sub ("^ *DK-?"; "") | digits) as $number
      | if ($number | length) == 8 then {scheme: "0184", number: $number}
        else problem ("cvr"; "\(.cvr) is not a CVR number"; "write its eight digits, or leave the field empty") end
    end;

def competence: [.competence // "" | split ("\n")[] | select (blank | not) | split (" - ") | {field: (.[0] | trim), evidence: (.[1:] | join (" - ") | trim)} | compact];

if kinds[.type // ""] == null then problem ("type"; "\(.type) is not a type that the network knows"; "choose one of \(kinds | keys_unsorted | join (", "))")
elif states[.status // ""] == null then problem ("status"; "\(.status) is not a status"; "choose one of \(states | keys_unsorted | join (", "))")
else
  (.themes | split_list | theme_codes (office_themes; "da")) as $themes
  | (.nace | split_list) as $nace
  | {key: .number, provider: provider, kind: kinds[.type], status: states[.status], title: ({da: .title, en: .title_en} | texts),
     summary: ({da: .summary} | texts), description: ({da: .description} | texts), themes: [$themes[] | select (is_theme)],
     keywords: [($themes[] | select (is_theme | not)), (.keywords | split_list[]) | {language: "da", text: .}],
     eligibility: ({areas: [.areas | split_list[] | area], nace: $nace, nace_version: (if $nace == [] then "" else "2" end),
                    employees_min: .employees_min, employees_max: .employees_max,
                    foreign_clients: ({"Ja": "yes", "Nej": "no"}[.foreign // ""] // ""), conditions: ({da: .conditions} | texts)} | compact),
     service_languages: [.languages | split_list[] | languages[ascii_downcase] // .],
     channels: ([if .web | blank then empty else {kind: "web", url: .web} end, if .telephone | blank then empty else {kind: "phone", telephone: .telephone} end,
                 if .mail | blank then empty else {kind: "mail", mail: .mail} end, if .place | blank then empty else {kind: "office", address: .place} end]),
     price: (if .price_model | blank then null else
               {model: (models[.price_model] // "unknown"), amount: (.price | amount), currency: (if .price | amount then "DKK" else "" end),
                terms: ({da: (if .price // "" | test ("%") then .price | trim else "" end)} | texts)} | compact end),
     funding: (if .type == "Tilskud" and (.price | rate) then {rate_percent: (.price | rate)} else null end),
     opens: .opens, closes: .closes, capacity: (if .free_from then "ledig fra " + (.free_from | shown_day) else "" end),
     competence: competence, assured_on: .assured_on, url: .web,
     contacts: [{name: .contact, telephone: .telephone, mail: .mail} | compact | select (. != {})]}
  | compact
end
