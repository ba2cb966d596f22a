# event-in - a line that one of the office's people made, as an event of its referral.
include "kask";
include "words";
include "partners";
include "office";

def event_name: . as $line | first (office_kinds | to_entries[] | select (.value == $line["Linjetype"]) | .key) // null | if . == "WISH" then "WITHDRAW" else . end;

# What people do; the other kinds only come from outside.
def acts: ["SEND", "ACCEPT", "DECLINE", "REDIRECT", "ASK", "ANSWER", "START", "HOLD", "RESUME", "COMPLETE", "FAIL", "REOPEN", "WITHDRAW", "REVOKE", "MARK_ERROR", "CONTACTED", "NOTE"];

def organisation ($column):
  .[$column] as $text
  | ($text // "" | partner_id) // problem ($column; "\($text) is not an organisation in the network"; "choose a service of the list, or write a name of partners.jq");

# A word of one of the office's lists.
def listed ($column; $table):
  .[$column] as $text
  | if $text | blank then null else ($text | code_for ($table)) // problem ($column; "\($text) is not one of the office's words"; "choose one of \([$table[]] | join (", "))") end;

def client:
  (.["CVR/Orgnr"] // "" | digits) as $number
  | {scheme: (if $number == "" then "" else .["Land"] // "" | scheme_of_country end), number: $number, name: .["Virksomhed"], address: .["Adresse"],
     postcode: .["Postnr"], municipality: .["Kommune"], country: .["Land"], nace: (.["Branchekoder"] | split_list),
     nace_version: .["Branchekodeversion"], employees: .["Ansatte"], stage: listed ("Fase"; office_stages)} | compact;

def referral_content:
  {client: client,
   contact: ({name: .["Kontaktperson"], telephone: .["Telefon"], mail: .["Mail"], language: .["Sprog"]} | compact),
   need: ({text: .["Behov"], language: .["Behov sprog"], themes: (.["Temaer"] | split_list | theme_codes (office_themes; "da")), tried: .["Forsøgt"],
           urgency: listed ("Hast"; office_urgencies), wished_date: .["Ønsket dato"]} | compact),
   basis: ({code: listed ("Retsgrundlag"; office_bases), given_by: .["Givet af"], given_at: .["Givet den"], how: .["Hvordan"], purpose: .["Formål"]} | compact)};

def content:
  {adviser: ({name: .["Medarbejder"], telephone: .["Medarbejder telefon"], mail: .["Medarbejder mail"]} | compact), text: .["Tekst"], language: "da",
   case_number: .["Sagsnr"],
   appointment: (if .["Aftale tidspunkt"] then {at: (.["Aftale tidspunkt"] | utc_time), place: .["Aftale sted"]} | compact else null end)}
  + if .["Linjetype"] == office_kinds.SEND then referral_content else {} end
  | compact;

def obstacles:
  if .["Årsagskode"] | blank then []
  else [{code: .["Årsagskode"], level: listed ("Niveau"; office_levels), effect: listed ("Virkning"; office_effects)} | compact] end;

def media_type:
  {"pdf": "application/pdf", "txt": "text/plain", "csv": "text/csv", "png": "image/png", "jpg": "image/jpeg", "jpeg": "image/jpeg",
   "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
   "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}[split (".") | last | ascii_downcase] // "application/octet-stream";
def attachments:
  .["Linjenøgle"] as $key
  | [.["Bilag"] // "" | split ("\n")[] | trim | select (. != "") | {name: ltrimstr ($key + "-"), media_type: media_type, fetch: {read: ("outbox/bilag/" + .)}}];

event_name as $event
| if $event == null then problem ("Linjetype"; "\(.["Linjetype"]) is not a kind of line"; "correct the line; FORMAT lists the kinds") else . end
| select (acts | index ($event))
| {act: .["Linjenøgle"], case: .["Sagsnr"], referral: (if $event == "SEND" then "" else .["Fremmed nøgle"] end), event: $event, content: content,
   attachments: attachments}
  + if $event == "SEND" then
      (.["Ydelse nøgle"] | picked) as $picked
      | {to: (if $picked then $picked.publisher else organisation ("Modtager") end), offering: $picked, legal_basis: listed ("Retsgrundlag"; office_bases)}
    elif $event == "DECLINE" or $event == "FAIL" then {obstacles: obstacles}
    elif $event == "COMPLETE" then {outcome: listed ("Resultat"; office_outcomes)}
    elif $event == "REDIRECT" then {redirect_to: organisation ("Foreslået modtager")}
    elif $event == "ANSWER" then {question: (.["Spørgsmålsnr"] // "" | if blank then 0 else tonumber end)}
    elif $event == "HOLD" or $event == "REOPEN" or $event == "MARK_ERROR" then {reason: "OTHER"}
    else {}
    end
| compact
