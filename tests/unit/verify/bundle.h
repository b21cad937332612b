/* Builds evidence bundles out of the story of the vectors, good ones and bad ones. */
#ifndef BPTM_TEST_BUNDLE_H
#define BPTM_TEST_BUNDLE_H

#include "codec/evidence.h"
#include "receipt.h"
#include "support.h"
#include "vectors.h"

enum { BUNDLE_BYTES_MAX = 32768, BUNDLE_PARTS_MAX = 16 };

#define BUNDLE_T0_MS 1767225600000

/** A bundle being built. Zeroed is empty. */
struct bundle {
    uint8_t bytes[BUNDLE_BYTES_MAX];
    size_t len;
    size_t ends[BUNDLE_PARTS_MAX]; /* offset after the header, then after each item */
    size_t count;
};

/** The header that every story needs: the device's key from BUNDLE_T0_MS on, and the fleet's. */
void bundle_fill_header(struct evidence_header *ret);
void bundle_put_header(struct bundle *b, const struct evidence_header *h);

/** hash[seq] of the story. */
void bundle_hash(uint64_t seq, uint8_t ret[WIRE_HASH_LEN]);

/** Records first..first + count - 1 of the story as a batch; `buf` keeps its records. */
void bundle_fill_batch(uint64_t first, size_t count, struct batch *ret,
                       uint8_t (*buf)[WIRE_RECORD_MAX]);

/** Append a batch signed by a key, received at BUNDLE_T0_MS + first_seq. */
void bundle_put_batch(struct bundle *b, const struct batch *batch, const struct cose_key *key);

/** Append records of the story as a batch signed by the device. */
void bundle_put_story(struct bundle *b, uint64_t first, size_t count);

/** Append a receipt signed by the fleet for SUPPORT_DEVICE, whatever it says. */
void bundle_put_signed_receipt(struct bundle *b, const struct receipt *r);

/** Append a true receipt. */
void bundle_put_receipt(struct bundle *b, uint64_t through_seq);

/** Append bytes as they are, as one part. */
void bundle_put_raw(struct bundle *b, const uint8_t *at, size_t len);

#endif
