/* Personal data at rest: XChaCha20-Poly1305 with a random nonce before each box; what a box is of
 * is authenticated with it. */
#include "codec/person_seal.h"

#include <assert.h>
#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    NONCE_LEN = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES,
    TAG_LEN = crypto_aead_xchacha20poly1305_ietf_ABYTES,
    HEX_LEN = 2 * PERSON_KEY_LEN,
    ABOUT_MAX = 80,
};
static_assert(NONCE_LEN + TAG_LEN == PERSON_OVERHEAD, "what a box adds");
static_assert(PERSON_KEY_LEN == crypto_aead_xchacha20poly1305_ietf_KEYBYTES, "length of keys");

/* The personal fields: everything else may be stored in plain. */
static const char *const fields[PERSON_FIELDS] = {
    [PERSON_NAME] = "name", [PERSON_EMAIL] = "email", [PERSON_PHONE] = "phone",
    [PERSON_NOTE] = "note", [PERSON_TITLE] = "title",
};

const char *person_field_name(enum person_field field)
{
    return fields[field];
}

enum person_field person_field_find(const char *name, size_t len)
{
    enum person_field f = 0;
    while (f < PERSON_FIELDS && (strlen(fields[f]) != len || strncmp(fields[f], name, len) != 0))
        f++;
    return f;
}

/* -- boxes ------------------------------------------------------------------------------------- */

static void close_box(const uint8_t key[PERSON_KEY_LEN], const char *about, const void *at,
                      size_t len, uint8_t *ret)
{
    randombytes_buf(ret, NONCE_LEN);
    crypto_aead_xchacha20poly1305_ietf_encrypt(ret + NONCE_LEN, NULL, at, len,
                                               (const unsigned char *)about, strlen(about), NULL,
                                               ret, key);
}

static enum error_code open_box(const uint8_t key[PERSON_KEY_LEN], const char *about,
                                const uint8_t *box, size_t len, void *ret)
{
    if (len < PERSON_OVERHEAD || crypto_aead_xchacha20poly1305_ietf_decrypt(
                                     ret, NULL, NULL, box + NONCE_LEN, len - NONCE_LEN,
                                     (const unsigned char *)about, strlen(about), box, key) != 0)
        return EC_INTERNAL;
    return EC_OK;
}

static void about_field(int64_t person_id, enum person_field field, char ret[ABOUT_MAX])
{
    snprintf(ret, ABOUT_MAX, "bptm person %" PRId64 " %s", person_id, fields[field]);
}

void person_seal(const uint8_t key[PERSON_KEY_LEN], int64_t person_id, enum person_field field,
                 const char *text, size_t len, uint8_t *ret)
{
    char about[ABOUT_MAX];
    about_field(person_id, field, about);
    close_box(key, about, text, len, ret);
}

enum error_code person_open(const uint8_t key[PERSON_KEY_LEN], int64_t person_id,
                            enum person_field field, const uint8_t *box, size_t len, char *ret)
{
    char about[ABOUT_MAX];
    about_field(person_id, field, about);
    return open_box(key, about, box, len, ret);
}

/* -- keys of persons --------------------------------------------------------------------------- */

static const uint8_t *find(const struct person_version *versions, size_t n, int64_t version)
{
    for (size_t i = 0; i < n; i++)
        if (versions[i].version == version)
            return versions[i].key;
    return NULL;
}

static const uint8_t *master(const struct person_keys *keys, int64_t version)
{
    return find(keys->master, keys->count, version);
}

const uint8_t *person_index(const struct person_keys *keys, int64_t version)
{
    return find(keys->index, keys->index_count, version);
}

static void about_key(int64_t version, int64_t person_id, char ret[ABOUT_MAX])
{
    snprintf(ret, ABOUT_MAX, "bptm person_key %" PRId64 " %" PRId64, person_id, version);
}

enum error_code person_key_wrap(const struct person_keys *keys, int64_t version, int64_t person_id,
                                const uint8_t key[PERSON_KEY_LEN], uint8_t ret[PERSON_WRAPPED_LEN])
{
    char about[ABOUT_MAX];
    const uint8_t *under = master(keys, version);
    if (under == NULL)
        return EC_NOT_FOUND;
    about_key(version, person_id, about);
    close_box(under, about, key, PERSON_KEY_LEN, ret);
    return EC_OK;
}

enum error_code person_key_open(const struct person_keys *keys, int64_t version, int64_t person_id,
                                const uint8_t box[PERSON_WRAPPED_LEN], uint8_t ret[PERSON_KEY_LEN])
{
    char about[ABOUT_MAX];
    const uint8_t *under = master(keys, version);
    if (under == NULL)
        return EC_NOT_FOUND;
    about_key(version, person_id, about);
    return open_box(under, about, box, PERSON_WRAPPED_LEN, ret);
}

/* -- the key file ------------------------------------------------------------------------------ */

static enum error_code add_version(struct person_version *versions, size_t most, size_t *n)
{
    if (*n == most || (*n > 0 && versions[*n - 1].version == PERSON_VERSION_LAST))
        return EC_QUEUE_FULL;
    versions[*n].version = *n > 0 ? versions[*n - 1].version + 1 : 1;
    randombytes_buf(versions[*n].key, PERSON_KEY_LEN);
    (*n)++;
    return EC_OK;
}

enum error_code person_keys_add(struct person_keys *keys)
{
    return add_version(keys->master, PERSON_VERSIONS_MAX, &keys->count);
}

enum error_code person_index_add(struct person_keys *keys)
{
    return add_version(keys->index, PERSON_INDEX_MAX, &keys->index_count);
}

void person_keys_make(struct person_keys *ret)
{
    *ret = (struct person_keys){0};
    enum error_code ec = person_index_add(ret);
    if (ec == EC_OK)
        ec = person_keys_add(ret);
    assert(ec == EC_OK);
    (void)ec;
}

void person_index_drop(struct person_keys *keys)
{
    if (keys->index_count < 2)
        return;
    keys->index[0] = keys->index[1];
    sodium_memzero(&keys->index[1], sizeof keys->index[1]);
    keys->index_count = 1;
}

void person_keys_drop(struct person_keys *keys, int64_t version)
{
    size_t kept = 0;
    for (size_t i = 0; i < keys->count; i++)
        if (keys->master[i].version != version)
            keys->master[kept++] = keys->master[i];
    sodium_memzero(&keys->master[kept], (keys->count - kept) * sizeof keys->master[0]);
    keys->count = kept;
}

void person_keys_done(struct person_keys *keys)
{
    sodium_memzero(keys, sizeof *keys);
}

/* The first key of the index has no number: so it was written when there was but one. */
static void write_line(char *text, const char *word, int has_first, const struct person_version *v)
{
    char hex[HEX_LEN + 1];
    size_t len = strlen(text);
    sodium_bin2hex(hex, sizeof hex, v->key, PERSON_KEY_LEN);
    if (has_first || v->version > 1)
        snprintf(text + len, PERSON_KEYS_TEXT_MAX - len, "%s %" PRId64 " %s\n", word, v->version,
                 hex);
    else
        snprintf(text + len, PERSON_KEYS_TEXT_MAX - len, "%s %s\n", word, hex);
    sodium_memzero(hex, sizeof hex);
}

void person_keys_write(const struct person_keys *keys, char ret[PERSON_KEYS_TEXT_MAX])
{
    ret[0] = '\0';
    for (size_t i = 0; i < keys->index_count; i++)
        write_line(ret, "index", 0, &keys->index[i]);
    for (size_t i = 0; i < keys->count; i++)
        write_line(ret, "key", 1, &keys->master[i]);
}

/* Exactly the digits of a key and the end of a line, or of the text. */
static int read_hex(const char **at, uint8_t ret[PERSON_KEY_LEN])
{
    size_t len = 0;
    if (strspn(*at, "0123456789abcdef") != HEX_LEN ||
        ((*at)[HEX_LEN] != '\n' && (*at)[HEX_LEN] != '\0') ||
        sodium_hex2bin(ret, PERSON_KEY_LEN, *at, HEX_LEN, NULL, &len, NULL) != 0)
        return 0;
    *at += HEX_LEN + ((*at)[HEX_LEN] == '\n');
    return 1;
}

static int skip(const char **at, const char *word)
{
    size_t len = strlen(word);
    if (strncmp(*at, word, len) != 0)
        return 0;
    *at += len;
    return 1;
}

static int read_version(const char **at, struct person_version *versions, size_t most, size_t *n)
{
    size_t digits = strspn(*at, "0123456789");
    int64_t before = *n > 0 ? versions[*n - 1].version : 0;
    if (*n == most || digits == 0 || digits > 7 || (*at)[digits] != ' ')
        return 0;
    int64_t version = strtoll(*at, NULL, 10);
    *at += digits + 1;
    if (version <= before || version > PERSON_VERSION_LAST || !read_hex(at, versions[*n].key))
        return 0;
    versions[(*n)++].version = version;
    return 1;
}

static int read_index(const char **at, struct person_keys *keys)
{
    if (keys->index_count > 0 || strspn(*at, "0123456789abcdef") != HEX_LEN)
        return read_version(at, keys->index, PERSON_INDEX_MAX, &keys->index_count);
    keys->index[keys->index_count++].version = 1;
    return read_hex(at, keys->index[0].key);
}

enum error_code person_keys_read(const char *text, struct person_keys *ret)
{
    struct person_keys keys = {0};
    int good = 1;
    while (good && skip(&text, "index "))
        good = read_index(&text, &keys);
    while (good && *text != '\0')
        good = skip(&text, "key ") &&
               read_version(&text, keys.master, PERSON_VERSIONS_MAX, &keys.count);
    good = good && keys.count > 0 && keys.index_count > 0;
    if (good)
        *ret = keys;
    person_keys_done(&keys);
    return good ? EC_OK : EC_CONFIG;
}

static int print_of(const uint8_t *key, const char *what, uint8_t ret[PERSON_PRINT_LEN])
{
    if (key == NULL)
        return 0;
    crypto_generichash(ret, PERSON_PRINT_LEN, (const unsigned char *)what, strlen(what), key,
                       PERSON_KEY_LEN);
    return 1;
}

int person_keys_print(const struct person_keys *keys, int64_t version,
                      uint8_t ret[PERSON_PRINT_LEN])
{
    return print_of(master(keys, version), "bptm master key", ret);
}

int person_index_print(const struct person_keys *keys, int64_t version,
                       uint8_t ret[PERSON_PRINT_LEN])
{
    return print_of(person_index(keys, version), "bptm index key", ret);
}
