/* Receipts: what may not be encoded, optional members, truncation. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "receipt.h"
#include "support.h"

static struct receipt good(void)
{
    return (struct receipt){.device = SUPPORT_DEVICE,
                            .through_seq = 9,
                            .server_ms = 1767225600000,
                            .epoch = 1,
                            .resend_from = 10,
                            .pace_ms = WIRE_PACE_MAX_MS};
}

static void test_encode_refuses(void **state)
{
    (void)state;
    const struct receipt rows[] = {
        {.device = ""},
        {.device = "AB"},
        {.device = "abc"},
        {.device = "ABC", .through_seq = (uint64_t)INT64_MAX + 1},
        {.device = "ABC", .server_ms = (uint64_t)INT64_MAX + 1},
        {.device = "ABC", .epoch = (uint64_t)INT64_MAX + 1},
        {.device = "ABC", .resend_from = (uint64_t)INT64_MAX + 1},
        {.device = "ABC", .pace_ms = WIRE_PACE_MAX_MS + 1},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        uint8_t buf[WIRE_RECEIPT_MAX];
        size_t len = 77;
        assert_int_equal(receipt_encode(&rows[i], buf, sizeof buf, &len), EC_WIRE_RANGE);
        assert_int_equal(len, 77);
    }
}

static void test_device_without_end_is_refused(void **state)
{
    (void)state;
    struct receipt r = good();
    uint8_t buf[WIRE_RECEIPT_MAX];
    size_t len = 0;
    memset(r.device, 'A', sizeof r.device);
    assert_int_equal(receipt_encode(&r, buf, sizeof buf, &len), EC_WIRE_RANGE);
}

static void test_optional_members(void **state)
{
    (void)state;
    for (int choice = 0; choice < 4; choice++) {
        struct receipt in = good();
        struct receipt out;
        uint8_t buf[WIRE_RECEIPT_MAX];
        size_t len = 0;
        in.resend_from = choice & 1 ? 10 : 0;
        in.pace_ms = choice & 2 ? 500 : 0;
        assert_int_equal(receipt_encode(&in, buf, sizeof buf, &len), EC_OK);
        assert_int_equal(buf[0], 0xa5 + (choice & 1) + (choice >> 1));
        assert_int_equal(receipt_decode((struct span){buf, len}, &out), EC_OK);
        assert_int_equal(out.resend_from, in.resend_from);
        assert_int_equal(out.pace_ms, in.pace_ms);
        assert_string_equal(out.device, in.device);
    }
}

static void test_largest_fits_its_limit(void **state)
{
    (void)state;
    struct receipt r = {.through_seq = INT64_MAX,
                        .server_ms = INT64_MAX,
                        .epoch = INT64_MAX,
                        .resend_from = INT64_MAX,
                        .pace_ms = WIRE_PACE_MAX_MS};
    struct cose_key key;
    uint8_t payload[WIRE_RECEIPT_MAX];
    uint8_t msg[WIRE_MESSAGE_MAX];
    size_t len = 0;
    memset(r.device, 'A', WIRE_DEVICE_MAX);
    support_fleet_key(&key);
    assert_int_equal(receipt_encode(&r, payload, sizeof payload, &len), EC_OK);
    len = support_sign(COSE_RECEIPT, &key, r.device, (struct span){payload, len}, msg);
    assert_in_range(len, 1, WIRE_RECEIPT_MAX);
}

static void test_truncation(void **state)
{
    (void)state;
    struct receipt r = good();
    uint8_t buf[WIRE_RECEIPT_MAX];
    size_t whole = 0;
    size_t len = 0;
    assert_int_equal(receipt_encode(&r, buf, sizeof buf, &whole), EC_OK);
    for (size_t cut = 0; cut < whole; cut++) {
        struct receipt out = {.epoch = 77};
        assert_int_equal(receipt_decode((struct span){buf, cut}, &out), EC_WIRE_TRUNCATED);
        assert_int_equal(out.epoch, 77);
    }
    for (size_t cap = 0; cap < whole; cap++) {
        uint8_t small[WIRE_RECEIPT_MAX];
        assert_int_equal(receipt_encode(&r, small, cap, &len), EC_WIRE_BUFFER);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_encode_refuses),
        cmocka_unit_test(test_device_without_end_is_refused),
        cmocka_unit_test(test_optional_members),
        cmocka_unit_test(test_largest_fits_its_limit),
        cmocka_unit_test(test_truncation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
