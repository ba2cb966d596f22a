#!/bin/sh
# quickstart.sh - deploy/quickstart from a clone with a space in its path, twice, and what it says to do next.  TAP.
set -u

top=$(cd "$(dirname "$0")/../.." && pwd)
seconds=60
work=$(mktemp -d "${KASK_LOGS:-${TMPDIR:-/tmp}}/kask-quickstart-XXXXXX")
chmod 755 "$work"
clone="$work/a clone"
count=0
failed=0

ok () {
    count=$((count + 1))
    if [ "$1" = 0 ]; then
        echo "ok $count - $2"
    else
        failed=1
        echo "not ok $count - $2"
        [ ! -s "$work/out" ] || tail -n 15 "$work/out" | sed 's/^/# /'
    fi
}

quickstart () {
    (cd "$clone" && deploy/quickstart "$@") >"$work/out" 2>&1
}

says () {
    grep -q -e "$1" "$work/out"
    ok $? "${2-it says: $1}"
}

# The checkout without what was made in it.
clone () {
    mkdir -p "$clone" && tar -C "$top" --exclude=./.git --exclude=./var --exclude='./build*' --exclude=./configure \
        --exclude=./config.status --exclude=./autom4te.cache --exclude='*.o' --exclude='*.l[oa]' -c . | tar -x -C "$clone"
    [ -x "$clone/deploy/quickstart" ]
}

until_it_says () {
    deadline=$(($(date +%s) + seconds))
    until (cd "$clone" && eval "$1") 2>&1 | grep -q -e "$2"; do
        [ "$(date +%s)" -lt $deadline ] || return 1
        sleep 0.2
    done
}

# The lines that the page prints, run as they stand.
follow () {
    line=$(grep -e "^    var/$1" "$work/up" | head -n 1)
    [ -n "$line" ] && (cd "$clone" && eval "$line") >"$work/out" 2>&1
    ok $? "as printed: $(echo "$line" | cut -c 5-64)"
}

comes_up () {
    quickstart --yes
    came=$?
    ok $came "$1"
    cp "$work/out" "$work/up"
    [ $came = 0 ] || finish
}

tells_what_happened () {
    says '^30 offerings in the catalogue'
    says 'COMPLETE .*COMPLETED' "it shows the broker's timeline to its end"
    says 'completed: SOLVED' "it shows the partners' timelines to their ends"
    [ "$(grep -c -e ' \(ACCEPTED\|DONE\) .*\(SEND\|ASK\|ANSWER\|ACCEPT\|START\|CONTACTED\|COMPLETE\) ' "$work/out")" -ge 14 ]
    ok $? "it shows the audit trail"
}

second_referral () {
    follow 'kask status'
    follow 'aust-agder/act services'
    follow 'aust-agder/act refer'
    until_it_says var/erhvervshus-nord/act\ list 'Grimstad Mekaniske AS'
    ok $? "the second referral is in the other's system"
    follow 'erhvervshus-nord/act accept'
    until_it_says 'var/kask referral list' 'ACCEPTED'
    ok $? "and is accepted at the broker"
    until_it_says 'var/aust-agder/act list' 'godtatt\|Grimstad Mekaniske AS'
    ok $? "and in the sender's own archive"
}

runs () {
    quickstart status
    ok $? "status: all of it runs"
    ! grep -q 'does not run' "$work/out"
    ok $? "status: nothing is missing"
}

# Who reads one line of it and goes away stops neither the command nor gets to see a traceback.
stops () {
    (cd "$clone" && deploy/quickstart stop 2>"$work/complaints" | head -n 1) >"$work/out"
    says '^Stopped: ' "stop, of which somebody reads one line"
    [ ! -s "$work/complaints" ]
    ok $? "and no complaint: $(head -n 1 "$work/complaints")"
    pids=$(sed -n 's/.*process \([0-9]*\).*/\1/p' "$work/status")
    [ -n "$pids" ]
    ok $? "status named processes"
    for pid in $pids; do
        ! grep -q -e '^State:.[^ZX]' "/proc/$pid/status" 2>/dev/null || return 1
    done
}

ends () {
    quickstart status
    cp "$work/out" "$work/status"
    stops
    ok $? "none of its processes is left"
    ! quickstart status
    ok $? "status: exit code says that nothing runs"
    quickstart stop
    ok $? "stop twice is harmless"
    comes_up "it starts again from what it holds"
    says 'Grimstad\|30 offerings' "and still has the offerings"
    quickstart clean
    ok $? "clean"
    [ ! -e "$clone/var" ]
    ok $? "var/ is gone"
    quickstart clean
    ok $? "clean twice is harmless"
}

give_up () {
    [ ! -d "$clone/var" ] || quickstart clean
}

finish () {
    give_up
    [ $failed != 0 ] || rm -rf "$work"
    echo "1..$count"
    exit $failed
}

trap 'failed=1; finish' TERM INT
clone
ok $? "a clone in $clone"
comes_up "it comes up"
tells_what_happened
runs
comes_up "twice is harmless"
tells_what_happened
second_referral
ends
finish
