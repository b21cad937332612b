/* Lines of the front end: both kinds there and back, and what is damaged is as if it had not come.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "line.h"

static const struct qual_sample sample = {
    .utility = {1203, 1198, 6000},
    .generator = {0, 99999, 1},
    .load_dv = 1201,
    .load_da = 300,
    .contacts = 3,
};

/* Feed text; the last whole line is in r->text. @return how many lines ended */
static int feed(struct line_reader *r, const char *text)
{
    int lines = 0;

    for (; *text != '\0'; text++)
        lines += line_feed(r, *text);
    return lines;
}

static void test_sample(void **state)
{
    struct line_reader r = {0};
    struct qual_sample back;
    char text[LINE_MAX_LEN];
    size_t len;

    (void)state;
    len = line_encode_sample(&sample, text);
    assert_int_equal(len, strlen(text));
    assert_string_equal(text, "$S,1203,1198,6000,0,99999,1,1201,300,3*42\n");
    assert_int_equal(feed(&r, text), 1);
    assert_true(line_decode_sample(r.text, &back));
    assert_memory_equal(&back.utility, &sample.utility, sizeof(back.utility));
    assert_memory_equal(&back.generator, &sample.generator, sizeof(back.generator));
    assert_int_equal(back.load_dv, 1201);
    assert_int_equal(back.load_da, 300);
    assert_int_equal(back.contacts, 3);
}

static void test_command(void **state)
{
    const struct line_command command = {{0, 1}, {0, 1, 2, 3}};
    struct line_command back;
    struct qual_sample other;
    struct line_reader r = {0};
    char text[LINE_MAX_LEN];

    (void)state;
    line_encode_command(&command, text);
    assert_int_equal(feed(&r, text), 1);
    assert_true(line_decode_command(r.text, &back));
    assert_memory_equal(&back, &command, sizeof(back));
    assert_false(line_decode_sample(r.text, &other));
}

/* The largest sample that can be fits a line. */
static void test_largest(void **state)
{
    struct qual_sample s, back;
    char text[LINE_MAX_LEN];
    struct line_reader r = {0};

    (void)state;
    memset(&s, 0xff, sizeof(s));
    assert_in_range(line_encode_sample(&s, text), 1, LINE_MAX_LEN - 1);
    assert_int_equal(feed(&r, text), 1);
    assert_true(line_decode_sample(r.text, &back));
    assert_int_equal(back.utility.l1_dv, 99999);
}

/* Any one byte lost, or any one bit turned: no sample. */
static void test_damage(void **state)
{
    char text[LINE_MAX_LEN];
    size_t len = line_encode_sample(&sample, text);
    struct qual_sample untouched = {.load_da = 77};

    (void)state;
    for (size_t at = 0; at + 1 < len; at++)
        for (int bit = 0; bit <= 8; bit++) {
            char bad[LINE_MAX_LEN];
            struct line_reader r = {0};

            memcpy(bad, text, len + 1);
            if (bit == 8)
                memmove(bad + at, bad + at + 1, len - at);
            else
                bad[at] = (char)(bad[at] ^ 1 << bit);
            if (feed(&r, bad) != 0)
                assert_false(line_decode_sample(r.text, &untouched));
        }
    assert_int_equal(untouched.load_da, 77);
}

/* The half of a line, then noise without end, do not stand in the way of the next line. */
static void test_begins_anew(void **state)
{
    struct line_reader r = {0};
    struct qual_sample back;
    char text[LINE_MAX_LEN];

    (void)state;
    line_encode_sample(&sample, text);
    assert_int_equal(feed(&r, "3,1198,60"), 0);
    for (int i = 0; i < 3 * LINE_MAX_LEN; i++)
        assert_false(line_feed(&r, 'x'));
    assert_int_equal(feed(&r, "\n"), 0);
    assert_int_equal(feed(&r, "$S,1,"), 0);
    assert_int_equal(feed(&r, text), 1);
    assert_true(line_decode_sample(r.text, &back));
    assert_int_equal(feed(&r, "\n\n"), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sample),      cmocka_unit_test(test_command),
        cmocka_unit_test(test_largest),     cmocka_unit_test(test_damage),
        cmocka_unit_test(test_begins_anew),
    };

    return cmocka_run_group_tests_name("line", tests, NULL, NULL);
}
