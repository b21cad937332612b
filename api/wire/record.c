/* One journal record: struct <-> deterministic CBOR. */
#include "record.h"

#include <string.h>

#include "member.h"

enum { COMMON_COUNT = 6, FIELD_KEY_MIN = 16 };

#define AT(field) MEMBER_AT(struct record, field)
static const struct member common[COMMON_COUNT] = {
    {RECORD_KEY_SEQ, MEMBER_UINT, AT(seq), .min = 1, .max = INT64_MAX},
    {RECORD_KEY_BOOT, MEMBER_UINT, AT(boot), .min = 1, .max = UINT32_MAX},
    {RECORD_KEY_MONO_MS, MEMBER_UINT, AT(mono_ms), .max = INT64_MAX},
    {RECORD_KEY_UTC_MS, MEMBER_UINT, 1, AT(utc_ms), .max = INT64_MAX},
    {RECORD_KEY_QUALITY, MEMBER_UINT, AT(quality), .max = RECORD_QUALITY_SYNCHRONISED},
    {RECORD_KEY_KIND, MEMBER_UINT, AT(kind), .min = 1, .max = UINT16_MAX},
};

/** The major type that a key of this version must have. */
struct key_type {
    uint8_t key;
    uint8_t type;
};

static const struct key_type key_types[] = {
#define RECORD_KEY(number, NAME, name, type) {number, type},
#include "record.def"
#undef RECORD_KEY
};

static struct record_field *add(struct record *r, enum record_key key, uint8_t type)
{
    if (r->field_count >= WIRE_FIELDS_MAX) {
        r->field_count = WIRE_FIELDS_MAX + 1;
        return NULL;
    }
    struct record_field *f = &r->fields[r->field_count++];
    memset(f, 0, sizeof *f);
    f->key = (uint16_t)key;
    f->type = type;
    return f;
}

void record_add_uint(struct record *r, enum record_key key, uint64_t value)
{
    struct record_field *f = add(r, key, CBOR_UINT);
    if (f != NULL)
        f->number = value;
}

void record_add_text(struct record *r, enum record_key key, const char *at, size_t len)
{
    struct record_field *f = add(r, key, CBOR_TSTR);
    if (f != NULL)
        f->text = (struct span){(const uint8_t *)at, len};
}

static const struct record_field *find(const struct record *r, enum record_key key, uint8_t type)
{
    for (size_t i = 0; i < r->field_count && i < WIRE_FIELDS_MAX; i++)
        if (r->fields[i].key == key && r->fields[i].type == type)
            return &r->fields[i];
    return NULL;
}

int record_get_uint(const struct record *r, enum record_key key, uint64_t *ret)
{
    const struct record_field *f = find(r, key, CBOR_UINT);
    if (f == NULL)
        return 0;
    *ret = f->number;
    return 1;
}

int record_get_text(const struct record *r, enum record_key key, struct span *ret)
{
    const struct record_field *f = find(r, key, CBOR_TSTR);
    if (f == NULL)
        return 0;
    *ret = f->text;
    return 1;
}

/* The types of the keys of this version; a newer key may have any. */
static int type_fits(uint64_t key, int type)
{
    for (size_t i = 0; i < sizeof key_types / sizeof *key_types; i++)
        if (key_types[i].key == key)
            return key_types[i].type == type;
    return 1;
}

static enum error_code write_field(struct cbor_writer *w, const struct record_field *f)
{
    if (!type_fits(f->key, f->type))
        return EC_WIRE_RANGE;
    cbor_write_uint(w, f->key);
    if (f->type == CBOR_UINT) {
        if (f->number > INT64_MAX)
            return EC_WIRE_RANGE;
        cbor_write_uint(w, f->number);
    } else if (f->type == CBOR_TSTR) {
        if (f->text.len > WIRE_TEXT_MAX || !cbor_text_valid(f->text.at, f->text.len))
            return EC_WIRE_RANGE;
        cbor_write_tstr(w, (const char *)f->text.at, f->text.len);
    } else {
        cbor_write_raw(w, f->raw.at, f->raw.len);
    }
    return EC_OK;
}

static enum error_code write_fields(struct cbor_writer *w, const struct record *r)
{
    unsigned least = FIELD_KEY_MIN;
    for (size_t i = 0; i < r->field_count; i++) {
        if (r->fields[i].key < least)
            return EC_WIRE_RANGE;
        enum error_code ec = write_field(w, &r->fields[i]);
        if (ec != EC_OK)
            return ec;
        least = r->fields[i].key + 1u;
    }
    return EC_OK;
}

enum error_code record_encode(const struct record *r, uint8_t *buf, size_t cap, size_t *ret_len)
{
    int has_utc = r->quality != RECORD_QUALITY_NONE;
    if (r->field_count > WIRE_FIELDS_MAX || (!has_utc && r->utc_ms != 0))
        return EC_WIRE_RANGE;
    struct cbor_writer w;
    cbor_writer_init(&w, buf, cap);
    cbor_write_map(&w, (size_t)(COMMON_COUNT - !has_utc) + r->field_count);
    for (size_t i = 0; i < COMMON_COUNT; i++) {
        if (common[i].optional && !has_utc)
            continue;
        cbor_write_uint(&w, common[i].key);
        enum error_code ec = member_write(&w, &common[i], r);
        if (ec != EC_OK)
            return ec;
    }
    enum error_code ec = write_fields(&w, r);
    if (ec != EC_OK)
        return ec;
    if (w.len > WIRE_RECORD_MAX)
        return EC_WIRE_TOO_LARGE;
    return cbor_writer_done(&w, ret_len);
}

static enum error_code read_value(struct cbor_reader *r, struct record_field *f)
{
    struct span bytes = {NULL, 0};
    enum error_code ec;
    switch (f->type) {
    case CBOR_UINT:
        ec = cbor_read_uint(r, &f->number);
        return ec == EC_OK && f->number > INT64_MAX ? EC_WIRE_RANGE : ec;
    case CBOR_TSTR:
        ec = cbor_read_tstr(r, &f->text);
        return ec == EC_OK && f->text.len > WIRE_TEXT_MAX ? EC_WIRE_RANGE : ec;
    case CBOR_BSTR:
        ec = cbor_read_bstr(r, &bytes);
        return ec == EC_OK && bytes.len > WIRE_TEXT_MAX ? EC_WIRE_RANGE : ec;
    default:
        return cbor_skip(r);
    }
}

static enum error_code read_field(struct cbor_reader *r, uint64_t key, struct record *rec)
{
    struct cbor_reader start = *r;
    int type = cbor_peek(r);
    if (rec->field_count == WIRE_FIELDS_MAX)
        return EC_WIRE_RANGE;
    if (type < 0)
        return EC_WIRE_TRUNCATED;
    if (!type_fits(key, type))
        return EC_WIRE_TYPE;
    struct record_field *f = &rec->fields[rec->field_count];
    f->key = (uint16_t)key;
    f->type = (uint8_t)type;
    enum error_code ec = read_value(r, f);
    if (ec == EC_WIRE_RANGE)
        *r = start;
    if (ec != EC_OK)
        return ec;
    f->raw = (struct span){start.at, (size_t)(r->at - start.at)};
    rec->field_count++;
    return EC_OK;
}

/* One key and its value; `least` is the smallest key that may follow. */
static enum error_code read_member(struct cbor_reader *r, uint64_t *least, uint32_t *present,
                                   struct record *rec)
{
    struct cbor_reader start = *r;
    uint64_t key;
    enum error_code ec = cbor_read_uint(r, &key);
    if (ec != EC_OK)
        return ec;
    int known = key < COMMON_COUNT || (key >= FIELD_KEY_MIN && key <= UINT16_MAX);
    if (key < *least || !known) {
        *r = start;
        return known ? EC_WIRE_NOT_CANONICAL : EC_WIRE_RANGE;
    }
    *least = key + 1;
    if (key >= FIELD_KEY_MIN)
        return read_field(r, key, rec);
    *present |= MEMBER_BIT(key);
    return member_read(r, &common[key], rec);
}

/* All of the common members, the time of the clock exactly when the clock counts. */
static enum error_code check_present(uint32_t present, uint8_t quality)
{
    const uint32_t utc = MEMBER_BIT(RECORD_KEY_UTC_MS);
    if ((present | utc) != MEMBER_BIT(COMMON_COUNT) - 1)
        return EC_WIRE_MISSING;
    if (quality == RECORD_QUALITY_NONE)
        return present & utc ? EC_WIRE_RANGE : EC_OK;
    return present & utc ? EC_OK : EC_WIRE_MISSING;
}

enum error_code record_decode(struct cbor_reader *r, struct record *ret)
{
    struct cbor_reader start = *r;
    struct record rec;
    memset(&rec, 0, sizeof rec);
    uint32_t present = 0;
    uint64_t least = 0;
    size_t count;
    enum error_code ec = cbor_read_map(r, &count);
    for (size_t i = 0; i < count && ec == EC_OK; i++)
        ec = read_member(r, &least, &present, &rec);
    if (ec != EC_OK)
        return ec;
    rec.raw = (struct span){start.at, (size_t)(r->at - start.at)};
    ec = rec.raw.len > WIRE_RECORD_MAX ? EC_WIRE_TOO_LARGE : check_present(present, rec.quality);
    if (ec != EC_OK) {
        *r = start;
        return ec;
    }
    *ret = rec;
    return EC_OK;
}
