/* Receipts on their way to the database: the newest of each device, oldest first, within bounds. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/limits.h"
#include "mqtt/issued.h"

static const struct receipt_issued *due[LIMIT_RECEIPTS];

static struct issued *fresh(void)
{
    struct issued *s;

    assert_int_equal(issued_new(&s), EC_OK);
    return s;
}

static void put(struct issued *s, uint64_t generation, int64_t device_id, uint64_t through_seq,
                int64_t issued_ms)
{
    const struct receipt_issued r = {
        .device_id = device_id, .epoch = 1, .through_seq = through_seq, .issued_ms = issued_ms};

    issued_put(s, generation, &r);
}

static void a_newer_one_replaces_and_keeps_the_age(void **state)
{
    struct issued *s = fresh();

    (void)state;
    put(s, 1, 7, 1, 100);
    put(s, 1, 8, 1, 150);
    put(s, 1, 7, 2, 200);
    assert_int_equal(issued_count(s), 2);
    assert_int_equal(issued_due(s, 1, 99, due), 0);
    assert_int_equal(issued_due(s, 1, 100, due), 1);
    assert_int_equal(due[0]->device_id, 7);
    assert_int_equal(due[0]->through_seq, 2);
    issued_drop(s, 1);
    put(s, 1, 7, 3, 300); /* begins anew */
    assert_int_equal(issued_due(s, 1, 200, due), 1);
    assert_int_equal(due[0]->device_id, 8);
    assert_int_equal(issued_due(s, 1, INT64_MAX, due), 2);
    issued_free(s);
}

static void epochs_are_kept_apart(void **state)
{
    struct issued *s = fresh();
    const struct receipt_issued r = {.device_id = 7, .epoch = 2, .through_seq = 1};

    (void)state;
    put(s, 1, 7, 5, 0);
    issued_put(s, 1, &r);
    assert_int_equal(issued_due(s, 1, INT64_MAX, due), 2);
    assert_int_equal(due[0]->epoch, 1);
    assert_int_equal(due[0]->through_seq, 5);
    assert_int_equal(due[1]->epoch, 2);
    issued_free(s);
}

static void another_connection_lets_go(void **state)
{
    struct issued *s = fresh();

    (void)state;
    put(s, 1, 7, 5, 0);
    assert_int_equal(issued_due(s, 2, INT64_MAX, due), 0);
    put(s, 2, 8, 1, 0);
    assert_int_equal(issued_due(s, 2, INT64_MAX, due), 1);
    assert_int_equal(due[0]->device_id, 8);
    issued_free(s);
}

static void half_of_the_room_is_free_for_a_group(void **state)
{
    struct issued *s = fresh();
    int64_t next = 1, first = 1;

    (void)state;
    for (int round = 0; round < 5; round++) { /* the ring wraps */
        size_t n;

        for (int i = 0; i < LIMIT_RECEIPTS / 2; i++)
            put(s, 1, next++, 1, 1000);
        n = issued_due(s, 1, 0, due);
        assert_int_equal(n, round == 0 ? 0 : LIMIT_RECEIPTS / 2);
        for (size_t i = 0; i < n; i++)
            assert_int_equal(due[i]->device_id, first++);
        issued_drop(s, n);
        assert_int_equal(issued_count(s), LIMIT_RECEIPTS / 2);
    }
    put(s, 1, first, 2, 1000); /* found after all of that */
    assert_int_equal(issued_count(s), LIMIT_RECEIPTS / 2);
    issued_free(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_newer_one_replaces_and_keeps_the_age),
        cmocka_unit_test(epochs_are_kept_apart),
        cmocka_unit_test(another_connection_lets_go),
        cmocka_unit_test(half_of_the_room_is_free_for_a_group),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
