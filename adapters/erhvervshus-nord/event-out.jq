# event-out - writes into the CRM what the others did, and what became of the house's own acts.
#
# Every activity, attachment and case has a key of ours, so that each step may be done twice.
include "kask";
include "words";
include "partners";
include "crm";

def key: .task.id;
def case_path: "/cases/" + .state.case;

def gone: {refused: "sagen er slettet i CRM, så beskeden kunne ikke lægges i den; ring til Erhvervshus Nord"};
def finish: {case: .state.case, case_key: .task.referral};
def look_up: ask ("found"; {method: "GET", path: "/cases", query: {external_key: .task.referral}}; {});

# ---------------------------------------------------------------- what is written
def new_case:
  .task as $task | $task.content as $content
  | {direction: "incoming", status: "modtaget", external_key: $task.referral, external_reference: $task.reference,
     partner: $task.from_name, partner_case_number: $content.case_number, organisation: ($content.client // {} | organisation_out),
     contact: ($content.contact | person_out), adviser: ($content.adviser | person_out),
     enquiry: ($content.need // {} | {description: .text, language, topics: (.themes // [] | theme_words ("da")), tried_before: .tried,
                                      urgency, desired_by: .wished_date} | compact),
     consent: ($content.basis // {} | {basis: (crm_bases[(.code // $task.header.legal_basis // "")]), given_by,
                                       given_on: (.given_at // "" | .[0:10]), how, purpose} | compact),
     service_code: $task.header.offering_key,
     custom_fields: ({svarfrist: (if $task.answer_by | is_time then $task.answer_by | last_day else null end)} | compact)}
  | compact;

def targets:
  {"RECEIPT": "RECEIVED", "ACCEPT": "ACCEPTED", "DECLINE": "DECLINED", "REDIRECT": "REDIRECTED", "START": "IN_PROGRESS", "HOLD": "ON_HOLD",
   "RESUME": "IN_PROGRESS", "COMPLETE": "COMPLETED", "REOPEN": "IN_PROGRESS", "FAIL": "FAILED", "WITHDRAW": "WITHDRAWN", "REVOKE": "REVOKED",
   "EXPIRE": "EXPIRED", "MARK_ERROR": "IN_ERROR", "RETURNED": "IN_ERROR", "DROPPED": "IN_ERROR"};
def kinds: {"ASK": "question", "ANSWER": "answer", "REMIND": "reminder", "CONTACTED": "contact_made", "WITHDRAW": "withdrawal_request"};

# An event that moved the referral moves the case; one that came too late for that is written down as a note.
def kind_members:
  .task as $task
  | if targets[$task.event] != null and targets[$task.event] == $task.state then {kind: "status_change", status: ($task.state | crm_status)}
    else {kind: (kinds[$task.event] // "note")} end;

def codes:
  .task | {reason_code: .header.obstacles[0].code?, reason_level: .header.obstacles[0].level?, reason_effect: .header.obstacles[0].effect?,
           outcome_code: crm_outcomes[.header.outcome // ""], suggested_receiver: (.header.redirect_to // "" | partner_name),
           question_no: (if .event == "ASK" or .event == "ANSWER" then .question else null end)};

def activity:
  .task as $task
  | {external_key: key, text: ($task | said ("da")), author: ($task.content.adviser? | person_out),
     appointment: ($task.content.appointment? // null), partner_case_number: ($task.content.case_number? // null), occurred_at: $task.at}
    + kind_members + codes
  | compact;

# A person's act that did not count: the status is set back to what holds, and the reason stands in the case.
def correction:
  .task as $task
  | (if $task.event == "SEND" then "ny" else $task.state // "" | crm_status end) as $status
  | {external_key: key, text: ($task | refusal_text ("da"))}
    + if $status == null or $status == .state.status then {kind: "note"} else {kind: "status_change", status: $status} end;

# ---------------------------------------------------------------- steps
def post_activity ($activity): ask ("activity"; {method: "POST", path: (case_path + "/activities"), json: $activity, accept: [404, 409, 410]}; {});
def get_case: ask ("case"; {method: "GET", path: case_path, accept: [404, 410]}; {});
def erase: ask ("erased"; {method: "POST", path: (case_path + "/erase"), accept: [404, 410]}; {});

def file_key: key + "/" + "\(.state.file)";

# The next attachment that is not there yet; behind the last one the end.
def next_file:
  (.task.attachments // []) as $files
  | .state.there as $there
  | (first (range (.state.file // 0; $files | length) | select ((. as $i | $there | index ("\($i)")) == null)) // null) as $i
  | if $i == null then finish
    else .state.file = $i | ask ("uploaded"; {method: "POST", path: "/uploads", headers: {"Content-Type": ($files[$i].media_type // "application/octet-stream")}, attachment: $i}; {})
    end;
def files:
  if (.task.attachments // []) == [] then finish
  else ask ("files"; {method: "GET", path: (case_path + "/attachments"), query: {size: "100"}}; {})
  end;

def begin_event:
  if .task.event == "SEND" then look_up
  elif .task.case | blank then look_up
  else .state.case = .task.case | post_activity (activity)
  end;

def begin_answer:
  if .task.case | blank then {}
  elif .task.accepted and .task.event == "REVOKE" then .state.case = .task.case | erase
  elif .task.accepted and .task.event != "SEND" then {case: .task.case}
  else .state.case = .task.case | get_case
  end;

# 410: merged into another case, where it goes on, or deleted.
def moved: if body.error == "merged" then .state.case = "\(body.merged_into)" else .state.case = null end;

def after_found:
  (body.items[0].id // null) as $id
  | if $id == null and .task.event == "SEND" then ask ("created"; {method: "POST", path: "/cases", json: new_case, accept: [409]}; {})
    elif $id == null and (.task.event == "REVOKE" or .task.by_broker == true) then {}
    elif $id == null then {refused: "CRM har ingen sag til denne henvisning; beskeden kunne ikke lægges i den"}
    else .state.case = "\($id)" | if .task.event == "SEND" then files else post_activity (activity) end
    end;

def after_created:
  if status == 409 and body.state == "deleted" then gone
  else
    .state.case = "\(if status == 409 then body.existing_id else body.id end)"
    | if .task | said ("da") == "" then files else post_activity ({kind: "note", external_key: key, text: (.task | said ("da"))}) end
  end;

def after_activity:
  if status == 410 then moved | if .state.case == null then gone else post_activity (if .task.kind == "answer" then correction else activity end) end
  elif status == 404 then gone
  else
    .state.activity = (if status == 409 then body.existing_id else body.id end)
    | if .task.kind == "answer" then finish
      elif .task.event == "REVOKE" then erase
      else files
      end
  end;

def after_files:
  key as $key
  | .state += {file: 0, there: [body.items[]? | .external_key // "" | select (startswith ($key + "/")) | .[($key | length) + 1:]]}
  | next_file;

def link:
  .task.attachments[.state.file] as $file
  | ask ("linked"; {method: "POST", path: (case_path + "/attachments"), accept: [409],
                    json: ({upload_token: body.upload_token, name: $file.name, media_type: $file.media_type, external_key: file_key,
                            activity_id: .state.activity} | compact)}; {});

def after_case:
  if status == 410 then moved | if .state.case == null then {} else get_case end
  elif status == 404 then {}
  else
    .state.status = body.status
    | if .task.accepted
      then ask ("patched"; {method: "PATCH", path: case_path, headers: {"If-Match": header ("etag")}, accept: [404, 409, 410, 412],
                            json: {external_key: .task.referral, external_reference: .task.reference}}; {})
      else post_activity (correction)
      end
  end;

if .state == null then if .task.kind == "answer" then begin_answer else begin_event end
elif .state.at == "found" then after_found
elif .state.at == "created" then after_created
elif .state.at == "activity" then after_activity
elif .state.at == "files" then after_files
elif .state.at == "uploaded" then link
elif .state.at == "linked" then .state.file += 1 | next_file
elif .state.at == "case" then after_case
elif .state.at == "patched" then if status == 412 then get_case else finish end
else finish
end
