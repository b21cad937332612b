/* Sets of sequences as the database writes them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "store/journal_ranges.h"

static void what_is_parsed_prints_the_same(void **state)
{
    static const char *const texts[] = {"{}", "{[1,2)}", "{[1,11),[21,31)}",
                                        "{[4,9223372036854775807)}"};
    char text[JOURNAL_RANGES_TEXT];
    struct ranges s;

    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        assert_int_equal(journal_ranges_parse(texts[i], &s), EC_OK);
        assert_int_equal(journal_ranges_print(&s, text), strlen(texts[i]));
        assert_string_equal(text, texts[i]);
    }
    assert_int_equal(s.at[0].from, 4);
    assert_int_equal(s.at[0].to, INT64_MAX - 1);
}

static void other_text_is_refused(void **state)
{
    static const char *const texts[] = {
        "",        "{",        "{[1,2)", "{[1,2]}", "{(1,2)}",      "{[2,2)}",
        "{[0,2)}", "{[1,2),}", "{[,2)}", "{[1,)}",  "{[1,2)[3,4)}", "{x}",
    };
    struct ranges s = {.count = 7};

    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        assert_int_equal(journal_ranges_parse(texts[i], &s), EC_INTERNAL);
    assert_int_equal(journal_ranges_parse(NULL, &s), EC_INTERNAL);
    assert_int_equal(s.count, 7);
}

static void the_largest_set_fits(void **state)
{
    char text[JOURNAL_RANGES_TEXT], longer[JOURNAL_RANGES_TEXT + 64];
    struct ranges s = {.count = LIMIT_RANGES}, back;

    (void)state;
    for (size_t i = 0; i < LIMIT_RANGES; i++) {
        s.at[i].from = (uint64_t)INT64_MAX - 1000 + 3 * i;
        s.at[i].to = s.at[i].from + 1;
    }
    assert_true(journal_ranges_print(&s, text) < JOURNAL_RANGES_TEXT);
    assert_int_equal(journal_ranges_parse(text, &back), EC_OK);
    assert_memory_equal(&back, &s, sizeof(s));
    snprintf(longer, sizeof(longer), "{[1,2),%s", text + 1);
    assert_int_equal(journal_ranges_parse(longer, &back), EC_INTERNAL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_parsed_prints_the_same),
        cmocka_unit_test(other_text_is_refused),
        cmocka_unit_test(the_largest_set_fits),
    };

    return cmocka_run_group_tests_name("journal_ranges", tests, NULL, NULL);
}
