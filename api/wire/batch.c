/* A batch: consecutive records of one device. */
#include "batch.h"

#include <string.h>

#include "chain.h"

enum {
    KEY_FIRST_SEQ = 1,
    KEY_PREV_HASH = 2,
    KEY_RECORDS = 3,
    KEY_WRITTEN_THROUGH = 4,
    KEY_EPOCH = 5,
    KEY_COUNT = 5,
};

/* What both directions ask of the numbers; first_seq + count cannot overflow after the first test.
 */
static enum error_code check(const struct batch *b)
{
    if (b->count < 1 || b->count > WIRE_BATCH_RECORDS_MAX)
        return EC_WIRE_RANGE;
    if (b->first_seq < 1 || b->first_seq > INT64_MAX || b->written_through > INT64_MAX)
        return EC_WIRE_RANGE;
    if (b->written_through < b->first_seq + b->count - 1 || b->epoch > INT64_MAX)
        return EC_WIRE_RANGE;
    return EC_OK;
}

enum error_code batch_encode(const struct batch *b, uint8_t *buf, size_t cap, size_t *ret_len)
{
    enum error_code ec = check(b);
    if (ec != EC_OK)
        return ec;
    struct cbor_writer w;
    cbor_writer_init(&w, buf, cap);
    cbor_write_map(&w, KEY_COUNT);
    cbor_write_uint(&w, KEY_FIRST_SEQ);
    cbor_write_uint(&w, b->first_seq);
    cbor_write_uint(&w, KEY_PREV_HASH);
    cbor_write_bstr(&w, b->prev_hash, sizeof b->prev_hash);
    cbor_write_uint(&w, KEY_RECORDS);
    cbor_write_array(&w, b->count);
    for (size_t i = 0; i < b->count; i++)
        cbor_write_raw(&w, b->records[i].at, b->records[i].len);
    cbor_write_uint(&w, KEY_WRITTEN_THROUGH);
    cbor_write_uint(&w, b->written_through);
    cbor_write_uint(&w, KEY_EPOCH);
    cbor_write_uint(&w, b->epoch);
    return cbor_writer_done(&w, ret_len);
}

static enum error_code read_hash(struct cbor_reader *r, uint8_t ret[WIRE_HASH_LEN])
{
    struct span hash;
    enum error_code ec = cbor_read_bstr(r, &hash);
    if (ec != EC_OK)
        return ec;
    if (hash.len != WIRE_HASH_LEN)
        return EC_WIRE_RANGE;
    memcpy(ret, hash.at, WIRE_HASH_LEN);
    return EC_OK;
}

static enum error_code read_first_seq(struct cbor_reader *r, uint64_t *ret)
{
    uint64_t seq;
    enum error_code ec = cbor_read_uint(r, &seq);
    if (ec != EC_OK)
        return ec;
    if (seq < 1 || seq > INT64_MAX)
        return EC_WIRE_RANGE;
    *ret = seq;
    return EC_OK;
}

/* first_seq comes before the records in key order; 0 says that it was not there. */
static enum error_code read_records(struct cbor_reader *r, struct batch *b)
{
    size_t count;
    enum error_code ec = cbor_read_array(r, &count);
    if (ec != EC_OK)
        return ec;
    if (b->first_seq == 0)
        return EC_WIRE_MISSING;
    if (count < 1 || count > WIRE_BATCH_RECORDS_MAX)
        return EC_WIRE_RANGE;
    for (b->count = 0; b->count < count; b->count++) {
        struct record rec;
        ec = record_decode(r, &rec);
        if (ec != EC_OK)
            return ec;
        if (rec.seq != b->first_seq + b->count)
            return EC_WIRE_SEQUENCE;
        b->records[b->count] = rec.raw;
    }
    return EC_OK;
}

static enum error_code read_member(struct cbor_reader *r, uint64_t key, struct batch *b)
{
    switch (key) {
    case KEY_FIRST_SEQ:
        return read_first_seq(r, &b->first_seq);
    case KEY_PREV_HASH:
        return read_hash(r, b->prev_hash);
    case KEY_RECORDS:
        return read_records(r, b);
    case KEY_WRITTEN_THROUGH:
        return cbor_read_uint(r, &b->written_through);
    case KEY_EPOCH:
        return cbor_read_uint(r, &b->epoch);
    default:
        return EC_WIRE_RANGE;
    }
}

enum error_code batch_decode(struct span payload, struct batch *ret)
{
    struct cbor_reader r;
    struct batch b;
    size_t count;
    uint64_t key;
    uint64_t last = 0;
    memset(&b, 0, sizeof b);
    cbor_reader_init(&r, payload.at, payload.len);
    enum error_code ec = cbor_read_map(&r, &count);
    for (size_t i = 0; i < count && ec == EC_OK; i++, last = key) {
        ec = cbor_read_uint(&r, &key);
        if (ec == EC_OK && key <= last && i > 0)
            ec = EC_WIRE_NOT_CANONICAL;
        if (ec == EC_OK)
            ec = read_member(&r, key, &b);
        if (ec != EC_OK)
            return ec;
    }
    if (ec != EC_OK)
        return ec;
    if (count < KEY_COUNT) /* keys ascend and none is unknown: one is absent */
        return EC_WIRE_MISSING;
    if (cbor_reader_left(&r) != 0)
        return EC_WIRE_TRAILING;
    ec = check(&b);
    if (ec == EC_OK)
        *ret = b;
    return ec;
}

void batch_hashes(const struct batch *b, uint8_t (*ret)[WIRE_HASH_LEN])
{
    const uint8_t *prev = b->prev_hash;
    for (size_t i = 0; i < b->count; i++) {
        chain_next(prev, b->records[i].at, b->records[i].len, ret[i]);
        prev = ret[i];
    }
}
