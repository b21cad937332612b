#!/usr/bin/env bash
# Configure, build and install out of tree: build.sh BUILD_DIR PREFIX [configure option...]
set -euo pipefail

top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
build=$1
prefix=$2
shift 2
options="--prefix=$prefix $*"

[ -x "$top/configure" ] || (cd "$top" && autoreconf -i)
mkdir -p "$build"
cd "$build"
if [ ! -e Makefile ] || [ "$(cat .options 2>/dev/null)" != "$options" ]; then
    "$top/configure" -q --prefix="$prefix" "$@"
    make -s clean
    printf '%s\n' "$options" >.options
fi
make -s -j"$(nproc)" all
make -s install >/dev/null
