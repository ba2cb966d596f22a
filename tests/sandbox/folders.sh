#!/bin/sh
# The partners' folders: every program compiles, samples give what is expected, and codes.jq is what codes.def says.
cd "$(dirname "$0")/../.." || exit 1
number=0 failed=0

result () {
    number=$((number + 1))
    if [ "$1" = 0 ]; then
        echo "ok $number - $2"
    else
        echo "not ok $number - $2"
        failed=1
    fi
}

LC_ALL=C awk -f adapters/codes.awk proto/codes.def | cmp -s - adapters/codes.jq
result $? "codes.jq is made from codes.def"
for folder in erhvervshus-nord vaeksthus-nordjylland aust-agder; do
    for program in adapters/$folder/*.jq; do
        # A library has no program of its own: include it.
        case $program in
        */partners.jq | */crm.jq | */office.jq | */archive.jq)
            said=$(jq -n -L adapters -L "adapters/$folder" "include \"$(basename "$program" .jq)\"; 0" 2>&1) ;;
        *) said=$(jq -L adapters -L "adapters/$folder" --argjson args '{}' -f "$program" </dev/null 2>&1) ;;
        esac
        case $said in *"compile error"*) bad=1 ;; *) bad=0 ;; esac
        result $bad "$program compiles"
    done
done
adapter=${KASK_BUILD:-build-test}/kask-adapter
for folder in erhvervshus-nord vaeksthus-nordjylland aust-agder; do
    said=$(KASK_JQ_LIBRARY=$PWD/adapters "$adapter" check "adapters/$folder" 2>&1)
    result $? "samples of $folder"
    [ "$failed" = 0 ] || echo "$said" | sed 's/^/# /'
done
echo "1..$number"
exit $failed
