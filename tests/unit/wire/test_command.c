/* Commands: what may not be encoded, arguments, truncation, names. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "command.h"

static void test_encode_refuses(void **state)
{
    (void)state;
    const struct command rows[] = {
        {0, 1, COMMAND_READ, {NULL, 0}},
        {(uint64_t)INT64_MAX + 1, 1, COMMAND_READ, {NULL, 0}},
        {1, (uint64_t)INT64_MAX + 1, COMMAND_READ, {NULL, 0}},
        {1, 1, 0, {NULL, 0}},
        {1, 1, COMMAND_CODE_MAX + 1, {NULL, 0}},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        uint8_t buf[WIRE_COMMAND_MAX];
        size_t len = 77;
        assert_int_equal(command_encode(&rows[i], buf, sizeof buf, &len), EC_WIRE_RANGE);
        assert_int_equal(len, 77);
    }
}

static void test_truncated(void **state)
{
    (void)state;
    uint8_t argument[16], buf[WIRE_COMMAND_MAX], small[WIRE_COMMAND_MAX];
    struct command c = {1, 1795180261000, COMMAND_IDENTIFY, {argument, 0}};
    struct command back = {.counter = 99};
    size_t len = 0;
    assert_int_equal(command_duration_encode(3000, argument, sizeof argument, &c.argument.len),
                     EC_OK);
    assert_int_equal(command_encode(&c, buf, sizeof buf, &len), EC_OK);
    for (size_t n = 0; n < len; n++) {
        assert_int_not_equal(command_decode((struct span){buf, n}, &back), EC_OK);
        assert_int_equal(command_encode(&c, small, n, &(size_t){0}), EC_WIRE_BUFFER);
    }
    assert_int_equal(back.counter, 99);
}

static void test_durations(void **state)
{
    (void)state;
    uint8_t buf[16];
    uint32_t value = 7;
    size_t len = 0;
    assert_int_equal(command_duration_encode(COMMAND_FIELD_WORK_MAX_MS, buf, sizeof buf, &len),
                     EC_OK);
    assert_int_equal(command_duration_decode((struct span){buf, len}, &value), EC_OK);
    assert_int_equal(value, COMMAND_FIELD_WORK_MAX_MS);
    assert_int_equal(command_duration_encode(COMMAND_FIELD_WORK_MAX_MS + 1, buf, sizeof buf, &len),
                     EC_WIRE_RANGE);
    assert_int_not_equal(command_duration_decode((struct span){NULL, 0}, &value), EC_OK);
    assert_int_equal(value, COMMAND_FIELD_WORK_MAX_MS);
}

static void test_settings(void **state)
{
    (void)state;
    struct command_settings s = {0};
    uint8_t buf[64];
    size_t len = 0;
    assert_int_equal(command_settings_encode(&s, buf, sizeof buf, &len), EC_WIRE_RANGE);
    s = (struct command_settings){.present = 1 << 2, .values = {[2] = 60000}};
    assert_int_equal(command_settings_encode(&s, buf, sizeof buf, &len), EC_OK);
    assert_int_equal(len, 5);
    assert_memory_equal(buf, "\xa1\x12\x19\xea\x60", 5);
    s.values[2] = 999;
    assert_int_equal(command_settings_encode(&s, buf, sizeof buf, &len), EC_WIRE_RANGE);
    s.values[2] = 1800001;
    assert_int_equal(command_settings_encode(&s, buf, sizeof buf, &len), EC_WIRE_RANGE);
}

static void test_names(void **state)
{
    (void)state;
    for (unsigned code = 1; code <= COMMAND_FIRMWARE; code++)
        assert_int_equal(command_code_of(command_name(code)), code);
    assert_null(command_name(0));
    assert_null(command_name(COMMAND_SWITCHING));
    assert_int_equal(command_code_of("transfer"), 0);
    assert_string_equal(command_setting_name(2), "return_ms");
    assert_null(command_setting_name(COMMAND_SETTINGS_COUNT));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_encode_refuses), cmocka_unit_test(test_truncated),
        cmocka_unit_test(test_durations),      cmocka_unit_test(test_settings),
        cmocka_unit_test(test_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
