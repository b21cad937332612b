/* A growing buffer with a ceiling given at birth; remembers a failure, so that one check is enough.
 */
#ifndef BPTM_BYTES_H
#define BPTM_BYTES_H

#include <stddef.h>
#include <stdint.h>

#include "error.h"

struct bytes {
    uint8_t *at;
    size_t len, cap, max;
    int failed; /* a byte did not fit, or there was no memory */
};

/** Empty; allocates when first written to. */
void bytes_init(struct bytes *b, size_t max);
/** Accepts a zeroed one. */
void bytes_done(struct bytes *b);
/** Empty it and forget a failure; the memory is kept for the next use. */
void bytes_clear(struct bytes *b);

/** Room for `len` bytes at the end, counted as written; NULL when that failed. Moves the buffer. */
uint8_t *bytes_extend(struct bytes *b, size_t len);
void bytes_put(struct bytes *b, const void *at, size_t len);
/** Big endian. */
void bytes_put_u8(struct bytes *b, uint8_t value);
void bytes_put_u16(struct bytes *b, uint16_t value);
void bytes_put_u32(struct bytes *b, uint32_t value);
/** Write over bytes that are there. */
void bytes_set_u32(uint8_t *at, uint32_t value);
void bytes_set_u64(uint8_t *at, uint64_t value);

/** @return EC_OK; EC_NO_MEMORY after any failure */
enum error_code bytes_check(const struct bytes *b) MUST_CHECK;

#endif
