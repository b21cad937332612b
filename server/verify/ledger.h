/* What a bundle has shown of a chain so far: hashes by sequence number, and what is missing. */
#ifndef BPTM_LEDGER_H
#define BPTM_LEDGER_H

#include "batch.h"
#include "domain/ranges.h"

enum {
    LEDGER_ENTRIES_MAX = 4194304, /* hashes that are kept: 160 MiB */
};

/** Hash of one sequence number. */
struct ledger_entry {
    uint64_t seq;
    uint8_t hash[WIRE_HASH_LEN];
};

/** Zeroed is empty; the caller provides it and ends with ledger_done(). */
struct ledger {
    struct ledger_entry *entries; /* ascending in seq */
    size_t count;
    size_t room;
    struct ranges seen;     /* records */
    struct ranges declared; /* overwritten, says a record */
};

void ledger_done(struct ledger *l);

/** Start a chain: its hash[0]. @return EC_OK; EC_NO_MEMORY */
enum error_code ledger_start(struct ledger *l, const uint8_t hash[WIRE_HASH_LEN]) MUST_CHECK;

/**
 * Add a verified batch; batches come in ascending order of first_seq.
 *
 * @param ret_fresh  records that were not there before
 * @param ret_bad    on EC_JOURNAL_FORK: index of the record whose hash contradicts what is there,
 *                   or b->count when prev_hash does
 * @return EC_OK; EC_JOURNAL_FORK; EC_WIRE_TOO_LARGE for more entries or holes than the limits
 *         allow; EC_NO_MEMORY; on failure the ledger may hold a part of the batch
 */
enum error_code ledger_add(struct ledger *l, const struct batch *b, size_t *ret_fresh,
                           size_t *ret_bad) MUST_CHECK;

/** Hash of a sequence number as far as it is known, borrowed until the next call; or NULL. */
const uint8_t *ledger_hash(const struct ledger *l, uint64_t seq);

/** First and last record; 0 when there is none. */
uint64_t ledger_first(const struct ledger *l);
uint64_t ledger_last(const struct ledger *l);

/** Holes between the first record and `through`, in order. @return how many; `cap` are written */
size_t ledger_gaps(const struct ledger *l, uint64_t through, struct range *ret, size_t cap);

/** @return 1 when the whole hole is declared overwritten, 0 otherwise */
int ledger_declared(const struct ledger *l, const struct range *gap);

#endif
