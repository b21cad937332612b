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

/** Whose receipt, and for what. */
struct receipts_subject {
    int64_t device_id;
    const char *serial;
    const struct journal_head *head; /* as it was committed */
    int knows_epoch; /* 0: the device must send again what a restored database lost */
};

/** A device of a group; all its items count. */
struct receipts_subject receipts_of_work(const struct work_device *d, const struct work_item *items,
                                         uint64_t epoch);

/** Sign the receipt of one device. @return EC_OK; or the error of the encoder */
enum error_code receipts_sign(const struct receipts_terms *terms, const struct receipts_subject *s,
                              struct receipt_issued *ret) MUST_CHECK;

#endif
