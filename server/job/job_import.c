/* The thread of the job part that works on bulk imports. */
#include "job/job_import.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/log.h"
#include "store/import_run.h"

enum { NAP_MS = 20, LOOK_MS = 250, AGAIN_MS = 2000, FORGET_MS = 600000 };

struct job_import {
    const struct config *config;
    pthread_t thread;
    atomic_int is_stopping;
    struct db *db, *side; /* NULL until the first connection */
    int64_t forget_ms;    /* when old staged rows are looked for again */
    int was_away;
};

static int is_stopping(void *context)
{
    struct job_import *j = context;
    return atomic_load(&j->is_stopping);
}

static void nap(struct job_import *j, int64_t ms)
{
    for (; ms > 0 && !is_stopping(j); ms -= NAP_MS)
        clock_sleep_ms(NAP_MS);
}

static void note_failure(struct job_import *j, enum error_code ec, const char *note)
{
    if (!j->was_away && ec != EC_UNAVAILABLE)
        log_event(LOG_LEVEL_WARN, "import-failed", "error", error_slug(ec), "note", note, NULL);
    j->was_away = 1;
}

static int connect_both(struct job_import *j)
{
    struct db **const wanted[] = {&j->db, &j->side};
    char note[DB_NOTE_MAX] = "";

    for (size_t i = 0; i < 2; i++) {
        if (*wanted[i] != NULL && !db_alive(*wanted[i])) {
            db_close(*wanted[i]);
            *wanted[i] = NULL;
        }
        if (*wanted[i] != NULL)
            continue;
        enum error_code ec = db_open(j->config->database_import, "bptmd import", wanted[i], note);
        if (ec != EC_OK) {
            note_failure(j, ec, note);
            return 0;
        }
    }
    return 1;
}

static enum error_code work(struct job_import *j, int64_t import_id)
{
    const struct import_run run = {j->db, j->side, is_stopping, j};
    int64_t begun_ms = clock_mono_ms();
    enum error_code ec = import_run_work(&run, import_id);

    log_event(LOG_LEVEL_INFO, "import-worked", "import", log_value("%lld", (long long)import_id),
              "result", error_slug(ec), "ms",
              log_value("%lld", (long long)(clock_mono_ms() - begun_ms)), NULL);
    if (db_alive(j->db)) {
        enum error_code released = import_run_release(j->db, import_id);
        ec = ec == EC_OK ? released : ec;
    }
    return ec;
}

static enum error_code forget(struct job_import *j)
{
    int64_t gone = 0;

    if (clock_mono_ms() < j->forget_ms)
        return EC_OK;
    enum error_code ec = import_run_forget(j->db, &gone);
    if (ec == EC_OK && gone == 0)
        j->forget_ms = clock_mono_ms() + FORGET_MS;
    return ec;
}

/* One import, or none. @return how long to rest */
static int64_t look(struct job_import *j)
{
    int64_t import_id = 0;

    if (!connect_both(j))
        return AGAIN_MS;
    enum error_code ec = import_run_next(j->db, &import_id);
    int is_idle = ec == EC_NOT_FOUND;
    if (ec == EC_OK)
        ec = work(j, import_id);
    else if (is_idle)
        ec = forget(j);
    if (ec != EC_OK) {
        note_failure(j, ec, db_note(j->db));
        return AGAIN_MS;
    }
    j->was_away = 0;
    return is_idle ? LOOK_MS : 0;
}

static void *run(void *context)
{
    struct job_import *j = context;

    while (!is_stopping(j))
        nap(j, look(j));
    return NULL;
}

enum error_code job_import_start(const struct config *config, struct job_import **ret)
{
    struct job_import *j = calloc(1, sizeof(*j));

    if (j == NULL)
        return EC_NO_MEMORY;
    j->config = config;
    if (pthread_create(&j->thread, NULL, run, j) != 0) {
        free(j);
        return EC_IO;
    }
    *ret = j;
    return EC_OK;
}

void job_import_stop(struct job_import *j)
{
    if (j == NULL)
        return;
    atomic_store(&j->is_stopping, 1);
    pthread_join(j->thread, NULL);
    db_close(j->db);
    db_close(j->side);
    free(j);
}
