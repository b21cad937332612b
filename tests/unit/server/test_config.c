/* The configuration file: the table, every kind of mistake, and that the manual has every key. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/config.h"

static char path[] = "/tmp/bptm-config-XXXXXX";

static void write_file(const char *text)
{
    FILE *f = fopen(path, "w");

    assert_non_null(f);
    assert_int_equal(fputs(text, f) < 0, 0);
    assert_int_equal(fclose(f), 0);
}

static enum error_code read_text(const char *text, struct config *ret,
                                 struct config_error *ret_error)
{
    config_init(ret);
    write_file(text);
    return config_read(path, ret, ret_error);
}

static void values_replace_defaults(void **state)
{
    struct config c;
    struct config_error e;

    (void)state;
    assert_int_equal(read_text("# comment\n"
                               "[http]\n"
                               "port = 0\n"
                               "[mqtt]\n"
                               "root = x/2 ; why\n"
                               "[database]\n"
                               "mqtt = host=/run/pg dbname=b user=u\n"
                               "[log]\n"
                               "level = debug\n",
                               &c, &e),
                     EC_OK);
    assert_int_equal(c.http_port, 0);
    assert_int_equal(c.http_threads, 2);
    assert_string_equal(c.mqtt_root, "x/2");
    assert_string_equal(c.database_mqtt, "host=/run/pg dbname=b user=u");
    assert_string_equal(c.database_job, "dbname=bptm user=bptm_job");
    assert_string_equal(c.database_import, "dbname=bptm user=bptm_import");
    assert_string_equal(c.log_level, "debug");
}

struct mistake {
    const char *text;
    int line;
    const char *says;
};

#define X50 "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"

#define NOT_ALGORITHMS                                                                             \
    "value of 'oidc.algorithms' must be words of RS256|RS384|RS512|PS256|PS384|PS512|"             \
    "ES256|ES384|ES512|EdDSA|Ed25519"

static const struct mistake mistakes[] = {
    {"[http]\nport = 1\nprot = 2\n", 3, "unknown key 'prot' in section 'http'"},
    {"\n[htpt]\nport = 1\n", 3, "unknown section 'htpt'"},
    {"port = 1\n", 1, "unknown section ''"},
    {"[http]\nport = 65536\n", 2, "value of 'http.port' must be 0..65535"},
    {"[http]\nport = -1\n", 2, "value of 'http.port' must be 0..65535"},
    {"[http]\nport = 80x\n", 2, "value of 'http.port' must be 0..65535"},
    {"[http]\nport =\n", 2, "value of 'http.port' must be 0..65535"},
    {"[http]\nthreads = 0\n", 2, "value of 'http.threads' must be 1..64"},
    {"[ingest]\nqueue = 99999999999999999999\n", 2, "value of 'ingest.queue' must be 64..1048576"},
    {"[log]\nlevel = warning\n", 2, "value of 'log.level' must be error|warn|info|debug"},
    {"[log]\nlevel =\n", 2, "value of 'log.level' must be error|warn|info|debug"},
    {"[oidc]\nalgorithms = RS256 HS256\n", 2, NOT_ALGORITHMS},
    {"[oidc]\nalgorithms = none\n", 2, NOT_ALGORITHMS},
    {"[webhook]\nnetworks = 10.0.0.0/33\n", 2,
     "value of 'webhook.networks' must be networks such as 10.0.0.0/8 fd00::/8"},
    {"[http]\nport = 1\n[mqtt]\nport = 2\n[http]\nport = 3\n", 6, "key 'http.port' is given twice"},
    {"[http]\nport = 1\n  2\n", 3, "key 'http.port' is given twice"},
    {"[http]\nport\n", 2, "not a section or 'name = value'"},
    {"[http\nport = 1\n", 1, "not a section or 'name = value'"},
    {"[mqtt]\n\nhost = " X50 X50 X50 X50 "\n", 3, "the line is longer than 198 bytes"},
};

static void mistakes_name_file_line_and_key(void **state)
{
    struct config c, before;
    struct config_error e;
    char wanted[CONFIG_TEXT_MAX];

    (void)state;
    config_init(&before);
    for (size_t i = 0; i < sizeof(mistakes) / sizeof(mistakes[0]); i++) {
        assert_int_equal(read_text(mistakes[i].text, &c, &e), EC_CONFIG);
        snprintf(wanted, sizeof(wanted), "%s:%d: %s", path, mistakes[i].line, mistakes[i].says);
        assert_string_equal(e.text, wanted);
        assert_memory_equal(&c, &before, sizeof(c));
    }
}

static void a_missing_file_is_named(void **state)
{
    struct config c;
    struct config_error e;

    (void)state;
    assert_int_equal(config_read("/nonexistent/bptmd.conf", &c, &e), EC_IO);
    assert_non_null(strstr(e.text, "/nonexistent/bptmd.conf"));
}

/* Installed elsewhere than the manual says, and perhaps under a longer name than a line may have.
 */
static int is_elsewhere(const struct config_help *key)
{
    return key->fallback[0] == '/' && strcmp(key->name, "pages") == 0 &&
           strncmp(key->fallback, "/usr/local/", 11) != 0;
}

/* What the list says is the default must be a value that the file may have. */
static void every_default_can_be_written(void **state)
{
    struct config c, defaults;
    struct config_error e;
    struct config_help key;
    char text[512];

    (void)state;
    config_init(&defaults);
    for (size_t i = 0; config_help(i, &key); i++) {
        if (is_elsewhere(&key))
            continue;
        snprintf(text, sizeof(text), "[%s]\n%s = %s\n", key.section, key.name, key.fallback);
        assert_int_equal(read_text(text, &c, &e), EC_OK);
        assert_memory_equal(&c, &defaults, sizeof(c));
        assert_true(key.help[0] != '\0' && key.range[0] != '\0');
    }
}

static char *read_manual(void)
{
    FILE *f = fopen(TOP_SRCDIR "/server/bptmd.conf.5", "r");
    char *text = calloc(1, 1 << 16);

    assert_non_null(f);
    assert_non_null(text);
    assert_true(fread(text, 1, (1 << 16) - 1, f) > 0);
    fclose(f);
    return text;
}

/* Each key stands in its section of the manual, with its default. */
static void the_manual_has_every_key(void **state)
{
    char *manual = read_manual(), line[128];
    struct config_help key;

    (void)state;
    for (size_t i = 0; config_help(i, &key); i++) {
        const char *section, *end, *at;

        if (is_elsewhere(&key))
            continue;
        snprintf(line, sizeof(line), "\n.Ss Section %s\n", key.section);
        section = strstr(manual, line);
        assert_non_null(section);
        end = strstr(section + 1, "\n.S");
        snprintf(line, sizeof(line), "\n.It Ic %s No =%s%s\n", key.name, key.fallback[0] ? " " : "",
                 key.fallback);
        at = strstr(section, line);
        if (at == NULL || (end != NULL && at > end))
            fail_msg("bptmd.conf.5 has no line '%s'", line + 1);
    }
    free(manual);
}

struct secret {
    const char *text;
    mode_t mode;
    enum error_code ec;
    const char *value;
};

static void a_secret_is_one_private_line(void **state)
{
    static const struct secret secrets[] = {
        {"s3cret\n", 0600, EC_OK, "s3cret"},   {"s3cret", 0640, EC_OK, "s3cret"},
        {"s3cret\r\n", 0600, EC_OK, "s3cret"}, {"s3cret\n", 0604, EC_CONFIG, "old"},
        {"\n", 0600, EC_CONFIG, "old"},        {"", 0600, EC_CONFIG, "old"},
        {"12345678", 0600, EC_CONFIG, "old"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(secrets) / sizeof(secrets[0]); i++) {
        char value[8] = "old";

        write_file(secrets[i].text);
        assert_int_equal(chmod(path, secrets[i].mode), 0);
        assert_int_equal(config_secret(path, sizeof(value), value), secrets[i].ec);
        assert_string_equal(value, secrets[i].value);
        assert_int_equal(chmod(path, 0600), 0);
    }
    assert_int_equal(config_secret("/nonexistent/secret", 8, (char[8]){0}), EC_IO);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_replace_defaults),
        cmocka_unit_test(mistakes_name_file_line_and_key),
        cmocka_unit_test(a_missing_file_is_named),
        cmocka_unit_test(every_default_can_be_written),
        cmocka_unit_test(the_manual_has_every_key),
        cmocka_unit_test(a_secret_is_one_private_line),
    };
    int fd = mkstemp(path), failed;

    if (fd < 0)
        return 1;
    close(fd);
    failed = cmocka_run_group_tests_name("config", tests, NULL, NULL);
    unlink(path);
    return failed;
}
