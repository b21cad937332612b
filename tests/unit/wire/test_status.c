/* Status and link: limits of each member, and that every one of them makes the round trip. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "status.h"
#include "support.h"

static struct status full(void)
{
    struct status s = {.boot = UINT32_MAX,
                       .mono_ms = INT64_MAX,
                       .utc_ms = INT64_MAX,
                       .quality = 2,
                       .state = UINT8_MAX,
                       .leds = {3, 2, 1, 3},
                       .contactors = 3,
                       .utility = {UINT32_MAX, 1, 2},
                       .generator = {3, UINT32_MAX, UINT32_MAX},
                       .load_da = UINT32_MAX,
                       .mode = STATUS_MODE_FIELD_WORK,
                       .written_through = INT64_MAX,
                       .receipted_through = INT64_MAX - 1,
                       .fill_permille = 1000,
                       .reset_cause = UINT8_MAX,
                       .faults = UINT32_MAX,
                       .epoch = INT64_MAX};
    memset(s.firmware, 'v', WIRE_TEXT_MAX);
    return s;
}

static void test_round_trip(void **state)
{
    (void)state;
    struct status in = full();
    struct status out;
    struct cose_key key;
    uint8_t buf[WIRE_STATUS_MAX];
    uint8_t msg[WIRE_MESSAGE_MAX];
    size_t len = 0;
    assert_int_equal(status_encode(&in, buf, sizeof buf, &len), EC_OK);
    assert_int_equal(status_decode((struct span){buf, len}, &out), EC_OK);
    assert_true(in.boot == out.boot && in.mono_ms == out.mono_ms && in.utc_ms == out.utc_ms);
    assert_true(in.quality == out.quality && in.state == out.state && in.mode == out.mode);
    assert_memory_equal(in.leds, out.leds, sizeof in.leds);
    assert_memory_equal(&in.utility, &out.utility, sizeof in.utility);
    assert_memory_equal(&in.generator, &out.generator, sizeof in.generator);
    assert_true(in.contactors == out.contactors && in.load_da == out.load_da);
    assert_string_equal(in.firmware, out.firmware);
    assert_true(in.written_through == out.written_through && in.epoch == out.epoch);
    assert_true(in.receipted_through == out.receipted_through && in.faults == out.faults);
    assert_true(in.fill_permille == out.fill_permille && in.reset_cause == out.reset_cause);

    support_device_key(&key);
    len = support_sign(COSE_STATUS, &key, "ABCDEFGHIJKLMNOPQRSTUVWX", (struct span){buf, len}, msg);
    assert_in_range(len, 1, WIRE_STATUS_MAX);
}

static void boot_zero(struct status *s)
{
    s->boot = 0;
}

static void quality_three(struct status *s)
{
    s->quality = 3;
}

static void utc_negative(struct status *s)
{
    s->utc_ms = -1;
}

static void led_four(struct status *s)
{
    s->leds[STATUS_LED_FAULT] = 4;
}

static void contactors_four(struct status *s)
{
    s->contactors = 4;
}

static void mode_two(struct status *s)
{
    s->mode = 2;
}

static void fill_above(struct status *s)
{
    s->fill_permille = 1001;
}

static void firmware_without_end(struct status *s)
{
    memset(s->firmware, 'v', sizeof s->firmware);
}

static void firmware_not_utf8(struct status *s)
{
    memcpy(s->firmware, "\xff", 2);
}

static void written_above(struct status *s)
{
    s->written_through = (uint64_t)INT64_MAX + 1;
}

static void test_encode_refuses(void **state)
{
    (void)state;
    static void (*const spoils[])(struct status *) = {
        boot_zero, quality_three, utc_negative,         led_four,          contactors_four,
        mode_two,  fill_above,    firmware_without_end, firmware_not_utf8, written_above,
    };
    for (size_t i = 0; i < sizeof spoils / sizeof *spoils; i++) {
        struct status s = full();
        uint8_t buf[WIRE_STATUS_MAX];
        size_t len = 77;
        spoils[i](&s);
        assert_int_equal(status_encode(&s, buf, sizeof buf, &len), EC_WIRE_RANGE);
        assert_int_equal(len, 77);
    }
}

static void test_clock_only_with_quality(void **state)
{
    (void)state;
    struct status in = full();
    struct status out;
    uint8_t buf[WIRE_STATUS_MAX];
    size_t len = 0;
    in.quality = 0;
    assert_int_equal(status_encode(&in, buf, sizeof buf, &len), EC_OK);
    assert_int_equal(status_decode((struct span){buf, len}, &out), EC_OK);
    assert_int_equal(out.utc_ms, 0);
}

static void test_truncation(void **state)
{
    (void)state;
    struct status s = full();
    uint8_t buf[WIRE_STATUS_MAX];
    size_t whole = 0;
    size_t len = 0;
    assert_int_equal(status_encode(&s, buf, sizeof buf, &whole), EC_OK);
    for (size_t cut = 0; cut < whole; cut++) {
        struct status out = {.boot = 77};
        uint8_t small[WIRE_STATUS_MAX];
        assert_int_equal(status_decode((struct span){buf, cut}, &out), EC_WIRE_TRUNCATED);
        assert_int_equal(out.boot, 77);
        assert_int_equal(status_encode(&s, small, cut, &len), EC_WIRE_BUFFER);
    }
}

static void test_link(void **state)
{
    (void)state;
    struct status_link in = {.session = INT64_MAX, .online = 1};
    struct status_link out = {0, 0};
    uint8_t buf[16];
    size_t len = 0;
    assert_int_equal(status_link_encode(&in, buf, sizeof buf, &len), EC_OK);
    assert_int_equal(status_link_decode((struct span){buf, len}, &out), EC_OK);
    assert_true(out.session == in.session && out.online == 1);
    in.session++;
    assert_int_equal(status_link_encode(&in, buf, sizeof buf, &len), EC_WIRE_RANGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round_trip),
        cmocka_unit_test(test_encode_refuses),
        cmocka_unit_test(test_clock_only_with_quality),
        cmocka_unit_test(test_truncation),
        cmocka_unit_test(test_link),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
