#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# tools/bootstrap on machines that it can only meet here as a folder of
# stand-ins on PATH: what is installed, who we are, whether apt-get works.
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
failures=0

# The few real programs that the script itself is made of.
real=(bash awk grep tail mktemp rm env cat)

# machine: an empty PATH folder with stand-ins that tell what was called.
machine() {
    rm -rf "${folder:?}"/{bin,calls,installed}
    mkdir "$folder/bin"
    : >"$folder/calls"
    : >"$folder/installed"
    for program in "${real[@]}"; do
        ln -s "$(command -v "$program")" "$folder/bin/$program"
    done
}

stand_in() {
    local name=$1
    { echo '#!/bin/bash'
      echo "here='$folder'"
      cat; } >"$folder/bin/$name"
    chmod +x "$folder/bin/$name"
}

# Debian: dpkg-query knows what "installed" lists; apt-get adds to it.
debian() {
    stand_in dpkg-query <<'S'
shift 3
for package; do
    grep -qx "$package" "$here/installed" && echo "$package installed"
done
exit 1
S
    stand_in apt-get <<'S'
echo "apt-get $*" >>"$here/calls"
[[ ${DEBIAN_FRONTEND:-} == noninteractive ]] || exit 9
if [[ $1 == update ]]; then : >"$here/updated"; exit 0; fi
[[ ! -e $here/offline ]] || { echo 'E: Failed to fetch http://x Temporary failure resolving'; exit 100; }
[[ ! -e $here/stale || -e $here/updated ]] || { echo 'E: Unable to locate package'; exit 100; }
shift 3
printf '%s\n' "$@" >>"$here/installed"
S
    rm -f "$folder"/{offline,stale,updated}
}

who() {
    stand_in id <<<"echo $1"
}

# bootstrap WORDS: leaves the exit code in code and all words in output.
bootstrap() {
    code=0
    output=$(PATH="$folder/bin" "$root/tools/bootstrap" "$@" 2>&1) || code=$?
}

expect() {
    local what=$1
    shift
    if ! "$@"; then
        echo "FAILED: $what: code $code, said: $output"
        failures=$((failures + 1))
    else
        echo "ok: $what"
    fi
}

says() { [[ $output == *"$1"* ]]; }
called() { grep -q -- "$1" "$folder/calls"; }

machine; debian; who 0
bootstrap run
expect "root, all missing: installs" test "$code" -eq 0
expect "root, all missing: without recommended packages" \
    called '--no-install-recommends gcc libc6-dev cmake ninja-build'
expect "root, all missing: names them" says 'installing gcc'
expect "root, lists are fresh: no update" bash -c "! grep -q update '$folder/calls'"
expect "run wants nothing of the tests" bash -c "! grep -q cmocka '$folder/installed'"
: >"$folder/calls"
bootstrap run
expect "again: silent" test "$code$output" = 0
expect "again: nothing is called" test ! -s "$folder/calls"
bootstrap test
expect "test adds its own" test "$code" -eq 0
expect "test adds only what is missing" called 'recommends libcmocka-dev libmbedtls-dev clang '
bootstrap bench
expect "bench adds the cross compiler" called 'recommends gcc-arm-none-eabi'
bootstrap firmware
expect "firmware adds the emulator" called 'qemu-system-arm'
bootstrap prove
expect "prove adds the prover" called 'recommends frama-c-base why3 z3'
: >"$folder/calls"
bootstrap all
expect "all: nothing left" test "$code$output" = 0

machine; debian; who 0; touch "$folder/stale"
bootstrap run
expect "stale lists: update, then install" test "$code" -eq 0
expect "stale lists: one update" test "$(grep -c update "$folder/calls")" -eq 1

machine; debian; who 0; touch "$folder/offline"
bootstrap run
expect "no network: fails" test "$code" -eq 1
expect "no network: says so" says 'no network'
expect "no network: says what to run" says 'apt-get install --yes --no-install-recommends gcc'

machine; debian; who 1000
bootstrap run
expect "no rights: fails" test "$code" -eq 1
expect "no rights: says so" says 'no right to install'
expect "no rights: says what to run" says 'apt-get install --yes'
expect "no rights: tries nothing" test ! -s "$folder/calls"

machine; debian; who 1000
stand_in sudo <<'S'
[[ $1 == -n ]] && shift
[[ $1 == true ]] && exit 0
env -i PATH="$PATH" "$@"
S
bootstrap run
expect "sudo: installs" test "$code" -eq 0
expect "sudo: through apt-get" called 'install --yes'

machine; who 1000
bootstrap run
expect "not Debian: fails" test "$code" -eq 1
expect "not Debian: names the packages" says 'libseccomp-dev'
expect "not Debian: says what to do" says "by your system's own means"
for program in gcc cmake ninja patch python3; do stand_in "$program" <<<'exit 0'; done
stand_in pkg-config <<<'[[ $1 == --exists ]]'
bootstrap run
expect "not Debian, tools are there: silent" test "$code$output" = 0
bootstrap nonsense
expect "unknown word: fails" test "$code" -eq 1
expect "unknown word: says the known ones" says 'run, test, bench, firmware, prove or all'

echo "$failures failures"
[[ $failures -eq 0 ]]
