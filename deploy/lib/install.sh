#!/usr/bin/env bash
# Install the packages of the named sets (build, run, test, firmware, browser) that are missing: install.sh SET...
#
# The machine stays as it is otherwise: no service is started or enabled, no PostgreSQL cluster is
# created, and the two files that see to this are put back.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
policy=/usr/sbin/policy-rc.d
cluster_conf=/etc/postgresql-common/createcluster.conf
saved=

say() {
    printf 'install: %s\n' "$*" >&2
}

fail() {
    say "$*"
    exit 1
}

# packages SET...: the names in the list
packages() {
    local set
    for set in "$@"; do
        sed -n "s/^$set: *//p" "$here/packages" | tr -s ' ' '\n'
    done
}

# missing NAME...: those that are not installed. A Node.js from elsewhere brings its own npm, and Debian's conflicts with it.
missing() {
    local name
    for name in "$@"; do
        [ "$name" != npm ] || ! command -v npm >/dev/null || continue
        [ "$(dpkg-query -W -f '${db:Status-Status}' "$name" 2>/dev/null)" = installed ] || echo "$name"
    done
}

put_back() {
    [ -n "$saved" ] || return 0
    rm -f "$policy"
    [ ! -e "$saved/policy" ] || cp -a "$saved/policy" "$policy"
    [ ! -e "$saved/cluster" ] || cp -a "$saved/cluster" "$cluster_conf"
    rm -rf "$saved"
    saved=
}

# No package may start a service while we install.
hold_services() {
    saved=$(mktemp -d)
    trap put_back EXIT
    [ ! -e "$policy" ] || cp -a "$policy" "$saved/policy"
    rm -f "$policy"
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod 755 "$policy"
}

# PostgreSQL's package creates a cluster "main" unless this file says no.
hold_cluster() {
    cp -a "$cluster_conf" "$saved/cluster"
    sed -i '/^[# ]*create_main_cluster/d' "$cluster_conf"
    echo 'create_main_cluster = false' >>"$cluster_conf"
}

apt_install() {
    apt-get -o DPkg::Lock::Timeout=120 -o Dpkg::Use-Pty=0 -qq -y --no-install-recommends install "$@" \
        >>"$log" 2>&1
}

# With fresh lists only when the lists at hand do not do.
install_missing() {
    if apt_install "$@"; then
        return 0
    fi
    say "refreshing the package lists"
    apt-get -o DPkg::Lock::Timeout=120 -qq update >>"$log" 2>&1 || fail "apt-get update failed, see $log"
    apt_install "$@" || fail "apt-get install failed, see $log"
}

# A service that came with us is not to start at the next boot either.
disable_service() {
    update-rc.d "$1" disable >>"$log" 2>&1 || say "could not disable the service $1"
}

[ $# -gt 0 ] || fail "usage: install.sh SET..."
command -v dpkg-query >/dev/null || fail "not a Debian system"
mapfile -t wanted < <(packages "$@")
[ ${#wanted[@]} -gt 0 ] || fail "no such set: $*"
mapfile -t lacking < <(missing "${wanted[@]}")
[ ${#lacking[@]} -gt 0 ] || exit 0

if [ "$(id -u)" != 0 ]; then
    command -v sudo >/dev/null || fail "root or sudo is needed to install: ${lacking[*]}"
    exec sudo "$here/install.sh" "$@"
fi

log=/var/log/bptm-fleet-install.log
export DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8
say "installing ${#lacking[@]} packages: ${lacking[*]}"
hold_services
if [[ " ${lacking[*]} " = *" postgresql-15 "* ]]; then
    [ -e "$cluster_conf" ] || install_missing postgresql-common
    hold_cluster
fi
install_missing "${lacking[@]}"
put_back
if [[ " ${lacking[*]} " = *" mosquitto "* ]]; then
    disable_service mosquitto
fi
mapfile -t lacking < <(missing "${wanted[@]}")
[ ${#lacking[@]} -eq 0 ] || fail "still not installed: ${lacking[*]}, see $log"
