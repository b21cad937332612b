#!/usr/bin/env bash
# A private stack (PostgreSQL, mosquitto, bptmd, bptm-sim) in one folder; the demo and the tests use it.
#
# usage: stack.sh --state-dir DIR [--app DIR] COMMAND [ARGUMENT...]
#   create               cluster, broker, schema, keys, tokens, configuration; keeps what is there
#   cluster              a stopped cluster with the schema alone; create begins with a copy of it when
#                        BPTM_CLUSTER names its folder DIR/run/pg; BPTM_POSTGRES is a line more of its configuration
#   provision HOMES      flash images, keys and passwords of simulated homes
#   start NAME...        postgres, mosquitto, bptmd, bptmd-http, bptmd-mqtt, bptmd-job, sim; until ready
#   stop NAME...         ask, wait, and in the end kill
#   kill NAME...         at once (SIGKILL)
#   down                 stop all of them, also those that a killed run left behind
#   foreground NAME      become that program (exec); the caller sees its exit status
#   alive NAME           exit 0 when it runs
#   run COMMAND...       as the user of the stack, with PG* set for its cluster
#   ctl ARGUMENT...      bptmctl on the stack's database
#   sample TOP           the sample programme, generators, zones and circuits of the tree TOP
#   control LINE         one line to the simulated homes, such as "1 status"
#
# DIR/app    the programs, installed (--app: elsewhere)
# DIR/run    everything else, mode 0700: pg/ sock/ mosquitto/ sim/ secret/ log/ bptmd.conf ports
#
# Started by root, all of it runs as the user `postgres`, because PostgreSQL refuses root.
# A process is ours when its command line names our folder and it runs as our user: nothing else is
# ever signalled, and no process identifier is trusted from a file.

readonly stack_all=(story sim watch bptmd-job bptmd-mqtt bptmd-http bptmd mosquitto postgres) # in stop order
readonly stack_roles=(enrolment installer analyst operator admin)
readonly stack_root=bptm/1
readonly stack_pgbin=/usr/lib/postgresql/15/bin
readonly stack_ports=${BPTM_PORTS:-20000} # the first of 6,000 for a stack to choose from, for runs side by side
readonly stack_socket_max=90 # bytes that a path to a Unix socket has left for our folder

stack_fail() {
    printf 'stack: %s\n' "$*" >&2
    exit 1
}

# stack_init DIR [APP]: set the names that the rest uses
stack_init() {
    mkdir -p "$1" || stack_fail "cannot create $1"
    state=$(cd "$1" && pwd -P)
    app=${2:-$state/app}
    run=$state/run
    if [ "$(id -u)" = 0 ]; then
        stack_user=postgres
        as_user=(setpriv --reuid=postgres --regid=postgres --init-groups --)
        getent passwd postgres >/dev/null || stack_fail "no user postgres: is postgresql-15 installed?"
        "${as_user[@]}" test -x "$state" || stack_fail "the user postgres cannot enter $state"
    else
        stack_user=$(id -un)
        as_user=()
    fi
    [ "${#run}" -le "$stack_socket_max" ] || stack_fail "the path $state is too long for a socket"
    clean_env=(env -i PATH="$PATH" HOME="$run" LANG=C.UTF-8 TZ=UTC PGHOST="$run/sock" PGDATABASE=bptm
        PGUSER=postgres BPTM_PERSON_KEY="$run/secret/person.key" ASAN_OPTIONS="${ASAN_OPTIONS-}" UBSAN_OPTIONS="${UBSAN_OPTIONS-}" TSAN_OPTIONS="${TSAN_OPTIONS-}"
        BPTM_TEST_RUN="${BPTM_TEST_RUN-}")
}

# stack_run COMMAND...: as the user of the stack
stack_run() {
    (cd / && "${as_user[@]}" "${clean_env[@]}" "$@")
}

stack_ctl() {
    stack_run "$app/bin/bptmctl" --database "host=$run/sock dbname=bptm user=bptm_owner" "$@"
}

# stack_port FIRST: FIRST when it is free on loopback, else another that is
stack_port() {
    local port=$1 left=50
    while [ $((left--)) -gt 0 ]; do
        (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || break
        port=$((stack_ports + (RANDOM * 32768 + RANDOM) % 6000))
    done
    echo "$port"
}

stack_random() {
    od -An -N"$1" -tx1 /dev/urandom | tr -d ' \n'
}

# stack_write FILE: standard input into a file of the stack's user, mode 0600, in one step
stack_write() {
    # shellcheck disable=SC2016 # the inner shell expands
    stack_run sh -c 'umask 077 && cat >"$1.new" && mv "$1.new" "$1"' sh "$1"
}

# --- processes ------------------------------------------------------------------------------------

# stack_command NAME: set the array `command` to what starts NAME
stack_command() {
    local extra
    case $1 in
        postgres) command=("$stack_pgbin/postgres" -D "$run/pg") ;;
        mosquitto) command=("$(PATH=$PATH:/usr/sbin type -p mosquitto)" -c "$run/mosquitto/mosquitto.conf") ;;
        bptmd) command=("$app/sbin/bptmd" --config "$run/bptmd.conf") ;;
        bptmd-*) command=("$app/sbin/bptmd" --config "$run/bptmd.conf" "--only=${1#bptmd-}") ;;
        sim) command=("$app/bin/bptm-sim" run --dir "$run/sim" --homes "$(<"$run/sim/homes")"
            --broker "127.0.0.1:$(stack_get mqtt)" --control "$run/sim/control") ;;
        watch) command=("$app/bin/bptmctl" --database "host=$run/sock dbname=bptm user=bptm_owner" ca watch) ;;
        *) stack_fail "no such part: $1" ;;
    esac
    if [ -s "$run/$1.args" ]; then # arguments, one a line, for tests
        mapfile -t extra <"$run/$1.args"
        command+=("${extra[@]}")
    fi
    if [ -s "$run/$1.env" ]; then # NAME=VALUE lines, for tests
        mapfile -t extra <"$run/$1.env"
        command=(env "${extra[@]}" "${command[@]}")
    fi
}

# stack_is NAME ARGUMENT...: is this command line the part NAME of this stack?
stack_is() {
    local name=$1
    shift
    case $name in
        postgres) [[ $1 = *postgres && ${2-} = -D && ${3-} = "$run/pg" ]] ;;
        mosquitto) [[ $1 = *mosquitto && ${3-} = "$run/mosquitto/mosquitto.conf" ]] ;;
        bptmd) [[ $1 = *bptmd && ${3-} = "$run/bptmd.conf" && -z ${4-} ]] ;;
        bptmd-*) [[ $1 = *bptmd && ${3-} = "$run/bptmd.conf" && ${4-} = "--only=${name#bptmd-}" ]] ;;
        watch) [[ $1 = *bptmctl && ${3-} = "host=$run/sock "* && ${5-} = watch ]] ;;
        story) [[ $1 = *node && $2 = "$run/story.mjs" ]] ;;
        sim) [[ $1 = *bptm-sim && ${2-} = run && ${4-} = "$run/sim" ]] ;;
    esac
}

# stack_pid NAME: its process identifiers, one a line
stack_pid() {
    local file pid uid args
    uid=$(id -u "$stack_user")
    for file in /proc/[0-9]*/cmdline; do
        pid=${file#/proc/}
        pid=${pid%/cmdline}
        mapfile -d '' -t args 2>/dev/null <"$file" || continue
        [ "${#args[@]}" -gt 2 ] || continue
        stack_is "$1" "${args[@]}" || continue
        [ "$(stat -c %u "/proc/$pid" 2>/dev/null)" = "$uid" ] && echo "$pid"
    done 2>/dev/null
    return 0
}

stack_alive() {
    [ -n "$(stack_pid "$1")" ]
}

# What each part answers when it is ready.
stack_ready() {
    case $1 in
        postgres) stack_run "$stack_pgbin/pg_isready" -q -d postgres ;;
        mosquitto) (exec 3<>"/dev/tcp/127.0.0.1/$(stack_get mqtt)") 2>/dev/null ;;
        bptmd) [ "$(stack_http /readyz)" = 200 ] ;;
        bptmd-http) [ "$(stack_http /livez)" = 200 ] ;; # the other parts may start later
        bptmd-*) grep -q 'event=ready' <(tail -c +"$2" "$run/log/$1.log") ;;
        sim) [ -S "$run/sim/control" ] || [ -p "$run/sim/control" ] ;;
    esac
}

# stack_http PATH: status of a GET, or nothing
stack_http() {
    local status
    exec 3<>"/dev/tcp/127.0.0.1/$(stack_get http)" || return 0
    printf 'GET %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n' "$1" >&3
    read -r -t 5 _ status _ <&3 || true
    exec 3>&-
    echo "${status-}"
} 2>/dev/null

stack_prepare() {
    case $1 in
        postgres) stack_cluster_free ;;
        mosquitto) stack_broker_port ;;
        sim) rm -f "$run/sim/control" ;;
    esac
}

# stack_start NAME [SECONDS]
stack_start() {
    local name=$1 limit=$((SECONDS + ${2:-60})) log=$run/log/$1.log command from pid
    ! stack_alive "$name" || return 0
    stack_prepare "$name"
    stack_command "$name"
    from=$(($(stat -c %s "$log" 2>/dev/null || echo 0) + 1))
    stack_run touch "$log"
    (cd "$run" && exec setsid "${as_user[@]}" "${clean_env[@]}" "${command[@]}" </dev/null >>"$log" 2>&1) &
    pid=$!
    disown "$pid"
    until stack_ready "$name" "$from"; do
        kill -0 "$pid" 2>/dev/null || stack_fail "$name ended at once: $(tail -c "+$from" "$log" | tail -n 3 | cut -c1-300) (log: $log)"
        [ "$SECONDS" -lt "$limit" ] || stack_fail "$name is not ready after ${2:-60} s (log: $log)"
        sleep 0.05
    done
}

# stack_end SIGNAL SECONDS NAME: true when it is gone in time
stack_end() {
    local limit=$((SECONDS + $2)) pid
    for pid in $(stack_pid "$3"); do
        kill -s "$1" "$pid" 2>/dev/null
    done
    while stack_alive "$3"; do
        [ "$SECONDS" -lt "$limit" ] || return 1
        sleep 0.05
    done
}

stack_stop() {
    local signal=TERM
    [ "$1" != postgres ] || signal=INT # a fast shutdown
    stack_end "$signal" 30 "$1" && return 0
    printf 'stack: %s did not stop in 30 s, killed\n' "$1" >&2
    stack_end KILL 10 "$1"
    return 1
}

stack_kill() {
    stack_end KILL 10 "$1" || stack_fail "$1 cannot be killed"
}

stack_down() {
    local name status=0
    [ -d "$run" ] || return 0
    for name in "${stack_all[@]}"; do
        stack_stop "$name" || status=1
    done
    return $status
}

# --- what they run on -----------------------------------------------------------------------------

stack_get() {
    sed -n "s/^$1=//p" "$run/ports"
}

# After a kill -9 the backends outlive their postmaster for a moment. The lock files may go only when
# nothing works in the data folder any more; PostgreSQL itself would trust a reused identifier.
stack_cluster_free() {
    local limit=$((SECONDS + 20)) cwd busy=yes
    while [ -n "$busy" ]; do
        busy=
        for cwd in /proc/[0-9]*/cwd; do
            if [ "$cwd" -ef "$run/pg" ]; then
                busy=yes
            fi
        done
        [ "$SECONDS" -lt "$limit" ] || stack_fail "a process still works in $run/pg"
        [ -z "$busy" ] || sleep 0.05
    done
    rm -f "$run/pg/postmaster.pid" "$run"/sock/.s.PGSQL.*
}

# Keep the broker's port unless somebody else has it by now; others read it when they start.
stack_broker_port() {
    local mqtt http
    mqtt=$(stack_port "$(stack_get mqtt)")
    http=$(stack_get http)
    [ "$mqtt" != "$(stack_get mqtt)" ] || return 0
    printf 'mqtt=%s\nhttp=%s\n' "$mqtt" "$http" | stack_write "$run/ports"
    stack_broker_conf
    stack_bptmd_conf
}

stack_cluster() {
    local user role
    [ ! -e "$run/pg/PG_VERSION" ] || return 0
    if [ -e "${BPTM_CLUSTER-}/PG_VERSION" ]; then
        stack_run cp -a "$BPTM_CLUSTER" "$run/pg"
    else
        stack_run "$stack_pgbin/initdb" -D "$run/pg" -U postgres -E UTF8 --locale=C.UTF-8 -A peer \
            >"$run/log/initdb.log" 2>&1 || stack_fail "initdb failed (log: $run/log/initdb.log)"
    fi
    stack_write "$run/pg/pg_hba.conf" <<<'local all all peer map=stack'
    for user in "$stack_user" root; do
        for role in postgres bptm_owner bptm_http bptm_mqtt bptm_job bptm_import bptm_analyst; do
            echo "stack $user $role"
        done
    done | sort -u | stack_write "$run/pg/pg_ident.conf"
    stack_write "$run/pg/postgresql.auto.conf" <<CONF
listen_addresses = ''
unix_socket_directories = '$run/sock'
unix_socket_permissions = 0700
max_connections = 60
timezone = 'UTC'
log_timezone = 'UTC'
log_min_error_statement = panic
log_parameter_max_length_on_error = 0
${BPTM_POSTGRES-}
CONF
}

stack_schema() {
    local log=$run/log/schema.log
    stack_run psql -X -q -v ON_ERROR_STOP=1 -v database=bptm -d postgres \
        -f "$app/share/bptm-fleet/sql/bootstrap.sql" >"$log" 2>&1 || stack_fail "bootstrap failed (log: $log)"
    stack_ctl db upgrade >>"$log" 2>&1 || stack_fail "bptmctl db upgrade failed (log: $log)"
}

stack_broker_conf() {
    stack_write "$run/mosquitto/acl" <<CONF
user bptmd
topic read $stack_root/+/+/up/#
topic write $stack_root/+/+/down/#

pattern write $stack_root/+/%u/up/#
pattern read $stack_root/+/%u/down/#
CONF
    stack_write "$run/mosquitto/mosquitto.conf" <<CONF
listener $(stack_get mqtt) 127.0.0.1
allow_anonymous false
password_file $run/mosquitto/passwd
acl_file $run/mosquitto/acl
use_username_as_clientid true
allow_zero_length_clientid false
persistence true
persistence_location $run/mosquitto/
autosave_interval 60
max_connections 5000
max_inflight_messages 100
max_queued_messages 10000
max_queued_bytes 67108864
message_size_limit 2097152
set_tcp_nodelay true
log_dest stderr
log_type error
log_type warning
log_type notice
log_type information
$(cat "$run/mosquitto/extra" 2>/dev/null)
CONF
}

# Passwords of the server, of every provisioned home and of mosquitto/users, hashed.
stack_broker_passwords() {
    # shellcheck disable=SC2016 # the inner shell expands
    stack_run sh -c 'umask 077; cd "$1" || exit 1
        { printf "bptmd:%s\n" "$(cat secret/mqtt)"; cat sim/passwd mosquitto/users 2>/dev/null; } >mosquitto/passwd.new
        mosquitto_passwd -U mosquitto/passwd.new && mv mosquitto/passwd.new mosquitto/passwd' sh "$run"
}

# A stack goes as fast as it can: without the limits, unless a test sets them.
stack_unless_extra() {
    grep -q "^$1 *=" "$run/bptmd.extra" 2>/dev/null || echo "$1 = $2"
}

stack_bptmd_conf() {
    stack_write "$run/bptmd.conf" <<CONF
[http]
address = 127.0.0.1
port = $(stack_get http)
pages = $app/share/bptm-fleet/www
$(stack_unless_extra requests_per_s 0)
$(stack_unless_extra failures_per_min 0)

[mqtt]
host = 127.0.0.1
port = $(stack_get mqtt)
$(stack_unless_extra device_per_s 0)
client_id = bptmd
username = bptmd
password_file = $run/secret/mqtt
root = $stack_root

[receipt]
key_file = $run/secret/receipt.key

[person]
key_file = $run/secret/person.key

[database]
http = host=$run/sock dbname=bptm user=bptm_http
mqtt = host=$run/sock dbname=bptm user=bptm_mqtt
job = host=$run/sock dbname=bptm user=bptm_job
import = host=$run/sock dbname=bptm user=bptm_import
$(cat "$run/bptmd.extra" 2>/dev/null)
CONF
}

stack_secrets() {
    [ -e "$run/secret/mqtt" ] || stack_random 24 | stack_write "$run/secret/mqtt"
    local key
    for key in receipt list; do
        [ -e "$run/secret/$key.key" ] || stack_ctl key create --out "$run/secret/$key.key" >/dev/null ||
            stack_fail "bptmctl key create failed"
    done
    [ -e "$run/secret/person.key" ] || stack_ctl person-key new --out "$run/secret/person.key" ||
        stack_fail "bptmctl person-key new failed"
    stack_ctl person-key seal "$run/secret/person.key" >/dev/null || stack_fail "bptmctl person-key seal failed"
}

# One access token per role; the database is asked for a new one when the file is missing.
stack_tokens() {
    local role crew
    for role in "${stack_roles[@]}"; do
        crew=()
        [ "$role" != installer ] || crew=(--crew '*')
        [ -s "$run/secret/token-$role" ] ||
            stack_ctl token create --role "$role" --label "stack $role" "${crew[@]}" |
            stack_write "$run/secret/token-$role" || stack_fail "bptmctl token create failed"
    done
}

# stack_provision HOMES: the first time for so many, later for at most so many
stack_provision() {
    local key made
    made=$(cat "$run/sim/provisioned" 2>/dev/null || echo 0)
    if [ "$made" = 0 ]; then
        key=$(stack_ctl key public "$run/secret/receipt.key") || stack_fail "bptmctl key public failed"
        stack_run "$app/bin/bptm-sim" provision --dir "$run/sim" --homes "$1" --fleet-key "$key" \
            --model BPTM-REF-30 >"$run/log/provision.log" 2>&1 ||
            stack_fail "bptm-sim provision failed (log: $run/log/provision.log)"
        stack_write "$run/sim/provisioned" <<<"$1"
        stack_broker_passwords
    elif [ "$1" -gt "$made" ]; then
        stack_fail "$run/sim has $made homes: ask for at most so many, or use another folder"
    fi
    stack_write "$run/sim/homes" <<<"$1"
}

# The cluster with its schema, running.
stack_database() {
    if [ ! -d "$run" ]; then
        install -d -m 0700 -o "$stack_user" "$run"
    fi
    stack_run mkdir -p "$run/sock" "$run/mosquitto" "$run/sim" "$run/secret" "$run/log"
    stack_cluster
    stack_start postgres
    stack_schema
}

# Make what is missing; leaves PostgreSQL running.
stack_create() {
    stack_database
    [ -e "$run/ports" ] || printf 'mqtt=%s\nhttp=%s\n' "$(stack_port $((stack_ports + RANDOM % 6000)))" \
        "$(stack_port "${1:-$((stack_ports + RANDOM % 6000))}")" | stack_write "$run/ports"
    stack_secrets
    stack_broker_conf
    stack_broker_passwords
    stack_bptmd_conf
    stack_tokens
}

# The sample data of the tree $1, once.
stack_sample() {
    local file log=$run/log/sample.log source=(--source 'bptm-fleet sample') sample=$run/sample
    [ ! -e "$run/sampled" ] || return 0
    stack_run mkdir -p "$sample"
    for file in "$1"/deploy/sample/*.{csv,geojson,sql} "$1/sql/seed/generators.csv"; do
        stack_write "$sample/${file##*/}" <"$file"
    done
    {
        stack_ctl seed &&
            stack_ctl import generators "$sample/generators.csv" "${source[@]}" &&
            stack_ctl generators publish 1 --yes --token-file "$run/secret/token-operator" &&
            stack_ctl generators sign --key "$run/secret/list.key" &&
            stack_ctl import zones "$sample/zones-hftd.geojson" --layer hftd "${source[@]}" &&
            stack_ctl import zones "$sample/zones-hfra.geojson" --layer hfra "${source[@]}" &&
            stack_ctl zones publish hftd --number 1 --yes &&
            stack_ctl zones publish hfra --number 1 --yes &&
            stack_ctl import circuits "$sample/circuits.csv" &&
            stack_ctl circuits publish epss --number 1 --yes &&
            stack_run psql -X -q -v ON_ERROR_STOP=1 -f "$sample/season.sql"
    } >"$log" 2>&1 || stack_fail "the sample data could not be loaded (log: $log)"
    stack_write "$run/sampled" <<<yes
}

stack_control() {
    # shellcheck disable=SC2016 # node expands
    stack_run node -e 'const s = require("net").connect(process.argv[1]);
        s.on("data", (d) => { process.stdout.write(d); s.end(); });
        s.on("error", (e) => { console.error(e.message); process.exitCode = 1; });
        s.write(process.argv[2] + "\n");' "$run/sim/control" "$1"
}

stack_main() {
    local dir='' installed='' command name
    while [[ ${1-} = --* ]]; do
        case $1 in
            --state-dir) dir=${2-} ;;
            --app) installed=${2-} ;;
            --help) sed -n '2,/^$/s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" && exit 0 ;;
            *) stack_fail "unknown option $1" ;;
        esac
        shift 2
    done
    if [ -z "$dir" ] || [ $# -eq 0 ]; then
        stack_fail "usage: stack.sh --state-dir DIR [--app DIR] COMMAND [ARGUMENT...]"
    fi
    stack_init "$dir" "$installed"
    command=$1
    shift
    case $command in
        cluster) stack_database; stack_stop postgres ;;
        create | provision | run | ctl | sample | control | down) "stack_$command" "$@" ;;
        start | stop | kill | alive) for name in "$@"; do "stack_$command" "$name" || exit 1; done ;;
        foreground)
            stack_prepare "$1"
            stack_command "$1"
            cd "$run" && exec "${as_user[@]}" "${clean_env[@]}" "${command[@]}"
            ;;
        *) stack_fail "unknown command $command" ;;
    esac
}

if [ "${BASH_SOURCE[0]}" = "$0" ]; then
    set -euo pipefail
    stack_main "$@"
fi
