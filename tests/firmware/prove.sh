#!/usr/bin/env bash
# Prove the switch and its inputs with CBMC: prove.sh [--trixie DIR]; prints TAP.
#
#   --trixie DIR  where this Debian has no cbmc: make a Debian 13 in DIR (mmdebstrap, 425 MB) and use its own
#
# Each proof must hold, and each mutant of the code must break the proof that it names. Without cbmc all of it is skipped, and says so.
set -uo pipefail
top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
cd "$top" || exit 1
work=$(mktemp -d "${BPTM_WORK:-/var/tmp}/prove.XXXXXX")
trap 'rm -rf "$work"' EXIT
ulimit -v 4000000 # KiB: a proof that does not converge must not take the machine
number=0
cbmc=()
trixie=
while [ $# -gt 0 ]; do
    case $1 in
        --trixie) trixie=${2:?folder} && shift ;;
        *) sed -n '2,/^set/{/^set/d;s/^# \{0,1\}//p}' "$0" >&2 && exit 2 ;;
    esac
    shift
done

# in_trixie DIR: sets cbmc to the program of a Debian 13 in DIR, by its own loader
in_trixie() {
    local dir=$1
    if [ ! -x "$dir/usr/bin/cbmc" ]; then
        command -v mmdebstrap >/dev/null || apt-get -qq install -y --no-install-recommends mmdebstrap >&2 || return 1
        mmdebstrap --quiet --variant=minbase --include=cbmc,gcc,libc6-dev trixie "$dir" >&2 || return 1
    fi
    cbmc=("$dir/lib64/ld-linux-x86-64.so.2" --library-path
        "$dir/usr/lib/x86_64-linux-gnu:$dir/usr/lib" "$dir/usr/bin/cbmc")
}

find_cbmc() {
    if [ -n "$trixie" ]; then
        in_trixie "$trixie"
        return
    fi
    if ! command -v cbmc >/dev/null && [ "$(id -u)" = 0 ] &&
        apt-cache policy cbmc 2>/dev/null | grep 'Candidate: [0-9]' >/dev/null; then
        apt-get -qq install -y --no-install-recommends cbmc >&2
    fi
    command -v cbmc >/dev/null && cbmc=(cbmc)
}

# proof FILE FUNCTION FOLDER: whether it holds for the sources in FOLDER
proof() {
    (cd "$3/tests/firmware/prove" && timeout 120 "${cbmc[@]}" -I "$top/api" -I "$top/api/wire" \
        -I ../../../device-fw/core --unwind 20 --unwinding-assertions --bounds-check --pointer-check \
        --signed-overflow-check --function "$2" "$1") >"$work/log" 2>&1
}

tell() {
    number=$((number + 1))
    if [ "$1" = 0 ]; then
        echo "ok $number - $2"
    else
        echo "not ok $number - $2"
        grep -E ': FAILURE|rror' "$work/log" | head -n 10
    fi
}

# mutant FILE FUNCTION SOURCE SED: the proof must fail for it
mutant() {
    local copy=$work/mutant
    rm -rf "$copy" && mkdir -p "$copy/device-fw" "$copy/tests/firmware"
    cp -r device-fw/core "$copy/device-fw/" && cp -r tests/firmware/prove "$copy/tests/firmware/"
    sed -i "$4" "$copy/device-fw/core/$3"
    if cmp -s "device-fw/core/$3" "$copy/device-fw/core/$3"; then
        echo "the mutant changes nothing" >"$work/log"
        tell 1 "mutant of $3: $4"
        return
    fi
    proof "$1" "$2" "$copy"
    grep -q 'VERIFICATION FAILED' "$work/log"
    tell $? "mutant of $3 is caught by $2: $4"
}

if ! find_cbmc; then
    echo 'ok 1 - the proofs of the switch # SKIP this Debian has no cbmc'
    echo "#| NOT PROVED: no cbmc in this Debian; tests/firmware/prove.sh --trixie DIR gets Debian 13's"
    echo 1..1
    exit 0
fi
for row in prove_transfer.c:prove_start prove_transfer.c:prove_step prove_transfer.c:prove_dead_time \
    prove_qual.c:prove_one_sample; do
    proof "${row%:*}" "${row#*:}" "$top"
    tell $? "${row#*:}"
done
mutant prove_transfer.c prove_dead_time transfer.c 's/v->t->open_ms > v->c->dwell_ms/v->t->open_ms > 0/'
mutant prove_transfer.c prove_dead_time transfer.c \
    's/TRANSFER_CHECK(!in->utility_closed) && TRANSFER_CHECK(!in->generator_closed);/TRANSFER_CHECK(!in->utility_closed);/'
mutant prove_transfer.c prove_dead_time transfer.c 's/\[TRANSFER_OPEN\] = {"open", {0}}/[TRANSFER_OPEN] = {"open", {1, 1}}/'
mutant prove_transfer.c prove_dead_time transfer.c 's/ && TRANSFER_CHECK(!v->in->load_live);/;/'
mutant prove_transfer.c prove_step transfer.c '/{ANY & ~FAULTY, contact_fault/d'
mutant prove_transfer.c prove_step transfer.c '/{FEEDING, backfeeds/d'
mutant prove_transfer.c prove_step transfer.c '/{FEEDING, overloaded/d'
mutant prove_transfer.c prove_step transfer.c 's/return TRANSFER_CHECK(v->in->reset) && /return /'
mutant prove_qual.c prove_one_sample qual.c 's/measure(sample, b->value)/measure(sample, b->raw)/'
mutant prove_qual.c prove_one_sample qual.c 's/} else if (raw != b->value .*/} if (raw != b->value) {/'
echo "1..$number"
