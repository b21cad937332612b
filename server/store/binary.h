/* PostgreSQL's binary forms: values of COPY rows, and arrays as statement parameters. */
#ifndef BPTM_BINARY_H
#define BPTM_BINARY_H

#include <stdint.h>

#include "base/bytes.h"
#include "store/db.h"

/** What a time that is not known looks like. */
#define BINARY_NO_TIME INT64_MIN

/* One value with its length before it, as in a COPY row or an array. */
void binary_null(struct bytes *b);
void binary_int2(struct bytes *b, int16_t value);
void binary_int4(struct bytes *b, int32_t value);
void binary_int8(struct bytes *b, int64_t value);
void binary_bool(struct bytes *b, int value);
/** timestamptz from UTC milliseconds since 1970, BINARY_NO_TIME for null. */
void binary_time(struct bytes *b, int64_t utc_ms);
/** bytea or text. */
void binary_bytes(struct bytes *b, const void *at, size_t len);

/** The eight bytes of a timestamptz. */
uint64_t binary_time_value(int64_t utc_ms);

/** Element types of arrays, by their object ids, which are fixed for ever. */
enum binary_type {
    BINARY_BOOL = 16,
    BINARY_BYTEA = 17,
    BINARY_INT8 = 20,
    BINARY_INT2 = 21,
    BINARY_INT4 = 23,
    BINARY_TEXT = 25,
    BINARY_TIME = 1184,
};

/** One-dimensional array of `n` elements: begin, then n values from above. Clears the buffer. */
void binary_array(struct bytes *b, enum binary_type type, size_t n);

/** A finished array as a parameter; the statement must cast it ($1::bigint[]). */
struct db_param binary_param(const struct bytes *b);

#endif
