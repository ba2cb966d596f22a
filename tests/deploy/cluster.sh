#!/bin/sh
# cluster.sh - deploy/cluster: odd paths, repetition, a killed server.  TAP.
set -u

cluster=$(cd "$(dirname "$0")/../.." && pwd)/deploy/cluster
work=$(mktemp -d "${TMPDIR:-/tmp}/kask-test-XXXXXX")
chmod 755 "$work"
count=0
failed=0

ok () {
    count=$((count + 1))
    if [ "$1" = 0 ]; then
        echo "ok $count - $2"
    else
        failed=1
        echo "not ok $count - $2"
    fi
}

is () {
    [ "$1" = "$2" ]
    ok $? "$3"
    [ "$1" = "$2" ] || printf '#   got  "%s"\n#   want "%s"\n' "$1" "$2"
}

sql () {
    psql -X -A -t -q -d "$("$cluster" conninfo "$1")" -c "$2" 2>&1
}

lives_in () {
    dir=$1
    what=$2
    "$cluster" make "$dir" 2>/dev/null && "$cluster" start "$dir"
    ok $? "$what: made and started"
    is "$(sql "$dir" 'SHOW fsync')" on "$what: fsync is on"
    is "$(sql "$dir" 'SHOW listen_addresses')" "" "$what: no TCP"
    "$cluster" make "$dir" && "$cluster" start "$dir"
    ok $? "$what: twice is harmless"
}

survives_a_kill () {
    dir=$1
    sql "$dir" 'CREATE TABLE kept (one integer); INSERT INTO kept VALUES (1)'
    kill -9 "$("$cluster" pid "$dir")"
    "$cluster" start "$dir"
    ok $? "started again at once after kill -9"
    is "$(sql "$dir" 'SELECT one FROM kept')" 1 "what was committed is there"
}

ends () {
    dir=$1
    what=$2
    "$cluster" stop "$dir" && "$cluster" stop "$dir"
    ok $? "$what: stopped, and twice is harmless"
    ! "$cluster" status "$dir"
    ok $? "$what: does not run"
    "$cluster" remove "$dir"
    [ ! -e "$dir" ]
    ok $? "$what: removed"
}

only_its_owner_reaches_the_socket () {
    folder=$("$cluster" conninfo "$1" | sed "s/^host='\([^']*\)'.*/\1/")
    is "$(stat -c %a "$folder")" 700 "nobody else reaches the socket"
}

says_what_to_do () {
    is "$("$cluster" start "$work/none" 2>&1)" "cluster: there is no cluster in $work/none: deploy/cluster make $work/none" \
        "start without make says what to do"
}

lives_in "$work/a b" "a path with a space"
survives_a_kill "$work/a b"
only_its_owner_reaches_the_socket "$work/a b"
ends "$work/a b" "a path with a space"
long=$work/$(printf 'long%.0s' 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25)
lives_in "$long" "a path too long for a socket"
short=$("$cluster" conninfo "$long" | sed "s/^host='\([^']*\)'.*/\1/")
"$cluster" stop "$long" && "$cluster" start "$long"
is "$("$cluster" conninfo "$long" | sed "s/^host='\([^']*\)'.*/\1/")" "$short" "the short folder is the same after a new start"
ends "$long" "a path too long for a socket"
[ ! -e "$short" ]
ok $? "the short folder is gone: $short"
mkdir -m 700 "$work/closed"
lives_in "$work/closed/pg" "below a closed folder"
ends "$work/closed/pg" "below a closed folder"
says_what_to_do
rm -rf "$work"
echo "1..$count"
exit $failed
