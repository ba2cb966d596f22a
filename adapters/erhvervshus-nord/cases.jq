# cases - reads what the house's people did in cases that are shared with somebody.
#
# Cases come by the time of their last change, oldest first, always the first page from the last time seen on: so
# a case that is changed meanwhile moves behind, and nothing can slip between two pages.  Of each case the activities
# since the last reading are emitted; one that is emitted twice is one act all the same.  Each reading begins some
# seconds before the last change that was seen, for a change may show later than its time says.
#
# Webhooks only tell that it is time to read: they come twice, late or never.  Their address is registered when it
# is another than last time, and once a day, for the CRM may have forgotten it.
include "words";
include "crm";

def many: 50;
def enough: 400;

def list ($since; $page): ask ("list"; {method: "GET", path: "/cases",
  query: ({sort: "updated", size: "\(many)", page: "\($page)"} + if $since == null then {} else {updated_since: $since} end)};
  {from: $since, page: $page});

def finish: {emit: .state.found, cursor: {since: ([.state.from, .state.known] | max), webhook: .state.webhook}};

# Activities of the next case of the page; behind the last one the next page.
def next_case:
  .state.cases as $cases
  | if ($cases | length) > 0
    then ask ("activities"; {method: "GET", path: "/cases/\($cases[0].id)/activities", query: {page: "1", size: "100"}, accept: [404, 410]};
              {case: $cases[0], cases: $cases[1:], activities: [], activity_page: 1})
    elif .state.more and (.state.found | length) < enough
    then list (.state.from; if .state.stuck then .state.page + 1 else 1 end)
    else finish
    end;

# The case's activities are all here: keep those of people here since the last reading.
def keep ($attachments):
  .state.since as $since
  | .state.case as $case
  | .state.found += [.state.activities[] | select (.origin == "user" and ($since == null or .created_at >= $since))
                     | . as $activity
                     | {case: $case, activity: $activity,
                        attachments: [$attachments[]? | . as $file | select ([$activity.attachment_ids[]? == $file.id] | any)]}]
  | .state.activities = [] | next_case;

def is_new: .state.since as $since | [.state.activities[] | select (.origin == "user" and ($since == null or .created_at >= $since)) | .attachment_ids[]?] | length > 0;

def after_activities:
  if is_new
  then ask ("attachments"; {method: "GET", path: "/cases/\(.state.case.id)/attachments", query: {page: "1", size: "100"}, accept: [404, 410]}; {})
  else keep ([])
  end;

def begin: list (.state.since; 1);
def today: .task.now[0:10];
# The address that the CRM sends to by our knowledge.
def registered: {url: .state.address.url, day: today};
def after_webhook:
  .state.address = .response
  | if .response.url == null or .state.webhook == registered then begin
    else ask ("registered"; {method: "PUT", path: "/webhook", json: .response, accept: [400, 403, 404, 405, 422]}; {})
    end;

if .state == null then
  .task.cursor.since as $known
  | ask ("webhook"; {webhook: true}; {known: $known, since: (if $known then $known | epoch - 10 | todate else null end),
                                      webhook: .task.cursor.webhook, found: []})
elif .state.at == "webhook" then after_webhook
elif .state.at == "registered" then
  .state.webhook = (if status < 400 then registered else null end) | begin
elif .state.at == "list" then
  body as $page
  | ($page.items | last | .updated_at) as $last
  | .state += {cases: [$page.items[] | select (.direction != "internal")], more: $page.has_more,
               stuck: ($page.has_more and $last == .state.from), from: ($last // .state.from)}
  | next_case
elif .state.at == "activities" then
  if status >= 400 then next_case
  else
    body as $page
    | .state.activities += $page.items
    | if $page.has_more
      then ask ("activities"; {method: "GET", path: "/cases/\(.state.case.id)/activities", query: {page: "\(.state.activity_page + 1)", size: "100"}, accept: [404, 410]};
                {activity_page: (.state.activity_page + 1)})
      else after_activities
      end
  end
else
  keep (if status >= 400 then [] else body.items end)
end
