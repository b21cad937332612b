/* A receipt: what the server has committed, the payload of a `down/receipt` message. */
#ifndef BPTM_RECEIPT_H
#define BPTM_RECEIPT_H

#include "cbor.h"
#include "wire.h"

struct receipt {
    char device[WIRE_DEVICE_MAX + 1];
    uint64_t through_seq;             /* highest contiguous committed; 0 when none */
    uint8_t head_hash[WIRE_HASH_LEN]; /* hash[through_seq] */
    uint64_t server_ms;               /* UTC */
    uint64_t epoch;
    uint64_t resend_from; /* 0: nothing is missing */
    uint32_t pace_ms;     /* 0: no pacing; else the least time between two batches, at most 1 h */
};

/** Encode. @return EC_OK; EC_WIRE_RANGE for a value the CDDL does not allow; EC_WIRE_BUFFER */
enum error_code receipt_encode(const struct receipt *r, uint8_t *buf, size_t cap,
                               size_t *ret_len) MUST_CHECK;
/** Decode. @return EC_OK or an EC_WIRE_ error; `ret` untouched on failure and without borrows */
enum error_code receipt_decode(struct span payload, struct receipt *ret) MUST_CHECK;

#endif
