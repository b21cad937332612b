/* Qualification: windows, hysteresis, debouncing, and what must be unbroken. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "qual.h"

static const struct status_source nominal = {1200, 1200, 6000};
static const struct qual_timers timers = {5000, 5000, 10000, 1000};

static struct qual qual;
static struct qual_sample sample;
static uint64_t now_ms;

static int setup(void **state)
{
    (void)state;
    memset(&sample, 0, sizeof(sample));
    now_ms = 1000;
    qual_init(&qual, now_ms);
    return 0;
}

static void run(uint32_t ms, uint32_t period_ms)
{
    for (uint64_t end = now_ms + ms; now_ms < end;) {
        now_ms += period_ms;
        qual_step(&qual, &sample, now_ms);
    }
}

static struct transfer_input judge(void)
{
    struct transfer_input in = {0};

    qual_judge(&qual, &timers, now_ms, &in);
    return in;
}

/* ---- windows ---- */

static const struct window_row {
    struct status_source source;
    int utility; /* good from outside the window, good from inside it */
    int utility_stays;
    int generator;
    int generator_stays;
} windows[] = {
    {{1200, 1200, 6000}, 1, 1, 1, 1}, {{1080, 1200, 6000}, 0, 1, 0, 1},
    {{1079, 1200, 6000}, 0, 0, 0, 0}, {{1100, 1100, 6000}, 1, 1, 1, 1},
    {{1099, 1200, 6000}, 0, 1, 0, 1}, {{1200, 1079, 6000}, 0, 0, 0, 0},
    {{1320, 1200, 6000}, 0, 1, 0, 1}, {{1321, 1200, 6000}, 0, 0, 0, 0},
    {{1300, 1300, 6000}, 1, 1, 1, 1}, {{1200, 1200, 5900}, 0, 1, 1, 1},
    {{1200, 1200, 5899}, 0, 0, 1, 1}, {{1200, 1200, 5910}, 1, 1, 1, 1},
    {{1200, 1200, 6090}, 1, 1, 1, 1}, {{1200, 1200, 6091}, 0, 1, 1, 1},
    {{1200, 1200, 6100}, 0, 1, 1, 1}, {{1200, 1200, 6101}, 0, 0, 1, 1},
    {{1200, 1200, 5720}, 0, 0, 1, 1}, {{1200, 1200, 5719}, 0, 0, 0, 1},
    {{1200, 1200, 5699}, 0, 0, 0, 0}, {{1200, 1200, 6300}, 0, 0, 0, 1},
    {{1200, 1200, 6301}, 0, 0, 0, 0}, {{0, 0, 0}, 0, 0, 0, 0},
    {{1200, 0, 6000}, 0, 0, 0, 0},    {{60000, 60000, 60000}, 0, 0, 0, 0},
};

static void test_windows(void **state)
{
    for (size_t i = 0; i < sizeof(windows) / sizeof(windows[0]); i++) {
        const struct window_row *w = &windows[i];

        setup(state);
        sample.utility = sample.generator = w->source;
        run(500, 20);
        assert_int_equal(qual_is(&qual, QUAL_UTILITY_GOOD), w->utility);
        assert_int_equal(qual_is(&qual, QUAL_GENERATOR_GOOD), w->generator);
        setup(state);
        sample.utility = sample.generator = nominal;
        run(500, 20);
        sample.utility = sample.generator = w->source;
        run(500, 20);
        assert_int_equal(qual_is(&qual, QUAL_UTILITY_GOOD), w->utility_stays);
        assert_int_equal(qual_is(&qual, QUAL_GENERATOR_GOOD), w->generator_stays);
    }
}

static void test_live_and_uneven(void **state)
{
    static const struct {
        struct status_source generator;
        int live, uneven, high;
    } rows[] = {
        {{599, 0, 0}, 0, 0, 0},       {{600, 0, 0}, 1, 1, 0},        {{1200, 960, 6000}, 1, 0, 0},
        {{1200, 959, 6000}, 1, 1, 0}, {{1400, 1400, 6000}, 1, 0, 0}, {{1200, 1401, 6000}, 1, 0, 1},
        {{1550, 850, 6000}, 1, 1, 1}, {{0, 0, 0}, 0, 0, 0},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        setup(state);
        sample.generator = rows[i].generator;
        run(500, 20);
        assert_int_equal(qual_is(&qual, QUAL_GENERATOR_LIVE), rows[i].live);
        assert_int_equal(qual_is(&qual, QUAL_GENERATOR_UNEVEN), rows[i].uneven);
        assert_int_equal(qual_is(&qual, QUAL_GENERATOR_HIGH), rows[i].high);
    }
}

static void test_live_keeps(void **state)
{
    static const uint32_t kept[][2] = {{400, 1}, {399, 0}};

    for (size_t i = 0; i < 2; i++) {
        setup(state);
        sample.load_dv = 1200;
        run(500, 20);
        sample.load_dv = kept[i][0];
        run(500, 20);
        assert_int_equal(qual_is(&qual, QUAL_LOAD_LIVE), kept[i][1]);
    }
}

static void test_follows(void **state)
{
    static const struct {
        struct status_source utility, generator;
        int follows;
    } rows[] = {
        {{1185, 1182, 6035}, {1185, 1182, 6035}, 1},
        {{1195, 1182, 6032}, {1185, 1182, 6035}, 1},
        {{1185, 1192, 6035}, {1185, 1182, 6035}, 1},
        {{1196, 1182, 6035}, {1185, 1182, 6035}, 0},
        {{1185, 1182, 6031}, {1185, 1182, 6035}, 0},
        {{1185, 1171, 6035}, {1185, 1182, 6035}, 0},
        {{0, 0, 0}, {0, 0, 0}, 0},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        setup(state);
        sample.utility = rows[i].utility;
        sample.generator = rows[i].generator;
        run(280, 20);
        assert_int_equal(qual_is(&qual, QUAL_FOLLOWS), 0);
        run(100, 20);
        assert_int_equal(qual_is(&qual, QUAL_FOLLOWS), rows[i].follows);
    }
}

/* ---- debouncing ---- */

/* No single sample changes anything, whatever it says and however far apart samples are. */
static void test_single_sample(void **state)
{
    static const uint32_t periods[] = {20, 100, 250, 900};

    for (size_t i = 0; i < sizeof(periods) / sizeof(periods[0]); i++) {
        struct qual before;

        setup(state);
        sample.utility = nominal;
        sample.contacts = STATUS_CLOSED_UTILITY;
        sample.load_dv = 1200;
        run(10000, periods[i]);
        before = qual;
        memset(&sample, 0, sizeof(sample));
        sample.generator = nominal;
        sample.contacts = STATUS_CLOSED_GENERATOR;
        run(periods[i], periods[i]);
        for (int b = 0; b < QUAL_COUNT; b++)
            assert_int_equal(qual.bits[b].value, before.bits[b].value);
        assert_true(qual_unsettled(&qual));
        sample = before.sample;
        run(periods[i], periods[i]);
        assert_false(qual_unsettled(&qual));
        for (int b = 0; b < QUAL_COUNT; b++)
            assert_int_equal(qual.bits[b].value, before.bits[b].value);
    }
}

static void test_debounce(void **state)
{
    uint64_t lost_ms;

    (void)state;
    sample.utility = nominal;
    run(1000, 20);
    assert_true(qual_is(&qual, QUAL_UTILITY_GOOD));
    memset(&sample, 0, sizeof(sample));
    run(20, 20);
    lost_ms = now_ms;
    run(80, 20);
    assert_true(qual_is(&qual, QUAL_UTILITY_GOOD));
    run(20, 20);
    assert_false(qual_is(&qual, QUAL_UTILITY_GOOD));
    assert_int_equal(qual_age_ms(&qual, QUAL_UTILITY_GOOD, now_ms), now_ms - lost_ms);
}

/* To the millisecond: a debounce counts from the first sample that differs. */
static void test_debounce_times(void **state)
{
    static const struct {
        struct qual_sample sample;
        enum qual_id id;
        uint32_t debounce_ms;
    } rows[] = {
        {{.utility = {1200, 1200, 6000}}, QUAL_UTILITY_GOOD, 100},
        {{.generator = {1200, 1200, 6000}}, QUAL_GENERATOR_GOOD, 100},
        {{.generator = {1200, 1200, 6000}}, QUAL_GENERATOR_LIVE, 100},
        {{.generator = {1300, 900, 6000}}, QUAL_GENERATOR_UNEVEN, 200},
        {{.generator = {1450, 1450, 6000}}, QUAL_GENERATOR_HIGH, 200},
        {{.load_dv = 1200}, QUAL_LOAD_LIVE, 100},
        {{.contacts = STATUS_CLOSED_UTILITY}, QUAL_UTILITY_CLOSED, 60},
        {{.contacts = STATUS_CLOSED_GENERATOR}, QUAL_GENERATOR_CLOSED, 60},
        {{.utility = {1200, 1200, 6000}, .generator = {1200, 1200, 6000}}, QUAL_FOLLOWS, 300},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        setup(state);
        sample = rows[i].sample;
        run(rows[i].debounce_ms, 1);
        assert_false(qual_is(&qual, rows[i].id));
        run(1, 1);
        assert_true(qual_is(&qual, rows[i].id));
    }
}

/* ---- timers ---- */

static void test_fail_timer(void **state)
{
    (void)state;
    sample.utility = nominal;
    run(20000, 100);
    memset(&sample, 0, sizeof(sample));
    run(5000, 20);
    assert_false(judge().utility_failed);
    run(20, 20);
    assert_true(judge().utility_failed);
    sample.utility = nominal;
    run(20, 20); /* one good sample: not failed without a break any more */
    assert_false(judge().utility_failed);
}

static void test_return_restarts(void **state)
{
    (void)state;
    sample.utility = nominal;
    run(9900, 20);
    assert_false(judge().utility_returned);
    sample.utility.l1_dv = 1000;
    run(20, 20);
    sample.utility = nominal;
    run(9900, 20);
    assert_false(judge().utility_returned);
    run(200, 20);
    assert_true(judge().utility_returned);
}

static void test_generator_timers(void **state)
{
    (void)state;
    sample.generator = nominal;
    run(4900, 20);
    assert_true(judge().generator_present);
    assert_false(judge().generator_ready);
    run(200, 20);
    assert_true(judge().generator_ready);
    sample.generator.l1_dv = sample.generator.l2_dv = 1000; /* a motor starts */
    run(900, 20);
    assert_false(judge().generator_gone);
    assert_false(judge().generator_ready);
    run(200, 20);
    assert_true(judge().generator_gone);
}

static void test_danger_is_fast(void **state)
{
    static const struct status_source dangers[] = {{1550, 850, 6000}, {1450, 1450, 6000}};

    for (size_t i = 0; i < 2; i++) {
        setup(state);
        sample.generator = nominal;
        run(10000, 100);
        sample.generator = dangers[i];
        run(300, 20);
        assert_true(judge().generator_gone);
    }
    setup(state);
    sample.generator = nominal;
    run(10000, 100);
    sample.generator = (struct status_source){0};
    run(200, 20);
    assert_true(judge().generator_gone);
    assert_false(judge().generator_live);
}

static void test_uneven_latches_late(void **state)
{
    (void)state;
    sample.generator = (struct status_source){1300, 900, 6000};
    run(1000, 1);
    assert_false(judge().generator_uneven);
    run(1, 1);
    assert_true(judge().generator_uneven);
}

/* What nobody saw is not unbroken. */
static void test_gap(void **state)
{
    (void)state;
    sample.utility = nominal;
    sample.generator = nominal;
    run(4000, 100);
    now_ms += 60000;
    qual_step(&qual, &sample, now_ms);
    assert_false(judge().utility_returned);
    assert_false(judge().generator_ready);
    run(4900, 100);
    assert_false(judge().generator_ready);
    run(300, 100);
    assert_true(judge().generator_ready);
    run(QUAL_GAP_MS, QUAL_GAP_MS); /* the longest that is none */
    assert_true(judge().generator_ready);
}

#define TEST(name) cmocka_unit_test_setup(name, setup)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_windows),
        TEST(test_live_and_uneven),
        TEST(test_live_keeps),
        TEST(test_follows),
        TEST(test_single_sample),
        TEST(test_debounce),
        TEST(test_debounce_times),
        TEST(test_fail_timer),
        TEST(test_return_restarts),
        TEST(test_generator_timers),
        TEST(test_danger_is_fast),
        TEST(test_uneven_latches_late),
        TEST(test_gap),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
