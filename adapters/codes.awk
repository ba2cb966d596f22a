# codes.awk - codes.jq out of proto/codes.def, the table of all codes.
#   LC_ALL=C awk -f adapters/codes.awk proto/codes.def > adapters/codes.jq
BEGIN {
    print "# codes - the words of every code, made by codes.awk from proto/codes.def."
    print "def codes: {"
}
/^CODE \(/ {
    line = $0
    sub (/^CODE \(/, "", line)
    list = line
    sub (/,.*/, "", list)
    n = split (line, part, "\"")
    if (list != last)
        printf "%s  \"%s\": {", last == "" ? "" : "\n  },\n", list
    printf "%s\n    \"%s\": {\"da\": \"%s\", \"nb\": \"%s\", \"nn\": \"%s\", \"sv\": \"%s\", \"en\": \"%s\"}", \
        list == last ? "," : "", part[4], part[6], part[8], part[10], part[12], part[14]
    last = list
}
END {
    print "\n  }\n};"
}
