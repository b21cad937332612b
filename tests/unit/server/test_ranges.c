/* The bounded set of sequence numbers: tables, and a random walk against an array of flags. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "domain/ranges.h"

enum { SPAN = 60 };

struct step {
    char op; /* + or - */
    uint64_t from, to;
    const char *then;
};

static const struct step steps[] = {
    {'+', 5, 7, "5-7"},
    {'+', 9, 9, "5-7 9-9"},
    {'+', 8, 8, "5-9"},
    {'+', 1, 2, "1-2 5-9"},
    {'+', 1, 9, "1-9"},
    {'-', 3, 4, "1-2 5-9"},
    {'-', 9, 20, "1-2 5-8"},
    {'-', 3, 4, "1-2 5-8"},
    {'+', 20, 30, "1-2 5-8 20-30"},
    {'-', 2, 25, "1-1 26-30"},
    {'+', 2, 25, "1-30"},
    {'-', 1, 30, ""},
    {'+', 1, 1, "1-1"},
    {'+', 3, 3, "1-1 3-3"},
    {'+', 2, 3, "1-3"},
    {'+', 4, INT64_MAX - 1, "1-9223372036854775806"},
};

static void print(const struct ranges *s, char *ret, size_t cap)
{
    size_t len = 0;

    ret[0] = '\0';
    for (size_t i = 0; i < s->count && len < cap; i++)
        len += (size_t)snprintf(ret + len, cap - len, "%s%llu-%llu", i ? " " : "",
                                (unsigned long long)s->at[i].from, (unsigned long long)s->at[i].to);
}

static void steps_give_runs(void **state)
{
    struct ranges s = {0};
    char text[256];

    (void)state;
    for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
        const struct step *t = &steps[i];

        assert_true(t->op == '+' ? ranges_add(&s, t->from, t->to)
                                 : ranges_remove(&s, t->from, t->to));
        print(&s, text, sizeof(text));
        assert_string_equal(text, t->then);
    }
}

static void compare(const struct ranges *s, const unsigned char *flags)
{
    struct range missing[SPAN];
    uint64_t highest = 0, low = 1 + (uint64_t)rand() % SPAN, high = low + (uint64_t)rand() % SPAN;
    uint64_t within = 0;
    size_t n;

    for (uint64_t i = 1; i < SPAN; i++) {
        assert_int_equal(ranges_find(s, i) != NULL, flags[i]);
        if (flags[i])
            highest = i;
        if (flags[i] && i >= low && i <= high)
            within = i;
    }
    assert_int_equal(ranges_max(s), highest);
    assert_int_equal(ranges_max_within(s, low, high), within);
    n = ranges_missing(s, 1, SPAN - 1, missing, SPAN);
    for (uint64_t i = 1, k = 0; i < SPAN; i++) {
        while (k < n && missing[k].to < i)
            k++;
        assert_int_equal(k < n && missing[k].from <= i, !flags[i]);
    }
    for (size_t i = 1; i < s->count; i++)
        assert_true(s->at[i].from > s->at[i - 1].to + 1);
}

static void random_walk_matches_flags(void **state)
{
    struct ranges s = {0};
    unsigned char flags[SPAN] = {0};

    (void)state;
    srand(7);
    for (int i = 0; i < 20000; i++) {
        uint64_t from = 1 + (uint64_t)rand() % (SPAN - 1);
        uint64_t to = from + (uint64_t)rand() % (SPAN - from);
        int add = rand() % 2;

        to = rand() % 3 ? to : from;
        assert_true(add ? ranges_add(&s, from, to) : ranges_remove(&s, from, to));
        memset(&flags[from], add, to - from + 1);
        compare(&s, flags);
    }
}

static void full_set_refuses_and_stays(void **state)
{
    struct ranges s = {0}, before;

    (void)state;
    for (uint64_t i = 1; i <= LIMIT_RANGES; i++)
        assert_true(ranges_add(&s, i * 4, i * 4 + 2));
    before = s;
    assert_false(ranges_add(&s, 1, 1));
    assert_false(ranges_remove(&s, 5, 5));
    assert_memory_equal(&s, &before, sizeof(s));
    assert_true(ranges_add(&s, 7, 7));
    assert_int_equal(s.count, LIMIT_RANGES - 1);
}

static void copy_takes_the_used_part(void **state)
{
    struct ranges s = {0}, copy;

    (void)state;
    assert_true(ranges_add(&s, 2, 3));
    assert_true(ranges_add(&s, 9, 9));
    ranges_copy(&s, &copy);
    assert_int_equal(copy.count, 2);
    assert_int_equal(copy.at[1].from, 9);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(steps_give_runs),
        cmocka_unit_test(random_walk_matches_flags),
        cmocka_unit_test(full_set_refuses_and_stays),
        cmocka_unit_test(copy_takes_the_used_part),
    };

    return cmocka_run_group_tests_name("ranges", tests, NULL, NULL);
}
