# event-in - what one of the house's people did in a case, as an event of its referral.
include "kask";
include "words";
include "partners";
include "crm";

def in_progress: {"paa_hold": "RESUME", "afsluttet": "REOPEN", "mislykket": "REOPEN"}[.activity.previous_status // ""] // "START";
def of_status:
  {"accepteret": "ACCEPT", "afvist": "DECLINE", "henvist_videre": "REDIRECT", "i_gang": in_progress, "paa_hold": "HOLD",
   "afsluttet": "COMPLETE", "mislykket": "FAIL", "trukket_tilbage": "WITHDRAW", "samtykke_trukket": "REVOKE",
   "fejlregistreret": "MARK_ERROR"}[.activity.status // ""];
def of_kind:
  {"created": "SEND", "question": "ASK", "answer": "ANSWER", "note": "NOTE", "withdrawal_request": "WITHDRAW",
   "contact_made": "CONTACTED", "reminder": "NOTE"}[.activity.kind];
def event_name: if .activity.kind == "status_change" then of_status else of_kind end;

# Only who sent a case to somebody begins a referral; a case that came was begun there.
def is_ours: .activity.kind != "created" or .case.direction == "outgoing";

def receiver:
  .case as $case
  | ($case.external_service.external_key // null | picked) as $picked
  | if $picked then $picked.publisher
    else ($case.partner // "" | partner_id) // problem ("partner"; "\($case.partner) is not an organisation in the network"; "choose a service of the list, or a name of partners.jq")
    end;

def suggested: . as $text | (partner_id // problem ("suggested_receiver"; "\($text) is not an organisation in the network"; "write a name of partners.jq"));

def obstacles:
  if .activity.reason_code | blank then [] else [{code: .activity.reason_code, level: .activity.reason_level, effect: .activity.reason_effect} | compact] end;

def referral_content:
  .case
  | {client: (.organisation | organisation_in), contact: (.contact | person_in),
     need: ({text: .enquiry.description, language: .enquiry.language, themes: (.enquiry.topics // [] | theme_codes (crm_themes; "da")),
             tried: .enquiry.tried_before, urgency: .enquiry.urgency, wished_date: .enquiry.desired_by} | compact),
     basis: ({code: (.consent.basis | code_for (crm_bases)), given_by: .consent.given_by, given_at: .consent.given_on,
              how: .consent.how, purpose: .consent.purpose} | compact)};

def content:
  {adviser: (.activity.author | person_in), text: .activity.text, language: "da", case_number: .case.number,
   appointment: (.activity.appointment | if . == null then null else {at, place} | compact end)}
  + if .activity.kind == "created" then referral_content else {} end
  | compact;

def attachments: [.attachments[]? | {name, media_type, fetch: {method: "GET", path: "/attachments/\(.id)/content"}}];

select (is_ours) | event_name as $event | select ($event != null)
| {act: "activity/\(.activity.id)", case: "\(.case.id)",
   referral: (if $event == "SEND" then "" else .case.external_key // .case.former_keys[0] // "" end), event: $event,
   content: content, attachments: attachments}
  + if $event == "SEND" then
      {to: receiver, legal_basis: (.case.consent.basis // "" | code_for (crm_bases)), offering: (.case.external_service.external_key // null | picked)}
    elif $event == "DECLINE" or $event == "FAIL" then {obstacles: obstacles}
    elif $event == "COMPLETE" then {outcome: ((.activity.outcome_code // .case.outcome_code // "") | code_for (crm_outcomes))}
    elif $event == "REDIRECT" then {redirect_to: ((.activity.suggested_receiver // .case.suggested_receiver // "") | suggested)}
    elif $event == "ANSWER" then {question: (.activity.question_no // 0)}
    elif $event == "HOLD" or $event == "REOPEN" or $event == "MARK_ERROR" then {reason: "OTHER"}
    else {}
    end
| compact
