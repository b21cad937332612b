#!/usr/bin/env bash
# Unpack the third-party sources of the firmware from Debian's source packages: fetch-sources.sh DIR
#
# They come through apt's signed archive, with lists and cache of our own below DIR, so that the
# machine's apt configuration stays as it is. Each version is pinned, and each file by its SHA-256.
# Nothing is fetched when DIR already holds what the table asks for. When Debian has replaced a
# version (a security update), this fails and names it: renew the table.
set -euo pipefail

# package, version, folder below DIR
packages=(
    "lwip 2.1.3+dfsg1-2 lwip"
    "libsodium 1.0.18-1+deb12u1 libsodium"
    "mbedtls 2.28.3-1 mbedtls"
)
sums='
8d8f944db8e6d542fc2d6f01559078fb1b5dda71651c67ee5fa3571ed1342c50  lwip_2.1.3+dfsg1-2.dsc
0a8276d09fc4e97bbba2f953d74af2388fc2195ea156be9d7589e297a68fde24  lwip_2.1.3+dfsg1.orig.tar.xz
c5a48413d362cc757032cdd58f528f75eb64ee781ca46ca24f010b49b0e62a90  lwip_2.1.3+dfsg1-2.debian.tar.xz
2c23c57b5a9385dab5a1916014c9b5f2cdd7dadeb8a35b28c1bfb603ce7095c4  libsodium_1.0.18-1+deb12u1.dsc
d59323c6b712a1519a5daf710b68f5e7fde57040845ffec53850911f10a5d4f4  libsodium_1.0.18.orig.tar.gz
f410474e46346b06b162defa05b1be26906aeed6cf309e3d4ebe30b4d1350733  libsodium_1.0.18-1+deb12u1.debian.tar.xz
a8bf91b5ffb40654efb0ebe0c962ac1e87b8eed5e104880982eaa70dd4bb33e3  mbedtls_2.28.3-1.dsc
3b4953aa55a681e084d31892d9904cc5328d6b4958ea57b90ae4b4f94ae69a8d  mbedtls_2.28.3.orig.tar.gz
3e03c61f63c7bbcd0bf695b53e6663ab448cc2e15429cd67d0e4f32e699645a9  mbedtls_2.28.3-1.debian.tar.xz
'
keyring=/usr/share/keyrings/debian-archive-keyring.gpg
release=bookworm

fail() {
    printf 'fetch-sources: %s\n' "$*" >&2
    exit 1
}

# apt with nothing of the machine's but its proxy settings
private_apt() {
    local tool=$1
    shift
    "$tool" -o Dir::Etc::sourcelist="$dir/.apt/sources.list" -o Dir::Etc::sourceparts=/dev/null \
        -o Dir::State="$dir/.apt/state" -o Dir::Cache="$dir/.apt/cache" -o APT::Sandbox::User=root \
        -o Acquire::Retries=3 -o APT::Get::List-Cleanup=false "$@"
}

fetch() {
    local suite url wanted=() row
    mkdir -p "$dir/.apt/state/lists/partial" "$dir/.apt/cache/archives/partial"
    for suite in $release $release-updates $release-security; do
        url=http://deb.debian.org/debian
        [[ $suite != *-security ]] || url=http://deb.debian.org/debian-security
        echo "deb-src [signed-by=$keyring] $url $suite main"
    done >"$dir/.apt/sources.list"
    private_apt apt-get -qq update || fail "the package lists could not be fetched"
    for row in "${packages[@]}"; do
        read -r name version _ <<<"$row"
        wanted+=("$name=$version")
    done
    (cd "$dir/.apt" && private_apt apt-get -qq --download-only source "${wanted[@]}") ||
        fail "could not fetch ${wanted[*]}; was a version replaced?"
}

unpack() {
    local row name version folder
    for row in "${packages[@]}"; do
        read -r name version folder <<<"$row"
        rm -rf "${dir:?}/$folder"
        dpkg-source --no-copy --no-check -x "$dir/.apt/${name}_$version.dsc" "$dir/$folder" >/dev/null ||
            fail "$name $version could not be unpacked"
    done
}

[ $# = 1 ] || fail "usage: fetch-sources.sh DIR"
mkdir -p "$1"
dir=$(cd "$1" && pwd)
stamp=$(sha256sum <"${BASH_SOURCE[0]}")
[ "$(cat "$dir/.fetched" 2>/dev/null)" != "$stamp" ] || exit 0
rm -f "$dir/.fetched"
fetch
(cd "$dir/.apt" && sed '/^$/d' <<<"$sums" | sha256sum --check --quiet --strict) || fail "a file is not the one that is pinned"
unpack
rm -rf "$dir/.apt"
echo "$stamp" >"$dir/.fetched"
