/* Counts of what happened, gathered in memory until they are added to fleet.counter. */
#include "mqtt/tally.h"

#include <stdatomic.h>
#include <stdlib.h>

struct tally {
    _Atomic uint64_t counts[TALLY_COUNT];
};

static const struct {
    const char *name, *label;
} counters[] = {
#define TALLY(name, counter, label) {counter, label},
#include "mqtt/tally.def"
#undef TALLY
};

enum error_code tally_new(struct tally **ret)
{
    struct tally *t = calloc(1, sizeof(*t));

    if (t == NULL)
        return EC_NO_MEMORY;
    *ret = t;
    return EC_OK;
}

void tally_free(struct tally *t)
{
    free(t);
}

void tally_add(struct tally *t, enum tally_name name, uint64_t value)
{
    atomic_fetch_add(&t->counts[name], value);
}

enum error_code tally_write(struct tally *t, struct db *db)
{
    struct counter_delta deltas[TALLY_COUNT];
    enum tally_name names[TALLY_COUNT];
    size_t n = 0;
    enum error_code ec;

    for (size_t i = 0; i < TALLY_COUNT; i++) {
        uint64_t value = atomic_exchange(&t->counts[i], 0);

        if (value == 0)
            continue;
        names[n] = (enum tally_name)i;
        deltas[n++] = (struct counter_delta){counters[i].name, counters[i].label, value};
    }
    ec = counter_add(db, deltas, n);
    for (size_t i = 0; ec != EC_OK && i < n; i++)
        tally_add(t, names[i], deltas[i].value);
    return ec;
}
