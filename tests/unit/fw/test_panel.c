/* Lights, overload trip and clock: the small tables of the device. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "clock.h"
#include "led.h"
#include "overload.h"
#include "transfer.h"

#define FAULT(cause) TRANSFER_FAULT(RECORD_CAUSE_##cause)

static void test_leds(void **state)
{
    enum { OFF = STATUS_OFF, ON = STATUS_ON, SLOW = STATUS_BLINK_SLOW, FAST = STATUS_BLINK_FAST };
    static const struct {
        struct led_view view;
        uint8_t leds[STATUS_LED_COUNT]; /* utility, generator, load, fault */
    } rows[] = {
        {{.state = TRANSFER_ON_UTILITY, .utility_present = 1}, {ON, OFF, OFF, OFF}},
        {{.state = TRANSFER_ON_UTILITY}, {OFF, OFF, OFF, OFF}},
        {{.state = TRANSFER_ON_UTILITY,
          .utility_present = 1,
          .generator_present = 1,
          .generator_live = 1},
         {ON, SLOW, OFF, OFF}},
        {{.state = TRANSFER_ON_UTILITY, .generator_live = 1}, {OFF, FAST, OFF, OFF}},
        {{.state = TRANSFER_OPEN, .generator_present = 1, .generator_live = 1},
         {OFF, SLOW, OFF, OFF}},
        {{.state = TRANSFER_ON_GENERATOR, .generator_present = 1, .generator_live = 1},
         {OFF, ON, OFF, OFF}},
        {{.state = TRANSFER_ON_GENERATOR,
          .generator_present = 1,
          .generator_live = 1,
          .utility_present = 1},
         {SLOW, ON, OFF, OFF}},
        {{.state = TRANSFER_ON_GENERATOR, .generator_live = 1, .load_da = 301}, {OFF, ON, ON, OFF}},
        {{.state = TRANSFER_ON_GENERATOR, .load_da = 300}, {OFF, ON, OFF, OFF}},
        {{.state = TRANSFER_ON_UTILITY, .tripped = 1, .load_da = 400}, {OFF, OFF, FAST, OFF}},
        {{.state = TRANSFER_ON_UTILITY, .faults = FAULT(OVERLOAD_LOCKOUT)}, {OFF, OFF, FAST, SLOW}},
        {{.state = TRANSFER_ON_UTILITY, .faults = FAULT(IMBALANCE)}, {OFF, OFF, OFF, SLOW}},
        {{.state = TRANSFER_FAULT_UTILITY, .utility_present = 1, .faults = FAULT(WELDED)},
         {ON, OFF, OFF, ON}},
        {{.state = TRANSFER_FAULT_OPEN, .utility_present = 1, .faults = FAULT(NO_OPEN)},
         {SLOW, OFF, OFF, ON}},
        {{.state = TRANSFER_FAULT_OPEN, .faults = FAULT(BACKFEED) | FAULT(NO_OPEN)},
         {OFF, OFF, OFF, FAST}},
        {{.state = TRANSFER_ON_UTILITY, .identify = 1}, {FAST, FAST, FAST, FAST}},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        uint8_t leds[STATUS_LED_COUNT];

        led_show(&rows[i].view, leds);
        assert_memory_equal(leds, rows[i].leds, sizeof(leds));
    }
}

/* ---- overload ---- */

/* Milliseconds until the trip; 0 when there is none within ten minutes. */
static uint32_t trip_ms(struct overload *o, uint32_t load_da)
{
    for (uint32_t ms = 10; ms <= 600000; ms += 10)
        if (overload_step(o, load_da, 1, 1, 60000, 10))
            return ms;
    return 0;
}

static void test_trip_times(void **state)
{
    static const struct {
        uint32_t load_da, from_ms, to_ms;
    } rows[] = {
        {0, 0, 0},           {300, 0, 0},       {310, 145000, 149000},
        {360, 22700, 22800}, {450, 7990, 8010}, {600, 3330, 3350},
        {900, 1250, 1260},   {5000, 30, 50},    {UINT32_MAX, 30, 50},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct overload o;
        uint32_t ms;

        overload_init(&o);
        ms = trip_ms(&o, rows[i].load_da);
        assert_in_range(ms, rows[i].from_ms, rows[i].to_ms);
    }
}

/* A home on the utility may draw what it likes. */
static void test_only_carrying(void **state)
{
    struct overload o;

    (void)state;
    overload_init(&o);
    for (int i = 0; i < 100000; i++)
        assert_int_equal(overload_step(&o, 1000, 0, 1, 60000, 100), 0);
    assert_true(trip_ms(&o, 450) > 7000);
}

static void test_cools_between(void **state)
{
    struct overload o;

    (void)state;
    overload_init(&o);
    for (int i = 0; i < 100; i++) { /* 5 s at 45 A, 10 s at 10 A, for ever */
        for (int t = 0; t < 50; t++)
            assert_int_equal(overload_step(&o, 450, 1, 1, 60000, 100), 0);
        for (int t = 0; t < 100; t++)
            assert_int_equal(overload_step(&o, 100, 1, 1, 60000, 100), 0);
    }
}

static void test_lock_out(void **state)
{
    struct overload o;

    (void)state;
    overload_init(&o);
    for (unsigned trips = 1; trips <= OVERLOAD_TRIPS_MAX; trips++) {
        assert_false(overload_locked_out(&o));
        assert_true(trip_ms(&o, 600) > 0);
        assert_int_equal(o.trips, trips);
        assert_int_equal(o.trip_da, 600);
        assert_true(overload_tripped(&o));
        overload_step(&o, 0, 0, 1, 60000, 59900);
        assert_true(overload_tripped(&o));
        overload_step(&o, 0, 0, 1, 60000, 200);
        assert_false(overload_tripped(&o));
    }
    assert_true(overload_locked_out(&o));
    overload_step(&o, 0, 0, 0, 60000, 20); /* the customer stops the generator */
    assert_false(overload_locked_out(&o));
}

/* ---- clock ---- */

static const uint64_t server_ms = UINT64_C(1795180261000);

static void test_clock_none(void **state)
{
    struct clock c;

    (void)state;
    clock_init(&c);
    assert_int_equal(clock_utc_ms(&c, 5000), 0);
    assert_int_equal(clock_quality(&c, 5000), RECORD_QUALITY_NONE);
}

static void test_clock_anchor(void **state)
{
    struct clock_step step;
    struct clock c;

    (void)state;
    clock_init(&c);
    assert_int_equal(clock_anchor(&c, server_ms, 1000, 1400, &step), 1);
    assert_int_equal(step.old_utc_ms, 0);
    assert_int_equal(step.new_utc_ms, server_ms + 200);
    assert_int_equal(clock_utc_ms(&c, 2400), server_ms + 1200);
    assert_int_equal(clock_quality(&c, 2400), RECORD_QUALITY_SYNCHRONISED);
    assert_int_equal(clock_quality(&c, 1400 + CLOCK_TRUST_MS + 1), RECORD_QUALITY_ESTIMATED);
}

static void test_clock_steps(void **state)
{
    static const struct {
        int64_t off_ms;
        int journalled;
    } rows[] = {{0, 0}, {2000, 0}, {-2000, 0}, {2001, 1}, {-2001, 1}, {86400000, 1}};

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct clock_step step = {0};
        struct clock c;
        uint64_t later_ms = (uint64_t)((int64_t)server_ms + 10000 + rows[i].off_ms);

        clock_init(&c);
        assert_int_equal(clock_anchor(&c, server_ms, 0, 0, &step), 1);
        assert_int_equal(clock_anchor(&c, later_ms, 10000, 10000, &step), rows[i].journalled);
        assert_int_equal(clock_utc_ms(&c, 10000), later_ms);
        if (rows[i].journalled)
            assert_int_equal(step.old_utc_ms, server_ms + 10000);
    }
}

/* A slow receipt knows the time too badly to correct a clock by less than it may be off. */
static void test_clock_uncertain(void **state)
{
    static const struct {
        int64_t off_ms;
        int moved;
    } rows[] = {{0, 0}, {3000, 0}, {-3000, 0}, {3001, 1}, {-3001, 1}};

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct clock_step step;
        struct clock c;
        uint64_t later_ms = (uint64_t)((int64_t)server_ms + 3000 + rows[i].off_ms);

        clock_init(&c);
        assert_int_equal(clock_anchor(&c, server_ms, 0, 0, &step), 1);
        assert_int_equal(clock_anchor(&c, later_ms, 0, 6000, &step), rows[i].moved);
        assert_int_equal(clock_utc_ms(&c, 6000) == (int64_t)server_ms + 6000, !rows[i].moved);
        assert_int_equal(c.anchor_ms, 6000);
    }
}

static void test_clock_refuses(void **state)
{
    static const struct {
        uint64_t server_ms, sent_ms, now_ms;
    } rows[] = {
        {UINT64_C(1795180261000), 0, CLOCK_ROUND_TRIP_MAX_MS + 1},
        {1000, 0, 10},
        {UINT64_C(1) << 60, 0, 10},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct clock_step step;
        struct clock c;

        clock_init(&c);
        assert_int_equal(
            clock_anchor(&c, rows[i].server_ms, rows[i].sent_ms, rows[i].now_ms, &step), 0);
        assert_int_equal(clock_quality(&c, 20), RECORD_QUALITY_NONE);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_leds),          cmocka_unit_test(test_trip_times),
        cmocka_unit_test(test_only_carrying), cmocka_unit_test(test_cools_between),
        cmocka_unit_test(test_lock_out),      cmocka_unit_test(test_clock_none),
        cmocka_unit_test(test_clock_anchor),  cmocka_unit_test(test_clock_steps),
        cmocka_unit_test(test_clock_refuses), cmocka_unit_test(test_clock_uncertain),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
