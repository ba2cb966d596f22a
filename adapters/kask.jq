# kask - helpers for mappings: refusing a record, blanks, lists, dates, numbers, texts.
#
# Identifiers, money and 64-bit numbers are strings throughout: jq computes in doubles.

# Refuses the record: which field, what is wrong, what a person is to do.
def problem ($field; $what; $todo): error ({"field": $field, "problem": $what, "do": $todo});

# ---------------------------------------------------------------- blanks
# null for what says nothing: null, "", white space.
def unblank: if type == "string" and test ("^\\s*$") then null else . end;

# An object or list without its members that say nothing, in all depths.
def absent_blanks:
  if type == "object" then with_entries (.value |= absent_blanks) | with_entries (select (.value | . != null and . != "" and . != [] and . != {}))
  elif type == "array" then map (absent_blanks) | map (select (. != null and . != ""))
  else unblank end;

# The field's text; refuses the record if it is blank.
def required ($field): unblank // problem ($field; "is empty"; "fill it in");

# ---------------------------------------------------------------- lists
# "a, b" by a regular expression; blanks are left out.
def split_by ($separator): if unblank == null then [] else [splits ($separator)] | map (sub ("^\\s+"; "") | sub ("\\s+$"; "")) | map (select (. != "")) end;

# ---------------------------------------------------------------- dates
def is_day ($y; $m; $d):
  $m >= 1 and $m <= 12 and $d >= 1
  and $d <= ([31, (if ($y % 4 == 0 and $y % 100 != 0) or $y % 400 == 0 then 29 else 28 end), 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][$m - 1]);

# "24.04.2014" or "2014-04-24" as "2014-04-24"; null stays null.
def date_of ($field):
  unblank as $text
  | if $text == null then null
    else ([$text | capture ("^\\s*(?<d>[0-9]{1,2})\\.(?<m>[0-9]{1,2})\\.(?<y>[0-9]{4})\\s*$"),
           capture ("^\\s*(?<y>[0-9]{4})-(?<m>[0-9]{2})-(?<d>[0-9]{2})\\s*$")] | first) as $parts
      | if $parts != null and is_day ($parts.y | tonumber; $parts.m | tonumber; $parts.d | tonumber)
        then "\($parts.y)-\("0" + $parts.m | .[-2:])-\("0" + $parts.d | .[-2:])"
        else problem ($field; "is not a date that exists"; "write it as dd.mm.yyyy") end
    end;

# ---------------------------------------------------------------- numbers
# "15.414.794" or "1 500,50" as "15414794" and "1500.50": a dot or space groups by three, a comma is the decimal sign.
def number_of ($field):
  unblank as $text
  | if $text == null then null
    elif $text | test ("^\\s*-?([0-9]{1,3}(\\.[0-9]{3})+|[0-9]{1,3}([ \u00a0][0-9]{3})+|[0-9]+)(,[0-9]+)?\\s*$")
    then $text | gsub ("[. \u00a0\\s]"; "") | sub (","; ".")
    else problem ($field; "is not a number"; "write it as 1.234,50") end;

# "50%" as "50", "12,5 %" as "12.5"; the sign is needed, for 0,5 is what a spreadsheet makes of 50%.
def percent_of ($field):
  unblank as $text
  | if $text == null then null
    elif $text | test ("%\\s*$") then $text | sub ("\\s*%\\s*$"; "") | number_of ($field)
    else problem ($field; "is not a percentage"; "write it with its sign, 50%") end;

# ---------------------------------------------------------------- texts
# [{language, text}] with one text; [] if it is blank.
def text_in ($language): if unblank == null then [] else [{language: $language, text: (sub ("^\\s+"; "") | sub ("\\s+$"; ""))}] end;

# An editor's HTML as plain text.
def html_text:
  gsub ("<br */?>|</p>|</li>|</h[1-6]>|</ul>|</ol>|</div>"; "\n") | gsub ("<li[^>]*>"; "- ") | gsub ("<[^>]*>"; "")
  | gsub ("&nbsp;"; " ") | gsub ("&lt;"; "<") | gsub ("&gt;"; ">") | gsub ("&quot;"; "\"") | gsub ("&#39;|&apos;"; "'")
  | gsub ("&aelig;"; "æ") | gsub ("&oslash;"; "ø") | gsub ("&aring;"; "å") | gsub ("&auml;"; "ä") | gsub ("&ouml;"; "ö")
  | gsub ("&AElig;"; "Æ") | gsub ("&Oslash;"; "Ø") | gsub ("&Aring;"; "Å") | gsub ("&Auml;"; "Ä") | gsub ("&Ouml;"; "Ö")
  | gsub ("&amp;"; "&") | gsub ("[ \t]+\n"; "\n") | gsub ("\n{2,}"; "\n") | sub ("^\\s+"; "") | sub ("\\s+$"; "");
