/* Cells of a staged import: sealed, equal when they were equal, opened in what is around them; and
   as CSV. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <sodium.h>

#include "codec/cell_seal.h"
#include "codec/csv_cell.h"

static struct person_keys keys;

static char *sealed(int64_t import_id, const char *text)
{
    struct bytes b;
    bytes_init(&b, 4096);
    cell_seal(&keys, import_id, text, strlen(text), &b);
    bytes_put(&b, "", 1);
    assert_int_equal(bytes_check(&b), EC_OK);
    return (char *)b.at;
}

static void test_equal(void **state)
{
    char *a = sealed(7, "Customer 1"), *again = sealed(7, "Customer 1"),
         *other = sealed(7, "Customer 2"), *elsewhere = sealed(8, "Customer 1"), *plain = NULL;
    (void)state;
    assert_string_equal(a, again);
    assert_string_not_equal(a, other);
    assert_string_not_equal(strrchr(a, '.') - 20, strrchr(elsewhere, '.') - 20);
    assert_null(strstr(a, "ustomer"));
    assert_int_equal(cell_open(&keys, a, &plain), EC_OK);
    assert_string_equal(plain, "Customer 1");
    free(plain);
    free(a);
    free(again);
    free(other);
    free(elsewhere);
}

static void test_refused(void **state)
{
    char *a = sealed(7, "Customer 1"), *plain = NULL, text[200];
    (void)state;
    for (size_t i = 0; a[i] != '\0'; i++) { /* each character is another */
        char was = a[i];
        a[i] = was == 'A' ? 'B' : 'A';
        /* the last one of base64 has bits that say nothing; libsodium takes zeros only */
        assert_int_equal(cell_open(&keys, a, &plain), EC_INTERNAL);
        a[i] = was;
    }
    snprintf(text, sizeof text, "%s ", a);
    assert_int_equal(cell_open(&keys, text, &plain), EC_INTERNAL);
    assert_int_equal(cell_open(&keys, "bptm-cell.7..", &plain), EC_INTERNAL);
    assert_int_equal(cell_open(&keys, "bptm-cell.", &plain), EC_INTERNAL);
    struct person_keys others;
    person_keys_make(&others);
    assert_int_equal(cell_open(&others, a, &plain), EC_INTERNAL);
    free(a);
}

/* What was sealed before another key of the index came opens with both, and no longer without the
 * old. */
static void test_next_key(void **state)
{
    struct person_keys now = keys;
    char *a = sealed(7, "Customer 1"), *plain = NULL;
    (void)state;
    assert_int_equal(person_index_add(&keys), EC_OK);
    char *b = sealed(7, "Customer 1");
    assert_string_not_equal(a, b);
    assert_int_equal(cell_open(&now, b, &plain), EC_INTERNAL);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(cell_open(&keys, i == 0 ? a : b, &plain), EC_OK);
        assert_string_equal(plain, "Customer 1");
        free(plain);
    }
    person_index_drop(&keys);
    assert_int_equal(cell_open(&keys, a, &plain), EC_INTERNAL);
    assert_int_equal(cell_open(&keys, b, &plain), EC_OK);
    free(plain);
    free(a);
    free(b);
    keys = now;
}

static void test_around(void **state)
{
    static const struct {
        const char *text, *json;
    } rows[] = {
        {"a", "a"},
        {"say \"a\" \\", "say \\\"a\\\" \\\\"},
        {"\t", "\\u0009"},
        {"\xc3\xab", "\xc3\xab"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const char *const wanted[] = {[CELL_TEXT] = rows[i].text, [CELL_JSON] = rows[i].json};
        char *cell = sealed(1, rows[i].text), text[600], want[600], *opened = NULL;
        for (size_t style = CELL_TEXT; style <= CELL_JSON; style++) {
            size_t count = 0;
            snprintf(text, sizeof text, "\"bptm-cell.1.AA.\",\"%s\",\"%s\"", cell, cell);
            snprintf(want, sizeof want, "\"bptm-cell.1.AA.\",\"%s\",\"%s\"", wanted[style],
                     wanted[style]);
            assert_int_equal(cells_open(&keys, text, (enum cell_style)style, &opened, &count),
                             EC_OK);
            assert_int_equal(count, 2);
            assert_string_equal(opened, want);
            free(opened);
        }
        free(cell);
    }
}

static void test_csv(void **state)
{
    static const struct {
        const char *text, *csv, *quoted;
    } rows[] = {
        {"", "", "\"\""},
        {"a b", "a b", "\"a b\""},
        {"a,b", "\"a,b\"", "\"a,b\""},
        {"a\r\nb", "\"a\r\nb\"", "\"a\r\nb\""},
        {"say \"a\" \\", "\"say \"\"a\"\" \\\"", "\"say \"\"a\"\" \\\""},
        {"=1+1", "\"'=1+1\"", "\"'=1+1\""},
        {"@a", "\"'@a\"", "\"'@a\""},
        {"-2.5", "-2.5", "\"-2.5\""},
        {"-2,5", "\"-2,5\"", "\"-2,5\""},
        {"+15", "+15", "\"+15\""},
        {"+1 555", "\"'+1 555\"", "\"'+1 555\""},
        {"-2.5.1", "\"'-2.5.1\"", "\"'-2.5.1\""},
        {"-2.", "\"'-2.\"", "\"'-2.\""},
        {"-", "\"'-\"", "\"'-\""},
        {"--1", "\"'--1\"", "\"'--1\""},
        {"\t", "\"'\t\"", "\"'\t\""},
        {"\xc3\xab", "\xc3\xab", "\"\xc3\xab\""},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        for (int is_quoted = 0; is_quoted < 2; is_quoted++) {
            struct bytes b;
            bytes_init(&b, 100);
            csv_cell_put(&b, rows[i].text, strlen(rows[i].text), is_quoted);
            bytes_put(&b, "", 1);
            assert_int_equal(bytes_check(&b), EC_OK);
            assert_string_equal((char *)b.at, is_quoted ? rows[i].quoted : rows[i].csv);
            bytes_done(&b);
        }
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_equal),    cmocka_unit_test(test_refused),
        cmocka_unit_test(test_next_key), cmocka_unit_test(test_around),
        cmocka_unit_test(test_csv),
    };
    if (sodium_init() < 0)
        return 1;
    person_keys_make(&keys);
    return cmocka_run_group_tests_name("cell", tests, NULL, NULL);
}
