/* The program bptm-verify: exit status, output, options. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bundle.h"

static struct bundle bundle;
static char path[4096];

static void make_good(void)
{
    struct evidence_header h;
    memset(&bundle, 0, sizeof bundle);
    bundle_fill_header(&h);
    bundle_put_header(&bundle, &h);
    bundle_put_story(&bundle, 1, 4);
    bundle_put_story(&bundle, 10, 13);
    bundle_put_receipt(&bundle, 22);
}

static void save(void)
{
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bundle.bytes, 1, bundle.len, file), bundle.len);
    assert_int_equal(fclose(file), 0);
}

/* Run with arguments; stdout and stderr together, cut to the buffer. @return the exit status */
static int run(const char *arguments, char *out, size_t cap)
{
    char command[8192];
    snprintf(command, sizeof command, "%s/server/verify/bptm-verify %s 2>&1", TOP_BUILDDIR,
             arguments);
    FILE *pipe = popen(command, "r");
    assert_non_null(pipe);
    out[fread(out, 1, cap - 1, pipe)] = '\0';
    int status = pclose(pipe);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static void expect(int status, const char *text, const char *arguments)
{
    char out[8192];
    int got = run(arguments, out, sizeof out);
    if (got != status || strstr(out, text) == NULL)
        fail_msg("bptm-verify %s: status %d, output: %s", arguments, got, out);
}

static void expect_file(int status, const char *text, const char *options)
{
    char arguments[8192];
    snprintf(arguments, sizeof arguments, "%s %s", options, path);
    expect(status, text, arguments);
}

static void device_key_option(const char *option, const struct cose_key *key, char ret[128])
{
    char hex[2 * WIRE_KEY_LEN + 1];
    support_hex(key->public_key, WIRE_KEY_LEN, hex);
    snprintf(ret, 128, "%s=%s", option, hex);
}

static void test_good(void **state)
{
    (void)state;
    make_good();
    save();
    expect_file(0, "records    17, seq 1..22\nbatches    2, 0 records repeated\n", "");
    expect_file(0, "gaps       5..9 (overwritten, says the device)\n", "");
    expect_file(0, "receipts   1, through 22\n", "");
    expect_file(0, "device key as the bundle claims, not pinned\n", "");
    expect_file(0, "\ngood\n", "");
    expect_file(0, "\ngood\n", "- <");
}

static void test_good_json(void **state)
{
    (void)state;
    char arguments[8192];
    char out[8192];
    json_error_t error;
    make_good();
    save();
    snprintf(arguments, sizeof arguments, "--json %s", path);
    assert_int_equal(run(arguments, out, sizeof out), 0);
    json_t *root = json_loads(out, JSON_REJECT_DUPLICATES, &error);
    assert_non_null(root);
    assert_true(json_is_true(support_member(root, "ok")));
    assert_string_equal(support_string(root, "device"), SUPPORT_DEVICE);
    assert_int_equal(support_number(root, "records"), 17);
    assert_int_equal(support_number(root, "receipted_through"), 22);
    const json_t *gap = json_array_get(support_member(root, "gaps"), 0);
    assert_int_equal(support_number(gap, "from"), 5);
    assert_true(json_is_true(support_member(gap, "declared")));
    assert_string_equal(support_string(root, "fleet_key"), "claimed");
    json_decref(root);
}

static void test_bad(void **state)
{
    (void)state;
    char text[128];
    make_good();
    bundle.bytes[bundle.ends[2] - 1] ^= 1; /* last byte of the second signature */
    save();
    snprintf(text, sizeof text,
             "byte %zu, item 2, signature of the message: cose-signature: ", bundle.ends[1] + 14);
    expect_file(1, text, "");
    snprintf(text, sizeof text, "{\"ok\":false,\"offset\":%zu,\"item\":2,", bundle.ends[1] + 14);
    expect_file(1, text, "--json");
    bundle.len = 0;
    save();
    expect_file(1, "byte 0, item 0, header: wire-truncated", "");
}

static void test_pins(void **state)
{
    (void)state;
    struct cose_key device;
    struct cose_key fleet;
    char option[128];
    char both[300];
    support_device_key(&device);
    support_fleet_key(&fleet);
    make_good();
    save();
    device_key_option("--device-key", &device, option);
    expect_file(0, "device key pinned\nfleet key  as the bundle claims", option);
    device_key_option("--fleet-key", &fleet, option);
    expect_file(0, "fleet key  pinned\n", option);
    device_key_option("--device-key", &fleet, option);
    expect_file(1, "device-key-unknown", option);
    device_key_option("--device-key", &device, both);
    snprintf(both + strlen(both), sizeof both - strlen(both), " %s", option);
    expect_file(0, "device key pinned\n", both);
}

static void test_usage(void **state)
{
    (void)state;
    make_good();
    save();
    expect(0, "Usage: bptm-verify", "--help");
    expect(0, "bptm-verify " PACKAGE_VERSION "\n", "--version");
    expect(2, "unrecognized option", "--no-such");
    expect(2, "is not a key of 64 hexadecimal digits", "--device-key=abc");
    expect(2, "is not a key of 64 hexadecimal digits",
           "-f zz00000000000000000000000000000000000000000000000000000000000000");
    expect_file(2, "Usage:", "one.evidence");
    expect(2, "could not open", "/nonexistent/file");
    expect(2, "could not read", "/");
}

static int set_up(void **state)
{
    (void)state;
    const char *folder = getenv("TMPDIR");
    snprintf(path, sizeof path, "%s/bptm-verify-XXXXXX", folder != NULL ? folder : P_tmpdir);
    int fd = mkstemp(path);
    return fd < 0 ? -1 : close(fd);
}

static int tear_down(void **state)
{
    (void)state;
    return unlink(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_good), cmocka_unit_test(test_good_json), cmocka_unit_test(test_bad),
        cmocka_unit_test(test_pins), cmocka_unit_test(test_usage),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
