/* The CBOR reader and writer: shortest heads, bounds, text, skipping. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "support.h"

static void test_uint_both_ways(void **state)
{
    (void)state;
    static const struct {
        uint64_t value;
        const char *hex;
    } rows[] = {
        {0, "00"},
        {23, "17"},
        {24, "1818"},
        {255, "18ff"},
        {256, "190100"},
        {65535, "19ffff"},
        {65536, "1a00010000"},
        {UINT32_MAX, "1affffffff"},
        {(uint64_t)UINT32_MAX + 1, "1b0000000100000000"},
        {UINT64_MAX, "1bffffffffffffffff"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        uint8_t want[9];
        uint8_t got[9];
        size_t want_len = support_unhex(rows[i].hex, want, sizeof want);
        size_t len = 0;
        struct cbor_writer w;
        cbor_writer_init(&w, got, sizeof got);
        cbor_write_uint(&w, rows[i].value);
        assert_int_equal(cbor_writer_done(&w, &len), EC_OK);
        assert_int_equal(len, want_len);
        assert_memory_equal(got, want, len);

        struct cbor_reader r;
        uint64_t value = 1;
        cbor_reader_init(&r, want, want_len);
        assert_int_equal(cbor_read_uint(&r, &value), EC_OK);
        assert_true(value == rows[i].value);
        assert_int_equal(cbor_reader_left(&r), 0);
    }
}

static void test_int_both_ways(void **state)
{
    (void)state;
    static const struct {
        int64_t value;
        const char *hex;
    } rows[] = {
        {0, "00"},
        {-1, "20"},
        {-24, "37"},
        {-25, "3818"},
        {-256, "38ff"},
        {-257, "390100"},
        {INT64_MAX, "1b7fffffffffffffff"},
        {INT64_MIN, "3b7fffffffffffffff"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        uint8_t want[9];
        uint8_t got[9];
        size_t want_len = support_unhex(rows[i].hex, want, sizeof want);
        size_t len = 0;
        struct cbor_writer w;
        cbor_writer_init(&w, got, sizeof got);
        cbor_write_int(&w, rows[i].value);
        assert_int_equal(cbor_writer_done(&w, &len), EC_OK);
        assert_int_equal(len, want_len);
        assert_memory_equal(got, want, len);

        struct cbor_reader r;
        int64_t value = 1;
        cbor_reader_init(&r, want, want_len);
        assert_int_equal(cbor_read_int(&r, &value), EC_OK);
        assert_true(value == rows[i].value);
    }
}

enum call { UINT, INT, BOOL, NUL, BSTR, TSTR, ARRAY, MAP, TAG, SKIP };

static enum error_code run(enum call call, struct cbor_reader *r)
{
    uint64_t u;
    int64_t n;
    int b;
    size_t count;
    struct span s;
    switch (call) {
    case UINT:
        return cbor_read_uint(r, &u);
    case INT:
        return cbor_read_int(r, &n);
    case BOOL:
        return cbor_read_bool(r, &b);
    case NUL:
        return cbor_read_null(r);
    case BSTR:
        return cbor_read_bstr(r, &s);
    case TSTR:
        return cbor_read_tstr(r, &s);
    case ARRAY:
        return cbor_read_array(r, &count);
    case MAP:
        return cbor_read_map(r, &count);
    case TAG:
        return cbor_read_tag(r, &u);
    case SKIP:
        return cbor_skip(r);
    }
    return EC_INTERNAL;
}

static void test_reads(void **state)
{
    (void)state;
    /* eaten: bytes consumed; on failure the offset of the bad item */
    static const struct {
        enum call call;
        const char *hex;
        enum error_code error;
        size_t eaten;
    } rows[] = {
        {UINT, "", EC_WIRE_TRUNCATED, 0},
        {UINT, "20", EC_WIRE_TYPE, 0},
        {UINT, "19ff", EC_WIRE_TRUNCATED, 0},
        {UINT, "1b00000000ffffffff", EC_WIRE_NOT_CANONICAL, 0},
        {INT, "", EC_WIRE_TRUNCATED, 0},
        {INT, "40", EC_WIRE_TYPE, 0},
        {INT, "1b8000000000000000", EC_WIRE_RANGE, 0},
        {INT, "3b8000000000000000", EC_WIRE_RANGE, 0},
        {BOOL, "f4", EC_OK, 1},
        {BOOL, "f5", EC_OK, 1},
        {BOOL, "f6", EC_WIRE_TYPE, 0},
        {BOOL, "00", EC_WIRE_TYPE, 0},
        {BOOL, "", EC_WIRE_TRUNCATED, 0},
        {NUL, "f6", EC_OK, 1},
        {NUL, "f4", EC_WIRE_TYPE, 0},
        {NUL, "", EC_WIRE_TRUNCATED, 0},
        {BSTR, "40", EC_OK, 1},
        {BSTR, "430102", EC_WIRE_TRUNCATED, 0},
        {BSTR, "60", EC_WIRE_TYPE, 0},
        {TSTR, "6161", EC_OK, 2},
        {TSTR, "40", EC_WIRE_TYPE, 0},
        {TSTR, "62c3a9", EC_OK, 3},
        {TSTR, "63efbfbf", EC_OK, 4},
        {TSTR, "64f48fbfbf", EC_OK, 5},
        {TSTR, "62c328", EC_WIRE_RANGE, 0},
        {ARRAY, "8100", EC_OK, 1},
        {ARRAY, "82 00", EC_WIRE_TRUNCATED, 0},
        {ARRAY, "a0", EC_WIRE_TYPE, 0},
        {MAP, "a10000", EC_OK, 1},
        {MAP, "a100", EC_WIRE_TRUNCATED, 0},
        {TAG, "d200", EC_OK, 1},
        {TAG, "d81200", EC_WIRE_NOT_CANONICAL, 0},
        {SKIP, "f6", EC_OK, 1},
        {SKIP, "8281818100 f4", EC_OK, 6},
        {SKIP, "a3 00 8101 20 a0 6161 f5", EC_OK, 9},
        {SKIP, "83 00 01 f7", EC_WIRE_NOT_CANONICAL, 3},
        {SKIP, "a2 01 00 00 00", EC_WIRE_NOT_CANONICAL, 3},
        {SKIP, "a2 00 00 1801 00", EC_WIRE_NOT_CANONICAL, 3},
        {SKIP, "8181818181 00", EC_WIRE_DEPTH, 4},
        {SKIP, "82 61ff 00", EC_WIRE_RANGE, 1},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        uint8_t buf[16];
        struct cbor_reader r;
        cbor_reader_init(&r, buf, support_unhex(rows[i].hex, buf, sizeof buf));
        enum error_code ec = run(rows[i].call, &r);
        if (ec != rows[i].error || (size_t)(r.at - buf) != rows[i].eaten)
            fail_msg("row %zu '%s': %s at %zu", i, rows[i].hex, error_slug(ec),
                     (size_t)(r.at - buf));
    }
}

static void test_outputs_untouched_on_failure(void **state)
{
    (void)state;
    const uint8_t bytes[] = {0x42, 0x00};
    struct cbor_reader r;
    struct span s = {bytes, 77};
    size_t len = 77;
    cbor_reader_init(&r, bytes, sizeof bytes);
    assert_int_equal(cbor_read_bstr(&r, &s), EC_WIRE_TRUNCATED);
    assert_int_equal(s.len, 77);

    uint8_t small[2];
    struct cbor_writer w;
    cbor_writer_init(&w, small, sizeof small);
    cbor_write_uint(&w, 300);
    assert_int_equal(w.len, 0);
    cbor_write_uint(&w, 1); /* fits, but comes after something that did not */
    assert_int_equal(w.len, 0);
    assert_int_equal(cbor_writer_done(&w, &len), EC_WIRE_BUFFER);
    assert_int_equal(len, 77);
}

static void test_writer_fills_exactly(void **state)
{
    (void)state;
    uint8_t buf[16];
    uint8_t want[16];
    size_t want_len = support_unhex("84 f5 a1 00 6161 f6 d2 4101", want, sizeof want);
    for (size_t cap = 0; cap <= want_len; cap++) {
        struct cbor_writer w;
        size_t len = 0;
        cbor_writer_init(&w, buf, cap);
        cbor_write_array(&w, 4);
        cbor_write_bool(&w, 1);
        cbor_write_map(&w, 1);
        cbor_write_uint(&w, 0);
        cbor_write_tstr(&w, "a", 1);
        cbor_write_null(&w);
        cbor_write_tag(&w, 18);
        cbor_write_bstr(&w, (const uint8_t *)"\1", 1);
        assert_int_equal(cbor_writer_done(&w, &len), cap < want_len ? EC_WIRE_BUFFER : EC_OK);
    }
    assert_memory_equal(buf, want, want_len);
}

/* Text cut inside a character, with nothing after it that could be read by mistake. */
static void test_text_ends_with_its_bytes(void **state)
{
    (void)state;
    static const char *const texts[] = {"\xc3\xa9", "\xe2\x82\xac", "\xf0\x9f\x94\x8c"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        size_t whole = strlen(texts[i]);
        for (size_t len = 1; len <= whole; len++) {
            uint8_t *copy = malloc(len);
            memcpy(copy, texts[i], len);
            assert_int_equal(cbor_text_valid(copy, len), len == whole);
            free(copy);
        }
    }
}

/* Skipping never reads past the end and never goes on after it, whatever the bytes. */
static void test_skip_random_bytes(void **state)
{
    (void)state;
    uint64_t seed = 1;
    for (int round = 0; round < 200000; round++) {
        uint8_t *buf = malloc(24); /* on the heap, so that a sanitizer sees one byte too many */
        for (size_t i = 0; i < 24; i += 8) {
            uint64_t bits = support_random(&seed);
            memcpy(buf + i, &bits, 8);
        }
        struct cbor_reader r;
        size_t len = support_random(&seed) % 25;
        cbor_reader_init(&r, buf + 24 - len, len);
        enum error_code ec = cbor_skip(&r);
        assert_true(r.at <= r.end && r.at >= buf + 24 - len);
        assert_true(ec != EC_OK || r.at > buf + 24 - len);
        free(buf);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_uint_both_ways),
        cmocka_unit_test(test_int_both_ways),
        cmocka_unit_test(test_reads),
        cmocka_unit_test(test_outputs_untouched_on_failure),
        cmocka_unit_test(test_writer_fills_exactly),
        cmocka_unit_test(test_text_ends_with_its_bytes),
        cmocka_unit_test(test_skip_random_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
