/* Signs what a commit has earned: one receipt for each device of a group. */
#ifndef BPTM_RECEIPTS_H
#define BPTM_RECEIPTS_H

#include "cose.h"
#include "mqtt/work.h"
#include "store/receipt_issued.h"

struct receipts_terms {
    const struct cose_key *key;
    int64_t now_ms;
    uint64_t epoch;
    uint32_t pace_ms; /* 0: none */
};

/**
 * Sign the receipt of one device, for its head as it was committed.
 * @param items  of the group that `d` belongs to
 * @return EC_OK; or the error of the encoder
 */
enum error_code receipts_sign(const struct receipts_terms *terms, const struct work_device *d,
                              const struct work_item *items, struct receipt_issued *ret) MUST_CHECK;

#endif
