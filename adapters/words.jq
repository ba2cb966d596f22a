# words - what the partners' folders share: words for people in their language, texts, times.
#
# $language is da or nb throughout: what the people at that partner read.
include "codes";

# ---------------------------------------------------------------- texts
def blank: . == null or (type == "string" and test ("^\\s*$"));
def filled: if blank then null else . end;
def trim: sub ("^\\s+"; "") | sub ("\\s+$"; "");

# An object without the members that say nothing.
def compact: with_entries (select (.value | (. != null and . != "" and . != [] and . != {})));

# A list in one text: "eksport, told og moms".
def split_list: if blank then [] else split (",") | map (trim) | map (select (. != "")) end;

# [{language, text}] out of {da: "…", en: "…"}.
def texts: [to_entries[] | select (.value | blank | not) | {language: .key, text: (.value | trim)}];

# The text that the people here read best, of [{language, text}].
def best_text ($language):
  . as $all
  | ({"da": ["da", "nb", "nn", "sv", "en"], "nb": ["nb", "nn", "da", "sv", "en"]}[$language]
     | map (. as $wanted | $all[]? | select (.language == $wanted) | .text) | first) // ($all[0].text?) // "";

# HTML of a system's editor as plain text.
def plain_html:
  gsub ("<br */?>|</p>|</li>|</h[1-6]>|</ul>|</ol>"; "\n") | gsub ("<li[^>]*>"; "- ") | gsub ("<[^>]*>"; "")
  | gsub ("&nbsp;"; " ") | gsub ("&lt;"; "<") | gsub ("&gt;"; ">") | gsub ("&quot;"; "\"") | gsub ("&#39;|&apos;"; "'")
  | gsub ("&amp;"; "&") | gsub ("[ \t]+\n"; "\n") | gsub ("\n{2,}"; "\n") | trim;

# ---------------------------------------------------------------- codes
# The word of a code; a code that is not in the table stays as it is.
def word ($list; $code; $language): codes[$list][$code][$language] // $code;

# The code of a word that was written by a person or by word ().
def code_of ($list; $language):
  (ascii_downcase | trim) as $word
  | first (codes[$list] | to_entries[]
           | select ((.key | ascii_downcase) == $word or (.value[$language] | ascii_downcase) == $word) | .key) // null;

# Words for themes into codes, by the partner's own table first; a word that is no theme is left as it is.
def theme_codes ($own; $language): map (. as $word | $own[$word | ascii_downcase] // code_of ("THEME"; $language) // $word);
def theme_words ($language): map (word ("THEME"; .; $language));
def is_theme: . as $code | codes.THEME | has ($code);

def scheme_of_country: {"DK": "0184", "NO": "0192", "SE": "0007"}[.] // "";
# Digits of an organisation's number, however people write it.
def digits: gsub ("[^0-9]"; "");

# ---------------------------------------------------------------- times
def epoch:
  capture ("^(?<at>[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2})([.][0-9]+)?(?<zone>Z|(?<sign>[+-])(?<h>[0-9]{2}):(?<m>[0-9]{2}))$")
  | ((.at + "Z") | fromdate)
    - (if .zone == "Z" then 0 else ((.h | tonumber) * 3600 + (.m | tonumber) * 60) * (if .sign == "-" then -1 else 1 end) end);

# 01:00 UTC of the last Sunday in a month of 31 days: when Europe's clocks change.
def last_sunday ($year; $month): ("\($year)-\($month)-31T01:00:00Z" | fromdate) | . - (((. / 86400 | floor) + 4) % 7) * 86400;
def central_seconds:
  . as $at | (todate | .[0:4]) as $year
  | if $at >= last_sunday ($year; "03") and $at < last_sunday ($year; "10") then 7200 else 3600 end;

# RFC 3339 -> "2026-11-23T14:05:09" as clocks in Denmark, Norway and Sweden show it, and back to UTC.
def local_time: epoch | (. + central_seconds) | todate | rtrimstr ("Z");
def utc_time: (. + "Z" | fromdate) as $shown | (if ($shown - 7200 | central_seconds) == 7200 then 7200 else 3600 end) as $ahead | $shown - $ahead | todate;
def is_time: type == "string" and test ("^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}([.][0-9]+)?(Z|[+-][0-9]{2}:[0-9]{2})$");

# 2026-11-23 -> 23.11.2026; with a time of day, local: 23.11.2026 kl. 14.05
def shown_day: .[8:10] + "." + .[5:7] + "." + .[0:4];
def shown_time: local_time | shown_day + " kl. " + .[11:13] + "." + .[14:16];

# The day of a deadline, which ends at 24:00: the last one on which an answer is in time.
def last_day: (epoch - 1 | todate) | local_time | shown_day;

# ---------------------------------------------------------------- referrals
def state_word ($language):
  {"SENT": {"da": "sendt", "nb": "oversendt"}, "RECEIVED": {"da": "modtaget", "nb": "mottatt"},
   "ACCEPTED": {"da": "accepteret", "nb": "godtatt"}, "IN_PROGRESS": {"da": "i gang", "nb": "påbegynt"},
   "ON_HOLD": {"da": "på pause", "nb": "på vent"}, "COMPLETED": {"da": "afsluttet", "nb": "avsluttet"},
   "DECLINED": {"da": "afvist", "nb": "avslått"}, "REDIRECTED": {"da": "henvist videre", "nb": "omdirigert"},
   "WITHDRAWN": {"da": "trukket tilbage", "nb": "trukket tilbake"}, "EXPIRED": {"da": "udløbet uden svar", "nb": "utløpt uten svar"},
   "FAILED": {"da": "mislykket", "nb": "mislykket"}, "REVOKED": {"da": "afsluttet, fordi samtykket er trukket", "nb": "avsluttet fordi samtykket er trukket"},
   "IN_ERROR": {"da": "fejlregistreret", "nb": "feilregistrert"}}[.][$language] // .;

def event_word ($language):
  {"SEND": {"da": "henvisningen", "nb": "oversendelsen"}, "ASK": {"da": "spørgsmålet", "nb": "spørsmålet"},
   "ANSWER": {"da": "svaret", "nb": "svaret"}, "ACCEPT": {"da": "accepten", "nb": "godkjenningen"},
   "DECLINE": {"da": "afslaget", "nb": "avslaget"}, "REDIRECT": {"da": "henvisningen videre", "nb": "omdirigeringen"},
   "START": {"da": "starten", "nb": "oppstarten"}, "HOLD": {"da": "pausen", "nb": "ventingen"},
   "RESUME": {"da": "genoptagelsen", "nb": "gjenopptakelsen"}, "COMPLETE": {"da": "afslutningen", "nb": "avslutningen"},
   "REOPEN": {"da": "genåbningen", "nb": "gjenåpningen"}, "FAIL": {"da": "meldingen om, at det mislykkedes", "nb": "meldingen om at det mislyktes"},
   "WITHDRAW": {"da": "tilbagetrækningen", "nb": "tilbaketrekkingen"}, "REVOKE": {"da": "tilbagetrækningen af samtykket", "nb": "tilbaketrekkingen av samtykket"},
   "MARK_ERROR": {"da": "fejlregistreringen", "nb": "feilregistreringen"}, "NOTE": {"da": "noten", "nb": "merknaden"},
   "CONTACTED": {"da": "kontakten", "nb": "kontakten"}}[.][$language] // .;

def fault_text ($language):
  {"NO_AGREEMENT": {"da": "der ingen aftale er om henvisninger mellem os og modtageren", "nb": "det ikke finnes noen avtale om henvisninger mellom oss og mottakeren"},
   "UNKNOWN_RECIPIENT": {"da": "modtageren er ikke med i samarbejdet", "nb": "mottakeren er ikke med i samarbeidet"},
   "UNKNOWN_OFFERING": {"da": "ydelsen findes ikke længere hos modtageren", "nb": "tjenesten finnes ikke lenger hos mottakeren"},
   "NOT_REFERABLE": {"da": "ydelsen tager ikke imod henvisninger (den er på pause, ophørt eller et projekt)", "nb": "tjenesten tar ikke imot henvisninger (den er på pause, avsluttet eller et prosjekt)"},
   "NO_LEGAL_BASIS": {"da": "retsgrundlaget for at give oplysningerne videre mangler", "nb": "rettsgrunnlaget for å gi opplysningene videre mangler"},
   "TO_SELF": {"da": "en henvisning kan ikke sendes til os selv", "nb": "en henvisning kan ikke sendes til oss selv"},
   "CIRCLE": {"da": "modtageren har allerede haft sagen", "nb": "mottakeren har allerede hatt saken"},
   "CHAIN_TOO_LONG": {"da": "virksomheden er henvist fire gange allerede", "nb": "virksomheten er henvist fire ganger allerede"},
   "CONFLICT": {"da": "den anden part nåede at handle først", "nb": "den andre parten rakk å handle først"},
   "BAD_STATE": {"da": "henvisningen er nået til et andet trin", "nb": "henvisningen er kommet til et annet trinn"},
   "TOO_LATE": {"da": "fristen for det er ude", "nb": "fristen for det er ute"},
   "WRONG_ROLE": {"da": "kun den anden part kan gøre det", "nb": "bare den andre parten kan gjøre det"},
   "MISSING_FIELD": {"da": "en oplysning mangler, eller en kode er ukendt", "nb": "en opplysning mangler, eller en kode er ukjent"},
   "NO_SUCH_QUESTION": {"da": "intet ubesvaret spørgsmål har det nummer", "nb": "ikke noe ubesvart spørsmål har det nummeret"},
   "TOO_MANY_QUESTIONS": {"da": "for mange spørgsmål er ubesvarede", "nb": "for mange spørsmål er ubesvarte"}}[.][$language] // .;

# What the case worker reads when an act did not count.
def refusal_text ($language):
  (.event | event_word ($language)) as $act | (.fault | fault_text ($language)) as $why
  | (if .fault == "" or (.fault | fault_text ($language)) == .fault then .text // "" else "" end) as $more
  | (if .state == null or .state == "" then "" else .state | state_word ($language) end) as $state
  | if $language == "da"
    then "Gælder ikke: \($act) blev ikke sendt videre, fordi \($why)."
         + (if $state == "" then "" else " Henvisningen er \($state)." end)
         + (if .event == "SEND" then " Virksomheden er ikke henvist; ret det, og opret henvisningen igen, eller ring til modtageren." else "" end)
    else "Gjelder ikke: \($act) ble ikke sendt videre fordi \($why)."
         + (if $state == "" then "" else " Henvisningen er \($state)." end)
         + (if .event == "SEND" then " Virksomheten er ikke henvist; rett det og opprett henvisningen på nytt, eller ring mottakeren." else "" end)
    end
  + (if $more == "" then "" else " (" + $more + ")" end);

# Events that carry no person's words: what they mean, in a sentence.
def notice_text ($language):
  {"RECEIPT": {"da": "Henvisningen ligger i modtagerens system.", "nb": "Henvisningen ligger i mottakerens system."},
   "EXPIRE": {"da": "Fristen for at svare er ude.", "nb": "Fristen for å svare er ute."},
   "REMIND": {"da": "Påmindelse: \(.header.working_days // "flere") arbejdsdage er gået uden svar eller kontakt.", "nb": "Påminnelse: \(.header.working_days // "flere") arbeidsdager er gått uten svar eller kontakt."},
   "DEAD_LETTER": {"da": "En besked fra os kunne ikke lægges i modtagerens system; driften er underrettet. Ring til modtageren, hvis det haster.", "nb": "En melding fra oss kunne ikke legges i mottakerens system; driften er varslet. Ring mottakeren hvis det haster."},
   "REPLAYED": {"da": "Beskeden, der ikke kunne leveres, er nu sendt igen.", "nb": "Meldingen som ikke kunne leveres, er nå sendt på nytt."},
   "RETURNED": {"da": "En besked kunne ikke lægges i modtagerens system og er givet tilbage til afsenderen, som må sende den på ny eller ringe.", "nb": "En melding kunne ikke legges i mottakerens system og er gitt tilbake til avsenderen, som må sende den på nytt eller ringe."},
   "DROPPED": {"da": "En besked kunne ikke lægges i modtagerens system og er opgivet af driften.", "nb": "En melding kunne ikke legges i mottakerens system og er gitt opp av driften."},
   "REVOKE": {"da": "Samtykket er trukket tilbage; oplysningerne slettes.", "nb": "Samtykket er trukket; opplysningene slettes."}}[.event][$language] // "";

# A referral that its receiver's system could not take, and that the operators gave up.
def ended_unread: (.task.event == "RETURNED" or .task.event == "DROPPED") and .task.state == "IN_ERROR";

# Everything that a person should read of an event: its words, then what has no field of its own in most systems.
# Nothing of perhaps_repeated: the three systems keep a key and know a repeat.
def said ($language):
  . as $task
  | [ (.content.text? // ""), (.event as $e | notice_text ($language)),
      ((.header.obstacles? // [])[1:][] | (if $language == "da" then "Også: " else "Også: " end) + word ("OBSTACLE"; .code; $language)),
      (if (.header.reason? // "") == "" or .header.reason == "OTHER" then "" else word ("REASON"; .header.reason; $language) end) ]
  | map (select (. != "")) | join ("\n");

# ---------------------------------------------------------------- offerings
def price_text ($language):
  if . == null or .model == null then ""
  else word ("PRICE_MODEL"; .model; $language)
       + (if (.amount // "" | . == "" or . == "0") then "" else ", " + (.amount | sub ("[.]00$"; "") | sub ("[.]"; ",")) + " " + (.currency // "") end)
       + ((.terms // []) | best_text ($language) | if . == "" then "" else " (" + . + ")" end)
  end;

# An area as people call it; written as an address of an authority's list, by its code.
def area_names:
  {"DK": "Danmark", "NO": "Norge", "SE": "Sverige", "NO092": "Agder", "NO0A1": "Rogaland", "DK05": "Nordjylland", "DK050": "Nordjylland",
   "DK04": "Midtjylland", "DK03": "Syddanmark", "SE231": "Halland", "SE232": "Västra Götaland"};
def area_text: if .written | test ("^https?://") then area_names[.code // ""] // .code // (.written | sub (".*/"; "")) else .written end;

# What an adviser must know before picking it, as lines behind the description.
def offering_text ($language):
  def line ($da; $nb; f): (f) as $value | if $value == "" or $value == null then empty else (if $language == "da" then $da else $nb end) + ": " + $value end;
  . as $offering
  | [ ((.description // []) | best_text ($language)),
      line ("Betingelser"; "Vilkår"; (.eligibility.conditions? // []) | best_text ($language)),
      line ("Krav"; "Krav"; (.requirements // []) | join ("; ")),
      line ("Område"; "Område"; (.eligibility.areas? // []) | map (area_text) | join (", ")),
      line ("Udenlandske virksomheder"; "Utenlandske virksomheter"; (.eligibility.foreign_clients? // "") | if . == "" then "" else word ("FOREIGN_CLIENTS"; .; $language) end),
      line ("Sprog"; "Språk"; (.service_languages // []) | map (word ("LANGUAGE"; .; $language)) | join (", ")),
      line ("Pris"; "Pris"; .price | price_text ($language)),
      line ("Støtte"; "Støtte"; .funding | if . == null then "" else [.programme, (.rate_percent | if . then . + " %" else null end), (.maximum | if . then . + " " + ($offering.funding.currency // "") else null end)] | map (select (. != null and . != "")) | join (", ") end),
      line ("Ledig"; "Ledig"; .capacity),
      line ("Åbent"; "Åpent"; [.opens, .closes] | if .[0] or .[1] then map (if . then shown_day else "" end) | join (" - ") else "" end),
      line ("Erfaring"; "Erfaring"; (.competence // []) | map (.field + (if (.evidence // "") == "" then "" else " (" + .evidence + ")" end)) | join ("; ")),
      line ("Kontakt"; "Kontakt"; (.contacts // []) | map ([.name, .telephone, .mail] | map (select (. != null and . != "")) | join (", ")) | join ("; ")),
      line ("Sidst bekræftet"; "Sist bekreftet"; .assured_on | if . then shown_day else "" end),
      (if .held_at_source == true then {"da": "Kilden kunne ikke læses sidst; oplysningerne er fra før.", "nb": "Kilden kunne ikke leses sist; opplysningene er fra før."}[$language] else empty end) ]
  | map (select (. != "")) | join ("\n");

# Can an adviser here pick it?  What is not verified is not shown.
def is_shown: .withdrawn != true and .verified == true and (.offering | (.title // []) | length > 0);

# The key by which a person picks a neighbour's offering, and back.
def picked_key: .publisher + "/" + .key;
def picked: if blank then null else capture ("^(?<publisher>[^/]+)/(?<key>.+)$")? end;

# A short name for what is in a value; the same for the same.
def checksum:
  def hex: . as $n | [range (7; -1; -1) | . as $place | ($n / pow (16; $place) | floor) % 16] | map ("0123456789abcdef"[.:. + 1]) | join ("");
  (tojson | explode) as $bytes
  | (reduce $bytes[] as $byte (7; (. * 131 + $byte) % 4294967291) | hex)
    + (reduce $bytes[] as $byte (11; (. * 257 + $byte) % 4294967279) | hex);

# A text that can be part of a file's name.
def file_name: gsub ("[^A-Za-z0-9._-]+"; "-");
