/* Maps with small integer keys, described by a table that both reads and writes a struct. */
#include "member.h"

#include <string.h>

/* Integers go through memcpy, so that a table serves every width without aliasing rules broken. */
static void put_uint(uint8_t *at, size_t size, uint64_t value)
{
    const uint8_t v8 = (uint8_t)value;
    const uint16_t v16 = (uint16_t)value;
    const uint32_t v32 = (uint32_t)value;
    const void *from = size == 1   ? (const void *)&v8
                       : size == 2 ? (const void *)&v16
                       : size == 4 ? (const void *)&v32
                                   : (const void *)&value;
    memcpy(at, from, size);
}

static uint64_t get_uint(const uint8_t *at, size_t size)
{
    uint16_t v16;
    uint32_t v32;
    uint64_t v64;
    switch (size) {
    case 1:
        return *at;
    case 2:
        memcpy(&v16, at, sizeof v16);
        return v16;
    case 4:
        memcpy(&v32, at, sizeof v32);
        return v32;
    default:
        memcpy(&v64, at, sizeof v64);
        return v64;
    }
}

static enum error_code read_uint(struct cbor_reader *r, const struct member *m, uint8_t *at)
{
    struct cbor_reader start = *r;
    uint64_t value;
    enum error_code ec = cbor_read_uint(r, &value);
    if (ec != EC_OK)
        return ec;
    if (value < m->min || value > m->max) {
        *r = start;
        return EC_WIRE_RANGE;
    }
    put_uint(at, m->size, value);
    return EC_OK;
}

static enum error_code read_uints(struct cbor_reader *r, const struct member *m, uint8_t *at)
{
    struct cbor_reader start = *r;
    size_t count;
    enum error_code ec = cbor_read_array(r, &count);
    if (ec == EC_OK && count != m->count) {
        *r = start;
        ec = EC_WIRE_RANGE;
    }
    for (size_t i = 0; i < m->count && ec == EC_OK; i++)
        ec = read_uint(r, m, at + i * m->size);
    return ec;
}

static enum error_code read_bool(struct cbor_reader *r, uint8_t *at)
{
    int value;
    enum error_code ec = cbor_read_bool(r, &value);
    if (ec == EC_OK)
        memcpy(at, &value, sizeof value);
    return ec;
}

/* A NUL would end the C string early, so that what is kept is not what was signed. */
static enum error_code read_text(struct cbor_reader *r, const struct member *m, uint8_t *at)
{
    struct cbor_reader start = *r;
    struct span text;
    enum error_code ec = cbor_read_tstr(r, &text);
    if (ec != EC_OK)
        return ec;
    if (text.len < m->min || text.len > m->max || memchr(text.at, 0, text.len) != NULL) {
        *r = start;
        return EC_WIRE_RANGE;
    }
    memcpy(at, text.at, text.len);
    at[text.len] = 0;
    return EC_OK;
}

static enum error_code read_bytes(struct cbor_reader *r, const struct member *m, uint8_t *at)
{
    struct cbor_reader start = *r;
    struct span bytes;
    enum error_code ec = cbor_read_bstr(r, &bytes);
    if (ec != EC_OK)
        return ec;
    if (bytes.len != m->size) {
        *r = start;
        return EC_WIRE_RANGE;
    }
    memcpy(at, bytes.at, bytes.len);
    return EC_OK;
}

enum error_code member_read(struct cbor_reader *r, const struct member *m, void *base)
{
    uint8_t *at = (uint8_t *)base + m->offset;
    switch ((enum member_type)m->type) {
    case MEMBER_UINT:
        return read_uint(r, m, at);
    case MEMBER_UINTS:
        return read_uints(r, m, at);
    case MEMBER_BOOL:
        return read_bool(r, at);
    case MEMBER_TEXT:
        return read_text(r, m, at);
    case MEMBER_BYTES:
        return read_bytes(r, m, at);
    }
    return EC_INTERNAL;
}

static enum error_code write_uints(struct cbor_writer *w, const struct member *m, const uint8_t *at,
                                   size_t count)
{
    for (size_t i = 0; i < count; i++) {
        uint64_t value = get_uint(at + i * m->size, m->size);
        if (value < m->min || value > m->max)
            return EC_WIRE_RANGE;
        cbor_write_uint(w, value);
    }
    return EC_OK;
}

static enum error_code write_text(struct cbor_writer *w, const struct member *m, const uint8_t *at)
{
    const uint8_t *nul = memchr(at, 0, m->size);
    size_t len = nul == NULL ? m->size : (size_t)(nul - at);
    if (len < m->min || len > m->max || !cbor_text_valid(at, len))
        return EC_WIRE_RANGE;
    cbor_write_tstr(w, (const char *)at, len);
    return EC_OK;
}

enum error_code member_write(struct cbor_writer *w, const struct member *m, const void *base)
{
    const uint8_t *at = (const uint8_t *)base + m->offset;
    int value;
    switch ((enum member_type)m->type) {
    case MEMBER_UINT:
        return write_uints(w, m, at, 1);
    case MEMBER_UINTS:
        cbor_write_array(w, m->count);
        return write_uints(w, m, at, m->count);
    case MEMBER_BOOL:
        memcpy(&value, at, sizeof value);
        cbor_write_bool(w, value);
        return EC_OK;
    case MEMBER_TEXT:
        return write_text(w, m, at);
    case MEMBER_BYTES:
        cbor_write_bstr(w, at, m->size);
        return EC_OK;
    }
    return EC_INTERNAL;
}

/* Read the next key and find its row; `row` only moves forward, so that keys must ascend. */
static enum error_code read_key(struct cbor_reader *r, const struct member *table, size_t n,
                                size_t *row)
{
    struct cbor_reader start = *r;
    uint64_t key;
    enum error_code ec = cbor_read_uint(r, &key);
    if (ec != EC_OK)
        return ec;
    size_t i = *row;
    while (i < n && table[i].key < key)
        i++;
    if (i < n && table[i].key == key) {
        *row = i;
        return EC_OK;
    }
    *r = start;
    return *row > 0 && key <= table[*row - 1].key ? EC_WIRE_NOT_CANONICAL : EC_WIRE_RANGE;
}

enum error_code member_decode(struct span payload, const struct member *table, size_t n, void *base,
                              uint32_t *ret_present)
{
    struct cbor_reader r;
    cbor_reader_init(&r, payload.at, payload.len);
    size_t count;
    size_t row = 0;
    uint32_t present = 0;
    enum error_code ec = cbor_read_map(&r, &count);
    for (size_t i = 0; i < count && ec == EC_OK; i++, row++) {
        ec = read_key(&r, table, n, &row);
        if (ec != EC_OK)
            return ec;
        present |= MEMBER_BIT(table[row].key);
        ec = member_read(&r, &table[row], base);
    }
    if (ec != EC_OK)
        return ec;
    if (cbor_reader_left(&r) != 0)
        return EC_WIRE_TRAILING;
    for (size_t i = 0; i < n; i++)
        if (!table[i].optional && !(present & MEMBER_BIT(table[i].key)))
            return EC_WIRE_MISSING;
    *ret_present = present;
    return EC_OK;
}

enum error_code member_encode(const struct member *table, size_t n, const void *base,
                              uint32_t present, uint8_t *buf, size_t cap, size_t *ret_len)
{
    struct cbor_writer w;
    cbor_writer_init(&w, buf, cap);
    size_t count = 0;
    for (size_t i = 0; i < n; i++)
        count += (present & MEMBER_BIT(table[i].key)) != 0;
    cbor_write_map(&w, count);
    for (size_t i = 0; i < n; i++) {
        if (!(present & MEMBER_BIT(table[i].key)))
            continue;
        cbor_write_uint(&w, table[i].key);
        enum error_code ec = member_write(&w, &table[i], base);
        if (ec != EC_OK)
            return ec;
    }
    return cbor_writer_done(&w, ret_len);
}
