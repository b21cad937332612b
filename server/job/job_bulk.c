/* The threads of the job part that work on what takes long: bulk imports, and previews. */
#include "job/job_bulk.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/log.h"
#include "store/import_run.h"
#include "store/person.h"
#include "store/preview_run.h"

enum { NAP_MS = 20, LOOK_MS = 250, AGAIN_MS = 2000, FORGET_MS = 600000 };

/* What a thread works on: it claims one, does it, gives it back. */
static const struct kind {
    const char *name, *application, *worked, *failed;
    enum error_code (*next)(struct db *db, int64_t *ret_id); /* EC_NOT_FOUND: nothing to do */
    enum error_code (*work)(const struct bulk_run *run, int64_t id);
    enum error_code (*release)(struct db *db, int64_t id);
    enum error_code (*forget)(struct db *db, int64_t *ret_gone); /* what is old; NULL: nothing */
} kinds[] = {
    {"import", "bptmd import", "import-worked", "import-failed", import_run_next, import_run_work,
     import_run_release, import_run_forget},
    {"preview", "bptmd preview", "preview-worked", "preview-failed", preview_run_next,
     preview_run_work, preview_run_release, NULL},
};

enum { KINDS = sizeof kinds / sizeof *kinds };

/* One thread. */
struct worker {
    const struct kind *kind;
    const struct config *config;
    const struct person_keys *keys;
    pthread_t thread;
    atomic_int is_stopping;
    struct db *db, *side; /* NULL until the first connection */
    int64_t forget_ms;    /* when what is old is looked for again */
    int was_away;
};

struct job_bulk {
    struct worker workers[KINDS];
    struct person_keys keys;
    size_t count; /* that run */
};

static int is_stopping(void *context)
{
    struct worker *j = context;
    return atomic_load(&j->is_stopping);
}

static void nap(struct worker *j, int64_t ms)
{
    for (; ms > 0 && !is_stopping(j); ms -= NAP_MS)
        clock_sleep_ms(NAP_MS);
}

static void note_failure(struct worker *j, enum error_code ec, const char *note)
{
    if (!j->was_away && ec != EC_UNAVAILABLE)
        log_event(LOG_LEVEL_WARN, j->kind->failed, "error", error_slug(ec), "note", note, NULL);
    j->was_away = 1;
}

static int connect_both(struct worker *j)
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
        enum error_code ec =
            db_open(j->config->database_import, j->kind->application, wanted[i], note);
        if (ec != EC_OK) {
            note_failure(j, ec, note);
            return 0;
        }
    }
    return 1;
}

static enum error_code work(struct worker *j, int64_t id)
{
    const struct bulk_run run = {j->db, j->side, is_stopping, j, j->keys};
    int64_t begun_ms = clock_mono_ms();
    enum error_code ec = j->kind->work(&run, id);

    log_event(LOG_LEVEL_INFO, j->kind->worked, j->kind->name, log_value("%lld", (long long)id),
              "result", error_slug(ec), "ms",
              log_value("%lld", (long long)(clock_mono_ms() - begun_ms)), NULL);
    if (db_alive(j->db)) {
        enum error_code released = j->kind->release(j->db, id);
        ec = ec == EC_OK ? released : ec;
    }
    return ec;
}

static enum error_code forget(struct worker *j)
{
    int64_t gone = 0;

    if (j->kind->forget == NULL || clock_mono_ms() < j->forget_ms)
        return EC_OK;
    enum error_code ec = j->kind->forget(j->db, &gone);
    if (ec == EC_OK && gone == 0)
        j->forget_ms = clock_mono_ms() + FORGET_MS;
    return ec;
}

/* One piece of work, or none. @return how long to rest */
static int64_t look(struct worker *j)
{
    int64_t id = 0;

    if (!connect_both(j))
        return AGAIN_MS;
    enum error_code ec = j->kind->next(j->db, &id);
    int is_idle = ec == EC_NOT_FOUND;
    if (ec == EC_OK)
        ec = work(j, id);
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
    struct worker *j = context;

    while (!is_stopping(j))
        nap(j, look(j));
    return NULL;
}

enum error_code job_bulk_start(const struct config *config, struct job_bulk **ret)
{
    struct job_bulk *b = calloc(1, sizeof *b);

    if (b == NULL)
        return EC_NO_MEMORY;
    enum error_code ec = person_load(config->person_key_file, &b->keys);
    if (ec != EC_OK) {
        log_event(LOG_LEVEL_ERROR, "person-key-unusable", "file", config->person_key_file, "error",
                  error_slug(ec), NULL);
        free(b);
        return ec;
    }
    for (; b->count < KINDS; b->count++) {
        struct worker *j = &b->workers[b->count];
        j->kind = &kinds[b->count];
        j->config = config;
        j->keys = &b->keys;
        if (pthread_create(&j->thread, NULL, run, j) != 0) {
            job_bulk_stop(b);
            return EC_IO;
        }
    }
    *ret = b;
    return EC_OK;
}

void job_bulk_stop(struct job_bulk *b)
{
    if (b == NULL)
        return;
    for (size_t i = 0; i < b->count; i++)
        atomic_store(&b->workers[i].is_stopping, 1);
    for (size_t i = 0; i < b->count; i++) {
        struct worker *j = &b->workers[i];
        pthread_join(j->thread, NULL);
        db_close(j->db);
        db_close(j->side);
    }
    person_keys_done(&b->keys);
    free(b);
}
