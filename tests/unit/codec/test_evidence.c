/* The framing of evidence bundles: round trips, limits, and where a reader stops. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "bundle.h"

static struct evidence_header full(void)
{
    struct evidence_header h;
    bundle_fill_header(&h);
    for (size_t i = 0; i < EVIDENCE_KEYS_MAX; i++) {
        h.keys[i] = h.keys[0];
        h.keys[i].public_key[0] = (uint8_t)i;
        h.keys[i].to_ms = INT64_MAX - 1;
        h.fleet[i] = h.fleet[0];
    }
    h.key_count = h.fleet_count = EVIDENCE_KEYS_MAX;
    h.exported_at_ms = INT64_MAX - 1;
    memset(h.device, 'A', WIRE_DEVICE_MAX);
    return h;
}

static void test_largest_header(void **state)
{
    (void)state;
    struct evidence_header in = full();
    struct evidence_header out;
    struct cbor_reader r;
    uint8_t buf[EVIDENCE_HEADER_MAX];
    uint8_t kid[WIRE_KID_LEN];
    size_t len = 0;
    assert_int_equal(evidence_encode_header(&in, buf, sizeof buf, &len), EC_OK);
    cbor_reader_init(&r, buf, len);
    assert_int_equal(evidence_decode_header(&r, &out), EC_OK);
    assert_int_equal(cbor_reader_left(&r), 0);
    assert_string_equal(out.device, in.device);
    assert_int_equal(out.key_count, EVIDENCE_KEYS_MAX);
    assert_int_equal(out.fleet_count, EVIDENCE_KEYS_MAX);
    assert_int_equal(out.exported_at_ms, in.exported_at_ms);
    for (size_t i = 0; i < EVIDENCE_KEYS_MAX; i++) {
        cose_kid(in.keys[i].public_key, kid);
        assert_memory_equal(out.keys[i].kid, kid, sizeof kid);
        assert_memory_equal(out.keys[i].public_key, in.keys[i].public_key, WIRE_KEY_LEN);
        assert_true(out.keys[i].from_ms == in.keys[i].from_ms);
        assert_true(out.keys[i].to_ms == in.keys[i].to_ms);
        assert_true(out.fleet[i].to_ms == INT64_MAX);
    }
}

static void no_keys(struct evidence_header *h)
{
    h->key_count = 0;
}

static void too_many_keys(struct evidence_header *h)
{
    h->key_count = EVIDENCE_KEYS_MAX + 1;
}

static void too_many_fleet_keys(struct evidence_header *h)
{
    h->fleet_count = EVIDENCE_KEYS_MAX + 1;
}

static void bad_device(struct evidence_header *h)
{
    memcpy(h->device, "ab", 3);
}

static void ends_before_it_begins(struct evidence_header *h)
{
    h->keys[0].to_ms = h->keys[0].from_ms - 1;
}

static void keys_not_ascending(struct evidence_header *h)
{
    h->keys[1].from_ms = h->keys[0].from_ms - 1;
}

static void before_1970(struct evidence_header *h)
{
    h->exported_at_ms = -1;
}

static void test_encode_refuses(void **state)
{
    (void)state;
    static void (*const spoils[])(struct evidence_header *) = {
        no_keys,     too_many_keys,         too_many_fleet_keys,
        bad_device,  ends_before_it_begins, keys_not_ascending,
        before_1970,
    };
    for (size_t i = 0; i < sizeof spoils / sizeof *spoils; i++) {
        struct evidence_header h = full();
        uint8_t buf[EVIDENCE_HEADER_MAX];
        size_t len = 77;
        spoils[i](&h);
        assert_int_equal(evidence_encode_header(&h, buf, sizeof buf, &len), EC_WIRE_RANGE);
        assert_int_equal(len, 77);
    }
}

static void test_items(void **state)
{
    (void)state;
    static uint8_t message[WIRE_MESSAGE_MAX + 1];
    uint8_t buf[EVIDENCE_ITEM_MAX];
    struct evidence_item in = {EVIDENCE_BATCH, INT64_MAX - 1, {message, WIRE_MESSAGE_MAX}};
    struct evidence_item out;
    struct cbor_reader r;
    size_t len = 0;
    assert_int_equal(evidence_encode_item(&in, buf, sizeof buf, &len), EC_OK);
    cbor_reader_init(&r, buf, len);
    assert_int_equal(evidence_decode_item(&r, &out), EC_OK);
    assert_int_equal(out.type, EVIDENCE_BATCH);
    assert_true(out.received_ms == in.received_ms);
    assert_int_equal(out.message.len, WIRE_MESSAGE_MAX);
    assert_int_equal(evidence_encode_item(&in, buf, len - 1, &len), EC_WIRE_BUFFER);
    in.message.len++;
    assert_int_equal(evidence_encode_item(&in, buf, sizeof buf, &len), EC_WIRE_TOO_LARGE);
    in = (struct evidence_item){EVIDENCE_BATCH, -1, {message, 1}};
    assert_int_equal(evidence_encode_item(&in, buf, sizeof buf, &len), EC_WIRE_RANGE);
    in = (struct evidence_item){EVIDENCE_RECEIPT, 0, {message, 300}};
    assert_int_equal(evidence_encode_item(&in, buf, sizeof buf, &len), EC_OK);
    cbor_reader_init(&r, buf, len);
    assert_int_equal(evidence_decode_item(&r, &out), EC_OK);
    assert_int_equal(out.type, EVIDENCE_RECEIPT);
}

static void test_keys_must_ascend(void **state)
{
    (void)state;
    struct evidence_header h = full();
    uint8_t buf[EVIDENCE_HEADER_MAX];
    struct cbor_reader r;
    size_t len = 0;
    h.key_count = 2;
    h.keys[0].from_ms = 5;
    h.keys[1].from_ms = 6;
    h.keys[0].to_ms = h.keys[1].to_ms = INT64_MAX;
    assert_int_equal(evidence_encode_header(&h, buf, sizeof buf, &len), EC_OK);
    uint8_t *second = memchr(buf, 0x06, len);
    while (second[1] != 0xf6) /* null, after valid_from */
        second = memchr(second + 1, 0x06, len - (size_t)(second + 1 - buf));
    *second = 0x04;
    cbor_reader_init(&r, buf, len);
    assert_int_equal(evidence_decode_header(&r, &h), EC_WIRE_RANGE);
    assert_int_equal(*r.at, 0x84); /* the second key */
    assert_int_equal(second - r.at, 1 + 1 + WIRE_KID_LEN + 2 + WIRE_KEY_LEN);
}

/* Canonical form: a header that still decodes after a change encodes to the changed bytes. */
static void test_mutants_are_refused_or_canonical(void **state)
{
    (void)state;
    struct bundle b = {.len = 0};
    struct evidence_header h;
    uint64_t seed = 11;
    bundle_fill_header(&h);
    h.keys[0].to_ms = BUNDLE_T0_MS + 5;
    bundle_put_header(&b, &h);
    for (int round = 0; round < 50000; round++) {
        uint8_t buf[512];
        uint8_t again[512];
        struct cbor_reader r;
        size_t len = 0;
        memcpy(buf, b.bytes, b.len);
        buf[support_random(&seed) % b.len] = (uint8_t)support_random(&seed);
        cbor_reader_init(&r, buf, b.len);
        if (evidence_decode_header(&r, &h) != EC_OK)
            continue;
        size_t used = b.len - cbor_reader_left(&r);
        assert_int_equal(evidence_encode_header(&h, again, sizeof again, &len), EC_OK);
        assert_int_equal(len, used);
        assert_memory_equal(again, buf, len);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_largest_header),
        cmocka_unit_test(test_encode_refuses),
        cmocka_unit_test(test_items),
        cmocka_unit_test(test_keys_must_ascend),
        cmocka_unit_test(test_mutants_are_refused_or_canonical),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
