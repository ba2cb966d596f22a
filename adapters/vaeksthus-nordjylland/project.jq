# project - a row of the project list as an Offering of the kind effort.
#
# The list gives no number for a project and none for who runs it.  What tells two rows apart is the title, who runs
# it, when it starts and ends, the fund, the axis and the region: one project may have a grant from each fund, axis
# or region.  Amounts are not part of the key, because they are adjusted while a project runs.
include "kask";
include "words";
include "office";

def slug: ascii_downcase | gsub ("[æÆ]"; "ae") | gsub ("[øØ]"; "oe") | gsub ("[åÅ]"; "aa") | gsub ("[^a-z0-9]+"; "-") | .[0:40] | gsub ("^-|-$"; "");
def key:
  [.title, .beneficiary, .starts, .ends, .fund, .axis, .region] | map (. // "" | ascii_downcase | gsub ("\\s+"; " ") | trim) as $parts
  | "projekt-" + ($parts[0] | slug) + "-" + ($parts | checksum);

def fund:
  {"R": "Den Europæiske Fond for Regionaludvikling 2014-2020", "S": "Den Europæiske Socialfond 2014-2020"}[.fund // ""]
  // problem ("fund"; "\(.fund) is neither R nor S"; "correct it in the list");
def country: {"Denmark": "DK", "Norway": "NO", "Sweden": "SE"}[.country // ""] // problem ("country"; "\(.country) is not known"; "correct it in the list");

# "Name,99999999,mail@example" on each line; a line ends with a dot.
def people:
  [.contacts // "" | split ("\n")[] | sub ("[.]?\\s*$"; "") | select (. != "") | split (",")
   | {name: (.[0:([length - 2, 1] | max)] | join (",") | trim), telephone: (if length > 2 then .[-2] | trim else null end),
      mail: (if length > 1 then .[-1] | trim else null end)} | compact];
def partner_list: [.partners // "" | split ("\n")[] | sub ("[.]?\\s*$"; "") | trim | select (. != "")];

def grouped: [. as $digits | range (length; 0; -3) | $digits[([. - 3, 0] | max):.]] | reverse | join (".");
def axis_text: .axis // "" | gsub ("[.]?\n"; ": ") | trim;
def money_terms:
  [ (if .eu_share then "EU-medfinansiering \(.eu_share | grouped) kr." else empty end),
    (if axis_text == "" then empty else "Prioritetsakse \(axis_text)" end) ] | join (" ");

def text: [(.description // "" | trim), (partner_list | if . == [] then empty else "Partnere: " + join ("; ") + "." end)] | map (select (. != "")) | join ("\n");

($args.now // "9999" | .[0:10]) as $today
| {key: key, kind: "effort", provider: {name: (.beneficiary | trim), identifier_unknown: true, country: country},
   status: (if .ends != null and .ends < $today then "ended" else "active" end),
   title: ({da: .title} | texts), description: ({da: text} | texts), eligibility: ({areas: [.region | select (blank | not) | area]} | compact),
   channels: [{kind: "office", address: ([.street, ([.postcode, .city] | map (select (blank | not) | trim) | join (" "))] | map (select (blank | not) | trim) | join (", "))} | select (.address != "")],
   funding: ({programme: fund, total: .budget, currency: (if .budget then "DKK" else "" end), rate_percent: .eu_rate, terms: ({da: money_terms} | texts)} | compact),
   starts: .starts, ends: .ends, contacts: people}
| compact
