/* Records: limits of encoding and decoding, newer fields kept, random records there and back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "support.h"
#include "vectors.h"

static struct record minimal(void)
{
    struct record r;
    memset(&r, 0, sizeof r);
    r.seq = 1;
    r.boot = 1;
    r.kind = RECORD_KIND_FIELD_WORK_END;
    return r;
}

static enum error_code encode(const struct record *r)
{
    uint8_t buf[2 * WIRE_RECORD_MAX];
    size_t len = 77;
    enum error_code ec = record_encode(r, buf, sizeof buf, &len);
    assert_true(ec == EC_OK || len == 77);
    return ec;
}

static enum error_code decode(const uint8_t *at, size_t len, struct record *ret)
{
    struct cbor_reader r;
    cbor_reader_init(&r, at, len);
    enum error_code ec = record_decode(&r, ret);
    return ec == EC_OK && cbor_reader_left(&r) != 0 ? EC_WIRE_TRAILING : ec;
}

static void seq_zero(struct record *r)
{
    r->seq = 0;
}

static void seq_above(struct record *r)
{
    r->seq = (uint64_t)INT64_MAX + 1;
}

static void boot_zero(struct record *r)
{
    r->boot = 0;
}

static void kind_zero(struct record *r)
{
    r->kind = 0;
}

static void quality_three(struct record *r)
{
    r->quality = 3;
    r->utc_ms = 1;
}

static void utc_without_quality(struct record *r)
{
    r->utc_ms = 1;
}

static void utc_negative(struct record *r)
{
    r->quality = RECORD_QUALITY_ESTIMATED;
    r->utc_ms = -1;
}

static void field_too_many(struct record *r)
{
    for (unsigned i = 0; i < WIRE_FIELDS_MAX + 3; i++)
        record_add_uint(r, (enum record_key)(100 + i), 0);
}

static void fields_unsorted(struct record *r)
{
    record_add_uint(r, RECORD_KEY_DELAY_MS, 0);
    record_add_uint(r, RECORD_KEY_SINCE_MS, 0);
}

static void field_twice(struct record *r)
{
    record_add_uint(r, RECORD_KEY_CAUSE, 1);
    record_add_uint(r, RECORD_KEY_CAUSE, 1);
}

static void field_common(struct record *r)
{
    record_add_uint(r, RECORD_KEY_KIND, 1);
}

static void field_wrong_type(struct record *r)
{
    record_add_text(r, RECORD_KEY_CAUSE, "1", 1);
}

static void field_above(struct record *r)
{
    record_add_uint(r, RECORD_KEY_COUNT, (uint64_t)INT64_MAX + 1);
}

static char long_text[WIRE_TEXT_MAX + 1];

static void text_too_long(struct record *r)
{
    memset(long_text, 'a', sizeof long_text);
    record_add_text(r, RECORD_KEY_VERSION, long_text, sizeof long_text);
}

static void text_not_utf8(struct record *r)
{
    record_add_text(r, RECORD_KEY_VERSION, "\xff", 1);
}

static void test_encode_refuses(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        void (*spoil)(struct record *r);
    } rows[] = {
        {"seq 0", seq_zero},
        {"seq above", seq_above},
        {"boot 0", boot_zero},
        {"kind 0", kind_zero},
        {"quality 3", quality_three},
        {"utc without quality", utc_without_quality},
        {"utc negative", utc_negative},
        {"too many fields", field_too_many},
        {"fields unsorted", fields_unsorted},
        {"field twice", field_twice},
        {"field with a common key", field_common},
        {"field of the wrong type", field_wrong_type},
        {"field above 2^63 - 1", field_above},
        {"text too long", text_too_long},
        {"text not UTF-8", text_not_utf8},
    };
    struct record good = minimal();
    assert_int_equal(encode(&good), EC_OK);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct record r = minimal();
        rows[i].spoil(&r);
        if (encode(&r) != EC_WIRE_RANGE)
            fail_msg("%s: %s", rows[i].name, error_slug(encode(&r)));
    }
}

static void test_encode_limits(void **state)
{
    (void)state;
    struct record r = minimal();
    uint8_t buf[WIRE_RECORD_MAX];
    size_t whole = 0;
    assert_int_equal(record_encode(&r, buf, sizeof buf, &whole), EC_OK);
    for (size_t cap = 0; cap < whole; cap++) {
        size_t len = 77;
        assert_int_equal(record_encode(&r, buf, cap, &len), EC_WIRE_BUFFER);
        assert_int_equal(len, 77);
    }
    memset(long_text, 'a', sizeof long_text);
    for (unsigned key = 100; key < 104; key++)
        record_add_text(&r, (enum record_key)key, long_text, WIRE_TEXT_MAX);
    assert_int_equal(encode(&r), EC_WIRE_TOO_LARGE);
}

static void test_getters(void **state)
{
    (void)state;
    struct record r;
    uint64_t n = 77;
    struct span text = {NULL, 77};
    vectors_story(0, &r);
    assert_true(record_get_uint(&r, RECORD_KEY_CAUSE, &n));
    assert_int_equal(n, RECORD_CAUSE_POWER_ON);
    assert_true(record_get_text(&r, RECORD_KEY_VERSION, &text));
    assert_int_equal(text.len, 5);
    n = text.len = 77;
    assert_false(record_get_uint(&r, RECORD_KEY_COUNT, &n));
    assert_false(record_get_uint(&r, RECORD_KEY_VERSION, &n));
    assert_false(record_get_text(&r, RECORD_KEY_CAUSE, &text));
    assert_int_equal(n + text.len, 154);
    r.field_count = WIRE_FIELDS_MAX + 1; /* as record_add_uint() leaves it after one too many */
    assert_false(record_get_uint(&r, RECORD_KEY_COUNT, &n));
}

static void test_names(void **state)
{
    (void)state;
    assert_string_equal(record_kind_name(RECORD_KIND_UTILITY_LOST), "utility_lost");
    assert_string_equal(record_key_name(RECORD_KEY_SEQ), "seq");
    assert_string_equal(record_cause_name(RECORD_CAUSE_BACKFEED), "backfeed");
    assert_null(record_kind_name(0));
    assert_null(record_kind_name(9999));
    assert_null(record_key_name(6));
    assert_null(record_cause_name(0));
}

/* Newer firmware: an unknown kind, and unknown fields of every type, come through unchanged. */
static void test_newer_record_is_kept(void **state)
{
    (void)state;
    uint8_t in[WIRE_RECORD_MAX];
    uint8_t out[WIRE_RECORD_MAX];
    size_t len = 0;
    struct record r;
    size_t in_len =
        support_unhex("ac 0001 0101 0200 0400 0519ffff 181e07 1840 20 1841 4101 1842 6161"
                      " 1843 83f4f6f5 1844 a10102 19ffff c100",
                      in, sizeof in);
    assert_int_equal(decode(in, in_len, &r), EC_OK);
    assert_int_equal(r.kind, UINT16_MAX);
    assert_int_equal(r.field_count, 7);
    assert_int_equal(r.fields[1].type, CBOR_NINT);
    assert_int_equal(r.fields[4].raw.len, 4);
    assert_int_equal(r.raw.len, in_len);
    assert_int_equal(record_encode(&r, out, sizeof out, &len), EC_OK);
    assert_int_equal(len, in_len);
    assert_memory_equal(in, out, len);
}

static void test_error_position(void **state)
{
    (void)state;
    static const struct {
        const char *hex;
        size_t at;
    } rows[] = {
        {"a5 0000 0101 0200 0400 050d", 2},
        {"a5 0001 0100 0200 0400 050d", 4},
        {"a5 0001 180000000000000000", 3},
        {"a5 0001 0101 0200 0400 0500", 10},
        {"a6 0001 0101 0200 0400 050d 0600", 11},
        {"a4 0101 0200 0400 050d", 0},
        {"a6 0001 0101 0200 0400 050d 136131", 12},
        {"a6 0001 0101 0200 0400 050d 18408200f7", 15},
        {"a6 0001 0101 0200 0400 050d 18401b8000000000000000", 13},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        uint8_t buf[64];
        struct cbor_reader r;
        struct record rec;
        cbor_reader_init(&r, buf, support_unhex(rows[i].hex, buf, sizeof buf));
        assert_int_not_equal(record_decode(&r, &rec), EC_OK);
        if ((size_t)(r.at - buf) != rows[i].at)
            fail_msg("'%s': stopped at %zu", rows[i].hex, (size_t)(r.at - buf));
    }
}

static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789.-";

static void random_field(uint64_t *seed, unsigned key, struct record *r)
{
    size_t most = key == RECORD_KEY_VERSION ? 20 : 8;
    int text = key == RECORD_KEY_VERSION || (key > 32 && support_random(seed) % 2);
    if (text)
        record_add_text(r, (enum record_key)key, letters, support_random(seed) % most);
    else
        record_add_uint(r, (enum record_key)key,
                        support_random(seed) >> (1 + support_random(seed) % 63));
}

static void random_record(uint64_t *seed, struct record *r)
{
    memset(r, 0, sizeof *r);
    r->seq = 1 + (support_random(seed) >> (1 + support_random(seed) % 62)) % INT64_MAX;
    r->boot = 1 + (uint32_t)(support_random(seed) >> (32 + support_random(seed) % 31)) % UINT32_MAX;
    r->mono_ms = support_random(seed) >> (1 + support_random(seed) % 62);
    r->quality = support_random(seed) % 3;
    if (r->quality != RECORD_QUALITY_NONE)
        r->utc_ms = (int64_t)(support_random(seed) >> (1 + support_random(seed) % 62));
    r->kind = (uint16_t)(1 + support_random(seed) % UINT16_MAX);
    unsigned key = 16;
    size_t count = support_random(seed) % (WIRE_FIELDS_MAX + 1);
    for (size_t i = 0; i < count; i++) {
        random_field(seed, key, r);
        key += 1 + (unsigned)(support_random(seed) % 5);
    }
}

static void test_random_records_both_ways(void **state)
{
    (void)state;
    uint64_t seed = 42;
    for (int round = 0; round < 20000; round++) {
        uint8_t first[WIRE_RECORD_MAX];
        uint8_t second[WIRE_RECORD_MAX];
        size_t first_len = 0;
        size_t second_len = 0;
        struct record in;
        struct record out;
        random_record(&seed, &in);
        assert_int_equal(record_encode(&in, first, sizeof first, &first_len), EC_OK);
        assert_int_equal(decode(first, first_len, &out), EC_OK);
        assert_true(in.seq == out.seq && in.boot == out.boot && in.mono_ms == out.mono_ms);
        assert_true(in.utc_ms == out.utc_ms && in.quality == out.quality && in.kind == out.kind);
        assert_int_equal(in.field_count, out.field_count);
        assert_int_equal(record_encode(&out, second, sizeof second, &second_len), EC_OK);
        assert_int_equal(first_len, second_len);
        assert_memory_equal(first, second, first_len);
    }
}

/* What decodes is canonical: any accepted mutant encodes back to the very same bytes. */
static void test_mutants_are_refused_or_canonical(void **state)
{
    (void)state;
    uint64_t seed = 7;
    for (int round = 0; round < 100000; round++) {
        uint8_t buf[WIRE_RECORD_MAX];
        uint8_t again[WIRE_RECORD_MAX];
        size_t again_len = 0;
        struct record r;
        size_t len = vectors_story_encode(round % VECTORS_STORY_COUNT, buf);
        buf[support_random(&seed) % len] = (uint8_t)support_random(&seed);
        if (decode(buf, len, &r) != EC_OK)
            continue;
        assert_int_equal(record_encode(&r, again, sizeof again, &again_len), EC_OK);
        assert_int_equal(again_len, len);
        assert_memory_equal(buf, again, len);
    }
}

static void test_every_truncation_is_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < VECTORS_STORY_COUNT; i++) {
        uint8_t buf[WIRE_RECORD_MAX];
        size_t len = vectors_story_encode(i, buf);
        for (size_t cut = 0; cut < len; cut++) {
            struct record r;
            memset(&r, 0x5a, sizeof r);
            assert_int_equal(decode(buf, cut, &r), EC_WIRE_TRUNCATED);
            assert_int_equal(r.kind, 0x5a5a);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_encode_refuses),
        cmocka_unit_test(test_encode_limits),
        cmocka_unit_test(test_getters),
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_newer_record_is_kept),
        cmocka_unit_test(test_error_position),
        cmocka_unit_test(test_random_records_both_ways),
        cmocka_unit_test(test_mutants_are_refused_or_canonical),
        cmocka_unit_test(test_every_truncation_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
