#!/bin/bash
# What tests/package looks at inside its Debian, once systemd has booted there; prints TAP.
set -uo pipefail
exec 3>&1

check() {
    local name=$1 text
    shift
    if text=$("$@" 2>&1); then
        echo "ok - $name" >&3
    else
        echo "not ok - $name" >&3
        printf '%s\n' "$text" | tail -n 25 | sed 's/^/    /' >&3
    fi
}

within() {
    local limit=$((SECONDS + $1))
    shift
    until "$@"; do
        [ "$SECONDS" -lt "$limit" ] || return 1
        sleep 0.2
    done
}

main_pid() {
    systemctl show -P MainPID "bptmd-$1"
}
status() {
    sed -n "s/^$2:[[:space:]]*//p" "/proc/$(main_pid "$1")/status"
}
answers() {
    [ "$(curl -s -o /dev/null -w '%{http_code}' http://127.0.0.1:8080/readyz)" = 200 ]
}
# what the list of revoked certificates was numbered
list_number() {
    openssl crl -in /var/lib/bptm-fleet/ca/crl.pem -noout -crlnumber
}
# the unit itself may do what it is for, confined as it is
writes_the_list_anew() {
    local before
    before=$(list_number)
    systemctl start bptm-crl && [ "$(list_number)" != "$before" ] && systemctl -q is-active mosquitto
}
# a device that is stolen, by its ledger; it never connected, but who revokes tells the broker and takes its place all the same
cuts_off_what_is_stolen() {
    psql -q -v ON_ERROR_STOP=1 "$BPTM_DATABASE" <<'SQL' && within 20 is_cut_off
insert into fleet.device_model (model, maker, return_policy, led_colours) values ('PACKAGE', 'Package', 'automatic', '{}');
insert into fleet.device (device_id, serial, model, hardware_revision, bucket, state, registered_at)
values (1, 'PACKAGE-1', 'PACKAGE', 'A', 0, 'registered', now());
insert into programme.custody (device_id, nth, action, state, since, reason, role)
values (1, 1, 'steal', 'stolen', now(), 'by a test', 'operator');
SQL
}
is_cut_off() {
    [ "$(psql -XAtq "$BPTM_DATABASE" -c 'select count(*) from programme.revocation')" = 1 ]
}
# nobody else's role may read them: role, file
unreadable() {
    runuser -u "bptm_$1" -- true && ! runuser -u "bptm_$1" -- cat "$2" >/dev/null
}
# what the process itself sees under the credentials' folder
sees_no_key() {
    local inside=(nsenter --target "$(main_pid "$1")" --mount --setuid "$(id -u "bptm_$1")" --setgid "$(id -g "bptm_$1")")
    "${inside[@]}" true && ! "${inside[@]}" cat /run/credentials/bptmd-mqtt.service/receipt.key >/dev/null
}
restarts_when_killed() {
    local before
    before=$(main_pid "$1")
    kill -KILL "$before"
    # shellcheck disable=SC2016 # the inner shell expands
    within 30 sh -c '[ "$(systemctl show -P MainPID "$1")" != "$2" ] && systemctl -q is-active "$1"' sh "bptmd-$1" "$before"
}

within 60 pg_isready -q -h /run/postgresql || true
check 'the first start of bptm-fleet(7), word for word' bash -eu -o pipefail /root/first-start
export BPTM_DATABASE='host=/run/postgresql dbname=bptm user=bptm_owner'
check 'the authority and the broker of bptm-fleet(7), word for word' bash -eu -o pipefail /root/certificates
for role in http mqtt job; do
    check "bptmd-$role is active" within 60 systemctl -q is-active "bptmd-$role"
    check "bptmd-$role runs as bptm_$role" test "$(ps -o user= -p "$(main_pid "$role")" 2>/dev/null || stat -c %U "/proc/$(main_pid "$role")")" = "bptm_$role"
    check "bptmd-$role has no capability, a system call filter, and cannot gain any" test \
        "$(status "$role" CapEff) $(status "$role" CapBnd) $(status "$role" Seccomp) $(status "$role" NoNewPrivs)" = "0000000000000000 0000000000000000 2 1"
    check "bptmd-$role is watched" test "$(systemctl show -P WatchdogUSec "bptmd-$role")" = 2min
done
check 'REST says that all parts are ready' within 60 answers
for role in http job; do
    check "bptm_$role cannot read the secret's file" unreadable "$role" /etc/bptm-fleet/secret/receipt.key
    check "bptmd-$role cannot read the credential" sees_no_key "$role"
    check "bptm_$role cannot read the file of personal data's key" unreadable "$role" /etc/bptm-fleet/secret/person.key
done
check 'not even bptm_mqtt reads the file itself' unreadable mqtt /etc/bptm-fleet/secret/receipt.key
check 'bptm_mqtt cannot read the key of personal data' unreadable mqtt /etc/bptm-fleet/secret/person.key
check 'bptm-crl writes the list of revoked certificates anew, and the broker is told' writes_the_list_anew
check 'bptm-revoke starts' systemctl start bptm-revoke
check 'bptm-revoke cuts off what the ledger has as stolen' cuts_off_what_is_stolen
check 'bptm-revoke runs on' test "$(systemctl is-active bptm-revoke) $(systemctl show -P NRestarts bptm-revoke)" = 'active 0'
check 'a killed unit comes back' restarts_when_killed mqtt
check 'stopping the target stops all' sh -c 'systemctl stop bptm-fleet.target && ! systemctl -q is-active bptmd-http bptmd-mqtt bptmd-job'
for role in http mqtt job; do
    check "bptmd-$role stopped in order" test "$(systemctl show -P Result "bptmd-$role")" = success
done
journalctl -b --no-pager -u 'bptmd-*' -u bptm-crl -u bptm-revoke -u mosquitto 2>/dev/null | tail -n 90 >&2
echo '# done' >&3
