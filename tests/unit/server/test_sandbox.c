/* A program in the sandbox: what it may, what it may not, and which limit it met. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/sandbox.h"

static char folder[SANDBOX_FOLDER_MAX], note[SANDBOX_NOTE_MAX];
static const char *const no_env[] = {"SAID=yes", NULL};

static int begin(void **state)
{
    (void)state;
    return sandbox_folder(folder, note) == EC_OK ? 0 : -1;
}

static int end(void **state)
{
    (void)state;
    sandbox_remove(folder);
    return access(folder, F_OK) == 0 ? -1 : 0;
}

static enum error_code shell(const char *script)
{
    const char *const argv[] = {"bash", "-c", script, NULL};
    const struct sandbox box = {.argv = argv,
                                .env = no_env,
                                .folder = folder,
                                .out = "out",
                                .telling = (const char *const[]){"two", NULL},
                                .seconds = 1,
                                .memory_bytes = (size_t)256 << 20,
                                .file_bytes = 1 << 20};
    note[0] = '\0';
    return sandbox_run(&box, note);
}

static void test_runs(void **state)
{
    char path[SANDBOX_FOLDER_MAX + 8], line[64] = "";
    (void)state;
    assert_int_equal(shell("echo $SAID $HOME; echo hidden >&2; echo x > beside"), EC_OK);
    snprintf(path, sizeof(path), "%s/out", folder);
    FILE *f = fopen(path, "re");
    assert_non_null(f);
    assert_non_null(fgets(line, sizeof(line), f));
    fclose(f);
    assert_string_equal(line, "yes /nonexistent\n");
}

/* What is tried, and what the note says. */
static void test_refused(void **state)
{
    static const struct {
        const char *script, *said;
    } rows[] = {
        {"exec 3<>/dev/tcp/127.0.0.1/9", "Operation not permitted"},
        {"kill -9 $PPID", "Operation not permitted"},
        {"while :; do :; done", "more than 1 s"},
        {"sleep 9", "more than 1 s"},
        {"ulimit -c 0; exec head -c 2000000 /dev/urandom", "more than 1 MiB"},
        {"echo one >&2; echo two >&2; echo three >&2; exit 1", "two"},
        {"echo one >&2; echo three >&2; exit 1", "one"},
        {"exit 3", "does not say why"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        assert_int_equal(shell(rows[i].script), EC_FIELDS_INVALID);
        if (strstr(note, rows[i].said) == NULL)
            fail_msg("%s: %s", rows[i].script, note);
    }
}

static void test_files(void **state)
{
    (void)state;
    assert_int_equal(shell("exec 3>/var/tmp/bptm-sandbox-was-here"), EC_FIELDS_INVALID);
    assert_int_not_equal(access("/var/tmp/bptm-sandbox-was-here", F_OK), 0);
    assert_int_equal(shell("read -r line < /etc/passwd"), EC_FIELDS_INVALID);
    assert_non_null(strstr(note, "Permission denied"));
}

static void test_not_there(void **state)
{
    const char *const argv[] = {"no-such-program", NULL};
    const struct sandbox box = {argv, no_env, folder, "out", NULL, 1, (size_t)256 << 20, 1 << 20};
    (void)state;
    assert_int_equal(sandbox_run(&box, note), EC_IO);
    assert_non_null(strstr(note, "is it installed?"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_runs, begin, end),
        cmocka_unit_test_setup_teardown(test_refused, begin, end),
        cmocka_unit_test_setup_teardown(test_files, begin, end),
        cmocka_unit_test_setup_teardown(test_not_there, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
