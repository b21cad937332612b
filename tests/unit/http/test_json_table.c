/* Bodies by tables of fields, and problem documents. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "codec/json_problem.h"
#include "codec/json_table.h"

struct body {
    const char *text, *word, *hex, *time, *inner, *words, *array;
    struct optional_int number;
    struct optional_real real;
    struct optional_bool flag;
};

#define AT(member) offsetof(struct body, member)

static const struct json_field inner[] = {
    {"a/b~c", FIELD_TEXT, 1, 1, 5, .offset = AT(inner)},
    {NULL},
};

static const struct json_field fields[] = {
    {"text", FIELD_TEXT, 1, 1, 5, "^[^x]*$", .offset = AT(text)},
    {"word", FIELD_WORD, .choices = "one two 120/240", .offset = AT(word)},
    {"hex", FIELD_HEX, 0, 4, 4, .offset = AT(hex)},
    {"time", FIELD_TIME, .offset = AT(time)},
    {"number", FIELD_INT, 0, -5, 5, .offset = AT(number)},
    {"real", FIELD_REAL, 0, -1.5, 1.5, .offset = AT(real)},
    {"flag", FIELD_BOOL, .offset = AT(flag)},
    {"part", FIELD_PART, .fields = inner},
    {"words", FIELD_WORDS, .choices = "one two a.b", .offset = AT(words)},
    {"array", FIELD_ARRAY, 0, 1, 2, .offset = AT(array)},
    {NULL},
};

static enum error_code decode(const char *text, struct body *ret, struct json_errors *errors)
{
    struct json_document *d = NULL;
    memset(ret, 0, sizeof *ret);
    memset(errors, 0, sizeof *errors);
    enum error_code ec = json_table_decode(text, strlen(text), fields, ret, errors, &d);
    assert_true((ec == EC_OK) == (d != NULL));
    json_document_free(d);
    return ec;
}

static void good_bodies_fill_the_struct(void **state)
{
    static const char text[] = "{\"text\":\"h\303\251llo\",\"word\":\"120/240\",\"hex\":\"0aFf\","
                               "\"time\":\"2024-05-01T12:00:00Z\",\"number\":-5,\"real\":1,"
                               "\"flag\":false,\"part\":{\"a/b~c\":\"in\"},"
                               "\"words\":[\"a.b\", \"one\"],\"array\":[{\"a\": [1]}, {}]}";
    struct body b = {0};
    struct json_errors errors = {0};
    struct json_document *d = NULL;
    (void)state;
    assert_int_equal(json_table_decode(text, strlen(text), fields, &b, &errors, &d), EC_OK);
    assert_string_equal(b.text, "h\303\251llo");
    assert_string_equal(b.word, "120/240");
    assert_string_equal(b.hex, "0aFf");
    assert_string_equal(b.inner, "in");
    assert_string_equal(b.words, "[\"a.b\",\"one\"]");
    assert_string_equal(b.array, "[{\"a\":[1]},{}]");
    assert_true(b.number.is_set && b.number.value == -5);
    assert_true(b.real.is_set && b.real.value == 1);
    assert_true(b.flag.is_set && !b.flag.value);
    json_document_free(d);
}

static void null_is_absent(void **state)
{
    struct body b;
    struct json_errors errors;
    (void)state;
    assert_int_equal(decode("{\"text\":\"a\",\"number\":null,\"word\":null}", &b, &errors), EC_OK);
    assert_false(b.number.is_set);
    assert_null(b.word);
    assert_int_equal(decode("{\"text\":null}", &b, &errors), EC_FIELDS_INVALID);
    assert_string_equal(errors.items[0].detail, "must not be null");
}

static void each_mistake_names_its_pointer(void **state)
{
    static const struct {
        const char *body, *pointer;
    } rows[] = {
        {"{}", "/text"},
        {"{\"text\":1}", "/text"},
        {"{\"text\":\"\"}", "/text"},
        {"{\"text\":\"   \"}", "/text"},
        {"{\"text\":\"abcdef\"}", "/text"},
        {"{\"text\":\"axb\"}", "/text"},
        {"{\"text\":\"a\\nb\"}", "/text"},
        {"{\"text\":\"a\",\"word\":\"thre\"}", "/word"},
        {"{\"text\":\"a\",\"word\":\"\"}", "/word"},
        {"{\"text\":\"a\",\"word\":\"one two\"}", "/word"},
        {"{\"text\":\"a\",\"word\":\"20/240\"}", "/word"},
        {"{\"text\":\"a\",\"array\":{}}", "/array"},
        {"{\"text\":\"a\",\"array\":[]}", "/array"},
        {"{\"text\":\"a\",\"array\":[{},{},{}]}", "/array"},
        {"{\"text\":\"a\",\"array\":[{},1]}", "/array"},
        {"{\"text\":\"a\",\"words\":\"one\"}", "/words"},
        {"{\"text\":\"a\",\"words\":[]}", "/words"},
        {"{\"text\":\"a\",\"words\":[1]}", "/words"},
        {"{\"text\":\"a\",\"words\":[\"one\",\"three\"]}", "/words"},
        {"{\"text\":\"a\",\"words\":[\"one\",\"two\",\"one\"]}", "/words"},
        {"{\"text\":\"a\",\"hex\":\"00\"}", "/hex"},
        {"{\"text\":\"a\",\"hex\":\"00gg\"}", "/hex"},
        {"{\"text\":\"a\",\"hex\":\"000\"}", "/hex"},
        {"{\"text\":\"a\",\"time\":\"yesterday\"}", "/time"},
        {"{\"text\":\"a\",\"time\":\"2024-05-01T12:00:00\"}", "/time"},
        {"{\"text\":\"a\",\"number\":6}", "/number"},
        {"{\"text\":\"a\",\"number\":1.5}", "/number"},
        {"{\"text\":\"a\",\"number\":1.0}", "/number"},
        {"{\"text\":\"a\",\"number\":\"1\"}", "/number"},
        {"{\"text\":\"a\",\"number\":true}", "/number"},
        {"{\"text\":\"a\",\"real\":-1.6}", "/real"},
        {"{\"text\":\"a\",\"real\":\"1\"}", "/real"},
        {"{\"text\":\"a\",\"flag\":0}", "/flag"},
        {"{\"text\":\"a\",\"part\":[]}", "/part"},
        {"{\"text\":\"a\",\"part\":{}}", "/part/a~1b~0c"},
        {"{\"text\":\"a\",\"part\":{\"a/b~c\":\"in\",\"x\":1}}", "/part/x"},
        {"{\"text\":\"a\",\"extra\":null}", "/extra"},
    };
    struct body b;
    struct json_errors errors;
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (decode(rows[i].body, &b, &errors) != EC_FIELDS_INVALID || errors.count != 1)
            fail_msg("%s", rows[i].body);
        assert_string_equal(errors.items[0].where, rows[i].pointer);
    }
}

static void all_mistakes_come_at_once(void **state)
{
    struct body b;
    struct json_errors errors;
    (void)state;
    assert_int_equal(decode("{\"number\":9,\"flag\":1,\"more\":1}", &b, &errors),
                     EC_FIELDS_INVALID);
    assert_int_equal(errors.count, 4);
}

static void mistakes_are_bounded(void **state)
{
    static char text[4000];
    struct body b;
    struct json_errors errors;
    (void)state;
    size_t at = (size_t)snprintf(text, sizeof text, "{\"text\":\"a\"");
    for (int i = 0; i < 2 * JSON_ERRORS_MAX; i++)
        at += (size_t)snprintf(text + at, sizeof text - at, ",\"x%d\":1", i);
    snprintf(text + at, sizeof text - at, "}");
    assert_int_equal(decode(text, &b, &errors), EC_FIELDS_INVALID);
    assert_int_equal(errors.count, JSON_ERRORS_MAX);
    at = (size_t)snprintf(text, sizeof text, "{\"text\":\"a\",\"%0*d\":1}", 2000, 0);
    assert_int_equal(decode(text, &b, &errors), EC_FIELDS_INVALID);
    assert_true(strlen(errors.items[0].where) < JSON_POINTER_MAX);
    snprintf(text, sizeof text, "{\"text\":\"a\",\"%s\":1}",
             "~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~");
    assert_int_equal(decode(text, &b, &errors), EC_FIELDS_INVALID);
    assert_true(strlen(errors.items[0].where) < JSON_POINTER_MAX);
}

static void what_is_not_an_object_is_malformed(void **state)
{
    static const char *const bad[] = {"",
                                      "{",
                                      "[]",
                                      "1",
                                      "null",
                                      "{\"text\":\"a\"} x",
                                      "{\"text\":\"a\",\"text\":\"b\"}",
                                      "{\"text\":\"\\u0000\"}",
                                      "{\"text\":\"\xff\"}",
                                      "{\"text\":\"\\ud800\"}",
                                      "{'text':1}",
                                      "{\"real\":1e999}",
                                      "{\"number\":99999999999999999999999}"};
    struct body b;
    struct json_errors errors;
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (decode(bad[i], &b, &errors) != EC_BODY_MALFORMED || errors.count != 1)
            fail_msg("%s", bad[i]);
}

static void times_become_milliseconds(void **state)
{
    static const struct {
        const char *text;
        int64_t ms;
    } rows[] = {
        {"1970-01-01T00:00:00Z", 0},
        {"2024-02-29T12:00:00.5Z", INT64_C(1709208000500)},
        {"2024-02-29T12:00:00.123999z", INT64_C(1709208000123)},
        {"2024-02-29T14:00:00+02:00", INT64_C(1709208000000)},
        {"2024-02-29T06:30:00.001-05:30", INT64_C(1709208000001)},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        assert_true(json_time_valid(rows[i].text));
        assert_int_equal(json_time_ms(rows[i].text), rows[i].ms);
    }
}

static void a_problem_says_what_and_where(void **state)
{
    struct json_errors errors = {0};
    (void)state;
    json_errors_add(&errors, 0, "/a", "must be %d", 1);
    json_errors_add(&errors, 1, "limit", "is given \"twice\"");
    struct json_problem p = {EC_FIELDS_INVALID, NULL, "/v1/x", "r1", &errors};
    char *text = json_problem_encode(&p);
    assert_string_equal(text, "{\"type\":\"urn:bptm:error:fields-invalid\","
                              "\"title\":\"some fields are not valid\",\"status\":422,"
                              "\"instance\":\"/v1/x\",\"request_id\":\"r1\",\"errors\":["
                              "{\"pointer\":\"/a\",\"detail\":\"must be 1\"},"
                              "{\"parameter\":\"limit\",\"detail\":\"is given \\\"twice\\\"\"}]}");
    free(text);
    p = (struct json_problem){EC_NOT_FOUND, "gone", NULL, "r2", NULL};
    text = json_problem_encode(&p);
    assert_string_equal(text, "{\"type\":\"urn:bptm:error:not-found\",\"title\":\"no such "
                              "resource\",\"status\":404,\"detail\":\"gone\",\"request_id\":"
                              "\"r2\"}");
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(good_bodies_fill_the_struct),
        cmocka_unit_test(null_is_absent),
        cmocka_unit_test(each_mistake_names_its_pointer),
        cmocka_unit_test(all_mistakes_come_at_once),
        cmocka_unit_test(mistakes_are_bounded),
        cmocka_unit_test(what_is_not_an_object_is_malformed),
        cmocka_unit_test(times_become_milliseconds),
        cmocka_unit_test(a_problem_says_what_and_where),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
