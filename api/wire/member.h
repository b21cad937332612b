/* Maps with small integer keys, described by a table that both reads and writes a struct. */
#ifndef BPTM_MEMBER_H
#define BPTM_MEMBER_H

#include <stddef.h>
#include <stdint.h>

#include "cbor.h"

enum member_type {
    MEMBER_UINT,  /* unsigned integer of `size` bytes, min..max */
    MEMBER_UINTS, /* array of exactly `count` of those, contiguous in the struct */
    MEMBER_BOOL,  /* int, 0 or 1 */
    MEMBER_TEXT,  /* char[size], NUL-terminated; min..max bytes before the NUL */
    MEMBER_BYTES, /* uint8_t[size] */
};

/** One member of a map. A table lists them in ascending key order; keys are below 32. */
struct member {
    uint8_t key;
    uint8_t type; /* enum member_type */
    uint8_t optional;
    uint8_t count;
    uint16_t size;
    uint16_t offset;
    uint64_t min;
    uint64_t max;
};

/** size and offset of a field, for the initialiser of a struct member */
#define MEMBER_AT(type, field) .size = sizeof(((type *)0)->field), .offset = offsetof(type, field)
/** size and offset of the first element of an array, or of a struct of equal integers */
#define MEMBER_ALL(type, field, element)                                                           \
    .size = sizeof(element), .offset = offsetof(type, field),                                      \
    .count = sizeof(((type *)0)->field) / sizeof(element)
/** bit of a key in a set of present members */
#define MEMBER_BIT(key) ((uint32_t)1 << (key))

/**
 * Read one value into its place in a struct.
 * @return EC_OK; an EC_WIRE_ error with the reader where the value (or the element) starts
 */
enum error_code member_read(struct cbor_reader *r, const struct member *m, void *base) MUST_CHECK;

/** Write one value. @return EC_OK; EC_WIRE_RANGE when it is outside min..max or not UTF-8 */
enum error_code member_write(struct cbor_writer *w, const struct member *m,
                             const void *base) MUST_CHECK;

/**
 * Decode a payload that is one map and nothing else. A key that the table does not list is refused.
 *
 * @param base         struct to fill; part of it may be filled on failure
 * @param ret_present  MEMBER_BIT() of each key seen; untouched on failure
 * @return EC_OK; EC_WIRE_MISSING when a member that is not optional is absent; EC_WIRE_RANGE for
 *         an unknown key; EC_WIRE_NOT_CANONICAL for keys out of order; or the error of a value
 */
enum error_code member_decode(struct span payload, const struct member *table, size_t n, void *base,
                              uint32_t *ret_present) MUST_CHECK;

/**
 * Encode the members whose key is in `present` as one map.
 * @return EC_OK; EC_WIRE_RANGE for a value the table does not allow; EC_WIRE_BUFFER
 */
enum error_code member_encode(const struct member *table, size_t n, const void *base,
                              uint32_t present, uint8_t *buf, size_t cap,
                              size_t *ret_len) MUST_CHECK;

#endif
