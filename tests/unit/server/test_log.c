/* The form of a log line, whatever is in its values. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"

enum { LINE = 4096 };

/* What was written to standard error between the two calls. */
static int saved, from;

static void capture_begin(void)
{
    int to[2];

    assert_int_equal(pipe(to), 0);
    saved = dup(STDERR_FILENO);
    dup2(to[1], STDERR_FILENO);
    close(to[1]);
    from = to[0];
}

static const char *capture_end(void)
{
    static char line[LINE];
    ssize_t len;

    dup2(saved, STDERR_FILENO);
    close(saved);
    len = read(from, line, sizeof(line) - 1);
    close(from);
    line[len > 0 ? len : 0] = '\0';
    return line;
}

/* The line without its time, which must look like one. */
static const char *after_time(const char *line)
{
    int at = 0;

    assert_int_equal(sscanf(line, "ts=%*4d-%*2d-%*2dT%*2d:%*2d:%*2d.%*3dZ %n", &at), 0);
    assert_int_equal(at, 28);
    return line + at;
}

struct value {
    const char *value, *written;
};

static void values_are_quoted_where_needed(void **state)
{
    static const struct value values[] = {
        {"plain-1:2/3", "plain-1:2/3"},
        {NULL, "-"},
        {"", "\"\""},
        {"two words", "\"two words\""},
        {"a=b", "\"a=b\""},
        {"say \"x\"", "\"say \\\"x\\\"\""},
        {"back\\slash", "\"back\\\\slash\""},
        {"line\nbreak", "\"line\\nbreak\""},
        {"bell\a", "\"bell\\x07\""},
        {"\xc3\xa4", "\xc3\xa4"},
    };
    char wanted[128];

    (void)state;
    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
        capture_begin();
        log_event(LOG_LEVEL_WARN, "test", "key", values[i].value, "n", log_value("%d", 7), NULL);
        snprintf(wanted, sizeof(wanted), "level=warn event=test key=%s n=7\n", values[i].written);
        assert_string_equal(after_time(capture_end()), wanted);
    }
}

static void a_line_ends_at_its_limit(void **state)
{
    static char big[2000];
    const char *line;

    (void)state;
    memset(big, 'x', sizeof(big) - 1);
    capture_begin();
    log_event(LOG_LEVEL_ERROR, "test", "big", big, "more", "y", NULL);
    line = capture_end();
    assert_int_equal(strlen(line), 1024);
    assert_int_equal(line[1023], '\n');
}

static void what_is_below_the_level_is_not_written(void **state)
{
    (void)state;
    capture_begin();
    log_event(LOG_LEVEL_DEBUG, "test", NULL);
    log_set_level(LOG_LEVEL_ERROR);
    log_event(LOG_LEVEL_WARN, "test", NULL);
    log_set_level(LOG_LEVEL_DEBUG);
    log_event(LOG_LEVEL_DEBUG, "seen", NULL);
    log_set_level(LOG_LEVEL_INFO);
    assert_string_equal(after_time(capture_end()), "level=debug event=seen\n");
}

static void several_values_live_at_once(void **state)
{
    const char *a = log_value("%d", 1), *b = log_value("%d", 2);

    (void)state;
    for (int i = 0; i < 6; i++)
        log_value("%d", i);
    assert_string_equal(a, "1");
    assert_string_equal(b, "2");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_are_quoted_where_needed),
        cmocka_unit_test(a_line_ends_at_its_limit),
        cmocka_unit_test(what_is_below_the_level_is_not_written),
        cmocka_unit_test(several_values_live_at_once),
    };

    return cmocka_run_group_tests_name("log", tests, NULL, NULL);
}
