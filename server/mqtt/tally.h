/* Counts of what happened, gathered in memory until they are added to fleet.counter. */
#ifndef BPTM_TALLY_H
#define BPTM_TALLY_H

#include <stdint.h>

#include "store/counter.h"

/** The counters of the ingest: C name, counter name, label. */
enum tally_name {
#define TALLY(name, counter, label) TALLY_##name,
#include "mqtt/tally.def"
#undef TALLY
    TALLY_COUNT
};

struct tally;

/** @return EC_OK; EC_NO_MEMORY */
enum error_code tally_new(struct tally **ret) MUST_CHECK;
void tally_free(struct tally *t);

/** Count; from any thread. */
void tally_add(struct tally *t, enum tally_name name, uint64_t value);

/** Add what was counted since the last time to the database; what cannot be written is kept.
 *  One thread only. */
enum error_code tally_write(struct tally *t, struct db *db) MUST_CHECK;

#endif
