# catalogue-out - the neighbours' offerings as cpsv:PublicService, for case workers to pick from.
include "kask";
include "words";
include "archive";

def status_iri: "http://purl.org/adms/status/" + ({"active": "Completed", "paused": "UnderDevelopment", "ended": "Deprecated"}[.] // "Completed");
def literals: [.[]? | {value: .text, lang: .language}];
def urn ($what): "urn:kask:" + $what + ":" + @uri;
def kind_text: if .kind == "effort" and .referable_effort != true then "satsing, bare til oversikt" else word ("KIND"; .kind; "nb") end;
def is_address: type == "string" and test ("^https?://[A-Za-z0-9][^\\s<>\"{}|^`\\\\]*$");

def service:
  . as $item | picked_key as $key
  | {id: ($key | urn ("tjeneste")), type: ["cpsv:PublicService"], "dct:identifier": [{value: $key}]}
  + if is_shown | not then {"adms:status": [{id: "http://purl.org/adms/status/Withdrawn"}], "dct:title": [{value: $key}]}
    else
      .offering
      | {"dct:title": (.title | literals), "dct:description": [{value: offering_text ("nb"), lang: "nb"}],
         "cv:hasCompetentAuthority": [{id: (.provider.name + "/" + (.provider.number // "") | urn ("tilbyder")), type: ["foaf:Agent"], "dct:title": [{value: .provider.name}]}],
         "dct:publisher": [{id: ($item.publisher | urn ("partner")), type: ["foaf:Agent"], "dct:title": [{value: ($item.publisher_name // $item.publisher)}]}],
         "dct:type": [{value: kind_text, lang: "nb"}], "foaf:homepage": (if .url | is_address then [{id: .url}] else [] end),
         "adms:status": [{id: (.status | status_iri)}]}
    end
  | compact;

(.task.offerings | map ({publisher, key, revision, withdrawn, verified}) | "kask-" + checksum + ".ttl") as $name
| if .step > 0 then if .response.refused == true then {refused: ("arkivet avviste katalogen: " + (.response.text // ""))} else {} end
  elif .task.offerings == [] then {}
  else {request: {write: ("inn/katalog/" + $name), format: "katalog", records: [.task.offerings[] | service],
                  receipt: {done: ("inn/registrert/" + $name + ".kvittering.xml"), refused: ("inn/avvist/" + $name + ".kvittering.xml"), format: "kvittering"}}}
  end
