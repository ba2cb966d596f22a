#!/bin/sh
# examples.sh - deploy/examples and deploy/systemd against the programs.  TAP.
set -u

top=$(cd "$(dirname "$0")/../.." && pwd)
build=${KASK_BUILD:-$top/build-test}
# not in TMPDIR, whose path may hold a space: systemd takes none in ExecStart
work=$(mktemp -d /tmp/kask-test-XXXXXX)
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

example_is_what_the_program_prints () {
    "$build/$1" --help-config >"$work/$1.conf"
    diff -u "$top/deploy/examples/$1.conf" "$work/$1.conf" >"$work/diff"
    ok $? "examples/$1.conf is what $1 --help-config prints"
    sed 's/^/# /' "$work/diff"
}

# The units with programs where they were built, so that systemd can look at them.
units_are_good () {
    for unit in kaskd.service kask-adapter@.service; do
        sed "s|^ExecStart=\(kask[a-z-]*\)|ExecStart=$work/\1|; /^Documentation=/d" "$top/deploy/systemd/$unit" >"$work/$unit"
    done
    for program in kaskd kask-adapter; do
        printf '#!/bin/sh\n' >"$work/$program"
        chmod +x "$work/$program"
    done
    systemd-analyze verify --man=no "$work/kaskd.service" "$work/kask-adapter@.service" >"$work/verify" 2>&1
    [ $? = 0 ] && ! grep "$work" "$work/verify" >/dev/null
    ok $? "systemd finds nothing wrong with the units"
    sed 's/^/# /' "$work/verify"
}

units_call_options_that_exist () {
    sed -n 's/^ExecStart=\(kask[a-z-]*\) \(.*\)/\1 \2/p' "$top"/deploy/systemd/*.service | while read -r program words; do
        for word in $words; do
            case $word in
            --*) "$build/$program" --help | grep -q -e "$word" || echo "$program $word" ;;
            esac
        done
    done >"$work/unknown"
    [ ! -s "$work/unknown" ]
    ok $? "the units' options are known to their programs"
    sed 's/^/# /' "$work/unknown"
}

example_is_what_the_program_prints kaskd
example_is_what_the_program_prints kask-adapter
units_are_good
units_call_options_that_exist
rm -rf "$work"
echo "1..$count"
exit $failed
