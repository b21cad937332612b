/* Running totals of the ingest: fleet.counter. */
#ifndef BPTM_COUNTER_H
#define BPTM_COUNTER_H

#include "store/db.h"

struct counter_delta {
    const char *name, *label; /* label "" when there is none */
    uint64_t value;
};

/** Add; names and labels without repeats. */
enum error_code counter_add(struct db *db, const struct counter_delta *list, size_t n) MUST_CHECK;

#endif
