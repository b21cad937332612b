/* One journal record as a binary COPY row of fleet.journal_record. */
#include "store/journal_row.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "store/binary.h"

enum { COLUMNS = 19, PART_AT = 2 + 2 * 12 + 4, EXTRA_TEXT = 128 };

static const int64_t year_2000_ms = 946684800000;
static const int64_t year_2100_ms = 4102444800000;
static const int64_t year_10000_ms = 253402300800000;

const char journal_row_copy[] =
    "copy fleet.journal_record (device_id, seq, part_ts, received_at, device_at, mono_ms, boot,"
    " kind, quality, cause, since_ms, delay_ms, setting_ms, l1_dv, l2_dv, freq_chz, load_da,"
    " hash, extra) from stdin (format binary)";

/* Fields with a column of their own, in the order of the columns. */
static const struct {
    enum record_key key;
    uint64_t max;
} columns[] = {
    {RECORD_KEY_CAUSE, INT32_MAX},    {RECORD_KEY_SINCE_MS, INT64_MAX},
    {RECORD_KEY_DELAY_MS, INT64_MAX}, {RECORD_KEY_SETTING_MS, INT64_MAX},
    {RECORD_KEY_L1_DV, INT32_MAX},    {RECORD_KEY_L2_DV, INT32_MAX},
    {RECORD_KEY_FREQ_CHZ, INT32_MAX}, {RECORD_KEY_LOAD_DA, INT32_MAX},
};

enum { FIELD_COLUMNS = sizeof(columns) / sizeof(columns[0]) };

int64_t journal_row_time(const struct record *rec)
{
    int is_sane = rec->quality != RECORD_QUALITY_NONE && rec->utc_ms >= year_2000_ms &&
                  rec->utc_ms < year_2100_ms;

    return is_sane ? rec->utc_ms : 0;
}

static int64_t device_time(const struct record *rec)
{
    int fits = rec->quality != RECORD_QUALITY_NONE && rec->utc_ms < year_10000_ms;

    return fits ? rec->utc_ms : BINARY_NO_TIME;
}

static int64_t anchor_of(const struct record *rec)
{
    int64_t at_ms = journal_row_time(rec);

    if (at_ms == 0 || rec->quality != RECORD_QUALITY_SYNCHRONISED ||
        rec->mono_ms > (uint64_t)(at_ms - year_2000_ms))
        return BINARY_NO_TIME;
    return at_ms - (int64_t)rec->mono_ms;
}

/* -- extra ----------------------------------------------------------------------------------- */

static void put_text(struct bytes *b, const char *text)
{
    bytes_put(b, text, strlen(text));
}

/* UTF-8 was checked when the record was decoded; jsonb has no place for NUL. */
static void put_quoted(struct bytes *b, struct span text)
{
    char escape[8];

    bytes_put_u8(b, '"');
    for (size_t i = 0; i < text.len; i++) {
        uint8_t c = text.at[i];

        if (c == 0) {
            put_text(b, "\\ufffd");
        } else if (c < ' ' || c == '"' || c == '\\') {
            snprintf(escape, sizeof(escape), "\\u%04x", c);
            put_text(b, escape);
        } else {
            bytes_put_u8(b, c);
        }
    }
    bytes_put_u8(b, '"');
}

static void put_raw(struct bytes *b, struct span raw)
{
    char hex[3];

    put_text(b, "{\"cbor\":\"");
    for (size_t i = 0; i < raw.len; i++) {
        snprintf(hex, sizeof(hex), "%02x", raw.at[i]);
        put_text(b, hex);
    }
    put_text(b, "\"}");
}

static void put_key(struct bytes *b, int is_first, unsigned key)
{
    const char *name = record_key_name(key);
    char text[EXTRA_TEXT];

    if (name != NULL)
        snprintf(text, sizeof(text), "%s\"%s\":", is_first ? "{" : ",", name);
    else
        snprintf(text, sizeof(text), "%s\"%u\":", is_first ? "{" : ",", key);
    put_text(b, text);
}

static void put_number(struct bytes *b, uint64_t number)
{
    char text[24];

    snprintf(text, sizeof(text), "%" PRIu64, number);
    put_text(b, text);
}

static int has_column(const struct record_field *f)
{
    if (f->type != CBOR_UINT)
        return 0;
    for (size_t i = 0; i < FIELD_COLUMNS; i++)
        if (columns[i].key == f->key)
            return f->number <= columns[i].max;
    return 0;
}

/* Length first, then version 1 of jsonb's binary form, then its text. */
static void put_extra(struct bytes *b, const struct record *rec)
{
    size_t start = b->len;
    int is_first = 1;

    bytes_put_u32(b, 0);
    bytes_put_u8(b, 1);
    if (rec->quality != RECORD_QUALITY_NONE && device_time(rec) == BINARY_NO_TIME) {
        put_key(b, is_first, RECORD_KEY_UTC_MS);
        put_number(b, (uint64_t)rec->utc_ms);
        is_first = 0;
    }
    for (size_t i = 0; i < rec->field_count; i++) {
        const struct record_field *f = &rec->fields[i];

        if (has_column(f))
            continue;
        put_key(b, is_first, f->key);
        if (f->type == CBOR_UINT)
            put_number(b, f->number);
        else if (f->type == CBOR_TSTR)
            put_quoted(b, f->text);
        else
            put_raw(b, f->raw);
        is_first = 0;
    }
    bytes_put_u8(b, '}');
    if (b->failed)
        return;
    if (is_first)
        b->len = start + 4;
    bytes_set_u32(b->at + start, is_first ? UINT32_MAX : (uint32_t)(b->len - start - 4));
}

/* -- the row --------------------------------------------------------------------------------- */

static void put_field_columns(struct bytes *b, const struct record *rec)
{
    uint64_t number;

    for (size_t i = 0; i < FIELD_COLUMNS; i++) {
        if (!record_get_uint(rec, columns[i].key, &number) || number > columns[i].max)
            binary_null(b);
        else if (columns[i].max == INT32_MAX)
            binary_int4(b, (int32_t)number);
        else
            binary_int8(b, (int64_t)number);
    }
}

enum error_code journal_row_encode(int64_t device_id, int64_t received_ms, const struct record *rec,
                                   const uint8_t hash[WIRE_HASH_LEN], struct bytes *b,
                                   struct journal_row *ret)
{
    int64_t own_ms = journal_row_time(rec), part_ms = own_ms ? own_ms : received_ms;
    size_t start = b->len;

    bytes_put_u16(b, COLUMNS);
    binary_int8(b, device_id);
    binary_int8(b, (int64_t)rec->seq);
    binary_time(b, part_ms);
    binary_time(b, received_ms);
    binary_time(b, device_time(rec));
    binary_int8(b, (int64_t)rec->mono_ms);
    binary_int8(b, rec->boot);
    binary_int4(b, rec->kind);
    binary_int2(b, rec->quality);
    put_field_columns(b, rec);
    binary_bytes(b, hash, WIRE_HASH_LEN);
    put_extra(b, rec);
    if (b->failed)
        return EC_NO_MEMORY;
    *ret = (struct journal_row){
        .at = (uint32_t)start,
        .len = (uint32_t)(b->len - start),
        .boot = rec->boot,
        .is_timed = own_ms != 0,
        .part_ms = part_ms,
        .anchor_ms = anchor_of(rec),
    };
    return EC_OK;
}

void journal_row_set_part(uint8_t *row, int64_t part_ms)
{
    bytes_set_u64(row + PART_AT, binary_time_value(part_ms));
}
