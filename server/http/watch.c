/* Deadlines of connections: what trickles in too slowly to be a request, or is never read, is cut.
 */
#include "http/watch.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "base/limits.h"

struct watch_line {
    int socket;
    int64_t until_ms; /* 0: already cut */
    struct watch_line *next, **back;
};

struct watch {
    pthread_mutex_t lock;
    struct watch_line *first;
    pthread_t thread;
    atomic_int is_stopping;
};

static void cut_late(struct watch *w, int64_t now_ms)
{
    pthread_mutex_lock(&w->lock);
    for (struct watch_line *l = w->first; l != NULL; l = l->next) {
        if (l->until_ms == 0 || l->until_ms > now_ms)
            continue;
        l->until_ms = 0;
        shutdown(l->socket, SHUT_RDWR); /* the library closes it */
    }
    pthread_mutex_unlock(&w->lock);
}

static void *run(void *context)
{
    struct watch *w = context;
    while (!atomic_load(&w->is_stopping)) {
        clock_sleep_ms(LIMIT_HTTP_WATCH_MS);
        cut_late(w, clock_mono_ms());
    }
    return NULL;
}

enum error_code watch_new(struct watch **ret)
{
    struct watch *w = calloc(1, sizeof *w);
    if (w == NULL)
        return EC_NO_MEMORY;
    pthread_mutex_init(&w->lock, NULL);
    if (pthread_create(&w->thread, NULL, run, w) != 0) {
        pthread_mutex_destroy(&w->lock);
        free(w);
        return EC_NO_MEMORY;
    }
    *ret = w;
    return EC_OK;
}

void watch_free(struct watch *w)
{
    if (w == NULL)
        return;
    atomic_store(&w->is_stopping, 1);
    pthread_join(w->thread, NULL);
    pthread_mutex_destroy(&w->lock);
    free(w);
}

struct watch_line *watch_add(struct watch *w, int socket, int64_t for_ms)
{
    struct watch_line *l = calloc(1, sizeof *l);
    if (l == NULL)
        return NULL;
    l->socket = socket;
    l->until_ms = clock_mono_ms() + for_ms;
    pthread_mutex_lock(&w->lock);
    l->next = w->first;
    l->back = &w->first;
    if (l->next != NULL)
        l->next->back = &l->next;
    w->first = l;
    pthread_mutex_unlock(&w->lock);
    return l;
}

void watch_move(struct watch *w, struct watch_line *line, int64_t for_ms)
{
    if (line == NULL)
        return;
    pthread_mutex_lock(&w->lock);
    if (line->until_ms != 0)
        line->until_ms = clock_mono_ms() + for_ms;
    pthread_mutex_unlock(&w->lock);
}

void watch_remove(struct watch *w, struct watch_line *line)
{
    if (line == NULL)
        return;
    pthread_mutex_lock(&w->lock);
    *line->back = line->next;
    if (line->next != NULL)
        line->next->back = line->back;
    pthread_mutex_unlock(&w->lock);
    free(line);
}
