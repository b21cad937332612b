/* Starts of devices whose row is known to be stored: a table with one place for each hash. */
#include "mqtt/boots.h"

#include <stdlib.h>
#include <string.h>

struct boots {
    struct journal_boot at[LIMIT_BOOTS]; /* device_id 0: free */
};

enum error_code boots_new(struct boots **ret)
{
    struct boots *b = calloc(1, sizeof(*b));

    if (b == NULL)
        return EC_NO_MEMORY;
    *ret = b;
    return EC_OK;
}

void boots_free(struct boots *b)
{
    free(b);
}

static size_t place_of(const struct journal_boot *boot)
{
    uint64_t h = (uint64_t)boot->device_id * 0x9e3779b97f4a7c15u ^ (uint64_t)boot->boot;

    return (size_t)((h ^ h >> 32) % LIMIT_BOOTS);
}

int boots_get(const struct boots *b, struct journal_boot *boot)
{
    const struct journal_boot *known = &b->at[place_of(boot)];

    if (known->device_id != boot->device_id || known->boot != boot->boot)
        return 0;
    *boot = *known;
    return 1;
}

void boots_put(struct boots *b, const struct journal_boot *boot)
{
    b->at[place_of(boot)] = *boot;
}

void boots_clear(struct boots *b)
{
    memset(b, 0, sizeof(*b));
}
