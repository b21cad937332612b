/* bptmctl generators sign, offline: the signed list that works without a network. */
#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ctl/ctl.h"
#include "store/generator_offline.h"

enum { KEY = 0, OUT = 0 };

struct signing {
    const struct cose_key *key;
    struct generator_offline made;
};

static enum error_code sign_body(struct db *db, void *context)
{
    static const struct audit_by by = {NULL, "operator", NULL};
    struct signing *s = context;
    return generator_offline_sign(db, &by, s->key, &s->made);
}

static enum error_code sign(struct ctl *ctl)
{
    uint8_t seed[WIRE_SEED_LEN];
    char hex[2 * WIRE_KEY_LEN + 1];
    struct cose_key key;
    struct signing s = {.key = &key};

    enum error_code ec = ctl_key_read(ctl, ctl->options[KEY], seed);
    if (ec != EC_OK)
        return ec;
    cose_key_init(&key, seed);
    sodium_memzero(seed, sizeof(seed));
    ec = db_transact(ctl->db, sign_body, &s);
    if (ec == EC_OK)
        printf("version %" PRIu64 ", %zu models, %zu bytes\npublic_key=%s\n", s.made.list.version,
               s.made.list.models, s.made.bytes,
               sodium_bin2hex(hex, sizeof(hex), key.public_key, WIRE_KEY_LEN));
    cose_key_done(&key);
    if (ec == EC_NOT_FOUND)
        return ctl_fail(ctl, ec, "no list of generators is active");
    return ec == EC_OK ? ec : ctl_fail_db(ctl, ec, "generators");
}

static enum error_code offline(struct ctl *ctl)
{
    char *bytes = NULL;
    size_t len = 0;
    enum error_code ec = generator_offline_get(ctl->db, &bytes, &len);

    if (ec == EC_NOT_FOUND)
        return ctl_fail(ctl, ec, "no list is active, or the active one is not signed yet");
    if (ec != EC_OK)
        return ctl_fail_db(ctl, ec, "generators");
    ec = ctl_write_new(ctl, ctl->options[OUT], 0644, bytes, len);
    free(bytes);
    return ec;
}

const struct ctl_command ctl_offline_commands[] = {
    {.words = "generators sign",
     .doc = "Sign the active list of generators, to be checked without a network.",
     .options = {{"key", CTL_OPTION(KEY), "FILE", 0, "secret seed of the list's key", 0}, {0}},
     .required = 1U << KEY,
     .needs_database = 1,
     .run = sign},
    {.words = "generators offline",
     .doc = "Write the signed list of generators into a new file.",
     .options = {{"out", CTL_OPTION(OUT), "FILE", 0, "new file", 0}, {0}},
     .required = 1U << OUT,
     .needs_database = 1,
     .run = offline},
    {.words = NULL},
};
