/* Threads that take received messages apart and verify them. */
#include "mqtt/worker.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "base/clock.h"
#include "mqtt/verify.h"

enum { TAKE = 16, WAIT_MS = 100 };

struct workers {
    struct queue *from, *to;
    struct keys *keys;
    struct tally *tally;
    struct deliver *deliver;
    atomic_int is_stopping;
    size_t count;
    pthread_t threads[LIMIT_INGEST_WORKERS];
};

/* @return 0 when the message cannot be judged any more */
static int judge(struct workers *w, struct message *m, uint8_t *scratch)
{
    while (verify_message(w->keys, m, scratch) != EC_OK) {
        if (atomic_load(&w->is_stopping))
            return 0;
        clock_sleep_ms(WAIT_MS);
    }
    return 1;
}

static void handle(struct workers *w, struct message *m, uint8_t *scratch)
{
    if (!judge(w, m, scratch)) {
        tally_add(w->tally, TALLY_DROPPED_STOP, 1);
        message_free(m);
    } else if (m->kind == MESSAGE_FIRMWARE) {
        deliver_want(w->deliver, m);
    } else {
        while (!queue_put(w->to, m, WAIT_MS))
            continue; /* closed only after these threads ended */
    }
}

static void *run(void *context)
{
    struct workers *w = context;
    uint8_t scratch[WIRE_SCRATCH_LEN];
    void *list[TAKE];

    for (;;) {
        size_t n = queue_take(w->from, list, TAKE, WAIT_MS, 0);

        for (size_t i = 0; i < n; i++)
            handle(w, list[i], scratch);
        if (n == 0 && atomic_load(&w->is_stopping))
            return NULL;
    }
}

enum error_code workers_start(size_t count, struct queue *from, struct queue *to, struct keys *keys,
                              struct tally *tally, struct deliver *deliver, struct workers **ret)
{
    struct workers *w = calloc(1, sizeof(*w));

    if (w == NULL)
        return EC_NO_MEMORY;
    w->from = from;
    w->to = to;
    w->keys = keys;
    w->tally = tally;
    w->deliver = deliver;
    while (w->count < count && w->count < LIMIT_INGEST_WORKERS) {
        if (pthread_create(&w->threads[w->count], NULL, run, w) != 0) {
            workers_stop(w);
            return EC_IO;
        }
        w->count++;
    }
    *ret = w;
    return EC_OK;
}

void workers_stop(struct workers *w)
{
    if (w == NULL)
        return;
    atomic_store(&w->is_stopping, 1);
    for (size_t i = 0; i < w->count; i++)
        pthread_join(w->threads[i], NULL);
    free(w);
}
