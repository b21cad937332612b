/* bptmctl ca revoke, ca watch: a device that may no longer be at the broker is cut off at once. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "ctl/ctl_authority.h"
#include "store/custody.h"

enum {
    DIR_NAME,
    BROKER_PID,
    KICK,
    NAME, /* of revoke */
    REASON,
};
enum {
    LINE_MAX_LEN = 1024,
    REVOKED_MAX = 64, /* certificates of one device that are valid at a time */
    RELOAD_MS = 300,  /* a broker looks for signals ten times a second */
    KICKS = 2,        /* the second one ends what connected before the list was read */
    WATCH_MS = 1000,
};

/* Names of the valid certificates of a device: certs/SERIAL.pem. */
struct certificates {
    char at[REVOKED_MAX][64];
    size_t count;
};

static enum error_code find_valid(struct ctl *ctl, const struct authority *a, const char *name,
                                  struct certificates *ret)
{
    char path[CTL_PATH_MAX], line[LINE_MAX_LEN], kind, serial[42], subject[AUTHORITY_NAME_MAX + 8];

    authority_path(a, "index.txt", path);
    FILE *f = fopen(path, "re");
    if (f == NULL)
        return ctl_fail(ctl, EC_IO, "%s: %s", path, strerror(errno));
    ret->count = 0;
    /* V, end, (no revocation), serial, file, subject */
    while (fgets(line, sizeof(line), f) != NULL && ret->count < REVOKED_MAX)
        if (sscanf(line, "%c\t%*s\t\t%41[0-9A-F]\t%*s\t/CN=%64s", &kind, serial, subject) == 3 &&
            kind == 'V' && strcmp(subject, name) == 0)
            snprintf(ret->at[ret->count++], sizeof(ret->at[0]), "certs/%s.pem", serial);
    fclose(f);
    return EC_OK;
}

static enum error_code revoke_one(struct ctl *ctl, const struct authority *a, const char *file,
                                  const char *reason)
{
    char cnf[CTL_PATH_MAX], path[CTL_PATH_MAX];
    const char *const argv[] = {"openssl", "ca",          "-config", cnf, "-revoke",
                                path,      "-crl_reason", reason,    NULL};

    authority_path(a, "openssl.cnf", cnf);
    authority_path(a, file, path);
    return authority_openssl(ctl, argv, NULL);
}

enum error_code authority_reload(struct ctl *ctl, const char *path)
{
    FILE *f = fopen(path, "re");
    long pid = 0;
    int got = f != NULL && fscanf(f, "%ld", &pid) == 1 && pid > 1;

    if (f != NULL)
        fclose(f);
    if (!got || kill((pid_t)pid, SIGHUP) != 0)
        return ctl_fail(ctl, EC_IO, "%s: the broker could not be told: %s", path,
                        f == NULL || got ? strerror(errno) : "no process identifier");
    return EC_OK;
}

/* Whoever connects under the client id of a device takes its place: MQTT 3.1.1, 3.1.4-2. */
static enum error_code kick(struct ctl *ctl, const struct authority *a, const char *name)
{
    char ca[CTL_PATH_MAX], key[CTL_PATH_MAX], pem[CTL_PATH_MAX], host[AUTHORITY_NAME_MAX + 1];
    const char *where = ctl->options[KICK], *colon = strrchr(where, ':');
    const char *const argv[] = {"mosquitto_pub", "-h", host,    "-p", colon + 1, "--cafile", ca,
                                "--cert",        pem,  "--key", key,  "-i",      name,       "-t",
                                "kick",          "-n", NULL};

    snprintf(host, sizeof(host), "%.*s", (int)(colon - where), where);
    authority_path(a, "ca.pem", ca);
    authority_path(a, "kick.key", key);
    authority_path(a, "kick.pem", pem);
    for (int i = 0; i < KICKS; i++) {
        clock_sleep_ms(RELOAD_MS);
        enum error_code ec = ctl_run(ctl, argv, -1, -1);
        if (ec != EC_OK)
            return ec;
    }
    return EC_OK;
}

static enum error_code cut_off(struct ctl *ctl, const struct authority *a, const char *name)
{
    enum error_code ec = EC_OK;

    if (ctl->options[BROKER_PID] != NULL)
        ec = authority_reload(ctl, ctl->options[BROKER_PID]);
    if (ec == EC_OK && ctl->options[KICK] != NULL)
        ec = kick(ctl, a, name);
    return ec;
}

/* Revoke what is valid and write the list. The broker is told even when nothing was valid: who
   began this and did not end it may have left it connected. */
static enum error_code revoke(struct ctl *ctl, const char *name, const char *reason, size_t *ret)
{
    struct authority a = {.lock = -1};
    struct certificates valid = {.count = 0};
    size_t done = 0;

    enum error_code ec = authority_open(ctl, ctl->options[DIR_NAME], &a);
    if (ec == EC_OK)
        ec = find_valid(ctl, &a, name, &valid);
    while (ec == EC_OK && done < valid.count)
        ec = revoke_one(ctl, &a, valid.at[done++], reason);
    if (ec == EC_OK)
        ec = authority_write_list(ctl, &a);
    if (ec == EC_OK)
        ec = cut_off(ctl, &a, name);
    authority_close(&a);
    *ret = done;
    return ec;
}

static int is_known_reason(const char *reason)
{
    static const char *const known[] = {"unspecified", "keyCompromise", "superseded",
                                        "cessationOfOperation", "affiliationChanged"};

    for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++)
        if (strcmp(known[i], reason) == 0)
            return 1;
    return 0;
}

static enum error_code check_kick(struct ctl *ctl)
{
    const char *where = ctl->options[KICK], *colon = where != NULL ? strrchr(where, ':') : NULL;

    if (where != NULL && (colon == NULL || colon == where || colon - where > AUTHORITY_NAME_MAX ||
                          colon[1] == '\0' || strspn(colon + 1, "0123456789") != strlen(colon + 1)))
        return ctl_fail(ctl, EC_USAGE, "--kick must be HOST:PORT");
    return EC_OK;
}

static enum error_code revoke_all(struct ctl *ctl)
{
    const char *name = ctl->options[NAME], *reason = ctl->options[REASON];
    size_t count = 0;

    if (!authority_is_name(name))
        return ctl_fail(ctl, EC_USAGE, "--device must be a serial number");
    if (reason != NULL && !is_known_reason(reason))
        return ctl_fail(ctl, EC_USAGE,
                        "--reason must be unspecified, keyCompromise, superseded,"
                        " cessationOfOperation or affiliationChanged");
    enum error_code ec = check_kick(ctl);
    if (ec == EC_OK)
        ec = revoke(ctl, name, reason != NULL ? reason : "unspecified", &count);
    if (ec == EC_OK && count == 0)
        ec = ctl_fail(ctl, EC_NOT_FOUND, "%s has no certificate", name);
    if (ec == EC_OK)
        printf("%zu certificates of %s revoked\n", count, name);
    return ec;
}

/* -- what the ledger says -------------------------------------------------------------------- */

/* One device, and that it is done. */
static enum error_code carry_out(struct ctl *ctl, const struct custody_revocation *r)
{
    const char *reason =
        strcmp(r->state, "scrapped") == 0 ? "cessationOfOperation" : "keyCompromise";
    size_t count = 0;

    enum error_code ec = revoke(ctl, r->serial, reason, &count);
    if (ec == EC_OK) {
        ec = custody_revoked(ctl->db, r);
        if (ec != EC_OK)
            return ctl_fail_db(ctl, ec, "revocation");
        printf("%zu certificates of %s revoked: %s\n", count, r->serial, r->state);
        fflush(stdout);
    }
    return ec;
}

/* Ends when something fails; its unit starts it again, and what is not done yet is still due. */
static enum error_code watch(struct ctl *ctl)
{
    struct custody_revocation due[CUSTODY_REVOCATIONS_MAX];
    enum error_code ec = check_kick(ctl);

    while (ec == EC_OK) {
        size_t count = 0;

        ec = custody_revocations(ctl->db, due, &count);
        if (ec != EC_OK)
            return ctl_fail_db(ctl, ec, "revocations");
        for (size_t i = 0; i < count && ec == EC_OK; i++)
            ec = carry_out(ctl, &due[i]);
        if (ec == EC_OK && count == 0)
            clock_sleep_ms(WATCH_MS);
    }
    return ec;
}

#define BROKER                                                                                     \
    {"dir", CTL_OPTION(DIR_NAME), "DIR", 0, "folder of the authority", 0},                         \
        {"broker-pid",                                                                             \
         CTL_OPTION(BROKER_PID),                                                                   \
         "FILE",                                                                                   \
         0,                                                                                        \
         "of the broker, which is told to read the list",                                          \
         0},                                                                                       \
    {                                                                                              \
        "kick", CTL_OPTION(KICK), "HOST:PORT", 0,                                                  \
            "listener of the broker where kick.pem takes the place of a client", 0                 \
    }

const struct ctl_command ctl_revoke_commands[] = {
    {.words = "ca revoke",
     .doc = "Revoke all certificates of a device, and cut it off.",
     .options = {BROKER,
                 {"device", CTL_OPTION(NAME), "SERIAL", 0, "the device", 0},
                 {"reason", CTL_OPTION(REASON), "TEXT", 0, "such as keyCompromise", 0},
                 {0}},
     .required = 1U << DIR_NAME | 1U << NAME,
     .run = revoke_all},
    {.words = "ca watch",
     .doc = "Cut off, for as long as it runs, what the ledger has as lost, stolen or scrapped.",
     .options = {BROKER, {0}},
     .required = 1U << DIR_NAME | 1U << BROKER_PID | 1U << KICK,
     .needs_database = 1,
     .run = watch},
    {.words = NULL},
};
