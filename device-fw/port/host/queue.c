/* Sifting up and down. */
#include "queue.h"

#include <stdlib.h>
#include <string.h>

int queue_init(struct queue *q, unsigned count)
{
    memset(q, 0, sizeof(*q));
    q->order = calloc(count, sizeof(*q->order));
    q->where = calloc(count, sizeof(*q->where));
    q->due = calloc(count, sizeof(*q->due));
    if (q->order == NULL || q->where == NULL || q->due == NULL) {
        queue_done(q);
        return 0;
    }
    q->count = count;
    for (unsigned i = 0; i < count; i++)
        q->order[i] = q->where[i] = i;
    return 1;
}

void queue_done(struct queue *q)
{
    free(q->order);
    free(q->where);
    free(q->due);
    memset(q, 0, sizeof(*q));
}

static int before(const struct queue *q, unsigned a, unsigned b)
{
    return q->due[q->order[a]] < q->due[q->order[b]];
}

static void swap(struct queue *q, unsigned a, unsigned b)
{
    unsigned entry = q->order[a];

    q->order[a] = q->order[b];
    q->order[b] = entry;
    q->where[q->order[a]] = a;
    q->where[q->order[b]] = b;
}

static void sift_up(struct queue *q, unsigned at)
{
    while (at > 0 && before(q, at, (at - 1) / 2)) {
        swap(q, at, (at - 1) / 2);
        at = (at - 1) / 2;
    }
}

static void sift_down(struct queue *q, unsigned at)
{
    for (;;) {
        unsigned least = at;

        for (unsigned child = 2 * at + 1; child <= 2 * at + 2 && child < q->count; child++)
            if (before(q, child, least))
                least = child;
        if (least == at)
            return;
        swap(q, at, least);
        at = least;
    }
}

unsigned queue_first(const struct queue *q)
{
    return q->order[0];
}

void queue_set(struct queue *q, unsigned entry, uint64_t due)
{
    q->due[entry] = due;
    sift_up(q, q->where[entry]);
    sift_down(q, q->where[entry]);
}
