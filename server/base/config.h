/* The configuration of bptmd: one struct, filled from an INI file by one table. */
#ifndef BPTM_CONFIG_H
#define BPTM_CONFIG_H

#include <stddef.h>
#include <stdint.h>

#include "error.h"

enum { CONFIG_TEXT_MAX = 256 };

/** Every key of bptmd.conf(5); the table in config.c gives section, name, type, range and default.
 */
struct config {
    char http_address[CONFIG_TEXT_MAX];          /* [http] address = 127.0.0.1 */
    uint32_t http_port;                          /* [http] port = 8080; 0 lets the system choose */
    uint32_t http_threads;                       /* [http] threads = 2 */
    uint32_t http_connections;                   /* [http] connections = 512 */
    uint32_t http_timeout_s;                     /* [http] timeout_s = 30: slow clients */
    char http_certificate_file[CONFIG_TEXT_MAX]; /* empty: no TLS */
    char http_key_file[CONFIG_TEXT_MAX];
    uint32_t http_connections_per_address; /* [http] connections_per_address = 128 */
    uint32_t http_requests_per_s; /* [http] requests_per_s = 200: of one token, or one address */
    uint32_t http_requests_burst;
    uint32_t http_failures_per_min; /* [http] failures_per_min = 30: failed tokens of one address */
    char http_proxy[CONFIG_TEXT_MAX]; /* [http] proxy: the address whose X-Forwarded-For counts */
    char http_public_url[CONFIG_TEXT_MAX]; /* [http] public_url = "": what links begin with */
    char http_port_file[CONFIG_TEXT_MAX];  /* [http] port_file = "" : where the chosen port is
                                              written */
    char http_pages[CONFIG_TEXT_MAX];      /* [http] pages: folder of the web pages; empty: none */
    char mqtt_host[CONFIG_TEXT_MAX];       /* [mqtt] host = 127.0.0.1 */
    uint32_t mqtt_port;                    /* [mqtt] port = 1883 */
    char mqtt_client_id[CONFIG_TEXT_MAX];
    char mqtt_username[CONFIG_TEXT_MAX];
    char mqtt_password_file[CONFIG_TEXT_MAX];
    char mqtt_ca_file[CONFIG_TEXT_MAX]; /* PEM; empty: no TLS */
    char mqtt_certificate_file[CONFIG_TEXT_MAX];
    char mqtt_key_file[CONFIG_TEXT_MAX];
    uint32_t mqtt_device_per_s;             /* [mqtt] device_per_s = 50 messages of one device */
    char mqtt_root[CONFIG_TEXT_MAX];        /* [mqtt] root = bptm/1 */
    char receipt_key_file[CONFIG_TEXT_MAX]; /* [receipt] key_file: 32-byte seed in hex, mode 0600 */
    char person_key_file[CONFIG_TEXT_MAX];  /* [person] key_file = "": no personal data */
    char database_http[CONFIG_TEXT_MAX]; /* [database] http, mqtt, job: libpq connection strings */
    char database_mqtt[CONFIG_TEXT_MAX];
    char database_job[CONFIG_TEXT_MAX];
    char database_import[CONFIG_TEXT_MAX];  /* bulk imports, run by the part job */
    uint32_t ingest_queue;                  /* [ingest] queue = 4096 messages */
    uint32_t ingest_workers;                /* [ingest] workers = 2 */
    uint32_t ingest_group;                  /* [ingest] group = 1024 batches a transaction */
    uint32_t ingest_group_ms;               /* [ingest] group_ms = 2 */
    uint32_t quarantine_per_device;         /* [quarantine] per_device = 16 */
    uint32_t quarantine_total;              /* [quarantine] total = 10000 */
    uint32_t job_interval_ms;               /* [job] interval_ms = 1000 */
    char webhook_unencrypted[4];            /* [webhook] unencrypted = no: https only */
    char webhook_networks[CONFIG_TEXT_MAX]; /* [webhook] networks = "": private ones permitted */
    char webhook_ca_file[CONFIG_TEXT_MAX];  /* [webhook] ca_file = "": the system's authorities */
    char oidc_issuer[CONFIG_TEXT_MAX];      /* [oidc] issuer = "": access tokens of ours alone */
    char oidc_audience[CONFIG_TEXT_MAX];    /* [oidc] audience: what its access tokens are for */
    char oidc_algorithms[CONFIG_TEXT_MAX];  /* [oidc] algorithms = RS256 PS256 ES256 EdDSA */
    char oidc_roles_claim[CONFIG_TEXT_MAX]; /* [oidc] roles_claim = roles */
    char oidc_roles[5][CONFIG_TEXT_MAX]; /* [oidc] enrolment, installer, analyst, operator, admin */
    char oidc_crew_claim[CONFIG_TEXT_MAX];
    char oidc_client_id[CONFIG_TEXT_MAX]; /* [oidc] client_id = "": nobody signs in by it */
    char oidc_client_secret_file[CONFIG_TEXT_MAX];
    char oidc_scope[CONFIG_TEXT_MAX];   /* [oidc] scope = openid */
    char oidc_ca_file[CONFIG_TEXT_MAX]; /* [oidc] ca_file = "": the system's authorities */
    char oidc_unencrypted[12];          /* [oidc] unencrypted = no: https only */
    uint32_t oidc_max_age_s;            /* [oidc] max_age_s = 600: keys are fetched anew */
    uint32_t oidc_stale_s;              /* [oidc] stale_s = 86400: keys without a provider */
    uint32_t oidc_refresh_s;            /* [oidc] refresh_s = 10: between two fetches */
    char log_level[16];                 /* [log] level = info */
};

/** A problem of a configuration file, for people: `file:line: what is wrong`. */
struct config_error {
    char text[CONFIG_TEXT_MAX * 2];
};

/** Fill with the defaults. */
void config_init(struct config *c);

/**
 * Read a secret file (a password, a key in hex) without its last line end. A path that begins with
 * "$CREDENTIALS_DIRECTORY/" is in the folder that systemd hands the process.
 * @param ret  `cap` bytes, NUL-terminated; the caller wipes it
 * @return EC_OK; EC_IO when it cannot be read; EC_CONFIG when empty, too long, or readable by
 *         others than its owner and group
 */
enum error_code config_secret(const char *path, size_t cap, char *ret) MUST_CHECK;

/**
 * Read a file over the defaults. An unknown section or key, a value out of range and a repeated key
 * are errors that name file, line and key.
 * @return EC_OK; EC_CONFIG or EC_IO with `ret_error` filled
 */
enum error_code config_read(const char *path, struct config *ret,
                            struct config_error *ret_error) MUST_CHECK;

/** One key for --list-config: where it stands, its default, what it may be, one line of help. */
struct config_help {
    const char *section, *name, *help;
    char fallback[64], range[CONFIG_TEXT_MAX / 2];
};
/** @return 1 and the n-th key, 0 after the last. */
int config_help(size_t n, struct config_help *ret);

#endif
