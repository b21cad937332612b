/* Matching of routes, parameters, cursors and links. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "http/cursor.h"
#include "http/link.h"
#include "http/params.h"

static const struct param params[] = {
    {"id", PARAM_INT, 1, 100},
    {"q", PARAM_TEXT, 1, 5},
    {"state", PARAM_WORD, .choices = "open closed"},
    {"from", PARAM_TIME},
    {"serial", PARAM_SERIAL},
    {"uuid", PARAM_UUID},
    {"cursor", PARAM_CURSOR, .key = CURSOR_PAIR},
    {"limit", PARAM_INT, 1, 200},
    {NULL},
};
static const struct param needed[] = {{"make", PARAM_TEXT, 1, 60, .required = 1}, {NULL}};

static const struct route routes[] = {
    {METHOD_GET, "/a", .params = params},
    {METHOD_POST, "/a"},
    {METHOD_GET, "/a/{id}", .params = params},
    {METHOD_GET, "/a/{id}/b/{q}", .params = params},
    {METHOD_DELETE, "/a/{id}/c"},
    {METHOD_GET, "/needs", .params = needed},
};
enum { ROUTES = sizeof routes / sizeof *routes };

static struct route_match match(const char *method, const char *path)
{
    struct route_match m = {0};
    unsigned allow = 0;
    assert_int_equal(route_find(routes, ROUTES, method, path, &m, &allow), EC_OK);
    return m;
}

static void paths_match_whole(void **state)
{
    (void)state;
    assert_ptr_equal(match("GET", "/a").route, &routes[0]);
    assert_ptr_equal(match("HEAD", "/a").route, &routes[0]);
    assert_ptr_equal(match("POST", "/a").route, &routes[1]);
    struct route_match m = match("GET", "/a/7/b/x%2Fy");
    assert_ptr_equal(m.route, &routes[3]);
    assert_string_equal(m.values[0], "7");
    assert_string_equal(m.values[1], "x%2Fy");
}

static void other_paths_do_not(void **state)
{
    static const char *const paths[] = {"",       "/",     "/A",         "/a/",      "/a//b/x",
                                        "/ab",    "/a/7/", "/a/7/b",     "/a/7/b/",  "/a/7/b/x/",
                                        "/a/7/x", "//a",   "/a/7/b/x/y", "/a/7//b/x"};
    struct route_match m = {0};
    unsigned allow = 0;
    (void)state;
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++)
        assert_int_equal(route_find(routes, ROUTES, "GET", paths[i], &m, &allow), EC_NOT_FOUND);
    char path[ROUTE_VALUE_MAX + 8];
    snprintf(path, sizeof path, "/a/%0*d", ROUTE_VALUE_MAX, 0);
    assert_int_equal(route_find(routes, ROUTES, "GET", path, &m, &allow), EC_NOT_FOUND);
    assert_null(m.route);
}

static void other_methods_are_told_which_there_are(void **state)
{
    struct route_match m = {0};
    unsigned allow = 0;
    char text[64];
    (void)state;
    assert_int_equal(route_find(routes, ROUTES, "PUT", "/a", &m, &allow), EC_METHOD_NOT_ALLOWED);
    route_allow(allow, text);
    assert_string_equal(text, "GET, HEAD, POST, OPTIONS");
    assert_int_equal(route_find(routes, ROUTES, "GET", "/a/1/c", &m, &allow),
                     EC_METHOD_NOT_ALLOWED);
    route_allow(allow, text);
    assert_string_equal(text, "DELETE, OPTIONS");
}

static enum error_code decode(const char *path, const char *name, const char *value,
                              struct params *ret, struct json_errors *errors)
{
    struct route_match m = match("GET", path);
    struct params_pair pair = {name, value};
    memset(ret, 0, sizeof *ret);
    memset(errors, 0, sizeof *errors);
    return params_decode(&m, &pair, name != NULL, ret, errors);
}

static void parameters_are_checked(void **state)
{
    static const struct {
        const char *name, *value;
        int good;
    } rows[] = {
        {"q", "a", 1},
        {"q", "%C3%A9%c3%a9%C3%A9%C3%A9%C3%A9", 1},
        {"q", "abcdef", 0},
        {"q", "", 0},
        {"q", NULL, 0},
        {"q", "%C3", 0},
        {"q", "%C0%80", 0},
        {"q", "%ED%A0%80", 0},
        {"q", "%00", 0},
        {"q", "%zz", 0},
        {"q", "%4", 0},
        {"q", "%0A", 0},
        {"q", "%7f", 0},
        {"state", "open", 1},
        {"state", "ope", 0},
        {"state", "open closed", 0},
        {"state", "", 0},
        {"from", "2024-02-29T00:00:00Z", 1},
        {"from", "2024-02-29T00:00:00.123456+02:00", 1},
        {"from", "2023-02-29T00:00:00Z", 0},
        {"from", "2024-02-29T00:00:00", 0},
        {"from", "2024-02-29", 0},
        {"from", "now", 0},
        {"from", "2024-13-01T00:00:00Z", 0},
        {"from", "2024-01-01T24:00:00Z", 0},
        {"serial", "BPTM-000001", 1},
        {"serial", "bptm", 0},
        {"serial", "AB", 0},
        {"uuid", "02cb432c-3f1f-4d42-ac3b-6b717417049e", 1},
        {"uuid", "02cb432c3f1f4d42ac3b6b717417049e", 0},
        {"uuid", "02cb432c-3f1f-4d42-ac3b-6b717417049", 0},
        {"limit", "200", 1},
        {"limit", "201", 0},
        {"limit", "0", 0},
        {"limit", "-1", 0},
        {"limit", "+1", 0},
        {"limit", "1e1", 0},
        {"limit", "0x10", 0},
        {"limit", "99999999999999999999", 0},
        {"nope", "1", 0},
        {"id", "1", 0}, /* given twice: in the path already */
    };
    static struct params ret;
    static struct json_errors errors;
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        enum error_code ec = decode("/a/7", rows[i].name, rows[i].value, &ret, &errors);
        if ((ec == EC_OK) != rows[i].good)
            fail_msg("%s=%s", rows[i].name, rows[i].value ? rows[i].value : "(none)");
        assert_int_equal(errors.count, !rows[i].good);
        if (!rows[i].good)
            assert_string_equal(errors.items[0].where, rows[i].name);
    }
}

static void values_come_decoded_in_the_order_of_the_table(void **state)
{
    static struct params ret;
    static struct json_errors errors;
    (void)state;
    assert_int_equal(decode("/a/7", "q", "a%20%2b", &ret, &errors), EC_OK);
    assert_string_equal(ret.values[0], "7");
    assert_string_equal(ret.values[1], "a +");
    assert_null(ret.values[2]);
    assert_int_equal(decode("/a/x7", "q", "a", &ret, &errors), EC_PARAMETER_INVALID);
    assert_string_equal(errors.items[0].where, "id");
    assert_int_equal(errors.items[0].is_parameter, 1);
    assert_int_equal(decode("/needs", NULL, NULL, &ret, &errors), EC_PARAMETER_INVALID);
    assert_string_equal(errors.items[0].detail, "is missing");
}

static void many_parameters_stay_in_bounds(void **state)
{
    static struct params ret;
    static struct json_errors errors;
    static char big[PARAM_TEXT_MAX + 100];
    struct params_pair pairs[PARAMS_PAIRS_MAX];
    struct route_match m = match("GET", "/a/7");
    (void)state;
    memset(big, 'a', sizeof big - 1);
    for (size_t i = 0; i < PARAMS_PAIRS_MAX; i++)
        pairs[i] = (struct params_pair){"q", big};
    assert_int_equal(params_decode(&m, pairs, PARAMS_PAIRS_MAX, &ret, &errors),
                     EC_PARAMETER_INVALID);
}

static void cursors_go_round(void **state)
{
    char cursor[CURSOR_MAX], key[DOCUMENT_KEY_MAX];
    (void)state;
    static const struct {
        const char *key;
        enum cursor_key shape;
    } rows[] = {{"17", CURSOR_INT},
                {"1714564800000000.17", CURSOR_PAIR},
                {"TL 626 - CIRCUIT 238", CURSOR_TEXT},
                {"\303\251", CURSOR_TEXT}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        cursor_encode(rows[i].key, cursor);
        assert_null(strpbrk(cursor, "+/=%&"));
        assert_int_equal(cursor_decode(cursor, rows[i].shape, key), EC_OK);
        assert_string_equal(key, rows[i].key);
    }
}

static void foreign_cursors_are_refused(void **state)
{
    static const char *const keys[] = {
        "", "x", "1x", "1.", ".1", "1.2.3", "-1", "1 2", "9999999999999999999"};
    char cursor[CURSOR_MAX], key[DOCUMENT_KEY_MAX];
    (void)state;
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        cursor_encode(keys[i], cursor);
        assert_int_equal(cursor_decode(cursor, CURSOR_INT, key), EC_PARAMETER_INVALID);
        assert_int_equal(cursor_decode(cursor, CURSOR_PAIR, key), EC_PARAMETER_INVALID);
    }
    cursor_encode("a\nb", cursor);
    assert_int_equal(cursor_decode(cursor, CURSOR_TEXT, key), EC_PARAMETER_INVALID);
    assert_int_equal(cursor_decode("MTc=", CURSOR_INT, key), EC_PARAMETER_INVALID);
    assert_int_equal(cursor_decode("M!", CURSOR_INT, key), EC_PARAMETER_INVALID);
    assert_int_equal(cursor_decode("MQAx", CURSOR_INT, key), EC_PARAMETER_INVALID); /* "1\0" "1" */
    char big[400];
    memset(big, 'M', sizeof big - 1);
    big[sizeof big - 1] = '\0';
    assert_int_equal(cursor_decode(big, CURSOR_TEXT, key), EC_PARAMETER_INVALID);
}

static void a_link_repeats_the_query(void **state)
{
    const char *values[PARAMS_MAX] = {"7", "a&b \303\251", NULL, NULL, NULL, NULL, "old", "2"};
    char link[LINK_MAX];
    (void)state;
    link_next(&routes[2], "/a/7", values, "NEW", link);
    assert_string_equal(link, "</a/7?q=a%26b%20%C3%A9&limit=2&cursor=NEW>; rel=\"next\"");
    char big[PARAM_TEXT_MAX];
    memset(big, '%', sizeof big - 1);
    big[sizeof big - 1] = '\0';
    values[1] = big;
    link_next(&routes[2], "/a/7", values, "NEW", link);
    assert_non_null(strstr(link, "cursor=NEW>; rel=\"next\""));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(paths_match_whole),
        cmocka_unit_test(other_paths_do_not),
        cmocka_unit_test(other_methods_are_told_which_there_are),
        cmocka_unit_test(parameters_are_checked),
        cmocka_unit_test(values_come_decoded_in_the_order_of_the_table),
        cmocka_unit_test(many_parameters_stay_in_bounds),
        cmocka_unit_test(cursors_go_round),
        cmocka_unit_test(foreign_cursors_are_refused),
        cmocka_unit_test(a_link_repeats_the_query),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
