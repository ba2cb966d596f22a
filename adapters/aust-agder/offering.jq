# offering - a cpsv:PublicService, with what it refers to in its place, as an Offering.
#
# Catalogues of this kind are written by many hands: an organisation may be named or only pointed to, keywords stand
# in one text with commas, amounts have a decimal comma, a reference leads nowhere.  What is not said stays not said.
include "kask";
include "words";
include "archive";

def known: {"nb": "nb", "nn": "nn", "no": "nb", "en": "en", "da": "da", "sv": "sv"};
# Literals as texts; one without a language is in the county's own.
def written: [.[]? | select (.value? != null and (.value | blank | not)) | {language: known[(.lang // "nb") | .[0:2]], text: (.value | trim)} | select (.language != null)]
  | group_by (.language) | map (.[0]) | sort_by (.language as $l | ["nb", "nn", "en", "da", "sv"] | index ($l));
def name: [(.["dct:title"] | written), (.["skos:prefLabel"] | written), (.["foaf:name"] | written)] | map (select (. != [])) | .[0] // [] | best_text ("nb");
# What a reference is called; where nothing describes it, what it is.
def called: name as $name | if $name != "" then $name else .id // .value // "" end;
def last_part: (.id // .value // "") | sub (".*[/#]"; "");

def has_check_digit:
  [explode[] | . - 48] as $digits
  | (11 - ([range (8) as $i | $digits[$i] * [3, 2, 7, 6, 5, 4, 3, 2][$i]] | add) % 11) as $check
  | (if $check == 11 then 0 else $check end) == $digits[8];
def organisation_number:
  [(.["dct:identifier"]? // [] | .[] | .value // .id // ""), .id // ""]
  | map ([capture ("(^|[^0-9])(?<number>[0-9]{9})$")] | .[0].number // empty) | map (select (has_check_digit)) | .[0] // null;

def provider:
  (.["cv:hasCompetentAuthority"][0]? // .["cv:ownedBy"][0]? // .["dct:publisher"][0]? // {}) as $body
  | ($body | organisation_number) as $number
  | {name: ($body | called | if . == "" then "(ikke oppgitt)" else . end), country: "NO", public_body: ([$body.type[]? == "cv:PublicOrganisation"] | any)}
  + if $number then {scheme: "0192", number: $number} else {identifier_unknown: true} end;

def kinds:
  {"tilskudd": "grant", "tilskot": "grant", "lån": "loan", "garanti": "guarantee", "rådgivning": "advice", "rådgjeving": "advice",
   "testing og utprøving": "testbed", "nettverk": "network", "kurs": "course", "veiledning om tillatelser": "permit-guidance",
   "mentor": "mentor", "inkubator": "incubator", "eksport": "export"};
def kind: [.["dct:type"][]? | kinds[name | ascii_downcase] // empty] | .[0] // "information";
def status:
  {"Completed": "active", "UnderDevelopment": "paused", "Deprecated": "ended", "Withdrawn": "ended"}[.["adms:status"][0]? // {} | last_part] // "active";

def themes: [.["cv:thematicArea"][]? | name | select (. != "")] | theme_codes (archive_themes; "nb");
def keywords: [.["dcat:keyword"] // [] | .[] | select (.value? != null) | known[(.lang // "nb") | .[0:2]] as $language | select ($language) | .value | split_list[] | {language: $language, text: .}];

def areas:
  [.["dct:spatial"][]?
   | last_part as $code
   | if .id? // "" | test ("/country/") then {written: .id, code: ({"NOR": "NO", "DNK": "DK", "SWE": "SE"}[$code] // ""), scheme: "country"}
     elif .id? // "" | test ("/nuts/") then {written: .id, code: $code, scheme: "NUTS-2024"}
     else {written: called} end
   | if .code == "" then del (.code, .scheme) else . end];
def nace: [.["cv:sector"][]? | select (.id? // "" | test ("/nace2")) | last_part | select (test ("^[0-9]"))];
def nace_version: if [.["cv:sector"][]? | .id? // "" | test ("/nace2[.]1/")] | any then "2.1" elif nace == [] then "" else "2" end;

def languages: {"NOB": "nb", "NNO": "nn", "NOR": "nb", "ENG": "en", "DAN": "da", "SWE": "sv"};

def plain ($prefix): (.value // .id // "") | ltrimstr ($prefix) | trim;
def address:
  .["vcard:street-address"][0]?.value as $street | [.["vcard:postal-code"][0]?.value, .["vcard:locality"][0]?.value] as $town
  | .["locn:fullAddress"][0]?.value // ([$street, ($town | map (select (. != null)) | join (" "))] | map (select (. != null and . != "")) | join (", "));
def channel:
  (.["dct:type"][0]? // {} | last_part) as $type
  | {kind: ({"online-service": "web", "telephone": "phone", "e-mail": "mail", "service-bureau": "office", "mail": "letter"}[$type] // (if $type == "" then "web" else $type end)),
     url: (.["vcard:hasURL"][0]? // {} | plain ("")), telephone: (.["vcard:hasTelephone"][0]? // {} | plain ("tel:")),
     mail: (.["vcard:hasEmail"][0]? // {} | plain ("mailto:")), address: (.["vcard:hasAddress"][0]? // {} | address)} | compact;

def amount: (.["cv:value"][0]?.value // "") | trim | sub (","; ".") | select (test ("^[0-9]+([.][0-9]+)?$"));
def cost_terms: [.["dct:description"] | written[]];
def price:
  (.["cv:hasCost"] // []) as $costs
  | if $costs == [] then null
    else
      ([$costs[] | amount] | .[0] // null) as $amount
      | {model: (if $amount == null then "fee" elif ($amount | tonumber) == 0 then "free" else "fixed" end), amount: $amount,
         currency: (if $amount == null then "" else [$costs[] | .["cv:currency"][0]? // empty | last_part] | .[0] // "NOK" end),
         terms: [$costs[] | cost_terms[]]} | compact
    end;

def contact:
  {name: ([(.["vcard:hasOrganizationName"] | written), (.["vcard:fn"] | written), (.["dct:title"] | written)] | map (select (. != [])) | .[0] // [] | best_text ("nb")),
   telephone: (.["vcard:hasTelephone"][0]? // .["cv:telephone"][0]? // {} | plain ("tel:")),
   mail: (.["vcard:hasEmail"][0]? // .["cv:email"][0]? // {} | plain ("mailto:")),
   url: (.["vcard:hasURL"][0]? // .["cv:contactPage"][0]? // {} | plain (""))} | compact;

(.["dct:title"] | written) as $title
| themes as $themes
| {key: (.["dct:identifier"][0]?.value // .id), provider: provider, kind: kind, status: status,
   title: (if $title == [] then problem ("dct:title"; "is missing"; "give the service a title in the county's catalogue") else $title end),
   description: (.["dct:description"] | written), themes: [$themes[] | select (is_theme)],
   keywords: ([$themes[] | select (is_theme | not) | {language: "nb", text: .}] + keywords),
   eligibility: ({areas: areas, nace: nace, nace_version: nace_version} | compact),
   service_languages: [.["dct:language"][]? | languages[last_part] // empty], channels: [.["cv:hasChannel"][]? | channel],
   price: price, requirements: [.["cv:holdsRequirement"][]? | called | select (. != "")], produces: [.["cpsv:produces"][]? | called | select (. != "")],
   url: (.["foaf:homepage"][0]? // {} | plain ("")), contacts: [.["cv:contactPoint"][]? | contact | select (. != {})]}
| compact
