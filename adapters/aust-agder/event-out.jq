# event-out - delivers an entry to the archive: what the others did, and corrections of case workers' acts that did not count.
#
# Nothing registered is ever changed; each entry has the message's id as its key, so that a repeat is found and not registered again.
include "kask";
include "words";
include "partners";
include "archive";

def key: .task.id;
def place ($i): "inn/dokumenter/" + (key | file_name) + "-\($i + 1)-" + (.task.attachments[$i].name | file_name);

def case_element:
  {"n5:mappeID": .task.case, "s:eksternNoekkel": .task.referral, "s:eksternReferanse": .task.reference,
   "s:motpart": (if .task.kind == "event" then .task.from_name else null end), "s:motpartSaksnummer": .task.content.case_number?} | compact;

def person: {"s:navn": .name?, "s:telefon": .telephone?, "s:epost": .mail?, "s:maalform": .language?} | compact;
def client_element:
  {"s:navn": .name, "s:land": .country, "s:organisasjonsnummer": .number, "s:adresse": .address, "s:postnummer": .postcode, "s:kommune": .municipality,
   "s:naeringskode": .nace, "s:naeringskodeversjon": .nace_version, "s:ansatte": .employees, "s:fase": archive_stages[.stage // ""]} | compact;
def need_element:
  {"s:beskrivelse": .text, "s:maalform": .language, "s:tema": (.themes // [] | theme_words ("nb")), "s:forsoekt": .tried,
   "s:hast": archive_urgencies[.urgency // ""], "s:oensketDato": .wished_date} | compact;
def basis_element ($code):
  {"s:type": archive_bases[.code // $code // ""], "s:gittAv": .given_by, "s:gittDato": (.given_at // "" | .[0:10]), "s:maate": .how, "s:formaal": .purpose} | compact;
def of_referral:
  .task.content as $content
  | {"s:virksomhet": ($content.client // {} | client_element), "s:kontaktperson": ($content.contact // {} | person), "s:behov": ($content.need // {} | need_element),
     "s:rettsgrunnlag": (.task.header.legal_basis as $code | $content.basis // {} | basis_element ($code)),
     "s:tjeneste": ({"s:identifikator": .task.header.offering_key} | compact)};

# Late for what it wanted: it is registered as a note.
def action:
  .task as $task
  | {"RECEIPT": "RECEIVED", "WITHDRAW": "WITHDRAWN"}[$task.event] as $wanted
  | if $task.event == "WITHDRAW" and $task.state != "WITHDRAWN" then "WISH"
    elif $wanted and $task.state != $wanted then "NOTE"
    elif ended_unread then "MARK_ERROR"
    elif archive_actions[$task.event] then $task.event else "NOTE" end;

def deadline: if .task.event == "SEND" and (.task.answer_by | is_time) then "Svar senest " + (.task.answer_by | last_day) + "." else "" end;

def form:
  .task as $task | ($task.header.obstacles // [] | .[0] // {}) as $obstacle
  | {"s:handling": archive_actions[action], "s:eksternNoekkel": key, "s:tekst": ([($task | said ("nb")), deadline] | map (select (. != "")) | join ("\n")),
     "s:saksbehandler": ($task.content.adviser // {} | person | del (.["s:maalform"]))}
  + (if $task.event == "SEND" then of_referral else {} end)
  + {"s:hindring": ({"s:kode": $obstacle.code, "s:nivaa": $obstacle.level, "s:virkning": $obstacle.effect} | compact),
     "s:resultat": archive_outcomes[$task.header.outcome // ""],
     "s:sporsmaalsnummer": (if $task.event == "ASK" or $task.event == "ANSWER" then $task.question | if . then "\(.)" else null end else null end),
     "s:foreslaattMottaker": ($task.header.redirect_to // "" | partner_name),
     "s:avtale": ({"s:tidspunkt": $task.content.appointment.at?, "s:sted": $task.content.appointment.place?} | compact)}
  | compact;

def document ($i):
  .task.attachments[$i] as $file
  | {"n5:dokumentnummer": "\($i + 1)", "n5:tittel": $file.name, "n5:tilknyttetRegistreringSom": "Vedlegg",
     "n5:dokumentobjekt": ({"n5:format": $file.media_type, "n5:referanseDokumentfil": (place ($i) | ltrimstr ("inn/")), "n5:sjekksum": .state.sums[$i].sha256,
                            "n5:sjekksumAlgoritme": "SHA-256", "n5:filstoerrelse": .state.sums[$i].bytes} | compact)};

def entry ($action; $form):
  {"n5:tittel": archive_titles[$action], "n5:journalposttype": (if $action == "CORRECTION" then "X" elif .task.by_broker == true then "N" else "I" end),
   "n5:korrespondansepart": (if .task.kind == "event" then {"n5:korrespondanseparttype": "Avsender", "n5:korrespondansepartNavn": .task.from_name, "n5:saksbehandler": .task.content.adviser.name?} | compact else null end),
   "n5:skjerming": {"n5:tilgangsrestriksjon": "UO", "n5:skjermingshjemmel": "offentleglova § 13 jf. forvaltningsloven § 13"},
   "n5:referanseTilRegistrering": (if .task.kind == "answer" and .task.accepted != true then .task.act // "" | split (" ") | .[0] // "" else "" end),
   "n5:dokumentbeskrivelse": (. as $dialogue | [range (.state.sums // [] | length) as $i | $dialogue | document ($i)]),
   "n5:virksomhetsspesifikkeMetadata": {"s:skjema": $form}} | compact;

def answer_entry:
  if .task.accepted
  then entry ("NOTE"; {"s:handling": archive_actions.NOTE, "s:eksternNoekkel": key, "s:tekst": "Henvisningen er sendt. Referanse på telefon: \(.task.reference)."})
  else (if .task.event == "SEND" then "MARK_ERROR" else "CORRECTION" end) as $action
    | entry ($action; {"s:handling": archive_actions[$action], "s:eksternNoekkel": key, "s:tekst": (.task | refusal_text ("nb"))})
  end;

def name: "kask-" + (key | file_name) + ".xml";
def write ($entry):
  . as $dialogue | name as $name
  | {state: ((.state // {}) + {at: "written"}),
     request: ({write: ("inn/" + $name), format: "innlevering", records: [{"s:innlevering": {"s:sak": case_element, "n5:journalpost": $entry}}],
                receipt: {done: ("inn/registrert/" + $name + ".kvittering.xml"), refused: ("inn/avvist/" + $name + ".kvittering.xml"), format: "kvittering"}}
               + if (.state.sums // []) == [] then {} else {attachments: [range (.state.sums | length) as $i | {attachment: $i, file: ($dialogue | place ($i))}]} end)};

# Checksums first: one step for each attachment.
def next_sum:
  (.state.sums // []) as $sums
  | if ($sums | length) < (.task.attachments // [] | length) then {state: {at: "sum", sums: $sums}, request: {digest: ($sums | length)}}
    else write (entry (action; form)) end;

def reason: .response.text // "" | if test ("<s:feil>") then sub ("(?s).*<s:feil>"; "") | sub ("(?s)</s:feil>.*"; "") else . end;
def after_write:
  if .response.refused == true
  then if (.task.event == "REVOKE" or .task.by_broker == true) and (.task.case | blank) then {} else {refused: ("arkivet avviste leveringen: " + reason)} end
  else {case: (.response.receipt[0]["s:mappeID"] // .task.case), case_key: .task.referral}
  end;

if .state.at? == "sum" then .state.sums += [.response] | next_sum
elif .state.at? == "written" then after_write
elif .task.kind == "event" then next_sum
elif .task.case | blank then {}
elif .task.accepted and .task.event != "SEND" then {case: .task.case}
else write (answer_entry)
end
