/* Deterministic CBOR: every length is checked before a byte is touched. */
#include "cbor.h"

#include <string.h>

enum {
    FALSE_VALUE = 20,
    TRUE_VALUE = 21,
    NULL_VALUE = 22,
};

/** Head of an item: its major type, its argument and where its content begins. */
struct head {
    uint8_t major;
    uint64_t value;
    const uint8_t *content;
};

void cbor_reader_init(struct cbor_reader *r, const uint8_t *buf, size_t len)
{
    r->at = buf;
    r->end = buf == NULL ? NULL : buf + len;
}

size_t cbor_reader_left(const struct cbor_reader *r)
{
    return (size_t)(r->end - r->at);
}

int cbor_peek(const struct cbor_reader *r)
{
    return r->at == r->end ? -1 : *r->at >> 5;
}

/* Smallest value that needs an argument of 1, 2, 4 or 8 bytes. */
static const uint64_t argument_min[] = {24, 0x100, 0x10000, 0x100000000};

static enum error_code read_head(const struct cbor_reader *r, struct head *ret)
{
    if (r->at == r->end)
        return EC_WIRE_TRUNCATED;
    struct head head = {.major = *r->at >> 5, .value = *r->at & 31, .content = r->at + 1};
    if (head.value >= 28) /* reserved, or of indefinite length */
        return EC_WIRE_NOT_CANONICAL;
    if (head.value >= 24) {
        unsigned width = (unsigned)head.value - 24;
        size_t len = (size_t)1 << width;
        if (cbor_reader_left(r) - 1 < len)
            return EC_WIRE_TRUNCATED;
        head.value = 0;
        for (size_t i = 0; i < len; i++)
            head.value = head.value << 8 | *head.content++;
        if (head.value < argument_min[width])
            return EC_WIRE_NOT_CANONICAL;
    }
    *ret = head;
    return EC_OK;
}

static enum error_code read_head_of(const struct cbor_reader *r, uint8_t major, struct head *ret)
{
    if (r->at != r->end && *r->at >> 5 != major)
        return EC_WIRE_TYPE;
    return read_head(r, ret);
}

enum error_code cbor_read_uint(struct cbor_reader *r, uint64_t *ret)
{
    struct head head;
    enum error_code ec = read_head_of(r, CBOR_UINT, &head);
    if (ec != EC_OK)
        return ec;
    r->at = head.content;
    *ret = head.value;
    return EC_OK;
}

enum error_code cbor_read_int(struct cbor_reader *r, int64_t *ret)
{
    int negative = cbor_peek(r) == CBOR_NINT;
    struct head head;
    enum error_code ec = read_head_of(r, negative ? CBOR_NINT : CBOR_UINT, &head);
    if (ec != EC_OK)
        return ec;
    if (head.value > INT64_MAX)
        return EC_WIRE_RANGE;
    r->at = head.content;
    *ret = negative ? -1 - (int64_t)head.value : (int64_t)head.value;
    return EC_OK;
}

enum error_code cbor_read_bool(struct cbor_reader *r, int *ret)
{
    if (r->at == r->end)
        return EC_WIRE_TRUNCATED;
    int value = *r->at - (CBOR_SIMPLE << 5);
    if (value != FALSE_VALUE && value != TRUE_VALUE)
        return EC_WIRE_TYPE;
    r->at++;
    *ret = value == TRUE_VALUE;
    return EC_OK;
}

enum error_code cbor_read_null(struct cbor_reader *r)
{
    if (r->at == r->end)
        return EC_WIRE_TRUNCATED;
    if (*r->at != (CBOR_SIMPLE << 5 | NULL_VALUE))
        return EC_WIRE_TYPE;
    r->at++;
    return EC_OK;
}

/** One UTF-8 form (RFC 3629, 4): the lead byte, the allowed second byte, bytes after the lead. */
struct utf8_form {
    uint8_t lead_min, lead_max, second_min, second_max, more;
};

static const struct utf8_form utf8_forms[] = {
    {0xC2, 0xDF, 0x80, 0xBF, 1}, {0xE0, 0xE0, 0xA0, 0xBF, 2}, {0xE1, 0xEC, 0x80, 0xBF, 2},
    {0xED, 0xED, 0x80, 0x9F, 2}, {0xEE, 0xEF, 0x80, 0xBF, 2}, {0xF0, 0xF0, 0x90, 0xBF, 3},
    {0xF1, 0xF3, 0x80, 0xBF, 3}, {0xF4, 0xF4, 0x80, 0x8F, 3},
};

/* Length of the character at `at`, 0 when it is not one. */
static size_t utf8_length(const uint8_t *at, size_t left)
{
    if (at[0] < 0x80)
        return 1;
    const struct utf8_form *form = utf8_forms;
    const struct utf8_form *end = form + sizeof utf8_forms / sizeof *utf8_forms;
    while (form < end && (at[0] < form->lead_min || at[0] > form->lead_max))
        form++;
    if (form == end || left <= form->more)
        return 0;
    if (at[1] < form->second_min || at[1] > form->second_max)
        return 0;
    for (size_t i = 2; i <= form->more; i++)
        if (at[i] >> 6 != 2)
            return 0;
    return (size_t)form->more + 1;
}

int cbor_text_valid(const uint8_t *at, size_t len)
{
    while (len > 0) {
        size_t n = utf8_length(at, len);
        if (n == 0)
            return 0;
        at += n;
        len -= n;
    }
    return 1;
}

static enum error_code read_string(struct cbor_reader *r, uint8_t major, struct span *ret)
{
    struct head head;
    enum error_code ec = read_head_of(r, major, &head);
    if (ec != EC_OK)
        return ec;
    if (head.value > (uint64_t)(r->end - head.content))
        return EC_WIRE_TRUNCATED;
    size_t len = (size_t)head.value;
    if (major == CBOR_TSTR && !cbor_text_valid(head.content, len))
        return EC_WIRE_RANGE;
    r->at = head.content + len;
    *ret = (struct span){head.content, len};
    return EC_OK;
}

enum error_code cbor_read_bstr(struct cbor_reader *r, struct span *ret)
{
    return read_string(r, CBOR_BSTR, ret);
}

enum error_code cbor_read_tstr(struct cbor_reader *r, struct span *ret)
{
    return read_string(r, CBOR_TSTR, ret);
}

/* An item takes a byte at least, so a larger count promises bytes that are not there. */
static enum error_code read_count(struct cbor_reader *r, uint8_t major, size_t *ret)
{
    struct head head;
    enum error_code ec = read_head_of(r, major, &head);
    if (ec != EC_OK)
        return ec;
    if (head.value > (uint64_t)(r->end - head.content) / (major == CBOR_MAP ? 2 : 1))
        return EC_WIRE_TRUNCATED;
    r->at = head.content;
    *ret = (size_t)head.value;
    return EC_OK;
}

enum error_code cbor_read_array(struct cbor_reader *r, size_t *ret)
{
    return read_count(r, CBOR_ARRAY, ret);
}

enum error_code cbor_read_map(struct cbor_reader *r, size_t *ret)
{
    return read_count(r, CBOR_MAP, ret);
}

enum error_code cbor_read_tag(struct cbor_reader *r, uint64_t *ret)
{
    struct head head;
    enum error_code ec = read_head_of(r, CBOR_TAG, &head);
    if (ec != EC_OK)
        return ec;
    r->at = head.content;
    *ret = head.value;
    return EC_OK;
}

/* Bytewise order of two encoded keys; no encoded item is the beginning of another. */
static int key_ascends(struct span last, struct span key)
{
    size_t common = last.len < key.len ? last.len : key.len;
    return last.at == NULL || memcmp(last.at, key.at, common) < 0;
}

static enum error_code skip(struct cbor_reader *r, int depth);

static enum error_code skip_items(struct cbor_reader *r, size_t count, int depth)
{
    enum error_code ec = EC_OK;
    for (size_t i = 0; i < count && ec == EC_OK; i++)
        ec = skip(r, depth);
    return ec;
}

static enum error_code skip_map(struct cbor_reader *r, int depth)
{
    size_t count = 0;
    enum error_code ec = cbor_read_map(r, &count);
    struct span last = {NULL, 0};
    for (size_t i = 0; i < count && ec == EC_OK; i++) {
        struct span key = {r->at, 0};
        ec = skip(r, depth);
        if (ec != EC_OK)
            return ec;
        key.len = (size_t)(r->at - key.at);
        if (!key_ascends(last, key)) {
            r->at = key.at;
            return EC_WIRE_NOT_CANONICAL;
        }
        last = key;
        ec = skip(r, depth);
    }
    return ec;
}

static enum error_code skip_simple(struct cbor_reader *r)
{
    int value = *r->at - (CBOR_SIMPLE << 5);
    if (value < FALSE_VALUE || value > NULL_VALUE)
        return EC_WIRE_NOT_CANONICAL;
    r->at++;
    return EC_OK;
}

/* `depth` is how many more arrays, maps or tags may be opened. */
static enum error_code skip(struct cbor_reader *r, int depth)
{
    int major = cbor_peek(r);
    struct span text;
    uint64_t number;
    size_t count = 1;
    enum error_code ec;
    if (major >= CBOR_ARRAY && major <= CBOR_TAG && depth == 0)
        return EC_WIRE_DEPTH;
    switch (major) {
    case CBOR_BSTR:
    case CBOR_TSTR:
        return read_string(r, (uint8_t)major, &text);
    case CBOR_ARRAY:
        ec = cbor_read_array(r, &count);
        return ec != EC_OK ? ec : skip_items(r, count, depth - 1);
    case CBOR_MAP:
        return skip_map(r, depth - 1);
    case CBOR_TAG:
        ec = cbor_read_tag(r, &number);
        return ec != EC_OK ? ec : skip_items(r, count, depth - 1);
    case CBOR_SIMPLE:
        return skip_simple(r);
    default: {
        struct head head;
        ec = read_head(r, &head);
        if (ec == EC_OK)
            r->at = head.content;
        return ec;
    }
    }
}

enum error_code cbor_skip(struct cbor_reader *r)
{
    return skip(r, CBOR_DEPTH_MAX);
}

void cbor_writer_init(struct cbor_writer *w, uint8_t *buf, size_t cap)
{
    *w = (struct cbor_writer){.buf = buf, .cap = cap};
}

void cbor_write_raw(struct cbor_writer *w, const uint8_t *at, size_t len)
{
    if (w->overflow || len > w->cap - w->len) {
        w->overflow = 1;
        return;
    }
    if (len > 0)
        memcpy(w->buf + w->len, at, len);
    w->len += len;
}

static void write_head(struct cbor_writer *w, uint8_t major, uint64_t value)
{
    uint8_t head[9];
    size_t len = 1;
    if (value < argument_min[0]) {
        head[0] = (uint8_t)(major << 5 | value);
    } else {
        unsigned width = 0;
        while (width < 3 && value >= argument_min[width + 1])
            width++;
        head[0] = (uint8_t)(major << 5 | (24 + width));
        for (int shift = 8 * (1 << width) - 8; shift >= 0; shift -= 8)
            head[len++] = (uint8_t)(value >> shift);
    }
    cbor_write_raw(w, head, len);
}

void cbor_write_uint(struct cbor_writer *w, uint64_t v)
{
    write_head(w, CBOR_UINT, v);
}

void cbor_write_int(struct cbor_writer *w, int64_t v)
{
    if (v < 0)
        write_head(w, CBOR_NINT, (uint64_t)(-1 - v));
    else
        write_head(w, CBOR_UINT, (uint64_t)v);
}

void cbor_write_bool(struct cbor_writer *w, int v)
{
    write_head(w, CBOR_SIMPLE, v ? TRUE_VALUE : FALSE_VALUE);
}

void cbor_write_null(struct cbor_writer *w)
{
    write_head(w, CBOR_SIMPLE, NULL_VALUE);
}

void cbor_write_bstr(struct cbor_writer *w, const uint8_t *at, size_t len)
{
    write_head(w, CBOR_BSTR, len);
    cbor_write_raw(w, at, len);
}

void cbor_write_tstr(struct cbor_writer *w, const char *at, size_t len)
{
    write_head(w, CBOR_TSTR, len);
    cbor_write_raw(w, (const uint8_t *)at, len);
}

void cbor_write_array(struct cbor_writer *w, size_t n)
{
    write_head(w, CBOR_ARRAY, n);
}

void cbor_write_map(struct cbor_writer *w, size_t n)
{
    write_head(w, CBOR_MAP, n);
}

void cbor_write_tag(struct cbor_writer *w, uint64_t tag)
{
    write_head(w, CBOR_TAG, tag);
}

enum error_code cbor_writer_done(const struct cbor_writer *w, size_t *ret_len)
{
    if (w->overflow)
        return EC_WIRE_BUFFER;
    *ret_len = w->len;
    return EC_OK;
}
