/* Reads bptmd.conf(5): one table says what every key is, libinih takes the lines apart. */
#include "base/config.h"

#include <assert.h>
#include <fcntl.h>
#include <ini.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/public_address.h"

enum { SECRET_MAX = 1024 };

enum key_type { KEY_TEXT, KEY_UINT, KEY_CHOICE, KEY_WORDS, KEY_NETWORKS };

struct key {
    const char *section, *name;
    enum key_type type;
    size_t offset, size;
    uint32_t min, max;   /* of a number */
    const char *choices; /* of a choice or words: names between '|' */
    const char *fallback, *help;
};

#define AT(field) offsetof(struct config, field), sizeof(((struct config *)0)->field)
#define TEXT(section, name, field, fallback, help)                                                 \
    {                                                                                              \
        section, name, KEY_TEXT, AT(field), 0, 0, NULL, fallback, help                             \
    }
#define UINT(section, name, field, min, max, fallback, help)                                       \
    {                                                                                              \
        section, name, KEY_UINT, AT(field), min, max, NULL, fallback, help                         \
    }
#define CHOICE(section, name, field, choices, fallback, help)                                      \
    {                                                                                              \
        section, name, KEY_CHOICE, AT(field), 0, 0, choices, fallback, help                        \
    }
#define WORDS(section, name, field, choices, fallback, help)                                       \
    {                                                                                              \
        section, name, KEY_WORDS, AT(field), 0, 0, choices, fallback, help                         \
    }
#define NETWORKS(section, name, field, fallback, help)                                             \
    {                                                                                              \
        section, name, KEY_NETWORKS, AT(field), 0, 0, NULL, fallback, help                         \
    }

static const struct key keys[] = {
    TEXT("http", "address", http_address, "127.0.0.1", "address to listen on"),
    UINT("http", "port", http_port, 0, 65535, "8080", "port; 0 lets the system choose"),
    UINT("http", "threads", http_threads, 1, 64, "2", "threads that answer requests"),
    UINT("http", "connections", http_connections, 8, 65536, "512", "connections at one time"),
    UINT("http", "timeout_s", http_timeout_s, 1, 3600, "30", "seconds a slow client is given"),
    TEXT("http", "public_url", http_public_url, "",
         "what absolute links begin with, such as https://bptm.example; empty: as the caller came"),
    TEXT("http", "certificate_file", http_certificate_file, "",
         "PEM of the server's certificate and those above it; empty: no TLS"),
    TEXT("http", "key_file", http_key_file, "", "PEM of its key"),
    UINT("http", "connections_per_address", http_connections_per_address, 1, 65536, "128",
         "connections of one address at one time"),
    UINT("http", "requests_per_s", http_requests_per_s, 0, 1000000, "200",
         "requests of one token, or of one address without, in the long run; 0: no limit"),
    UINT("http", "requests_burst", http_requests_burst, 1, 1000000, "1000",
         "requests of one token at once"),
    UINT("http", "failures_per_min", http_failures_per_min, 0, 1000000, "30",
         "tokens that are refused of one address; 0: no limit"),
    TEXT("http", "proxy", http_proxy, "",
         "address of the reverse proxy whose X-Forwarded-For and -Proto are believed; empty: none"),
    TEXT("http", "port_file", http_port_file, "", "file to write the port in use to"),
    TEXT("http", "pages", http_pages, PKGDATADIR "/www", "folder of the web pages; empty: none"),
    TEXT("mqtt", "host", mqtt_host, "127.0.0.1", "broker"),
    UINT("mqtt", "port", mqtt_port, 1, 65535, "1883", "port of the broker"),
    TEXT("mqtt", "client_id", mqtt_client_id, "bptmd", "client id; names the persistent session"),
    TEXT("mqtt", "username", mqtt_username, "", "user at the broker; empty: none"),
    TEXT("mqtt", "password_file", mqtt_password_file, "", "file with its password"),
    TEXT("mqtt", "ca_file", mqtt_ca_file, "", "PEM of the broker's authority; empty: no TLS"),
    TEXT("mqtt", "certificate_file", mqtt_certificate_file, "", "PEM of the client's certificate"),
    TEXT("mqtt", "key_file", mqtt_key_file, "", "PEM of the client's key"),
    TEXT("mqtt", "root", mqtt_root, "bptm/1", "root of the topics"),
    UINT("mqtt", "device_per_s", mqtt_device_per_s, 0, 1000000, "50",
         "messages of one device, in the long run; 0: no limit"),
    TEXT("receipt", "key_file", receipt_key_file, "", "fleet key: 32-byte seed in hex"),
    TEXT("person", "key_file", person_key_file, "",
         "keys of personal data, by bptmctl person-key; empty: none can be stored or read"),
    TEXT("database", "http", database_http, "dbname=bptm user=bptm_http",
         "libpq connection string of the REST part"),
    TEXT("database", "mqtt", database_mqtt, "dbname=bptm user=bptm_mqtt",
         "libpq connection string of the journal part"),
    TEXT("database", "job", database_job, "dbname=bptm user=bptm_job",
         "libpq connection string of the timed jobs"),
    TEXT("database", "import", database_import, "dbname=bptm user=bptm_import",
         "libpq connection string of the bulk imports, which the part job runs"),
    UINT("ingest", "queue", ingest_queue, 64, 1048576, "4096", "messages between the steps"),
    UINT("ingest", "workers", ingest_workers, 1, LIMIT_INGEST_WORKERS, "2",
         "threads that verify signatures"),
    UINT("ingest", "group", ingest_group, 1, LIMIT_INGEST_GROUP, "1024",
         "messages a transaction takes at most"),
    UINT("ingest", "group_ms", ingest_group_ms, 0, 1000, "2",
         "milliseconds a transaction waits for more"),
    UINT("quarantine", "per_device", quarantine_per_device, 1, 10000, "16",
         "messages kept of one device"),
    UINT("quarantine", "total", quarantine_total, 1, 10000000, "10000", "messages kept in all"),
    UINT("job", "interval_ms", job_interval_ms, 50, 3600000, "1000",
         "milliseconds between two looks for work"),
    CHOICE("webhook", "unencrypted", webhook_unencrypted, "no|yes", "no",
           "whether messages may go out unencrypted, to http URLs"),
    NETWORKS("webhook", "networks", webhook_networks, "",
             "networks that are not public and may be sent to all the same, such as 10.1.0.0/16"),
    TEXT("webhook", "ca_file", webhook_ca_file, "",
         "PEM of the authorities of receivers; empty: those of the system"),
    TEXT("oidc", "issuer", oidc_issuer, "",
         "identity provider whose tokens are taken, such as https://id.example; empty: none"),
    TEXT("oidc", "audience", oidc_audience, "",
         "what its access tokens must be for: a value of their claim aud"),
    WORDS("oidc", "algorithms", oidc_algorithms,
          "RS256|RS384|RS512|PS256|PS384|PS512|ES256|ES384|ES512|EdDSA|Ed25519",
          "RS256 PS256 ES256 EdDSA", "algorithms that a token may be signed by"),
    TEXT("oidc", "roles_claim", oidc_roles_claim, "roles",
         "claim that names roles: its name, or a JSON Pointer such as /realm_access/roles"),
    TEXT("oidc", "enrolment", oidc_roles[0], "",
         "values of that claim, between commas, that give the role enrolment"),
    TEXT("oidc", "installer", oidc_roles[1], "", "likewise, the role installer"),
    TEXT("oidc", "analyst", oidc_roles[2], "", "likewise, the role analyst"),
    TEXT("oidc", "operator", oidc_roles[3], "", "likewise, the role operator"),
    TEXT("oidc", "admin", oidc_roles[4], "", "likewise, the role admin"),
    TEXT("oidc", "crew_claim", oidc_crew_claim, "",
         "claim that names an installer's crew; empty: no crew, so no job"),
    TEXT("oidc", "client_id", oidc_client_id, "",
         "what the web pages are called at the provider; empty: nobody signs in by it"),
    TEXT("oidc", "client_secret_file", oidc_client_secret_file, "",
         "file with the secret of that client; empty: a public one"),
    TEXT("oidc", "scope", oidc_scope, "openid", "scopes that signing in asks for"),
    TEXT("oidc", "ca_file", oidc_ca_file, "",
         "PEM of the authority of the provider; empty: those of the system"),
    CHOICE("oidc", "unencrypted", oidc_unencrypted, "no|loopback", "no",
           "whether the provider may be reached by http, on a loopback address"),
    UINT("oidc", "max_age_s", oidc_max_age_s, 1, 86400, "600",
         "seconds after which its keys are fetched again"),
    UINT("oidc", "stale_s", oidc_stale_s, 1, 604800, "86400",
         "seconds that they are good for while it does not answer"),
    UINT("oidc", "refresh_s", oidc_refresh_s, 1, 3600, "10",
         "seconds between two fetches at least, whatever unknown keys tokens name"),
    CHOICE("log", "level", log_level, "error|warn|info|debug", "info", "least level written"),
};

enum { KEY_COUNT = sizeof(keys) / sizeof(keys[0]) };

/* What libinih hands from line to line. */
struct reading {
    struct config *config;
    FILE *file;
    unsigned char seen[KEY_COUNT];
    int line, long_line;
    int problem_line;              /* the first line that was taken apart but is wrong */
    char problem[CONFIG_TEXT_MAX]; /* what is wrong with it */
};

static int set_text(const struct key *k, const char *value, char *at)
{
    if (strlen(value) >= k->size)
        return 0;
    memcpy(at, value, strlen(value) + 1);
    return 1;
}

static int set_uint(const struct key *k, const char *value, uint32_t *at)
{
    unsigned long long number;

    if (*value == '\0' || strspn(value, "0123456789") != strlen(value) || strlen(value) > 10)
        return 0;
    number = strtoull(value, NULL, 10);
    if (number < k->min || number > k->max)
        return 0;
    *at = (uint32_t)number;
    return 1;
}

static int set_choice(const struct key *k, const char *value, char *at)
{
    size_t len = strlen(value);

    for (const char *c = k->choices; c != NULL; c = strchr(c, '|')) {
        c += *c == '|';
        if (len > 0 && strncmp(c, value, len) == 0 && (c[len] == '|' || c[len] == '\0'))
            return set_text(k, value, at);
    }
    return 0;
}

/* One word or more, each of the choices. */
static int set_words(const struct key *k, const char *value, char *at)
{
    char word[CONFIG_TEXT_MAX];

    for (const char *w = value; *w != '\0'; w += strspn(w, " ")) {
        size_t len = strcspn(w, " ");

        if (len >= sizeof(word))
            return 0;
        memcpy(word, w, len);
        word[len] = '\0';
        if (!set_choice(k, word, at))
            return 0;
        w += len;
    }
    return *value != '\0' && set_text(k, value, at);
}

static int set_value(const struct key *k, const char *value, struct config *c)
{
    char *at = (char *)c + k->offset;

    switch (k->type) {
    case KEY_TEXT:
        return set_text(k, value, at);
    case KEY_UINT:
        return set_uint(k, value, (uint32_t *)(void *)at);
    case KEY_CHOICE:
        return set_choice(k, value, at);
    case KEY_WORDS:
        return set_words(k, value, at);
    case KEY_NETWORKS:
        return public_address_networks(value) && set_text(k, value, at);
    }
    return 0;
}

static void describe_range(const struct key *k, size_t cap, char *ret)
{
    switch (k->type) {
    case KEY_TEXT:
        snprintf(ret, cap, "text of at most %zu bytes", k->size - 1);
        return;
    case KEY_UINT:
        snprintf(ret, cap, "%u..%u", k->min, k->max);
        return;
    case KEY_CHOICE:
        snprintf(ret, cap, "%s", k->choices);
        return;
    case KEY_WORDS:
        snprintf(ret, cap, "words of %s", k->choices);
        return;
    case KEY_NETWORKS:
        snprintf(ret, cap, "networks such as 10.0.0.0/8 fd00::/8");
        return;
    }
}

void config_init(struct config *c)
{
    memset(c, 0, sizeof(*c));
    for (size_t i = 0; i < KEY_COUNT; i++) {
        int fits = set_value(&keys[i], keys[i].fallback, c);

        assert(fits);
        (void)fits;
    }
}

static int has_section(const char *section)
{
    for (size_t i = 0; i < KEY_COUNT; i++)
        if (strcmp(keys[i].section, section) == 0)
            return 1;
    return 0;
}

static const struct key *find_key(const char *section, const char *name)
{
    for (size_t i = 0; i < KEY_COUNT; i++)
        if (strcmp(keys[i].section, section) == 0 && strcmp(keys[i].name, name) == 0)
            return &keys[i];
    return NULL;
}

__attribute__((format(printf, 2, 3))) static int refuse(struct reading *r, const char *format, ...)
{
    va_list ap;

    if (r->problem_line == 0) {
        r->problem_line = r->line;
        va_start(ap, format);
        vsnprintf(r->problem, sizeof(r->problem), format, ap);
        va_end(ap);
    }
    return 0;
}

static int on_line(void *context, const char *section, const char *name, const char *value)
{
    struct reading *r = context;
    const struct key *k = find_key(section, name);
    char range[CONFIG_TEXT_MAX / 2];

    if (k == NULL && !has_section(section))
        return refuse(r, "unknown section '%.40s'", section);
    if (k == NULL)
        return refuse(r, "unknown key '%.40s' in section '%.40s'", name, section);
    if (r->seen[k - keys]++)
        return refuse(r, "key '%s.%s' is given twice", section, name);
    if (!set_value(k, value, r->config)) {
        describe_range(k, sizeof(range), range);
        return refuse(r, "value of '%s.%s' must be %s", section, name, range);
    }
    return 1;
}

/* fgets that notices a line libinih would cut in two. */
static char *read_line(char *text, int cap, void *context)
{
    struct reading *r = context;

    if (fgets(text, cap, r->file) == NULL)
        return NULL;
    r->line++;
    if (strlen(text) == (size_t)cap - 1 && text[cap - 2] != '\n' && r->long_line == 0)
        r->long_line = r->line;
    return text;
}

static enum error_code report(const char *path, int line, const char *problem,
                              struct config_error *ret)
{
    snprintf(ret->text, sizeof(ret->text), "%.200s:%d: %s", path, line, problem);
    return EC_CONFIG;
}

enum error_code config_read(const char *path, struct config *ret, struct config_error *ret_error)
{
    struct config filled = *ret;
    struct reading r = {.config = &filled};
    enum error_code ec = EC_OK;
    int bad_line;

    r.file = fopen(path, "re");
    if (r.file == NULL) {
        snprintf(ret_error->text, sizeof(ret_error->text), "%.200s: could not open: %m", path);
        return EC_IO;
    }
    bad_line = ini_parse_stream(read_line, &r, on_line, &r);
    if (r.long_line > 0 && (bad_line == 0 || r.long_line <= bad_line))
        ec = report(path, r.long_line, "the line is longer than 198 bytes", ret_error);
    else if (bad_line > 0)
        ec = report(path, bad_line,
                    r.problem_line == bad_line ? r.problem : "not a section or 'name = value'",
                    ret_error);
    else if (bad_line < 0)
        ec = EC_NO_MEMORY;
    else
        *ret = filled;
    fclose(r.file);
    return ec;
}

int config_help(size_t n, struct config_help *ret)
{
    if (n >= KEY_COUNT)
        return 0;
    ret->section = keys[n].section;
    ret->name = keys[n].name;
    ret->help = keys[n].help;
    snprintf(ret->fallback, sizeof(ret->fallback), "%s", keys[n].fallback);
    describe_range(&keys[n], sizeof(ret->range), ret->range);
    return 1;
}

/* A unit's credentials are in a folder of its own, which it is told. */
static const char *resolve_secret(const char *path, char ret[PATH_MAX])
{
    static const char prefix[] = "$CREDENTIALS_DIRECTORY/";
    const char *folder = getenv("CREDENTIALS_DIRECTORY");

    if (strncmp(path, prefix, sizeof(prefix) - 1) != 0 || folder == NULL)
        return path;
    snprintf(ret, PATH_MAX, "%s/%s", folder, path + sizeof(prefix) - 1);
    return ret;
}

enum error_code config_secret(const char *path, size_t cap, char *ret)
{
    enum error_code ec = EC_IO;
    char resolved[PATH_MAX];
    char text[SECRET_MAX] = "";
    struct stat st;
    ssize_t len;
    int fd = open(resolve_secret(path, resolved), O_RDONLY | O_CLOEXEC);

    if (fd < 0 || fstat(fd, &st) != 0)
        goto done;
    len = read(fd, text, sizeof(text));
    if (len < 0)
        goto done;
    ec = EC_CONFIG;
    while (len > 0 && (text[len - 1] == '\n' || text[len - 1] == '\r'))
        len--;
    if (len == 0 || (size_t)len >= cap || (size_t)len >= sizeof(text) || (st.st_mode & S_IRWXO))
        goto done;
    memcpy(ret, text, (size_t)len);
    ret[len] = '\0';
    ec = EC_OK;
done:
    explicit_bzero(text, sizeof(text));
    if (fd >= 0)
        close(fd);
    return ec;
}
