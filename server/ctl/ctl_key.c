/* bptmctl key: keys that sign, such as the one of the receipts. */
#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "cose.h"
#include "ctl/ctl.h"

enum { OUT, SEED_HEX_LEN = 2 * WIRE_SEED_LEN, FILE_LEN = SEED_HEX_LEN + 1 };

static enum error_code create(struct ctl *ctl)
{
    uint8_t seed[WIRE_SEED_LEN];
    char text[FILE_LEN + 1], hex[2 * WIRE_KEY_LEN + 1], kid[2 * WIRE_KID_LEN + 1];
    struct cose_key key;

    randombytes_buf(seed, sizeof(seed));
    sodium_bin2hex(text, sizeof(text), seed, sizeof(seed));
    text[SEED_HEX_LEN] = '\n';
    cose_key_init(&key, seed);
    enum error_code ec = ctl_write_new(ctl, ctl->options[OUT], 0600, text, FILE_LEN);
    if (ec == EC_OK)
        printf("public_key=%s\nkid=%s\n",
               sodium_bin2hex(hex, sizeof(hex), key.public_key, WIRE_KEY_LEN),
               sodium_bin2hex(kid, sizeof(kid), key.kid, WIRE_KID_LEN));
    sodium_memzero(seed, sizeof(seed));
    sodium_memzero(text, sizeof(text));
    cose_key_done(&key);
    return ec;
}

enum error_code ctl_key_read(struct ctl *ctl, const char *path, uint8_t ret[WIRE_SEED_LEN])
{
    char text[FILE_LEN + 2];
    size_t len = 0;
    const char *end = NULL;
    FILE *f = fopen(path, "re");

    if (f == NULL)
        return ctl_fail(ctl, EC_IO, "%s: %s", path, strerror(errno));
    size_t got = fread(text, 1, sizeof(text), f);
    fclose(f);
    int good = (got == SEED_HEX_LEN || (got == FILE_LEN && text[SEED_HEX_LEN] == '\n')) &&
               sodium_hex2bin(ret, WIRE_SEED_LEN, text, SEED_HEX_LEN, NULL, &len, &end) == 0 &&
               len == WIRE_SEED_LEN;
    sodium_memzero(text, sizeof(text));
    return good ? EC_OK : ctl_fail(ctl, EC_CONFIG, "%s: is not a seed of 64 hex digits", path);
}

/* The key alone goes to standard output, as the other programs take it. */
static enum error_code show_public(struct ctl *ctl)
{
    uint8_t seed[WIRE_SEED_LEN];
    char hex[2 * WIRE_KEY_LEN + 1];
    struct cose_key key;

    enum error_code ec = ctl_key_read(ctl, ctl->argument, seed);
    if (ec != EC_OK)
        return ec;
    cose_key_init(&key, seed);
    printf("%s\n", sodium_bin2hex(hex, sizeof(hex), key.public_key, WIRE_KEY_LEN));
    sodium_memzero(seed, sizeof(seed));
    cose_key_done(&key);
    return EC_OK;
}

const struct ctl_command ctl_key_commands[] = {
    {.words = "key create",
     .doc = "Make a key that signs receipts, lists or firmware; prints its public key and kid.",
     .options = {{"out", CTL_OPTION(OUT), "FILE", 0, "new file for the secret seed, mode 0600", 0},
                 {0}},
     .required = 1U << OUT,
     .run = create},
    {.words = "key public",
     .argument = "FILE",
     .doc = "Print the public key of a key file, in hex.",
     .run = show_public},
    {.words = NULL},
};
