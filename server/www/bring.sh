#!/usr/bin/env bash
# Bring what others wrote for the web pages to where they are built: bring.sh DIR
#
# jsqr reads QR codes where a browser has no BarcodeDetector; it comes from the npm registry, pinned by
# version and by the integrity that the registry states. qrcode-generator draws them; it is Debian's.
# Neither is committed. What cannot be had is named loudly and left out: the pages then say so, and ask
# to type, or print the address instead of its code.
set -euo pipefail

# package, version, integrity, file in it, licence
npm_package=(jsqr 1.4.0
    sha512-dxLob7q65Xg2DvstYkRpkYtmKm2sPJ9oFhrhmudT1dZvNFFTlroai3AWSpLey/w5vMcLBXRgOJsbXpdN9HzU/A==
    package/dist/jsQR.js Apache-2.0)
debian_file=${BPTM_QRCODE_GENERATOR:-/usr/share/nodejs/qrcode-generator/qrcode.js}

lacking=0

# missing WHAT WHY WHAT-THEN
missing() {
    lacking=1
    printf '\n*** NOT IN THIS BUILD: %s\n***   %s\n***   %s\n\n' "$1" "$2" "$3" >&2
}

# is FILE INTEGRITY: whether its SHA-512 is the one that npm writes in base64
is() {
    [ "$(sha512sum <"$1" | cut -d' ' -f1)" = "$(base64 -d <<<"${2#sha512-}" | od -An -v -tx1 | tr -d ' \n')" ]
}

bring_jsqr() {
    local name version wanted file licence why=''
    read -r name version wanted file licence <<<"${npm_package[*]}"
    if ! command -v npm >/dev/null; then
        why='there is no npm on this machine'
    elif ! (cd "$work" && npm pack --loglevel=error --fetch-retries=1 --fetch-timeout=20000 "$name@$version" >npm.log 2>&1); then
        why="npm could not get it: $(grep -m1 -o 'E[A-Z]*.*' "$work/npm.log" || echo 'no reason given')"
    elif ! is "$work/$name-$version.tgz" "$wanted"; then
        why='what came is not the file that is pinned'
    fi
    if [ -n "$why" ]; then
        missing "$name $version, which reads QR codes" "$why" \
            'Phones without BarcodeDetector cannot scan a label with this build; the pages ask to type.'
        return
    fi
    tar -xzf "$work/$name-$version.tgz" -C "$work"
    {
        printf '/* %s %s, %s, an npm package */\n' "$name" "$version" "$licence"
        cat "$work/$file"
    } >"$work/jsqr.js"
    mv "$work/jsqr.js" "$dir/jsqr.js"
}

bring_qrcode() {
    if [ ! -r "$debian_file" ]; then
        missing 'qrcode-generator, which draws QR codes' "Debian's node-qrcode-generator is not installed" \
            'Work orders have the address of the job without its code.'
        return
    fi
    { cat "$debian_file" && printf '\nexport default qrcode;\n'; } >"$work/qrcode.js"
    mv "$work/qrcode.js" "$dir/qrcode.js"
}

[ $# = 1 ] || { echo 'usage: bring.sh DIR' >&2 && exit 2; }
mkdir -p "$1"
dir=$(cd "$1" && pwd)
work=$(mktemp -d "$dir/.bring.XXXXXX")
trap 'rm -rf "$work"' EXIT
rm -f "$dir/.brought"
[ "$dir/jsqr.js" -nt "${BASH_SOURCE[0]}" ] || bring_jsqr
bring_qrcode
[ $lacking = 1 ] || touch "$dir/.brought"
