/* A bounded queue between threads: a ring under one lock. */
#include "mqtt/queue.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/clock.h"

struct queue {
    pthread_mutex_t lock;
    pthread_cond_t filled, emptied;
    size_t capacity, first, count;
    size_t wanted;    /* takers sleep until this many are there: a gathering taker is not woken for
                         each */
    size_t putters;   /* waiting for room */
    int64_t since_ms; /* when it was empty last: nothing inside has waited longer */
    int closed;
    void *items[];
};

static void init_cond(pthread_cond_t *cond)
{
    pthread_condattr_t attr;

    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(cond, &attr);
    pthread_condattr_destroy(&attr);
}

enum error_code queue_new(size_t capacity, struct queue **ret)
{
    struct queue *q = calloc(1, sizeof(*q) + capacity * sizeof(q->items[0]));

    if (q == NULL)
        return EC_NO_MEMORY;
    pthread_mutex_init(&q->lock, NULL);
    init_cond(&q->filled);
    init_cond(&q->emptied);
    q->capacity = capacity;
    q->wanted = 1;
    *ret = q;
    return EC_OK;
}

void queue_free(struct queue *q)
{
    if (q == NULL)
        return;
    pthread_cond_destroy(&q->filled);
    pthread_cond_destroy(&q->emptied);
    pthread_mutex_destroy(&q->lock);
    free(q);
}

/* Wait under the lock. @return 0 when the time is over or the queue closed */
static int wait_until(struct queue *q, pthread_cond_t *cond, int64_t until_ms)
{
    struct timespec until = clock_timespec(until_ms);

    return !q->closed && pthread_cond_timedwait(cond, &q->lock, &until) == 0;
}

int queue_put(struct queue *q, void *item, int64_t wait_ms)
{
    int64_t until_ms = clock_mono_ms() + wait_ms;
    int taken;

    pthread_mutex_lock(&q->lock);
    q->putters++;
    while (q->count == q->capacity && !q->closed && wait_ms > 0)
        if (!wait_until(q, &q->emptied, until_ms))
            break;
    q->putters--;
    taken = q->count < q->capacity && !q->closed;
    if (taken) {
        if (q->count == 0)
            q->since_ms = clock_mono_ms();
        q->items[(q->first + q->count++) % q->capacity] = item;
        if (q->count >= q->wanted)
            pthread_cond_signal(&q->filled);
    }
    pthread_mutex_unlock(&q->lock);
    return taken;
}

/* Sleep until `wanted` items are there. */
static void wait_for(struct queue *q, size_t wanted, int64_t until_ms)
{
    while (q->count < wanted) {
        q->wanted = wanted;
        if (!wait_until(q, &q->filled, until_ms))
            break;
    }
    q->wanted = 1;
}

size_t queue_take(struct queue *q, void **items, size_t max, int64_t first_ms, int64_t gather_ms)
{
    size_t n = 0;

    pthread_mutex_lock(&q->lock);
    wait_for(q, 1, clock_mono_ms() + first_ms);
    if (gather_ms > 0 && q->count > 0 && q->count < max)
        wait_for(q, max < q->capacity ? max : q->capacity, q->since_ms + gather_ms);
    while (n < max && q->count > 0) {
        items[n++] = q->items[q->first];
        q->first = (q->first + 1) % q->capacity;
        q->count--;
    }
    if (n > 0 && q->putters > 0)
        pthread_cond_broadcast(&q->emptied);
    if (q->count > 0)
        pthread_cond_signal(&q->filled);
    pthread_mutex_unlock(&q->lock);
    return n;
}

size_t queue_depth(struct queue *q)
{
    size_t count;

    pthread_mutex_lock(&q->lock);
    count = q->count;
    pthread_mutex_unlock(&q->lock);
    return count;
}

size_t queue_capacity(const struct queue *q)
{
    return q->capacity;
}

void queue_close(struct queue *q)
{
    pthread_mutex_lock(&q->lock);
    q->closed = 1;
    pthread_cond_broadcast(&q->filled);
    pthread_cond_broadcast(&q->emptied);
    pthread_mutex_unlock(&q->lock);
}
