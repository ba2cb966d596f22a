# event-out - writes a line for the office: what the others did, and what became of its own people's acts.
#
# One file with one line for each message.  File and line are named after the message, so that a repeat is `kendt`.
include "kask";
include "words";
include "partners";
include "office";

def key: .task.id;
def name: "kask-" + (key | file_name) + ".csv";
def bilag: . as $dialogue | (.task.attachments // []) | [range (length) as $i | {attachment: $i, file: ("inbox/bilag/" + ($dialogue | key | file_name) + "-\($i + 1)-" + (.[$i].name | file_name))}];

def common:
  .task as $task
  | {"Linjenøgle": key, "Tidspunkt": (if $task.at | is_time then $task.at | local_time else null end), "Sagsnr": $task.case,
     "Fremmed nøgle": $task.referral, "Fremmed reference": $task.reference, "Afsender": $task.from_name,
     "Fremmed sagsnr": $task.content.case_number?, "Medarbejder": $task.content.adviser.name?,
     "Medarbejder telefon": $task.content.adviser.telephone?, "Medarbejder mail": $task.content.adviser.mail?};

def of_referral:
  .task.content as $content | .task.header as $header
  | ($content.client // {}) as $client | ($content.contact // {}) as $contact | ($content.need // {}) as $need | ($content.basis // {}) as $basis
  | {"Ydelse nøgle": $header.offering_key, "Virksomhed": $client.name, "Land": $client.country, "CVR/Orgnr": $client.number,
     "Adresse": $client.address, "Postnr": $client.postcode, "Kommune": $client.municipality,
     "Branchekoder": ($client.nace // [] | join (", ")), "Branchekodeversion": $client.nace_version, "Ansatte": $client.employees,
     "Fase": office_stages[$client.stage // ""], "Kontaktperson": $contact.name, "Telefon": $contact.telephone, "Mail": $contact.mail,
     "Sprog": $contact.language, "Behov": $need.text, "Behov sprog": $need.language, "Temaer": ($need.themes // [] | theme_words ("da") | map (gsub (","; " ")) | join (", ")),
     "Forsøgt": $need.tried, "Hast": office_urgencies[$need.urgency // ""], "Ønsket dato": $need.wished_date,
     "Retsgrundlag": office_bases[$basis.code // $header.legal_basis // ""], "Givet af": $basis.given_by,
     "Givet den": ($basis.given_at // "" | .[0:10]), "Hvordan": $basis.how, "Formål": $basis.purpose};

# Late for what it wanted: the line says so as a note, and leaves the case where it is.
def kind:
  .task as $task
  | {"RECEIPT": "RECEIVED", "WITHDRAW": "WITHDRAWN"}[$task.event] as $wanted
  | if $task.event == "WITHDRAW" and $task.state != "WITHDRAWN" then office_kinds.WISH
    elif $wanted and $task.state != $wanted then office_kinds.NOTE
    elif ended_unread then office_kinds.MARK_ERROR
    else office_kinds[$task.event] // office_kinds.NOTE end;

def deadline: if .task.event == "SEND" and (.task.answer_by | is_time) then "Svar senest " + (.task.answer_by | last_day) + "." else "" end;

def line:
  .task as $task
  | ($task.header.obstacles // [] | .[0] // {}) as $obstacle
  | common + {"Linjetype": kind, "Spørgsmålsnr": (if $task.event == "ASK" or $task.event == "ANSWER" then $task.question else null end),
              "Årsagskode": $obstacle.code, "Niveau": office_levels[$obstacle.level // ""], "Virkning": office_effects[$obstacle.effect // ""],
              "Resultat": office_outcomes[$task.header.outcome // ""], "Foreslået modtager": ($task.header.redirect_to // "" | partner_name),
              "Aftale tidspunkt": ($task.content.appointment.at? | if is_time then local_time else null end),
              "Aftale sted": $task.content.appointment.place?,
              "Tekst": ([($task | said ("da")), deadline] | map (select (. != "")) | join ("\n")),
              "Bilag": (bilag | map (.file | ltrimstr ("inbox/bilag/")) | join ("\n"))}
  + if $task.event == "SEND" then of_referral else {} end
  | compact;

# The status that holds, after an act that did not count; a note where the act had not changed it.
def status_kind:
  {"ACCEPTED": "ACCEPT", "IN_PROGRESS": "START", "ON_HOLD": "HOLD", "COMPLETED": "COMPLETE", "DECLINED": "DECLINE", "REDIRECTED": "REDIRECT",
   "WITHDRAWN": "WITHDRAW", "EXPIRED": "EXPIRE", "FAILED": "FAIL", "REVOKED": "REVOKE", "IN_ERROR": "MARK_ERROR"}[.task.state // ""] as $kind
  | if .task.event == "SEND" then office_kinds.MARK_ERROR
    elif [.task.event == ("ASK", "ANSWER", "NOTE", "CONTACTED")] | any then office_kinds.NOTE
    else office_kinds[$kind // "NOTE"] end;
def answer_line:
  if .task.accepted and .task.event == "SEND"
  then common + {"Linjetype": office_kinds.NOTE, "Tekst": "Henvisningen er sendt. Reference til telefonen: \(.task.reference)."}
  else common + {"Linjetype": status_kind, "Tekst": (.task | refusal_text ("da"))}
  end | del (.["Fremmed sagsnr"]) | compact;

def write ($line; $attachments):
  name as $name
  | {request: ({write: ("inbox/" + $name), format: "linjer-ind", records: [$line],
                receipt: {done: ("imported/" + $name + ".kvit"), refused: ("rejected/" + $name + ".grund.txt"), format: "kvittering"}}
               + if $attachments == [] then {} else {attachments: $attachments} end)};

def after_write:
  if .response.refused == true
  then if (.task.event == "REVOKE" or .task.by_broker == true) and (.task.case | blank) then {} else {refused: ("kontoret afviste linjen: " + (.response.text // ""))} end
  else {case: (.response.receipt[0]["Sagsnr"] // .task.case), case_key: .task.referral}
  end;

if .step > 0 then after_write
elif .task.kind == "answer" and .task.accepted and .task.event != "SEND" then {case: .task.case} | compact
elif .task.kind == "answer" and (.task.case | blank) then {}
elif .task.kind == "answer" then write (answer_line; [])
else write (line; bilag)
end
