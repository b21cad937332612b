/* bptmd: REST, journal and timed jobs of the fleet in one process, or some of them. */
#include <argp.h>
#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/config.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/notify.h"
#include "config.h"
#include "http/http.h"
#include "job/job.h"
#include "mqtt/mqtt.h"

enum { OPTION_CONFIG = 'c', OPTION_ONLY = 'o', OPTION_CHECK = 256, OPTION_LIST };
enum { STATUS_OK = 0, STATUS_FAILED = 1, STATUS_USAGE = 2 };
enum { GRACE_S = 5 };        /* beyond the time that the parts give themselves */
enum { WATCHDOG_TURNS = 4 }; /* signs of life in the time that the service manager waits for one */

enum part { PART_HTTP, PART_MQTT, PART_JOB, PART_COUNT };

static const char *const part_names[] = {"http", "mqtt", "job"};

struct command {
    const char *config_file;
    int wants[PART_COUNT]; /* none set: all */
    int check, list;
};

/* The parts of this process. */
struct daemon {
    struct config config;
    struct http_server *http;
    struct mqtt_part *mqtt;
    struct job_part *job;
};

/* -- the command line ------------------------------------------------------------------------ */

static const struct argp_option options[] = {
    {"config", OPTION_CONFIG, "FILE", 0,
     "read the configuration from FILE (" SYSCONFDIR "/bptmd.conf)", 0},
    {"only", OPTION_ONLY, "PART[,PART]", 0, "run some parts: http, mqtt, job", 0},
    {"check-config", OPTION_CHECK, "FILE", 0, "read FILE, say what is wrong with it, and end", 0},
    {"list-config", OPTION_LIST, NULL, 0, "print every key with default and range, and end", 0},
    {0},
};

static void parse_parts(const char *text, struct argp_state *state, int *ret_wants)
{
    while (*text != '\0') {
        size_t len = strcspn(text, ","), i = 0;

        while (i < PART_COUNT &&
               (strlen(part_names[i]) != len || strncmp(part_names[i], text, len) != 0))
            i++;
        if (i == PART_COUNT)
            argp_error(state, "unknown part '%.*s'", (int)len, text);
        else
            ret_wants[i] = 1;
        text += len + (text[len] == ',');
    }
}

static error_t parse_option(int key, char *value, struct argp_state *state)
{
    struct command *c = state->input;

    switch (key) {
    case OPTION_CHECK:
        c->check = 1;
        c->config_file = value;
        return 0;
    case OPTION_CONFIG:
        c->config_file = value;
        return 0;
    case OPTION_ONLY:
        parse_parts(value, state, c->wants);
        return 0;
    case OPTION_LIST:
        c->list = 1;
        return 0;
    case ARGP_KEY_ARG:
        argp_error(state, "unexpected argument '%s'", value);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static void list_config(void)
{
    struct config_help key;

    for (size_t i = 0; config_help(i, &key); i++)
        printf("%s.%s = %s\n    %s; %s\n", key.section, key.name, key.fallback, key.help,
               key.range);
}

/* -- parts ----------------------------------------------------------------------------------- */

static enum error_code start_http(struct daemon *d)
{
    return http_start(&d->config, &d->http);
}

static enum error_code start_mqtt(struct daemon *d)
{
    return mqtt_start(&d->config, &d->mqtt);
}

static enum error_code start_job(struct daemon *d)
{
    return job_start(&d->config, &d->job);
}

static enum error_code (*const starts[PART_COUNT])(struct daemon *) = {
    [PART_HTTP] = start_http,
    [PART_MQTT] = start_mqtt,
    [PART_JOB] = start_job,
};

static enum error_code start_parts(struct daemon *d, const int *wants)
{
    enum error_code ec = EC_OK;

    for (size_t i = 0; i < PART_COUNT && ec == EC_OK; i++)
        if (wants[i]) {
            ec = starts[i](d);
            if (ec != EC_OK)
                log_event(LOG_LEVEL_ERROR, "part-not-started", "part", part_names[i], "error",
                          error_slug(ec), NULL);
        }
    return ec;
}

/* First nobody new is let in, then what is in flight is finished, then its results are derived. */
static void stop_parts(struct daemon *d)
{
    http_stop(d->http);
    mqtt_stop(d->mqtt);
    job_stop(d->job);
}

/* -- the service manager --------------------------------------------------------------------- */

/* Threads of libmicrohttpd have no place where they could tell: the part http has no say. */
static int is_alive(struct daemon *d, int64_t within_ms)
{
    return (d->mqtt == NULL || mqtt_is_alive(d->mqtt, within_ms)) &&
           (d->job == NULL || job_is_alive(d->job, within_ms));
}

/* @return whether they are all well, which is told; one that is not is logged once */
static int tell_watchdog(struct daemon *d, int64_t within_ms, int was_alive)
{
    int alive = is_alive(d, within_ms);

    if (alive)
        notify_send("WATCHDOG=1");
    else if (was_alive)
        log_event(LOG_LEVEL_ERROR, "part-hangs", NULL);
    return alive;
}

/* Wait for a signal that asks for the end, and meanwhile tell the watchdog that every loop came
   round within its time. */
static int wait_for_end(struct daemon *d, const sigset_t *signals)
{
    int64_t watchdog_ms = notify_watchdog_ms(), nap_ms = watchdog_ms / WATCHDOG_TURNS;
    const struct timespec nap = {.tv_sec = nap_ms / 1000, .tv_nsec = nap_ms % 1000 * 1000000};
    int was_alive = 1;

    for (;;) {
        int number =
            watchdog_ms > 0 ? sigtimedwait(signals, NULL, &nap) : sigwaitinfo(signals, NULL);

        if (number == SIGHUP)
            http_reload(d->http);
        else if (number > 0)
            return number;
        if (watchdog_ms > 0)
            was_alive = tell_watchdog(d, watchdog_ms, was_alive);
    }
}

static void block_signals(sigset_t *ret)
{
    sigemptyset(ret);
    sigaddset(ret, SIGTERM);
    sigaddset(ret, SIGINT);
    sigaddset(ret, SIGHUP);
    pthread_sigmask(SIG_BLOCK, ret, NULL);
    signal(SIGPIPE, SIG_IGN);
}

/* Serve until told to stop. Every thread inherits the mask, so that only this one sees a signal. */
static int serve(struct daemon *d, const int *wants)
{
    sigset_t signals;
    enum error_code ec;

    block_signals(&signals);
    ec = start_parts(d, wants);
    if (ec == EC_OK) {
        log_event(LOG_LEVEL_INFO, "ready", "version", PACKAGE_VERSION, NULL);
        notify_send("READY=1");
        log_event(LOG_LEVEL_INFO, "stopping", "signal", strsignal(wait_for_end(d, &signals)), NULL);
        notify_send("STOPPING=1");
    }
    /* A part that hangs must not keep the process: SIGALRM ends it. */
    alarm(LIMIT_INGEST_STOP_MS / 1000 + GRACE_S);
    stop_parts(d);
    log_event(LOG_LEVEL_INFO, "stopped", NULL);
    return ec == EC_OK ? STATUS_OK : STATUS_FAILED;
}

static void set_log_level(const char *name)
{
    static const char *const names[] = {"error", "warn", "info", "debug"};

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (strcmp(names[i], name) == 0)
            log_set_level((enum log_level)i);
}

int main(int argc, char **argv)
{
    static const struct argp argp = {
        options, parse_option,
        NULL,    "Serve a fleet of Backup Power Transfer Meters: REST, journal, timed jobs.",
        0,       0,
        0};
    static const int all[PART_COUNT] = {1, 1, 1};
    struct command c = {.config_file = SYSCONFDIR "/bptmd.conf"};
    struct config_error problem;
    struct daemon d = {0};

    argp_program_version = "bptmd " PACKAGE_VERSION;
    argp_err_exit_status = STATUS_USAGE;
    argp_parse(&argp, argc, argv, 0, NULL, &c);
    if (c.list) {
        list_config();
        return STATUS_OK;
    }
    config_init(&d.config);
    if (config_read(c.config_file, &d.config, &problem) != EC_OK) {
        fprintf(stderr, "bptmd: %s\n", problem.text);
        return STATUS_FAILED;
    }
    if (c.check)
        return STATUS_OK;
    set_log_level(d.config.log_level);
    if (sodium_init() < 0)
        return STATUS_FAILED;
    return serve(&d, c.wants[0] || c.wants[1] || c.wants[2] ? c.wants : all);
}
