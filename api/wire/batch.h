/* A batch: consecutive records of one device, the payload of an `up/journal` message. */
#ifndef BPTM_BATCH_H
#define BPTM_BATCH_H

#include "record.h"

struct batch {
    uint64_t first_seq;
    uint8_t prev_hash[WIRE_HASH_LEN];            /* hash[first_seq - 1] */
    uint64_t written_through;                    /* highest seq that the device has written */
    uint64_t epoch;                              /* receipt epoch that the device knows */
    size_t count;                                /* 1..WIRE_BATCH_RECORDS_MAX */
    struct span records[WIRE_BATCH_RECORDS_MAX]; /* encoded records, borrowed */
};

/**
 * Encode the payload (the records are copied as they are).
 * @return EC_OK; EC_WIRE_RANGE for a count out of range or numbers that batch_decode() would
 *         refuse; EC_WIRE_BUFFER
 */
enum error_code batch_encode(const struct batch *b, uint8_t *buf, size_t cap,
                             size_t *ret_len) MUST_CHECK;

/**
 * Decode a payload. Every record is decoded once to check it; seq must run first_seq, +1, ...
 * @param ret  its spans borrow the payload; untouched on failure
 * @return EC_OK; EC_WIRE_SEQUENCE; EC_WIRE_RANGE for a count out of range or for written_through
 *         below the last record; or another EC_WIRE_ error
 */
enum error_code batch_decode(struct span payload, struct batch *ret) MUST_CHECK;

/** Chain hash after each record, in order; `ret` has room for b->count hashes. */
void batch_hashes(const struct batch *b, uint8_t (*ret)[WIRE_HASH_LEN]);

#endif
