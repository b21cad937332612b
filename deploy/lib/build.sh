#!/usr/bin/env bash
# Configure, build and install out of tree: build.sh BUILD_DIR INSTALL_DIR [configure option...]
set -euo pipefail

top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
build=$1
target=$2
shift 2

[ -x "$top/configure" ] || (cd "$top" && autoreconf -i)
mkdir -p "$build"
cd "$build"
if [ ! -e Makefile ] || [ "$(cat .options 2>/dev/null)" != "$*" ]; then
    "$top/configure" -q "$@"
    make -s clean
    printf '%s\n' "$*" >.options
fi
make -s -j"$(nproc)" all
make -s install prefix="$target" >/dev/null
