/* Receipts that were issued and are not remembered yet: a ring by age, found by device through
 * chains.
 */
#include "mqtt/issued.h"

#include <stdlib.h>
#include <string.h>

#include "base/limits.h"

enum { NONE = LIMIT_RECEIPTS };

struct entry {
    struct receipt_issued receipt;
    int64_t since_ms; /* when the first of those that this one replaced was issued */
    uint32_t next;    /* of the same chain, or NONE */
};

struct issued {
    uint64_t generation;
    size_t first, count;
    uint32_t chains[LIMIT_RECEIPTS]; /* by hash: an index, or NONE */
    struct entry entries[LIMIT_RECEIPTS];
};

static void clear(struct issued *s)
{
    s->first = s->count = 0;
    for (size_t i = 0; i < LIMIT_RECEIPTS; i++)
        s->chains[i] = NONE;
}

enum error_code issued_new(struct issued **ret)
{
    struct issued *s = calloc(1, sizeof(*s));

    if (s == NULL)
        return EC_NO_MEMORY;
    clear(s);
    *ret = s;
    return EC_OK;
}

void issued_free(struct issued *s)
{
    free(s);
}

static uint32_t *chain_of(struct issued *s, int64_t device_id)
{
    uint64_t h = (uint64_t)device_id * 0x9e3779b97f4a7c15u;

    return &s->chains[(h >> 32) % LIMIT_RECEIPTS];
}

static struct entry *find(struct issued *s, const struct receipt_issued *r)
{
    uint32_t i = *chain_of(s, r->device_id);

    while (i != NONE && (s->entries[i].receipt.device_id != r->device_id ||
                         s->entries[i].receipt.epoch != r->epoch))
        i = s->entries[i].next;
    return i == NONE ? NULL : &s->entries[i];
}

void issued_put(struct issued *s, uint64_t generation, const struct receipt_issued *r)
{
    uint32_t *chain = chain_of(s, r->device_id);
    struct entry *e;
    uint32_t i;

    if (s->generation != generation)
        clear(s);
    s->generation = generation;
    e = find(s, r);
    if (e != NULL) {
        e->receipt = *r;
        return;
    }
    if (s->count == LIMIT_RECEIPTS) /* cannot be: half is free before every group */
        return;
    i = (uint32_t)((s->first + s->count++) % LIMIT_RECEIPTS);
    s->entries[i] = (struct entry){.receipt = *r, .since_ms = r->issued_ms, .next = *chain};
    *chain = i;
}

size_t issued_due(const struct issued *s, uint64_t generation, int64_t until_ms,
                  const struct receipt_issued **ret)
{
    size_t n = 0;

    if (s->generation != generation)
        return 0;
    for (; n < s->count; n++) {
        const struct entry *e = &s->entries[(s->first + n) % LIMIT_RECEIPTS];

        if (e->since_ms > until_ms && s->count - n <= LIMIT_RECEIPTS / 2)
            break;
        ret[n] = &e->receipt;
    }
    return n;
}

void issued_drop(struct issued *s, size_t n)
{
    for (; n > 0; n--) {
        uint32_t *link = chain_of(s, s->entries[s->first].receipt.device_id);

        while (*link != s->first)
            link = &s->entries[*link].next;
        *link = s->entries[s->first].next;
        s->first = (s->first + 1) % LIMIT_RECEIPTS;
        s->count--;
    }
}

size_t issued_count(const struct issued *s)
{
    return s->count;
}
