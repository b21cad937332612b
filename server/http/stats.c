/* Counters of the REST server, for /metrics. */
#include "http/stats.h"

#include <sodium.h>
#include <stdatomic.h>
#include <stdlib.h>

struct stats {
    atomic_ullong answers[STATS_ROUTES_MAX + 1][STATS_CLASSES]; /* the last row: no route */
    atomic_ullong micros;
    atomic_ullong count;
    atomic_int uploads;
    atomic_ullong number; /* of the next request */
};

enum error_code stats_new(struct stats **ret)
{
    struct stats *s = calloc(1, sizeof *s);
    if (s == NULL)
        return EC_NO_MEMORY;
    uint64_t first;
    randombytes_buf(&first, sizeof first);
    atomic_store(&s->number, first);
    *ret = s;
    return EC_OK;
}

void stats_free(struct stats *s)
{
    free(s);
}

static int row(int index)
{
    return index >= 0 && index < STATS_ROUTES_MAX ? index : STATS_ROUTES_MAX;
}

void stats_count(struct stats *s, int index, int status, int64_t micros)
{
    int class = status / 100 - 1;
    if (class < 0 || class >= STATS_CLASSES)
        return;
    atomic_fetch_add_explicit(&s->answers[row(index)][class], 1, memory_order_relaxed);
    atomic_fetch_add_explicit(&s->micros, (unsigned long long)micros, memory_order_relaxed);
    atomic_fetch_add_explicit(&s->count, 1, memory_order_relaxed);
}

uint64_t stats_answers(const struct stats *s, int index, int status_class)
{
    return atomic_load_explicit(&s->answers[row(index)][status_class], memory_order_relaxed);
}

void stats_time(const struct stats *s, uint64_t *ret_micros, uint64_t *ret_count)
{
    *ret_micros = atomic_load_explicit(&s->micros, memory_order_relaxed);
    *ret_count = atomic_load_explicit(&s->count, memory_order_relaxed);
}

uint64_t stats_number(struct stats *s)
{
    return atomic_fetch_add_explicit(&s->number, 1, memory_order_relaxed);
}

int stats_upload_begin(struct stats *s, int most)
{
    if (atomic_fetch_add(&s->uploads, 1) < most)
        return 1;
    stats_upload_end(s);
    return 0;
}

void stats_upload_end(struct stats *s)
{
    atomic_fetch_sub(&s->uploads, 1);
}
