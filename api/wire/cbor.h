/* Deterministic CBOR (RFC 8949, 4.2.1): a bounded reader and writer over memory of the caller. */
#ifndef BPTM_CBOR_H
#define BPTM_CBOR_H

#include <stddef.h>
#include <stdint.h>

#include "error.h"

enum {
    CBOR_UINT = 0,
    CBOR_NINT = 1,
    CBOR_BSTR = 2,
    CBOR_TSTR = 3,
    CBOR_ARRAY = 4,
    CBOR_MAP = 5,
    CBOR_TAG = 6,
    CBOR_SIMPLE = 7,
    CBOR_DEPTH_MAX = 4, /* nesting that cbor_skip() follows */
};

/** Borrowed bytes. */
struct span {
    const uint8_t *at;
    size_t len;
};

/** Reader: a window over borrowed bytes. After an error it is where the bad item starts. */
struct cbor_reader {
    const uint8_t *at;
    const uint8_t *end;
};

/** Writer: fills `buf` and remembers an overflow, so that only cbor_writer_done() needs a check. */
struct cbor_writer {
    uint8_t *buf;
    size_t cap;
    size_t len; /* bytes written; never above cap */
    int overflow;
};

void cbor_reader_init(struct cbor_reader *r, const uint8_t *buf, size_t len);

/** Bytes not read yet. */
size_t cbor_reader_left(const struct cbor_reader *r);

/** Major type of the next item, or -1 at the end. */
int cbor_peek(const struct cbor_reader *r);

/**
 * Read one item of the named type. Heads must be in shortest form and of definite length.
 * Strings are borrowed from the reader's bytes; text must be valid UTF-8 (RFC 3629).
 *
 * @return EC_OK; EC_WIRE_TRUNCATED, EC_WIRE_TYPE, EC_WIRE_NOT_CANONICAL or EC_WIRE_RANGE, with the
 *         reader where the item starts and outputs untouched
 */
enum error_code cbor_read_uint(struct cbor_reader *r, uint64_t *ret) MUST_CHECK;
enum error_code cbor_read_int(struct cbor_reader *r, int64_t *ret) MUST_CHECK;
enum error_code cbor_read_bool(struct cbor_reader *r, int *ret) MUST_CHECK;
/** null. @return EC_OK; EC_WIRE_TRUNCATED, EC_WIRE_TYPE */
enum error_code cbor_read_null(struct cbor_reader *r) MUST_CHECK;
enum error_code cbor_read_bstr(struct cbor_reader *r, struct span *ret) MUST_CHECK;
enum error_code cbor_read_tstr(struct cbor_reader *r, struct span *ret) MUST_CHECK;
/** Head of an array or map: number of items (pairs for a map), at most what is left could hold. */
enum error_code cbor_read_array(struct cbor_reader *r, size_t *ret) MUST_CHECK;
enum error_code cbor_read_map(struct cbor_reader *r, size_t *ret) MUST_CHECK;
enum error_code cbor_read_tag(struct cbor_reader *r, uint64_t *ret) MUST_CHECK;

/** @return 1 when the bytes are UTF-8 (RFC 3629: no surrogates, no long forms), 0 otherwise. */
int cbor_text_valid(const uint8_t *at, size_t len);

/**
 * Step over one well-formed, deterministic item of any type. Map keys must ascend in
 * bytewise order without duplicates; arrays, maps and tags nest CBOR_DEPTH_MAX deep at most; of
 * the simple values false, true and null exist. Floats are refused: the protocol has none.
 *
 * @return EC_OK; or an EC_WIRE_ error, with the reader where the innermost bad item starts
 */
enum error_code cbor_skip(struct cbor_reader *r) MUST_CHECK;

void cbor_writer_init(struct cbor_writer *w, uint8_t *buf, size_t cap);
void cbor_write_uint(struct cbor_writer *w, uint64_t v);
void cbor_write_int(struct cbor_writer *w, int64_t v);
void cbor_write_bool(struct cbor_writer *w, int v);
void cbor_write_null(struct cbor_writer *w);
void cbor_write_bstr(struct cbor_writer *w, const uint8_t *at, size_t len);
void cbor_write_tstr(struct cbor_writer *w, const char *at, size_t len);
void cbor_write_array(struct cbor_writer *w, size_t n);
void cbor_write_map(struct cbor_writer *w, size_t n);
void cbor_write_tag(struct cbor_writer *w, uint64_t tag);
/** Bytes that are CBOR already (a record inside a batch). */
void cbor_write_raw(struct cbor_writer *w, const uint8_t *at, size_t len);

/** @return EC_OK and the length; EC_WIRE_BUFFER when anything did not fit. */
enum error_code cbor_writer_done(const struct cbor_writer *w, size_t *ret_len) MUST_CHECK;

#endif
