#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# usage: test_verdicts.sh PATH_OF_DOSEGATE
#
# The evaluator's word, from the outside: exit codes, calibration on flawed
# products, the same verdicts for the same seed, a run file that shows what was
# done to it.
# @verifies{EVL_VERDICT.2@1} @verifies{EVL_CAL.1@1} @verifies{EVL_RUN.1@1}
# @verifies{EVL_RUN.2@1}
set -euo pipefail
dosegate=${1:?usage: test_verdicts.sh PATH_OF_DOSEGATE}
root=$(cd "$(dirname "$0")/../.." && pwd)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
mkdir "$folder/lab" "$folder/other-lab"
failures=0

# evaluate WORDS: leaves the exit code in code and all words in output.
evaluate() {
    code=0
    output=$("$dosegate" evaluate --no-calibration --dir "$folder/lab" \
        --out "$folder/out" "$@" 2>&1) || code=$?
}

expect() {
    local what=$1 wanted=$2
    if [[ $code -eq $wanted ]]; then
        echo "ok: $what"
    else
        echo "FAILED: $what: exit $code, not $wanted; said: $output"
        failures=$((failures + 1))
    fi
}

# The table of verdicts, without what a clock or a random number wrote.
verdicts() {
    sed -nE 's/^  ([a-z-]+) +(pass|fail|inconclusive|error|pending|waived) .*/\1 \2/p' \
        <<<"$output" | sort
}

evaluate --test replay
expect "sound product: 0" 0

evaluate --test replay --seed 7
first=$(verdicts)
evaluate --test replay --seed 7
code=0
[[ -n $first && $first == "$(verdicts)" ]] || code=1
expect "same seed, same verdicts" 0

verify() {
    code=0
    output=$("$dosegate" verify --dir "$1" "$folder/out/run.dgrun" 2>&1) ||
        code=$?
}

verify "$folder/lab"
expect "run file as written: 0" 0
verify "$folder/other-lab"
expect "run file, another lab is trusted: 2" 2
printf 'x' | dd of="$folder/out/run.dgrun" bs=1 seek=200 conv=notrunc \
    status=none
verify "$folder/lab"
expect "run file with one byte changed: 2" 2

# Each test that takes a second at most must fail the products that it says it
# catches; "make run" does all of them.
count=0
for description in "$root"/eval/flawed/*/product.yaml; do
    name=$(basename "$(dirname "$description")")
    test=$(sed -nE 's/^caught_by: *([a-z-]+).*/\1/p' "$description")
    case $test in
    replay | power-cut | low-and-slow | overdose-at-once | second-controller | \
        passive-capture | stranger-flood | old-keys)
        evaluate --product "flawed/$name" --test "$test"
        expect "flawed/$name is caught by $test: 2" 2
        count=$((count + 1))
        ;;
    esac
done
code=0
[[ $count -ge 5 ]] || code=1
expect "there are flawed products to catch ($count)" 0

evaluate --test replay --product flawed/nobody
expect "no such product: 1" 1
evaluate --test nothing-of-this-name
expect "no such test: 1" 1
evaluate --test replay --seed seven
expect "seed that is no number: 1" 1

echo "$failures failures"
[[ $failures -eq 0 ]]
