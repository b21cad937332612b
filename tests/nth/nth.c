/* The journal part of the server, with its n-th allocation or statement failing, for n = 1, 2, ...
 *
 * nth PORT KEY-FILE FAULT FIRST STEP SECONDS: needs a broker on loopback and a PostgreSQL (PGHOST
 * and so on) of its own. FAULT is a name of fault.c, or `statement`: all of them but memory. Every
 * run starts the part, lets two devices live a fixed life, stops it, and looks for what is lost,
 * doubled or leaked. It ends when two runs came through before their n-th call. Exit status 1: a
 * run failed.
 */
#include <dirent.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/lsan_interface.h>
#endif

#include "../store/ingest_rig.h"
#include "base/clock.h"
#include "base/log.h"
#include "fault.h"
#include "home.h"
#include "mqtt/mqtt.h"
#include "place.h"

enum { RUN_S = 90, MOST_FILES = 256, SKIPPED = 77 };
enum { UNREACHED = 1000000000, SPREAD = 7919, STATEMENT_KINDS = FAULT_COUNT - FAULT_UNSENT };
enum outcome { COMPLETE, OUT_OF_TIME, WRONG };

static const char lease_sql[] = "update fleet.lease set until = now() - interval '1 s'";

static int count_files(void)
{
    DIR *d = opendir("/proc/self/fd");
    int n = 0;

    while (d != NULL && readdir(d) != NULL)
        n++;
    closedir(d);
    return n;
}

/* Nagle's algorithm holds a lone receipt back for as long as the broker delays acknowledging what
   went before it: 40 ms. @return 1 when a TCP socket of this program has it on */
static int has_nagle(void)
{
    for (int fd = 0; fd < MOST_FILES; fd++) {
        int family = 0, is_off = 0;
        socklen_t len = sizeof(int);

        if (getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &family, &len) == 0 && family == AF_INET &&
            getsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &is_off, &len) == 0 && !is_off)
            return 1;
    }
    return 0;
}

static int has_leaked(void)
{
#ifdef __SANITIZE_ADDRESS__
    return __lsan_do_recoverable_leak_check();
#else
    return 0;
#endif
}

/* A part that could not start is started again, as its supervisor would. */
static struct mqtt_part *start(const struct config *config)
{
    struct mqtt_part *part = NULL;
    enum error_code ec;

    fault_exempt(0);
    ec = mqtt_start(config, &part);
    if (ec != EC_OK) {
        if (part != NULL || !fault_disarm()) {
            fprintf(stderr, "nth: does not start: %s\n", error_slug(ec));
            exit(1);
        }
        ec = mqtt_start(config, &part);
    }
    fault_exempt(1);
    return ec == EC_OK ? part : NULL;
}

/* @return what went wrong, NULL when nothing; the fault is disarmed */
static const char *run(struct home *home, const struct config *config, int *ret_fired)
{
    const char *problem;
    struct mqtt_part *part = start(config);
    int fired;

    if (part == NULL)
        return "it does not start a second time";
    problem = home_live(home);
    if (problem == NULL && has_nagle())
        problem = "receipts wait for the acknowledgement of what went before them";
    fault_exempt(0);
    mqtt_stop(part);
    fault_exempt(1);
    fired = fault_disarm();
    rig_script(lease_sql);
    if (problem == NULL)
        problem = home_check(home);
    if (problem == NULL && has_leaked())
        problem = "memory has leaked";
    *ret_fired = fired;
    return problem;
}

struct plan {
    struct home *home;
    const struct config *config;
    const char *fault;
    unsigned first, step;
    int64_t until_ms;
};

struct tries {
    unsigned runs, failures, round;
    int last_fired;
};

static int is_any_statement(const char *name)
{
    return strcmp(name, "statement") == 0;
}

static int kind_of(const char *name, unsigned n)
{
    if (is_any_statement(name))
        return FAULT_UNSENT + (int)(n % STATEMENT_KINDS);
    for (int i = 0; i < FAULT_COUNT; i++)
        if (strcmp(fault_names[i], name) == 0)
            return i;
    return -1;
}

/* One run with what is armed. @return 0 when it went wrong, which is printed */
static int try(const struct plan *p, enum fault_kind kind, unsigned n, struct tries *t)
{
    const char *problem;
    int fired = 0, files = count_files();

    problem = run(p->home, p->config, &fired);
    if (problem == NULL && count_files() != files)
        problem = "a file was left open";
    if (problem != NULL)
        printf("failed\t%s %u, %s: %s\n", fault_names[kind], n,
               fired ? fault_last() : "nothing failed", problem);
    t->runs++;
    t->failures += (unsigned)fired;
    t->last_fired = fired;
    return problem == NULL;
}

static void prepare(const struct plan *p)
{
    alarm(RUN_S);
    home_move_in(p->home);
}

static int try_nth(const struct plan *p, unsigned n, struct tries *t)
{
    enum fault_kind kind = (enum fault_kind)kind_of(p->fault, n + t->round);

    prepare(p);
    fault_arm(kind, n);
    return try(p, kind, n, t);
}

/* Every place once: the n of a place that is passed once is never quite the same. */
static enum outcome try_places(const struct plan *p, struct tries *t)
{
    for (int i = 0; i < place_count(); i++) {
        enum fault_kind kind = (enum fault_kind)kind_of(p->fault, (unsigned)i + t->round);

        if (place_is_statement(i) != (kind != FAULT_MEMORY) ||
            place_hash(i) % p->step != p->first % p->step)
            continue;
        if (clock_mono_ms() > p->until_ms)
            return OUT_OF_TIME;
        prepare(p);
        fault_arm_place(kind, i);
        if (!try(p, kind, 0, t))
            return WRONG;
    }
    return COMPLETE;
}

/* All n of this process up to `calls`, spread, so that what the time allows is a sample; then on
   until two came through. */
static enum outcome try_all(const struct plan *p, unsigned calls, struct tries *t)
{
    unsigned through = 0;

    for (unsigned i = p->first - 1; through < 2; i += p->step) {
        unsigned n = 1 + (i < calls ? i * SPREAD % calls : i);

        if (clock_mono_ms() > p->until_ms)
            return OUT_OF_TIME;
        if (!try_nth(p, n, t))
            return WRONG;
        through = i < calls || t->last_fired ? 0 : through + 1;
    }
    return COMPLETE;
}

/* A run with nothing failing counts the calls; the broker knows the server from then on. Statements
   take as many rounds as there are kinds: in the end each has failed in each way. */
static int run_all(const struct plan *p)
{
    struct tries t = {0};
    unsigned calls = 0, rounds = is_any_statement(p->fault) ? STATEMENT_KINDS : 1;
    enum outcome outcome = COMPLETE;

    for (int i = 0; i < 2 && outcome == COMPLETE; i++) {
        outcome = try_nth(p, UNREACHED, &t) ? COMPLETE : WRONG;
        calls = fault_count();
    }
    for (; t.round < rounds && outcome == COMPLETE; t.round++) {
        outcome = try_places(p, &t);
        if (outcome == COMPLETE)
            outcome = try_all(p, calls, &t);
    }
    fault_print_places();
    printf("calls\t%u\nruns\t%u\nfailures\t%u\ncomplete\t%d\n", calls, t.runs, t.failures,
           outcome == COMPLETE);
    return outcome != WRONG;
}

int main(int argc, char **argv)
{
    struct config config;
    struct cose_key key;
    uint8_t seed[WIRE_SEED_LEN];
    char hex[2 * WIRE_SEED_LEN + 2] = "";
    struct plan plan = {.config = &config};
    int status;

    if (argc != 7 || getenv("PGHOST") == NULL || kind_of(argv[3], 0) < 0) {
        puts("1..0 # SKIP usage: nth PORT KEY-FILE FAULT FIRST STEP SECONDS, with a PostgreSQL");
        return SKIPPED;
    }
    plan.fault = argv[3];
    plan.first = (unsigned)strtoul(argv[4], NULL, 10);
    plan.step = (unsigned)strtoul(argv[5], NULL, 10);
    plan.until_ms = clock_mono_ms() + 1000 * strtol(argv[6], NULL, 10);
    fault_exempt(1);
    signal(SIGPIPE, SIG_IGN);
    setvbuf(stdout, NULL, _IOLBF, BUFSIZ);
    log_set_level(LOG_LEVEL_WARN);
    config_init(&config);
    config.mqtt_port = (uint32_t)strtoul(argv[1], NULL, 10);
    config.ingest_group = 8;
    config.ingest_group_ms = 1;
    snprintf(config.mqtt_client_id, sizeof(config.mqtt_client_id), "nth-%s", argv[4]);
    snprintf(config.mqtt_root, sizeof(config.mqtt_root), "nth/%s", argv[4]);
    snprintf(config.receipt_key_file, sizeof(config.receipt_key_file), "%s", argv[2]);
    snprintf(config.database_mqtt, sizeof(config.database_mqtt), "user=bptm_mqtt");
    if (!rig_open() || config_secret(argv[2], sizeof(hex), hex) != EC_OK ||
        sodium_hex2bin(seed, sizeof(seed), hex, strlen(hex), NULL, NULL, NULL) != 0)
        return 1;
    cose_key_init(&key, seed);
    plan.home = home_new((int)config.mqtt_port, config.mqtt_root, &key);
    status = run_all(&plan) ? 0 : 1;
    home_free(plan.home);
    rig_close();
    return status;
}
