# event-in - a registry entry that a case worker made, as an event of its referral.
include "kask";
include "words";
include "partners";
include "archive";

def form: .["n5:journalpost"]["n5:virksomhetsspesifikkeMetadata"]["s:skjema"];
def case_form: .["n5:virksomhetsspesifikkeMetadata"]["s:sak"] | if type == "object" then . else {} end;
def part ($name): .[$name] | if type == "object" then . else {} end;

def acts: ["SEND", "ACCEPT", "DECLINE", "REDIRECT", "ASK", "ANSWER", "START", "HOLD", "RESUME", "COMPLETE", "FAIL", "REOPEN", "WITHDRAW", "REVOKE", "MARK_ERROR", "CONTACTED", "NOTE"];
# A case worker's correction is a note to the other party: it changes nothing of what was said.
def event_name: .["s:handling"] | code_for (archive_actions) | if . == "WISH" then "WITHDRAW" elif . == "CORRECTION" then "NOTE" else . end;

def organisation ($field): . as $text | (partner_id // problem ($field; "\($text) is not an organisation in the network"; "choose a service of the list, or a name of partners.jq"));
def listed ($field; $table): . as $word | if blank then null else code_for ($table) // problem ($field; "\($word) is not a word of the form"; "choose one of \([$table[]] | join (", "))") end;

def person: {name: .["s:navn"], telephone: .["s:telefon"], mail: .["s:epost"], language: .["s:maalform"]} | compact;
def client:
  (.["s:organisasjonsnummer"] // "" | digits) as $number
  | {scheme: (if $number == "" then "" else .["s:land"] // "" | scheme_of_country end), number: $number, name: .["s:navn"], address: .["s:adresse"],
     postcode: .["s:postnummer"], municipality: .["s:kommune"], country: .["s:land"], nace: .["s:naeringskode"], nace_version: .["s:naeringskodeversjon"],
     employees: .["s:ansatte"], stage: (.["s:fase"] | listed ("s:fase"; archive_stages))} | compact;
def need:
  {text: .["s:beskrivelse"], language: .["s:maalform"], themes: (.["s:tema"] // [] | theme_codes (archive_themes; "nb")), tried: .["s:forsoekt"],
   urgency: (.["s:hast"] | listed ("s:hast"; archive_urgencies)), wished_date: .["s:oensketDato"]} | compact;
def basis:
  {code: (.["s:type"] | listed ("s:type"; archive_bases)), given_by: .["s:gittAv"], given_at: .["s:gittDato"], how: .["s:maate"], purpose: .["s:formaal"]} | compact;

def content ($number):
  {adviser: (part ("s:saksbehandler") | person), text: .["s:tekst"], language: "nb", case_number: $number,
   appointment: (part ("s:avtale") | {at: .["s:tidspunkt"], place: .["s:sted"]} | compact)}
  + if event_name == "SEND"
    then {client: (part ("s:virksomhet") | client), contact: (part ("s:kontaktperson") | person), need: (part ("s:behov") | need), basis: (part ("s:rettsgrunnlag") | basis)}
    else {} end
  | compact;

def attachments:
  [.["n5:journalpost"]["n5:dokumentbeskrivelse"][]?
   | {name: .["n5:tittel"], media_type: .["n5:dokumentobjekt"]["n5:format"], fetch: {read: ("ut/" + .["n5:dokumentobjekt"]["n5:referanseDokumentfil"])}} | compact];
def obstacles: part ("s:hindring") | {code: .["s:kode"], level: .["s:nivaa"], effect: .["s:virkning"]} | compact | if . == {} then [] else [.] end;

. as $entry | form as $form | ($form | event_name) as $event
| if $event == null then problem ("s:handling"; "\($form["s:handling"]) is not an action of the form"; "look at the entry in the archive") else . end
| select (acts | index ($event))
| {act: (.["n5:journalpost"]["n5:registreringsID"] + " " + .["n5:journalpost"]["n5:systemID"]), case: .["n5:mappeID"],
   referral: (if $event == "SEND" then "" else case_form["s:eksternNoekkel"] end), event: $event,
   content: ($form | content ($entry["n5:mappeID"])), attachments: attachments}
  + if $event == "SEND" then
      ($form | part ("s:tjeneste") | .["s:identifikator"] | picked) as $picked
      | {to: (if $picked then $picked.publisher else case_form["s:motpart"] // "" | organisation ("s:motpart") end), offering: $picked,
         legal_basis: ($form | part ("s:rettsgrunnlag") | .["s:type"] | listed ("s:type"; archive_bases))}
    elif $event == "DECLINE" or $event == "FAIL" then {obstacles: ($form | obstacles)}
    elif $event == "COMPLETE" then {outcome: ($form["s:resultat"] | listed ("s:resultat"; archive_outcomes))}
    elif $event == "REDIRECT" then {redirect_to: ($form["s:foreslaattMottaker"] // "" | organisation ("s:foreslaattMottaker"))}
    elif $event == "ANSWER" then {question: ($form["s:sporsmaalsnummer"] // "" | if blank then 0 else tonumber end)}
    elif $event == "HOLD" or $event == "REOPEN" or $event == "MARK_ERROR" then {reason: "OTHER"}
    else {}
    end
| compact
