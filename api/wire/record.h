/* One journal record: struct <-> deterministic CBOR, and the tables of kinds and fields. */
#ifndef BPTM_RECORD_H
#define BPTM_RECORD_H

#include "cbor.h"
#include "wire.h"

enum record_kind {
#define RECORD_KIND(number, NAME, name, fields) RECORD_KIND_##NAME = number,
#include "record.def"
#undef RECORD_KIND
};

enum record_key {
#define RECORD_KEY(number, NAME, name, type) RECORD_KEY_##NAME = number,
#include "record.def"
#undef RECORD_KEY
};

enum record_cause {
#define RECORD_CAUSE(number, NAME, name) RECORD_CAUSE_##NAME = number,
#include "record.def"
#undef RECORD_CAUSE
};

/** How far the device trusted its clock when it wrote. */
enum record_quality {
    RECORD_QUALITY_NONE = 0,
    RECORD_QUALITY_ESTIMATED = 1,
    RECORD_QUALITY_SYNCHRONISED = 2
};

/** A field of a record: an unsigned number, or borrowed text. */
struct record_field {
    uint16_t key;
    uint8_t type; /* CBOR_UINT or CBOR_TSTR; any other type: `raw` alone is set */
    uint64_t number;
    struct span text;
    struct span raw; /* the encoded value; empty on a record to be encoded */
};

struct record {
    uint64_t seq;     /* from 1, +1 for ever, per device */
    uint32_t boot;    /* from 1, +1 at every start */
    uint64_t mono_ms; /* since that start */
    int64_t utc_ms;   /* device clock; 0 with quality none */
    uint8_t quality;  /* enum record_quality */
    uint16_t kind;    /* enum record_kind, or a newer one */
    uint8_t field_count;
    struct record_field fields[WIRE_FIELDS_MAX];
    struct span raw; /* the encoded record, borrowed; what the chain hashes */
};

/**
 * Append a number or text field; fields must be added in ascending key order. Text is borrowed.
 * One field too many is remembered (field_count WIRE_FIELDS_MAX + 1) and refused by
 * record_encode().
 */
void record_add_uint(struct record *r, enum record_key key, uint64_t value);
void record_add_text(struct record *r, enum record_key key, const char *at, size_t len);

/** @return 1 and the value when the record has that number field, 0 otherwise. */
int record_get_uint(const struct record *r, enum record_key key, uint64_t *ret);
int record_get_text(const struct record *r, enum record_key key, struct span *ret);

/**
 * Encode. The result is a map of 5 (no clock) or 6 common members and the fields. A field of a
 * type that is neither number nor text is written from its `raw`.
 * @return EC_OK; EC_WIRE_RANGE for a value the CDDL does not allow, EC_WIRE_TOO_LARGE above
 *         WIRE_RECORD_MAX bytes, EC_WIRE_BUFFER above cap; `ret_len` is set on success only
 */
enum error_code record_encode(const struct record *r, uint8_t *buf, size_t cap,
                              size_t *ret_len) MUST_CHECK;

/**
 * Decode the next item of a reader as a record. Unknown kinds and fields are kept, not refused.
 * On failure the reader stands where the bad item starts.
 * @param ret  untouched on failure; its spans borrow the reader's bytes
 * @return EC_OK or an EC_WIRE_ error
 */
enum error_code record_decode(struct cbor_reader *r, struct record *ret) MUST_CHECK;

/** Name of a kind, field or cause ("utility_lost"); NULL when this version does not know it. */
const char *record_kind_name(unsigned kind);
const char *record_key_name(unsigned key);
const char *record_cause_name(unsigned cause);

#endif
