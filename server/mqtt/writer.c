/* The one writer: groups messages into transactions, and only after a commit signs receipts. */
#include "mqtt/writer.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/kill_point.h"
#include "base/log.h"
#include "base/pulse.h"
#include "mqtt/commands.h"
#include "mqtt/receipts.h"
#include "store/part_health.h"
#include "store/quarantine.h"

enum { IDLE_MS = 50 };

struct writer {
    struct writer_env env;
    pthread_t thread;
    _Atomic int64_t give_up_ms; /* when stopping must end; 0 while running */
    struct db *db;              /* NULL until the first connection */
    struct group *group;
    struct lease lease;
    struct message **list;
    int64_t next_tick_ms;
    int was_away; /* the last commit failed for want of the database */
    int may_trim; /* something went to quarantine since the last trim */
    struct pulse pulse;
};

static int is_stopping(const struct writer *w)
{
    return atomic_load(&w->give_up_ms) != 0;
}

static int is_too_late(const struct writer *w)
{
    int64_t at_ms = atomic_load(&w->give_up_ms);

    return at_ms != 0 && clock_mono_ms() >= at_ms;
}

static void log_failure(const struct writer *w, enum log_level level, const char *event,
                        enum error_code ec)
{
    log_event(level, event, "error", error_slug(ec), "sqlstate", db_sqlstate(w->db), "note",
              db_note(w->db), NULL);
}

static void note_away(struct writer *w, enum error_code ec)
{
    if (!w->was_away)
        log_failure(w, LOG_LEVEL_WARN, "database-away", ec);
    w->was_away = 1;
}

static void note_back(struct writer *w)
{
    if (w->was_away)
        log_event(LOG_LEVEL_INFO, "database-back", NULL);
    w->was_away = 0;
}

/* -- after a commit -------------------------------------------------------------------------- */

static uint32_t pace_ms(const struct writer *w)
{
    struct queue *q = w->env.received;

    return queue_depth(q) * 2 > queue_capacity(q) ? LIMIT_INGEST_PACE_MS : 0;
}

static void publish_receipt(struct writer *w, const struct message *m,
                            const struct receipt_issued *r)
{
    struct topic topic = m->topic;
    char text[WIRE_TOPIC_MAX];
    int is_sent = 0;

    topic.leaf = TOPIC_DOWN_RECEIPT;
    if (topic_encode(w->env.config->mqtt_root, &topic, text) == EC_OK)
        is_sent = w->env.publish(w->env.broker, text, r->message, r->message_len, 0);
    tally_add(w->env.tally, is_sent ? TALLY_RECEIPTS : TALLY_RECEIPTS_UNSENT, 1);
}

static void issue_receipt(struct writer *w, const struct receipts_terms *terms,
                          const struct receipts_subject *subject, const struct message *m)
{
    struct receipt_issued r;
    enum error_code ec = receipts_sign(terms, subject, &r);

    if (ec != EC_OK) {
        log_event(LOG_LEVEL_ERROR, "receipt-not-signed", "error", error_slug(ec), NULL);
        return;
    }
    publish_receipt(w, m, &r);
    issued_put(group_issued(w->group), db_generation(w->db), &r);
}

/* To devices that have not heard of a new epoch. */
static void issue_recalls(struct writer *w, const struct receipts_terms *terms)
{
    size_t n;
    const struct recall_device *devices = recall_devices(group_recall(w->group), &n);

    for (size_t i = 0; i < n; i++) {
        const struct receipts_subject subject = {
            .device_id = devices[i].message->status->device_id,
            .serial = devices[i].message->topic.device,
            .head = devices[i].head,
        };

        issue_receipt(w, terms, &subject, devices[i].message);
    }
}

static void issue_receipts(struct writer *w)
{
    size_t device_count, item_count;
    const struct work_device *devices = work_devices(group_work(w->group), &device_count);
    const struct work_item *items = work_items(group_work(w->group), &item_count);
    const struct receipts_terms terms = {
        .key = w->env.key,
        .now_ms = clock_utc_ms(),
        .epoch = group_epoch(w->group),
        .pace_ms = pace_ms(w),
    };

    for (size_t i = 0; i < device_count; i++)
        if (devices[i].is_touched) {
            struct receipts_subject subject = receipts_of_work(&devices[i], items, terms.epoch);

            issue_receipt(w, &terms, &subject, items[devices[i].begin].message);
        }
    issue_recalls(w, &terms);
}

/* What must never be, for the test that shows that it would be noticed. */
static void issue_early(void *writer)
{
    issue_receipts(writer);
}

static void log_forks(const struct writer *w)
{
    size_t n;
    const struct work_item *items = work_items(group_work(w->group), &n);

    for (size_t i = 0; i < n; i++)
        if (!items[i].is_refused && items[i].change.verdict == JOURNAL_FORK)
            log_event(LOG_LEVEL_WARN, "journal-fork", "device", items[i].message->topic.device,
                      "seq", log_value("%llu", (unsigned long long)items[i].change.fork_seq), NULL);
}

static void after_commit(struct writer *w)
{
    const struct message *m;

    kill_point("after-commit");
    note_back(w);
    issue_receipts(w);
    kill_point("after-receipt");
    group_count(w->group, w->env.tally);
    log_forks(w);
    for (size_t i = 0; (m = group_refused(w->group, i)) != NULL; i++)
        keys_forget(w->env.keys, m->topic.device);
}

/* -- a list of messages ---------------------------------------------------------------------- */

enum outcome { STORED, SPLIT, AWAY, LEASE_LOST };

static enum outcome try_commit(struct writer *w, struct message **list, size_t n,
                               enum error_code *ret)
{
    enum error_code ec = group_commit(w->group, w->db, &w->lease, list, n);

    *ret = ec;
    if (ec == EC_OK)
        return STORED;
    if (ec == EC_CONFLICT && db_sqlstate(w->db)[0] == '\0')
        return LEASE_LOST;
    if (ec == EC_INTERNAL || db_data_fault(w->db) || (ec == EC_NO_MEMORY && n > 1))
        return SPLIT;
    return AWAY;
}

/* The database is away, full or locked: the list is kept, the queues fill, reading stops. */
static int wait_for_database(struct writer *w, enum error_code ec, int64_t *wait_ms)
{
    note_away(w, ec);
    tally_add(w->env.tally, TALLY_GROUPS_RETRIED, 1);
    for (int64_t left = *wait_ms; left > 0 && !is_too_late(w); left -= IDLE_MS) {
        pulse_beat(&w->pulse);
        clock_sleep_ms(left < IDLE_MS ? left : IDLE_MS);
    }
    if (*wait_ms < LIMIT_INGEST_RETRY_MAX_MS)
        *wait_ms *= 2;
    return !is_too_late(w);
}

/* Alone and still refused by the database: to quarantine, or when even that fails, away with it. */
static int isolate(struct writer *w, struct message *m, enum error_code ec)
{
    log_failure(w, LOG_LEVEL_ERROR, "message-poisonous", ec);
    if (m->kind == MESSAGE_REFUSED) {
        tally_add(w->env.tally, TALLY_DROPPED_POISON, 1);
        return 0;
    }
    message_refuse(m, ec);
    return 1;
}

/* Store a list, in halves where it does not go as a whole. @return 0 when it was given up */
static int store_list(struct writer *w, struct message **list, size_t n)
{
    int64_t wait_ms = LIMIT_INGEST_RETRY_MS;
    enum error_code ec;

    for (;;) {
        pulse_beat(&w->pulse);
        switch (try_commit(w, list, n, &ec)) {
        case STORED:
            after_commit(w);
            return 1;
        case LEASE_LOST:
            w->lease.token = 0;
            return 0;
        case AWAY:
            if (!wait_for_database(w, ec, &wait_ms))
                return 0;
            break;
        case SPLIT:
            if (n > 1) {
                tally_add(w->env.tally, TALLY_GROUPS_SPLIT, 1);
                return store_list(w, list, n / 2) && store_list(w, list + n / 2, n - n / 2);
            }
            if (n == 0 || !isolate(w, list[0], ec))
                return 1;
            break;
        }
    }
}

/* Take and store what is there. @return how many messages there were */
static size_t serve_once(struct writer *w)
{
    const struct config *c = w->env.config;
    struct issued *issued = group_issued(w->group);

    pulse_beat(&w->pulse);
    size_t n = queue_take(w->env.understood, (void **)w->list, c->ingest_group, IDLE_MS,
                          c->ingest_group_ms);

    for (size_t i = 0; i < n; i++)
        w->may_trim |= w->list[i]->kind == MESSAGE_REFUSED;
    if ((n > 0 || issued_count(issued) > 0) && !store_list(w, w->list, n))
        tally_add(w->env.tally, TALLY_DROPPED_STOP, n);
    if (n == 0)
        issued_drop(issued, issued_count(issued));
    for (size_t i = 0; i < n; i++)
        message_free(w->list[i]);
    return n;
}

/* -- every second ---------------------------------------------------------------------------- */

static enum error_code write_health(struct writer *w)
{
    char detail[192];

    snprintf(detail, sizeof(detail),
             "{\"broker\": %s, \"queue\": %zu, \"queue_max\": %zu, \"paced\": %s}",
             w->env.is_connected(w->env.broker) ? "true" : "false", queue_depth(w->env.received),
             queue_capacity(w->env.received), pace_ms(w) > 0 ? "true" : "false");
    return part_health_put(w->db, w->lease.name, w->lease.holder, detail);
}

static enum error_code trim(struct writer *w)
{
    uint64_t dropped = 0;
    enum error_code ec = EC_OK;

    if (w->may_trim)
        ec = quarantine_trim(w->db, w->env.config->quarantine_total, &dropped);
    if (ec == EC_OK)
        w->may_trim = 0;
    tally_add(w->env.tally, TALLY_QUARANTINE_DROPPED, dropped);
    return ec;
}

static void take_back(void *context, const struct quarantine_message *q)
{
    struct writer *w = context;
    struct message *m;

    if (message_new(w->env.config->mqtt_root, q->topic, q->payload, q->payload_len, q->received_ms,
                    &m) != EC_OK)
        return;
    if (queue_put(w->env.received, m, 0))
        tally_add(w->env.tally, TALLY_QUARANTINE_REPLAYED, 1);
    else
        message_free(m);
}

static enum error_code send_commands(struct writer *w)
{
    const struct commands_sender sender = {w->env.key, w->env.config->mqtt_root, w->env.broker,
                                           w->env.publish};
    size_t sent = 0;
    enum error_code ec = commands_send(w->db, &sender, clock_utc_ms(), &sent);

    tally_add(w->env.tally, TALLY_COMMANDS, sent);
    return ec;
}

static void tick(struct writer *w)
{
    enum error_code ec;

    if (clock_mono_ms() < w->next_tick_ms)
        return;
    w->next_tick_ms = clock_mono_ms() + LIMIT_TICK_MS;
    ec = lease_renew(w->db, &w->lease);
    if (ec == EC_OK)
        ec = trim(w);
    if (ec == EC_OK)
        ec = quarantine_take(w->db, LIMIT_QUARANTINE_REPLAY, take_back, w);
    if (ec == EC_OK)
        ec = send_commands(w);
    if (ec == EC_OK)
        ec = tally_write(w->env.tally, w->db);
    if (ec == EC_OK)
        ec = write_health(w);
    if (ec == EC_OK)
        note_back(w);
    else if (ec != EC_CONFLICT)
        note_away(w, ec);
}

/* -- the lease and the thread ---------------------------------------------------------------- */

static int is_ready_to_serve(struct writer *w)
{
    char note[DB_NOTE_MAX] = "";
    enum error_code ec = EC_OK;

    if (w->db == NULL)
        ec = db_open(w->env.config->database_mqtt, "bptmd mqtt", &w->db, note);
    if (ec != EC_OK && !w->was_away)
        log_event(LOG_LEVEL_WARN, "database-away", "error", error_slug(ec), "note", note, NULL);
    if (ec == EC_OK)
        ec = lease_take(w->db, &w->lease);
    w->was_away = ec != EC_OK && ec != EC_CONFLICT;
    return ec == EC_OK;
}

/* Without the lease nothing is stored; what still comes out of the workers is dropped, for the
   devices send it to whoever holds the lease. */
static void wait_for_lease(struct writer *w)
{
    while (!is_stopping(w) && !is_ready_to_serve(w))
        for (int i = 0; i < LIMIT_TICK_MS / IDLE_MS && !is_stopping(w); i++) {
            size_t n = queue_take(w->env.understood, (void **)w->list, w->env.config->ingest_group,
                                  IDLE_MS, 0);

            pulse_beat(&w->pulse);
            tally_add(w->env.tally, TALLY_DROPPED_STOP, n);
            for (size_t k = 0; k < n; k++)
                message_free(w->list[k]);
        }
}

static void finish(struct writer *w)
{
    while (w->lease.token != 0 && !is_too_late(w) && serve_once(w) > 0)
        continue;
    if (w->lease.token != 0 &&
        (tally_write(w->env.tally, w->db) != EC_OK || lease_release(w->db, &w->lease) != EC_OK))
        log_failure(w, LOG_LEVEL_WARN, "lease-not-released", EC_DATABASE);
}

static void *run(void *context)
{
    struct writer *w = context;

    while (!is_stopping(w)) {
        wait_for_lease(w);
        if (w->lease.token == 0)
            continue;
        log_event(LOG_LEVEL_INFO, "lease-taken", "part", w->lease.name, "token",
                  log_value("%lld", (long long)w->lease.token), NULL);
        w->env.allow(w->env.broker, 1);
        while (!is_stopping(w) && w->lease.token != 0) {
            serve_once(w);
            tick(w);
        }
        if (w->lease.token != 0)
            break;
        w->env.allow(w->env.broker, 0);
        log_event(LOG_LEVEL_WARN, "lease-lost", "part", w->lease.name, NULL);
    }
    finish(w);
    return NULL;
}

static void writer_free(struct writer *w)
{
    db_close(w->db);
    group_free(w->group);
    free(w->list);
    free(w);
}

enum error_code writer_start(const struct writer_env *env, struct writer **ret)
{
    struct writer *w = calloc(1, sizeof(*w));
    size_t most = env->config->ingest_group;
    enum error_code ec = EC_NO_MEMORY;

    if (w == NULL)
        return ec;
    w->env = *env;
    lease_init(&w->lease, "mqtt");
    pulse_beat(&w->pulse);
    w->list = calloc(most, sizeof(*w->list));
    if (w->list != NULL)
        ec = group_new(most, env->config->quarantine_per_device, &w->group);
    if (ec == EC_OK && kill_point_receipt_first())
        group_set_early(w->group, issue_early, w);
    if (ec == EC_OK && pthread_create(&w->thread, NULL, run, w) != 0)
        ec = EC_IO;
    if (ec != EC_OK) {
        writer_free(w);
        return ec;
    }
    *ret = w;
    return EC_OK;
}

int writer_is_alive(struct writer *w, int64_t within_ms)
{
    return pulse_is_fresh(&w->pulse, within_ms);
}

void writer_stop(struct writer *w, int64_t asked_ms)
{
    if (w == NULL)
        return;
    atomic_store(&w->give_up_ms, asked_ms + LIMIT_INGEST_STOP_MS);
    pthread_join(w->thread, NULL);
    writer_free(w);
}
