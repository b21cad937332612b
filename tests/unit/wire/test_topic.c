/* Topics, device ids and buckets. Good and bad topics under the default root are in the vectors. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "topic.h"

static void test_device_ids(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int valid;
    } rows[] = {
        {"ABC", 1}, {"0AB", 1}, {"A--", 1},  {"ABCDEFGHIJKLMNOPQRSTUVWX", 1},
        {"", 0},    {"AB", 0},  {"-AB", 0},  {"ABCDEFGHIJKLMNOPQRSTUVWXY", 0},
        {"abc", 0}, {"AB_", 0}, {"AB/", 0},  {"AB+", 0},
        {"AB#", 0}, {"AB ", 0}, {"AB\n", 0}, {"AB\xc3\x84", 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (topic_device_valid(rows[i].text, strlen(rows[i].text)) != rows[i].valid)
            fail_msg("'%s'", rows[i].text);
    assert_false(topic_device_valid("AB\0", 3));
}

static void test_bucket(void **state)
{
    (void)state;
    /* printf ABC | sha256sum begins with b5d4 */
    assert_int_equal(topic_bucket("ABC"), 0xb5d4 % 1024);
}

static void test_other_root(void **state)
{
    (void)state;
    struct topic in = {.bucket = topic_bucket("ABC"), .device = "ABC", .leaf = TOPIC_UP_STATUS};
    struct topic out;
    char text[WIRE_TOPIC_MAX];
    assert_int_equal(topic_encode("north/test", &in, text), EC_OK);
    assert_string_equal(text, "north/test/468/ABC/up/status");
    assert_int_equal(topic_decode("north/test", text, &out), EC_OK);
    assert_string_equal(out.device, "ABC");
    assert_int_equal(topic_decode(WIRE_PROTOCOL, text, &out), EC_TOPIC_INVALID);
}

static void test_encode_refuses(void **state)
{
    (void)state;
    struct topic t = {.bucket = WIRE_BUCKET_COUNT, .device = "ABC", .leaf = TOPIC_UP_STATUS};
    char text[WIRE_TOPIC_MAX] = "untouched";
    char root[WIRE_TOPIC_MAX];
    assert_int_equal(topic_encode(WIRE_PROTOCOL, &t, text), EC_TOPIC_INVALID);
    t.bucket = 0;
    t.leaf = TOPIC_LEAF_COUNT;
    assert_int_equal(topic_encode(WIRE_PROTOCOL, &t, text), EC_TOPIC_INVALID);
    t.leaf = TOPIC_UP_STATUS;
    memset(root, 'r', sizeof root);
    /* "/0/ABC/up/status" and the NUL */
    root[WIRE_TOPIC_MAX - 17 + 1] = '\0';
    assert_int_equal(topic_encode(root, &t, text), EC_WIRE_BUFFER);
    assert_string_equal(text, "untouched");
    root[WIRE_TOPIC_MAX - 17] = '\0';
    assert_int_equal(topic_encode(root, &t, text), EC_OK);
    assert_int_equal(strlen(text), WIRE_TOPIC_MAX - 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_device_ids),
        cmocka_unit_test(test_bucket),
        cmocka_unit_test(test_other_root),
        cmocka_unit_test(test_encode_refuses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
