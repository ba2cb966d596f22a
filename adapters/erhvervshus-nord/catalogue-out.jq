# catalogue-out - the neighbours' offerings, so that an adviser picks them in the CRM.
include "kask";
include "words";
include "partners";
include "crm";

def category: if .kind == "effort" and .referable_effort != true then "indsats, kun til oversigt" else word ("KIND"; .kind; "da") end;

def service:
  . as $item | .offering
  | {title: (.title | best_text ("da")), teaser: ((.summary // []) | best_text ("da")), description: offering_text ("da"),
     provider_name: .provider.name, partner: ($item.publisher_name // $item.publisher), country: .provider.country, category: category,
     topics: (.themes // [] | theme_words ("da")), price_text: (.price | price_text ("da")), link: .url,
     status: word ("STATUS"; .status; "da"),
     custom_fields: ({publisher: $item.publisher, key: $item.key, revision: "\($item.revision)", number: .provider.number} | compact)}
  | compact;

(.state.next // 0) as $i
| .task.offerings as $offerings
| if $i >= ($offerings | length) then {}
  else
    $offerings[$i] as $item
    | ("/external-services/" + ($item | picked_key | @uri)) as $path
    | {state: {next: ($i + 1)},
       request: (if $item | is_shown then {method: "PUT", path: $path, json: ($item | service)} else {method: "DELETE", path: $path, accept: [404]} end)}
  end
