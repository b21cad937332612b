/* Cells of a staged import that are about persons, sealed and opened. */
#include "codec/cell_seal.h"

#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "codec/json_put.h"

enum {
    NONCE = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES,
    TAG = crypto_aead_xchacha20poly1305_ietf_ABYTES,
    KEY = 32,
    BASE64 = sodium_base64_VARIANT_URLSAFE_NO_PADDING,
};

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/* One key to seal with, one to make the nonce of the text: the same text, the same box. */
struct cell_key {
    uint8_t seal[KEY], nonce[KEY];
};

static void key_of(const uint8_t index[PERSON_KEY_LEN], int64_t import_id, struct cell_key *ret)
{
    uint8_t both[2 * KEY];
    crypto_kdf_derive_from_key(both, sizeof both, (uint64_t)import_id, "bptmcell", index);
    memcpy(ret->seal, both, KEY);
    memcpy(ret->nonce, both + KEY, KEY);
    sodium_memzero(both, sizeof both);
}

void cell_seal(const struct person_keys *keys, int64_t import_id, const char *text, size_t len,
               struct bytes *to)
{
    struct cell_key key;
    struct bytes box;
    char head[48];
    unsigned long long sealed = 0;
    size_t base64 = sodium_base64_ENCODED_LEN(NONCE + TAG + len, BASE64);
    bytes_init(&box, NONCE + TAG + len);
    uint8_t *at = bytes_extend(&box, NONCE + TAG + len);
    int n = snprintf(head, sizeof head, CELL_HEAD "%" PRId64 ".", import_id);
    bytes_put(to, head, (size_t)n);
    uint8_t *out =
        at != NULL ? bytes_extend(to, base64) : NULL; /* with the NUL, which is then "." */
    if (out == NULL) {
        to->failed = 1;
        bytes_done(&box);
        return;
    }
    key_of(keys->index[keys->index_count - 1].key, import_id, &key);
    crypto_generichash(at, NONCE, (const uint8_t *)text, len, key.nonce, KEY);
    crypto_aead_xchacha20poly1305_ietf_encrypt(at + NONCE, &sealed, (const uint8_t *)text, len,
                                               NULL, 0, NULL, at, key.seal);
    sodium_bin2base64((char *)out, base64, at, NONCE + TAG + len, BASE64);
    out[base64 - 1] = '.';
    sodium_memzero(&key, sizeof key);
    bytes_done(&box);
}

/* -- opening ----------------------------------------------------------------------------------- */

/* One of them, taken apart. */
struct sealed {
    int64_t import_id;
    const char *base64;
    size_t len;      /* of it */
    const char *end; /* what follows the cell */
};

static int take_apart(const char *at, struct sealed *ret)
{
    const char *id = at + sizeof CELL_HEAD - 1;
    size_t digits = strspn(id, "0123456789");
    if (digits == 0 || digits > 18 || id[digits] != '.')
        return 0;
    ret->import_id = strtoll(id, NULL, 10);
    ret->base64 = id + digits + 1;
    ret->len = strspn(ret->base64, alphabet);
    ret->end = ret->base64 + ret->len + 1;
    return ret->base64[ret->len] == '.';
}

static void put_plain(struct bytes *to, const char *at, size_t len)
{
    bytes_put(to, at, len);
}

/* The length of what a box opens to under a key of the index, or -1. */
static long open_under(const uint8_t index[PERSON_KEY_LEN], int64_t import_id, const uint8_t *box,
                       size_t len, uint8_t *plain)
{
    struct cell_key key;
    unsigned long long n = 0;
    key_of(index, import_id, &key);
    int rc = crypto_aead_xchacha20poly1305_ietf_decrypt(plain, &n, NULL, box + NONCE, len - NONCE,
                                                        NULL, 0, box, key.seal);
    sodium_memzero(&key, sizeof key);
    return rc == 0 ? (long)n : -1;
}

/* A cell from before another key of the index was added opens under the older one. */
static int open_one(const struct person_keys *keys, const struct sealed *s, enum cell_style style,
                    struct bytes *to)
{
    static void (*const put[])(struct bytes *, const char *,
                               size_t) = {[CELL_TEXT] = put_plain, [CELL_JSON] = json_put};
    size_t len = 0;
    uint8_t *box = malloc(2 * s->len + 1), *plain = box != NULL ? box + s->len : NULL;
    long n = -1;
    if (box == NULL) {
        to->failed = 1;
        return 1;
    }
    if (sodium_base642bin(box, s->len, s->base64, s->len, NULL, &len, NULL, BASE64) == 0 &&
        len >= NONCE + TAG)
        for (size_t i = keys->index_count; i > 0 && n < 0; i--)
            n = open_under(keys->index[i - 1].key, s->import_id, box, len, plain);
    if (n >= 0)
        put[style](to, (const char *)plain, (size_t)n);
    sodium_memzero(box, 2 * s->len + 1);
    free(box);
    return n >= 0;
}

enum error_code cells_open(const struct person_keys *keys, const char *text, enum cell_style style,
                           char **ret, size_t *count)
{
    struct bytes to;
    struct sealed s;
    const char *from = text, *at = text;
    size_t opened = 0;
    bytes_init(&to, (size_t)JSON_PUT_MOST * strlen(text) + 1);
    while ((at = strstr(at, CELL_HEAD)) != NULL) {
        size_t before = to.len;
        if (!take_apart(at, &s)) {
            at++;
            continue;
        }
        bytes_put(&to, from, (size_t)(at - from));
        if (open_one(keys, &s, style, &to)) {
            from = at = s.end;
            opened++;
        } else {
            to.len = before;
            at++;
        }
    }
    bytes_put(&to, from, strlen(from) + 1);
    enum error_code ec = bytes_check(&to);
    if (ec != EC_OK) {
        bytes_done(&to);
        return ec;
    }
    *ret = (char *)to.at;
    *count = opened;
    return EC_OK;
}

enum error_code cell_open(const struct person_keys *keys, const char *sealed, char **ret)
{
    struct sealed s;
    char *plain = NULL;
    size_t count = 0;
    if (strncmp(sealed, CELL_HEAD, sizeof CELL_HEAD - 1) != 0 || !take_apart(sealed, &s) ||
        *s.end != '\0')
        return EC_INTERNAL;
    enum error_code ec = cells_open(keys, sealed, CELL_TEXT, &plain, &count);
    if (ec == EC_OK && count != 1)
        ec = EC_INTERNAL;
    if (ec == EC_OK)
        *ret = plain;
    else
        free(plain);
    return ec;
}
