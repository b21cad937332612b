/* The error table: slugs are unique and stable in form, lookups answer for anything. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "error.h"

static void test_each_code(void **state)
{
    (void)state;
    for (int code = 0; code < EC_COUNT; code++) {
        const char *slug = error_slug((enum error_code)code);
        const char *text = error_text((enum error_code)code);
        int status = error_status((enum error_code)code);
        size_t len = strlen(text);
        assert_int_equal(strspn(slug, "abcdefghijklmnopqrstuvwxyz-"), strlen(slug));
        assert_int_equal(error_from_slug(slug), code); /* so no slug stands twice */
        assert_true(len > 0 && len <= 79 && text[len - 1] != '.');
        assert_true(status == 200 || (status >= 400 && status <= 599));
        assert_in_range(error_retry((enum error_code)code), 0, 1);
    }
}

static void test_known_rows(void **state)
{
    (void)state;
    assert_string_equal(error_slug(EC_JOURNAL_FORK), "journal-fork");
    assert_string_equal(error_text(EC_COSE_SIGNATURE), "the signature does not verify");
    assert_int_equal(error_status(EC_NOT_FOUND), 404);
    assert_int_equal(error_status(EC_COSE_SIGNATURE), 500);
    assert_int_equal(error_retry(EC_DATABASE_RETRY), 1);
    assert_int_equal(error_retry(EC_JOURNAL_FORK), 0);
}

static void test_out_of_range(void **state)
{
    (void)state;
    assert_string_equal(error_slug(EC_COUNT), "internal");
    assert_string_equal(error_slug((enum error_code) - 1), "internal");
    assert_int_equal(error_from_slug("no-such"), EC_INTERNAL);
    assert_int_equal(error_from_slug(""), EC_INTERNAL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_code),
        cmocka_unit_test(test_known_rows),
        cmocka_unit_test(test_out_of_range),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
