/* The thread of the job part that sends webhooks: it takes what is due from the outbox, a few at a
   time and one of a subscriber, and writes down what became of each. */
#include "job/job_webhook.h"

#include <pthread.h>
#include <sodium.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/log.h"
#include "job/flight.h"

enum { NAP_MS = 100, AGAIN_MS = 2000 };

struct job_webhook {
    const struct config *config;
    pthread_t thread;
    atomic_int is_stopping;
    struct db *db; /* NULL until the first connection */
    CURLM *multi;
    struct flight flights[LIMIT_WEBHOOK_FLIGHTS];
    size_t in_air;
    int64_t look_ms; /* when the outbox is looked into again */
    int was_away;
};

static void note_failure(struct job_webhook *j, enum error_code ec, const char *note)
{
    if (!j->was_away)
        log_event(LOG_LEVEL_WARN, "webhooks-failed", "error", error_slug(ec), "note", note, NULL);
    j->was_away = 1;
    j->look_ms = clock_mono_ms() + AGAIN_MS;
}

static int connect_db(struct job_webhook *j)
{
    char note[DB_NOTE_MAX] = "";

    if (j->db != NULL && !db_alive(j->db)) {
        db_close(j->db);
        j->db = NULL;
    }
    if (j->db != NULL)
        return 1;
    enum error_code ec = db_open(j->config->database_job, "bptmd webhooks", &j->db, note);
    if (ec != EC_OK)
        note_failure(j, ec, note);
    return ec == EC_OK;
}

static struct flight *free_flight(struct job_webhook *j)
{
    size_t i = 0;
    while (j->flights[i].easy != NULL)
        i++;
    return &j->flights[i];
}

static void take_off(struct job_webhook *j, const struct webhook_task *task)
{
    struct flight *f = free_flight(j);

    f->config = j->config;
    f->task = *task;
    if (flight_make(f) == EC_OK && curl_multi_add_handle(j->multi, f->easy) == CURLM_OK) {
        j->in_air++;
        return;
    }
    flight_done(f); /* and taken again when its time is over */
    note_failure(j, EC_NO_MEMORY, "");
}

static void look(struct job_webhook *j)
{
    struct webhook_task tasks[LIMIT_WEBHOOK_FLIGHTS];
    size_t wanted = LIMIT_WEBHOOK_FLIGHTS - j->in_air, n = 0;

    if (wanted == 0 || clock_mono_ms() < j->look_ms || !connect_db(j))
        return;
    enum error_code ec = webhook_outbox_take(j->db, wanted, tasks, &n);
    if (ec != EC_OK) {
        note_failure(j, ec, db_note(j->db));
        return;
    }
    j->was_away = 0;
    j->look_ms = clock_mono_ms() + (n < wanted ? j->config->job_interval_ms : 0);
    for (size_t i = 0; i < n; i++)
        take_off(j, &tasks[i]);
    sodium_memzero(tasks, sizeof tasks);
}

/* Written down at once, or not at all: then it is sent again under its old id. */
static void land(struct job_webhook *j, struct flight *f, CURLcode code)
{
    struct webhook_outcome outcome = flight_outcome(f, code);
    enum error_code ec = EC_DATABASE;

    curl_multi_remove_handle(j->multi, f->easy);
    log_event(LOG_LEVEL_DEBUG, "webhook-tried", "message", f->task.id, "status",
              log_value("%ld", outcome.status), "error", outcome.error ? outcome.error : "", NULL);
    if (connect_db(j))
        ec = webhook_outbox_record(j->db, &f->task, &outcome);
    if (ec != EC_OK && j->db != NULL)
        note_failure(j, ec, db_note(j->db));
    flight_done(f);
    j->in_air--;
    if (ec == EC_OK)
        j->look_ms = 0; /* the next of the same subscriber may go */
}

static void fly(struct job_webhook *j)
{
    int running = 0, left = 0;
    CURLMsg *m;

    curl_multi_poll(j->multi, NULL, 0, NAP_MS, NULL);
    curl_multi_perform(j->multi, &running);
    while ((m = curl_multi_info_read(j->multi, &left)) != NULL) {
        CURLcode code = m->data.result;
        struct flight *f = NULL;
        curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, (char **)&f);
        land(j, f, code);
    }
}

static void turn_back(struct job_webhook *j)
{
    for (size_t i = 0; i < LIMIT_WEBHOOK_FLIGHTS; i++) {
        struct flight *f = &j->flights[i];
        if (f->easy == NULL)
            continue;
        curl_multi_remove_handle(j->multi, f->easy);
        if (j->db == NULL || webhook_outbox_release(j->db, &f->task) != EC_OK)
            log_event(LOG_LEVEL_DEBUG, "webhook-not-released", "message", f->task.id, NULL);
        flight_done(f);
    }
}

static void *run(void *context)
{
    struct job_webhook *j = context;

    while (!atomic_load(&j->is_stopping)) {
        look(j);
        fly(j);
    }
    turn_back(j);
    return NULL;
}

enum error_code job_webhook_start(const struct config *config, struct job_webhook **ret)
{
    struct job_webhook *j = calloc(1, sizeof(*j));

    if (j == NULL)
        return EC_NO_MEMORY;
    j->config = config;
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK ||
        (j->multi = curl_multi_init()) == NULL) {
        free(j);
        return EC_NO_MEMORY;
    }
    if (pthread_create(&j->thread, NULL, run, j) != 0) {
        curl_multi_cleanup(j->multi);
        free(j);
        return EC_IO;
    }
    *ret = j;
    return EC_OK;
}

void job_webhook_stop(struct job_webhook *j)
{
    if (j == NULL)
        return;
    atomic_store(&j->is_stopping, 1);
    pthread_join(j->thread, NULL);
    curl_multi_cleanup(j->multi);
    curl_global_cleanup();
    db_close(j->db);
    free(j);
}
