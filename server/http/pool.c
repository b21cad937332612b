/* Database connections of the HTTP threads: as many as threads, opened when first needed. */
#include "http/pool.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"

enum { LOG_EVERY_MS = 1000 };

struct pool {
    pthread_mutex_t lock;
    const char *conninfo;
    size_t size;
    size_t taken;
    size_t idle_count;
    struct db *idle[POOL_MAX];
    int64_t logged_ms;
};

enum error_code pool_new(const char *conninfo, size_t size, struct pool **ret)
{
    struct pool *p = calloc(1, sizeof *p);
    if (p == NULL)
        return EC_NO_MEMORY;
    pthread_mutex_init(&p->lock, NULL);
    p->conninfo = conninfo;
    p->size = size < POOL_MAX ? size : POOL_MAX;
    p->logged_ms = -LOG_EVERY_MS;
    *ret = p;
    return EC_OK;
}

void pool_free(struct pool *p)
{
    if (p == NULL)
        return;
    while (p->idle_count > 0)
        db_close(p->idle[--p->idle_count]);
    pthread_mutex_destroy(&p->lock);
    free(p);
}

/* Take a place and, when there is one, the connection that was used last. */
static int take_place(struct pool *p, struct db **ret)
{
    pthread_mutex_lock(&p->lock);
    int free_place = p->taken < p->size;
    if (free_place) {
        p->taken++;
        *ret = p->idle_count > 0 ? p->idle[--p->idle_count] : NULL;
    }
    pthread_mutex_unlock(&p->lock);
    return free_place;
}

static void give_place(struct pool *p, struct db *usable)
{
    pthread_mutex_lock(&p->lock);
    p->taken--;
    if (usable != NULL)
        p->idle[p->idle_count++] = usable;
    pthread_mutex_unlock(&p->lock);
}

static void log_failure(struct pool *p, const char *note)
{
    pthread_mutex_lock(&p->lock);
    int64_t now_ms = clock_mono_ms();
    int due = now_ms - p->logged_ms >= LOG_EVERY_MS;
    if (due)
        p->logged_ms = now_ms;
    pthread_mutex_unlock(&p->lock);
    if (due)
        log_event(LOG_LEVEL_ERROR, "http_database_lost", "note", note, NULL);
}

enum error_code pool_get(struct pool *p, struct db **ret)
{
    struct db *db = NULL;
    char note[DB_NOTE_MAX] = "";
    if (!take_place(p, &db))
        return EC_UNAVAILABLE;
    if (db == NULL && db_open(p->conninfo, "bptmd http", &db, note) != EC_OK) {
        give_place(p, NULL);
        log_failure(p, note);
        return EC_UNAVAILABLE;
    }
    *ret = db;
    return EC_OK;
}

void pool_put(struct pool *p, struct db *db)
{
    if (!db_alive(db)) {
        db_close(db);
        db = NULL;
    }
    give_place(p, db);
}
