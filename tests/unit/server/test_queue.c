/* The bounded queue: order, limits, waiting, closing, and many threads at once. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <pthread.h>
#include <stdatomic.h>

#include "base/clock.h"
#include "mqtt/queue.h"

enum { ITEMS = 20000, PUTTERS = 3 };

static struct queue *fresh(size_t capacity)
{
    struct queue *q;

    assert_int_equal(queue_new(capacity, &q), EC_OK);
    return q;
}

static void first_in_is_first_out_up_to_the_limit(void **state)
{
    struct queue *q = fresh(3);
    int items[5];
    void *out[5];

    (void)state;
    for (int round = 0; round < 4; round++) { /* the ring wraps */
        for (int i = 0; i < 3; i++)
            assert_true(queue_put(q, &items[i], 0));
        assert_false(queue_put(q, &items[3], 0));
        assert_int_equal(queue_depth(q), 3);
        assert_int_equal(queue_take(q, out, 2, 0, 0), 2);
        assert_ptr_equal(out[0], &items[0]);
        assert_ptr_equal(out[1], &items[1]);
        assert_int_equal(queue_take(q, out, 5, 0, 0), 1);
        assert_ptr_equal(out[0], &items[2]);
    }
    queue_free(q);
}

static void waiting_ends_in_time(void **state)
{
    struct queue *q = fresh(1);
    int64_t from_ms = clock_mono_ms();
    int item;
    void *out;

    (void)state;
    assert_int_equal(queue_take(q, &out, 1, 30, 0), 0);
    assert_true(clock_mono_ms() - from_ms >= 29);
    assert_true(queue_put(q, &item, 0));
    from_ms = clock_mono_ms();
    assert_false(queue_put(q, &item, 30));
    assert_true(clock_mono_ms() - from_ms >= 29);
    assert_int_equal(queue_take(q, &out, 1, 1000, 1000), 1); /* full of what it wants: at once */
    assert_true(clock_mono_ms() - from_ms < 900);
    queue_free(q);
}

struct shared {
    struct queue *q;
    atomic_int left; /* putters */
};

static void *put_many(void *context)
{
    struct shared *s = context;

    for (intptr_t i = 1; i <= ITEMS; i++)
        while (!queue_put(s->q, (void *)i, 1000))
            continue;
    if (atomic_fetch_sub(&s->left, 1) == 1)
        queue_close(s->q);
    return NULL;
}

static void many_threads_lose_nothing(void **state)
{
    struct shared s = {fresh(64), PUTTERS};
    pthread_t threads[PUTTERS];
    int64_t sum = 0, count = 0;
    void *out[50];
    size_t n;

    (void)state;
    for (int i = 0; i < PUTTERS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, put_many, &s), 0);
    while ((n = queue_take(s.q, out, 50, 5000, 2)) > 0)
        for (size_t i = 0; i < n; i++, count++)
            sum += (intptr_t)out[i];
    for (int i = 0; i < PUTTERS; i++)
        pthread_join(threads[i], NULL);
    assert_int_equal(count, (int64_t)PUTTERS * ITEMS);
    assert_int_equal(sum, (int64_t)PUTTERS * ITEMS * (ITEMS + 1) / 2);
    queue_free(s.q);
}

static void a_closed_queue_gives_what_it_has_and_takes_nothing(void **state)
{
    struct queue *q = fresh(4);
    int64_t from_ms = clock_mono_ms();
    int item;
    void *out[4];

    (void)state;
    assert_true(queue_put(q, &item, 0));
    queue_close(q);
    assert_false(queue_put(q, &item, 5000));
    assert_int_equal(queue_take(q, out, 4, 5000, 5000), 1);
    assert_int_equal(queue_take(q, out, 4, 5000, 0), 0);
    assert_true(clock_mono_ms() - from_ms < 4000);
    queue_free(q);
}

/* What waited while the taker was busy does not wait again. */
static void gathering_counts_from_the_oldest(void **state)
{
    struct queue *q = fresh(5);
    int64_t from_ms;
    int item;
    void *out[5];

    (void)state;
    for (int round = 0; round < 2; round++) {
        assert_true(queue_put(q, &item, 0));
        clock_sleep_ms(400);
        assert_true(queue_put(q, &item, 0));
        from_ms = clock_mono_ms();
        assert_int_equal(queue_take(q, out, 5, 0, 400), 2);
        assert_true(clock_mono_ms() - from_ms < 350);
    }
    queue_free(q);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(first_in_is_first_out_up_to_the_limit),
        cmocka_unit_test(waiting_ends_in_time),
        cmocka_unit_test(gathering_counts_from_the_oldest),
        cmocka_unit_test(many_threads_lose_nothing),
        cmocka_unit_test(a_closed_queue_gives_what_it_has_and_takes_nothing),
    };

    return cmocka_run_group_tests_name("queue", tests, NULL, NULL);
}
