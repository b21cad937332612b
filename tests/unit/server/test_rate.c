/* Token buckets: the pace, the burst, who gives way when the table is full. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "base/rate.h"

static const struct rate_rule ten = {.per_min = 600, .burst = 5};

static int64_t take(struct rate *r, const char *name, int64_t now_ms)
{
    return rate_take(r, name, strlen(name), now_ms);
}

static void a_burst_then_the_pace(void **state)
{
    struct rate *r = NULL;
    (void)state;
    assert_int_equal(rate_new(ten, 64, &r), EC_OK);
    for (int i = 0; i < 5; i++)
        assert_int_equal(take(r, "a", 1000), 0);
    assert_int_equal(take(r, "a", 1000), 100); /* one token in 100 ms */
    assert_int_equal(take(r, "a", 1040), 60);
    assert_int_equal(take(r, "b", 1040), 0); /* another's is another's */
    assert_int_equal(take(r, "a", 1100), 0);
    assert_int_equal(take(r, "a", 1100), 100);
    for (int i = 0; i < 5; i++)
        assert_int_equal(take(r, "a", 9000), 0); /* never more than the burst */
    assert_int_equal(take(r, "a", 9000), 100);
    rate_free(r);
}

static void looking_takes_nothing(void **state)
{
    struct rate *r = NULL;
    (void)state;
    assert_int_equal(rate_new(ten, 64, &r), EC_OK);
    for (int i = 0; i < 20; i++)
        assert_int_equal(rate_look(r, "a", 1, 0), 0);
    for (int i = 0; i < 5; i++)
        assert_int_equal(take(r, "a", 0), 0);
    assert_int_equal(rate_look(r, "a", 1, 0), 100);
    assert_int_equal(rate_look(r, "a", 1, 99), 1);
    assert_int_equal(rate_look(r, "a", 1, 100), 0);
    rate_free(r);
}

static void no_limit_is_none(void **state)
{
    struct rate *r = NULL;
    (void)state;
    assert_int_equal(rate_new((struct rate_rule){0, 1}, 8, &r), EC_OK);
    for (int i = 0; i < 1000; i++)
        assert_int_equal(take(r, "a", 0), 0);
    rate_free(r);
    rate_free(NULL);
}

/* Who hammers stays known while thousands of others pass by: the fuller buckets give way. */
static void the_busiest_keeps_its_place(void **state)
{
    struct rate *r = NULL;
    char name[16];
    (void)state;
    assert_int_equal(rate_new(ten, 8, &r), EC_OK); /* one set of eight */
    for (int i = 0; i < 5; i++)
        assert_int_equal(take(r, "busy", 0), 0);
    for (int i = 0; i < 10000; i++) {
        snprintf(name, sizeof name, "%d", i);
        assert_int_equal(take(r, name, 0), 0);
    }
    assert_int_equal(take(r, "busy", 0), 100);
    rate_free(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_burst_then_the_pace),
        cmocka_unit_test(looking_takes_nothing),
        cmocka_unit_test(no_limit_is_none),
        cmocka_unit_test(the_busiest_keeps_its_place),
    };
    return sodium_init() < 0 || cmocka_run_group_tests(tests, NULL, NULL);
}
