/* The framing of an evidence bundle (api/evidence.md): header and items, bytes to structs and back.
 */
#ifndef BPTM_EVIDENCE_H
#define BPTM_EVIDENCE_H

#include "cbor.h"
#include "wire.h"

#define EVIDENCE_FORMAT "bptm-evidence/1"

enum {
    EVIDENCE_KEYS_MAX = 64,                    /* of the device, and of the fleet */
    EVIDENCE_HEADER_MAX = 16384,               /* one encoded header */
    EVIDENCE_ITEM_MAX = WIRE_MESSAGE_MAX + 16, /* one encoded item */
    EVIDENCE_BUNDLE_MAX = 256 * 1024 * 1024,   /* a whole bundle, for a reader */
};

/** A key with the time in which it was valid: from_ms <= t < to_ms, UTC. */
struct evidence_key {
    uint8_t kid[WIRE_KID_LEN]; /* set by decode; encode derives it from the key */
    uint8_t public_key[WIRE_KEY_LEN];
    int64_t from_ms; /* 0 for a fleet key */
    int64_t to_ms;   /* INT64_MAX: no end; so for a fleet key */
};

/** What a bundle says before its items. */
struct evidence_header {
    char device[WIRE_DEVICE_MAX + 1];
    size_t key_count; /* 1..EVIDENCE_KEYS_MAX, ascending in from_ms; the first began the chain */
    struct evidence_key keys[EVIDENCE_KEYS_MAX];
    size_t fleet_count; /* 0..EVIDENCE_KEYS_MAX */
    struct evidence_key fleet[EVIDENCE_KEYS_MAX];
    int64_t exported_at_ms;
};

enum evidence_type { EVIDENCE_BATCH = 1, EVIDENCE_RECEIPT = 2 };

struct evidence_item {
    enum evidence_type type;
    int64_t received_ms; /* of a batch: when the server received it; 0 for a receipt */
    struct span message; /* signed message, borrowed */
};

/**
 * Encode a header.
 * @param buf  EVIDENCE_HEADER_MAX bytes hold any header
 * @return EC_OK; EC_WIRE_RANGE for a value that api/evidence.cddl does not allow; EC_WIRE_BUFFER
 */
enum error_code evidence_encode_header(const struct evidence_header *h, uint8_t *buf, size_t cap,
                                       size_t *ret_len) MUST_CHECK;

/**
 * Encode one item; the caller appends items of batches in ascending order of first_seq, each
 * receipt after the batches that it covers.
 * @param buf  EVIDENCE_ITEM_MAX bytes hold any item
 * @return EC_OK; EC_WIRE_RANGE for a time or an empty message; EC_WIRE_TOO_LARGE for a message
 * above WIRE_MESSAGE_MAX; EC_WIRE_BUFFER
 */
enum error_code evidence_encode_item(const struct evidence_item *item, uint8_t *buf, size_t cap,
                                     size_t *ret_len) MUST_CHECK;

/**
 * Decode the header, or the next item, at the reader. Messages are not looked into.
 * @return EC_OK; an EC_WIRE_ error with the reader where the bad part starts and `ret` untouched
 */
enum error_code evidence_decode_header(struct cbor_reader *r,
                                       struct evidence_header *ret) MUST_CHECK;
enum error_code evidence_decode_item(struct cbor_reader *r, struct evidence_item *ret) MUST_CHECK;

#endif
