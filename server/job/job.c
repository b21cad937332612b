/* The timed part of bptmd: one thread and a table of jobs, run by whoever holds the lease. */
#include "job/job.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/pulse.h"
#include "job/job_bulk.h"
#include "job/job_webhook.h"
#include "store/audit_seal.h"
#include "store/lease.h"
#include "store/outage_job.h"
#include "store/part_health.h"
#include "store/webhook_outbox.h"

enum { NAP_MS = 20, MINUTE_MS = 60000, FLEET_MS = 10000 };

struct job_part {
    const struct config *config;
    pthread_t thread;
    atomic_int is_stopping;
    struct job_bulk *bulk;
    struct job_webhook *webhook;
    struct db *db; /* NULL until the first connection */
    struct lease lease;
    int was_away;
    int is_field_due;  /* outages were derived, or a day may have begun, since the last count */
    int is_served_due; /* days were rolled up, or a home may have moved, since the last count */
    struct pulse pulse;
};

/* Devices that wait are worked off at once; `ret_more` says that some were left over. */
static enum error_code derive(struct job_part *p, int *ret_more)
{
    uint64_t devices = 0;
    enum error_code ec = outage_job_derive(p->db, LIMIT_JOB_DEVICES, &devices);

    if (ec == EC_OK && devices > 0)
        log_event(LOG_LEVEL_DEBUG, "outages-derived", "devices",
                  log_value("%llu", (unsigned long long)devices), NULL);
    p->is_field_due |= ec == EC_OK && devices > 0;
    *ret_more = ec == EC_OK && devices >= LIMIT_JOB_DEVICES;
    return ec;
}

static enum error_code watch_fleet(struct job_part *p, int *ret_more)
{
    *ret_more = 0;
    return outage_job_fleet_alarms(p->db);
}

static enum error_code roll_up(struct job_part *p, int *ret_more)
{
    uint64_t days = 0;
    enum error_code ec = outage_job_roll_up(p->db, LIMIT_JOB_DAYS, &days);

    if (ec == EC_OK && days > 0)
        log_event(LOG_LEVEL_DEBUG, "days-rolled-up", "days",
                  log_value("%llu", (unsigned long long)days), NULL);
    p->is_served_due |= ec == EC_OK && days > 0;
    *ret_more = ec == EC_OK && days >= LIMIT_JOB_DAYS;
    return ec;
}

/* Counting reads all assignments: it is done after days were rolled up, and now and then. */
static enum error_code count_served(struct job_part *p, int *ret_more)
{
    uint64_t spans = 0;

    *ret_more = 0;
    if (!p->is_served_due)
        return EC_OK;
    enum error_code ec = outage_job_count_served(p->db, &spans);
    p->is_served_due = ec != EC_OK;
    return ec;
}

/* Counting reads all outages, so that it is not done while none is new. */
static enum error_code count_field(struct job_part *p, int *ret_more)
{
    uint64_t answers = 0;

    *ret_more = 0;
    if (!p->is_field_due)
        return EC_OK;
    p->is_field_due = 0;
    enum error_code ec = outage_job_generators(p->db, &answers);
    if (ec == EC_OK && answers > 0)
        log_event(LOG_LEVEL_DEBUG, "field-results-counted", "answers",
                  log_value("%llu", (unsigned long long)answers), NULL);
    p->is_field_due = ec != EC_OK;
    return ec;
}

/* Dates pass and homes move though no outage comes. */
static enum error_code ask_again(struct job_part *p, int *ret_more)
{
    *ret_more = 0;
    p->is_field_due = 1;
    p->is_served_due = 1;
    return EC_OK;
}

static enum error_code forget_answers(struct job_part *p, int *ret_more)
{
    uint64_t gone = 0;
    enum error_code ec = outage_job_forget(p->db, LIMIT_IDEMPOTENCY_H, &gone);

    if (ec == EC_OK && gone > 0)
        log_event(LOG_LEVEL_DEBUG, "answers-forgotten", "count",
                  log_value("%llu", (unsigned long long)gone), NULL);
    *ret_more = 0;
    return ec;
}

static enum error_code say_healthy(struct job_part *p, int *ret_more)
{
    enum error_code ec = lease_renew(p->db, &p->lease);

    if (ec == EC_OK)
        ec = outage_job_watch(p->db);

    *ret_more = 0;
    return ec == EC_OK ? part_health_put(p->db, p->lease.name, p->lease.holder, "{}") : ec;
}

/* interval_ms 0: [job] interval_ms. While a job that goes first has left some over, what follows it
   waits: outages before events, and both before all that is made of them. A job that only asks the
   database for at most so many has `ask` and `most` in place of `run`. */
static const struct job {
    const char *name;
    int64_t interval_ms;
    enum error_code (*run)(struct job_part *p, int *ret_more);
    int goes_first;
    enum error_code (*ask)(struct db *db, uint32_t most, uint64_t *ret_done);
    uint32_t most;
} jobs[] = {
    {"lease-and-health", LIMIT_TICK_MS, say_healthy},
    {"derive-outages", 0, derive, 1},
    {"derive-events", .goes_first = 1, .ask = outage_job_events, .most = LIMIT_JOB_PLACES},
    {"derive-facts", .ask = outage_job_facts, .most = LIMIT_JOB_FACTS},
    {"match-events", .ask = outage_job_match, .most = LIMIT_JOB_MATCHES},
    {"alarms-of-journals", .ask = outage_job_alarms, .most = LIMIT_JOB_ALARMS},
    {"alarms-of-fleet", FLEET_MS, watch_fleet},
    {"roll-up", 0, roll_up},
    {"counts-due", 10 * MINUTE_MS, ask_again},
    {"count-served", LIMIT_JOB_COUNT_MS, count_served},
    {"field-results", LIMIT_JOB_COUNT_MS, count_field},
    {"forget-answers", 10 * MINUTE_MS, forget_answers},
    {"forget-messages", 10 * MINUTE_MS, .ask = webhook_outbox_forget, .most = LIMIT_JOB_MESSAGES},
    {"seal-audit", LIMIT_AUDIT_SEAL_MS, .ask = audit_seal_next, .most = LIMIT_AUDIT_SEAL},
};

enum { JOBS = sizeof(jobs) / sizeof(jobs[0]) };

static void note_failure(struct job_part *p, const char *job, enum error_code ec, const char *note)
{
    if (!p->was_away)
        log_event(LOG_LEVEL_WARN, "job-failed", "job", job, "error", error_slug(ec), "note", note,
                  NULL);
    p->was_away = 1;
}

static enum error_code run_job(struct job_part *p, const struct job *job, int *ret_more)
{
    uint64_t done = 0;

    if (job->run != NULL)
        return job->run(p, ret_more);
    enum error_code ec = job->ask(p->db, job->most, &done);
    *ret_more = ec == EC_OK && done >= job->most;
    return ec;
}

static int has_lease(struct job_part *p)
{
    char note[DB_NOTE_MAX] = "";
    enum error_code ec = EC_OK;

    if (p->db == NULL)
        ec = db_open(p->config->database_job, "bptmd job", &p->db, note);
    if (ec != EC_OK) {
        note_failure(p, "connect", ec, note);
        return 0;
    }
    ec = lease_take(p->db, &p->lease);
    if (ec != EC_OK && ec != EC_CONFLICT)
        note_failure(p, "lease", ec, db_note(p->db));
    return ec == EC_OK;
}

/* One round through the table. A lost lease ends it; another failure waits for the next round. */
static void run_due(struct job_part *p, int64_t *next_ms)
{
    for (size_t i = 0; i < JOBS && p->lease.token != 0; i++) {
        int64_t every_ms = jobs[i].interval_ms ? jobs[i].interval_ms : p->config->job_interval_ms;
        int more = 0;
        enum error_code ec;

        if (clock_mono_ms() < next_ms[i])
            continue;
        pulse_beat(&p->pulse);
        ec = run_job(p, &jobs[i], &more);
        next_ms[i] = clock_mono_ms() + (more ? 0 : every_ms);
        if (ec == EC_OK)
            p->was_away = 0;
        else if (p->lease.token != 0)
            note_failure(p, jobs[i].name, ec, db_note(p->db));
        if (more && jobs[i].goes_first)
            break;
    }
}

static void nap(struct job_part *p, int64_t ms)
{
    for (; ms > 0 && !atomic_load(&p->is_stopping); ms -= NAP_MS) {
        pulse_beat(&p->pulse);
        clock_sleep_ms(NAP_MS);
    }
}

static void *run(void *context)
{
    struct job_part *p = context;

    while (!atomic_load(&p->is_stopping)) {
        int64_t next_ms[JOBS] = {0};

        if (!has_lease(p)) {
            nap(p, LIMIT_TICK_MS);
            continue;
        }
        log_event(LOG_LEVEL_INFO, "lease-taken", "part", p->lease.name, NULL);
        while (!atomic_load(&p->is_stopping) && p->lease.token != 0) {
            run_due(p, next_ms);
            nap(p, NAP_MS);
        }
        if (p->lease.token == 0)
            log_event(LOG_LEVEL_WARN, "lease-lost", "part", p->lease.name, NULL);
    }
    if (p->lease.token != 0 && lease_release(p->db, &p->lease) != EC_OK)
        log_event(LOG_LEVEL_WARN, "lease-not-released", "part", "job", NULL);
    return NULL;
}

enum error_code job_start(const struct config *config, struct job_part **ret)
{
    struct job_part *p = calloc(1, sizeof(*p));

    if (p == NULL)
        return EC_NO_MEMORY;
    p->config = config;
    lease_init(&p->lease, "job");
    pulse_beat(&p->pulse);
    enum error_code ec = job_bulk_start(config, &p->bulk);
    if (ec == EC_OK)
        ec = job_webhook_start(config, &p->webhook);
    if (ec == EC_OK && pthread_create(&p->thread, NULL, run, p) != 0)
        ec = EC_IO;
    if (ec != EC_OK) {
        job_webhook_stop(p->webhook);
        job_bulk_stop(p->bulk);
        free(p);
        return ec;
    }
    *ret = p;
    return EC_OK;
}

int job_is_alive(struct job_part *p, int64_t within_ms)
{
    return pulse_is_fresh(&p->pulse, within_ms);
}

void job_stop(struct job_part *p)
{
    if (p == NULL)
        return;
    atomic_store(&p->is_stopping, 1);
    pthread_join(p->thread, NULL);
    job_webhook_stop(p->webhook);
    job_bulk_stop(p->bulk);
    db_close(p->db);
    free(p);
}
