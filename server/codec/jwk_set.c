/* Public keys of an identity provider (RFC 7517): which of its set are fit to verify tokens. */
#include "codec/jwk_set.h"

#include <jansson.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"

enum { RSA_MIN_BYTES = 256, RSA_MAX_BYTES = 1024, MEMBER_MAX = 1400 };

static const struct {
    const char *name;
    enum jwk_kind kind;
} algorithms[JWS_ALGORITHMS] = {
    [JWS_RS256] = {"RS256", JWK_RSA},         [JWS_RS384] = {"RS384", JWK_RSA},
    [JWS_RS512] = {"RS512", JWK_RSA},         [JWS_PS256] = {"PS256", JWK_RSA},
    [JWS_PS384] = {"PS384", JWK_RSA},         [JWS_PS512] = {"PS512", JWK_RSA},
    [JWS_ES256] = {"ES256", JWK_P256},        [JWS_ES384] = {"ES384", JWK_P384},
    [JWS_ES512] = {"ES512", JWK_P521},        [JWS_EDDSA] = {"EdDSA", JWK_ED25519},
    [JWS_ED25519] = {"Ed25519", JWK_ED25519},
};

/* What a kind of key is told by, and the members that make it. */
static const struct {
    const char *type, *curve; /* curve NULL: none */
    const char *members[2];
    size_t bytes[2]; /* of a coordinate; 0: judged elsewhere */
} kinds[] = {
    [JWK_RSA] = {"RSA", NULL, {"n", "e"}, {0, 0}},
    [JWK_P256] = {"EC", "P-256", {"x", "y"}, {32, 32}},
    [JWK_P384] = {"EC", "P-384", {"x", "y"}, {48, 48}},
    [JWK_P521] = {"EC", "P-521", {"x", "y"}, {66, 66}},
    [JWK_ED25519] = {"OKP", "Ed25519", {"x", NULL}, {JWK_ED25519_LEN, 0}},
};

int jws_algorithm_of(const char *name, size_t len)
{
    for (int i = 0; i < JWS_ALGORITHMS; i++)
        if (strlen(algorithms[i].name) == len && memcmp(algorithms[i].name, name, len) == 0)
            return i;
    return -1;
}

enum jwk_kind jws_algorithm_kind(enum jws_algorithm a)
{
    return algorithms[a].kind;
}

static const char *text_of(const json_t *key, const char *name)
{
    return json_string_value(json_object_get(key, name));
}

static int same(const char *a, const char *b)
{
    return a != NULL && b != NULL && strcmp(a, b) == 0;
}

/* Kind by "kty" and "crv"; -1: none that is understood. */
static int kind_of(const json_t *key)
{
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (same(text_of(key, "kty"), kinds[i].type) &&
            (kinds[i].curve == NULL || same(text_of(key, "crv"), kinds[i].curve)))
            return (int)i;
    return -1;
}

/* Neither for encryption nor for something else than verifying. */
static int is_for_verifying(const json_t *key)
{
    const json_t *use = json_object_get(key, "use"), *operations = json_object_get(key, "key_ops");
    const json_t *one;
    size_t i;
    if (use != NULL && !same(json_string_value(use), "sig"))
        return 0;
    if (operations == NULL)
        return 1;
    json_array_foreach(operations, i, one) if (same(json_string_value(one), "verify")) return 1;
    return 0;
}

static int decode(const char *text, uint8_t *ret, size_t cap, size_t *ret_len)
{
    return text != NULL && sodium_base642bin(ret, cap, text, strlen(text), NULL, ret_len, NULL,
                                             sodium_base64_VARIANT_URLSAFE_NO_PADDING) == 0;
}

static int is_sound_rsa(const uint8_t *n, size_t len)
{
    while (len > 0 && *n == 0)
        n++, len--;
    return (len > RSA_MIN_BYTES || (len == RSA_MIN_BYTES && n[0] >= 0x80)) && len <= RSA_MAX_BYTES;
}

/* Members decoded and measured; those alone are kept. */
static int take_members(const json_t *key, struct jwk *k)
{
    uint8_t bytes[RSA_MAX_BYTES + 8];
    char text[2 * MEMBER_MAX];
    const char *members[2] = {NULL, NULL};
    size_t len = 0;
    for (size_t i = 0; i < 2 && kinds[k->kind].members[i] != NULL; i++) {
        size_t wanted = kinds[k->kind].bytes[i];
        members[i] = text_of(key, kinds[k->kind].members[i]);
        if (!decode(members[i], bytes, sizeof bytes, &len) || (wanted != 0 && len != wanted))
            return 0;
        if (k->kind == JWK_RSA && (i == 0 ? !is_sound_rsa(bytes, len) : len == 0 || len > 8))
            return 0;
    }
    if (k->kind == JWK_ED25519) {
        memcpy(k->ed25519, bytes, JWK_ED25519_LEN);
        return 1;
    }
    snprintf(text, sizeof text, "{\"kty\":\"%s\",%s%s%s\"%s\":\"%s\",\"%s\":\"%s\"}",
             kinds[k->kind].type, k->kind == JWK_RSA ? "" : "\"crv\":\"",
             k->kind == JWK_RSA ? "" : kinds[k->kind].curve, k->kind == JWK_RSA ? "" : "\",",
             kinds[k->kind].members[0], members[0], kinds[k->kind].members[1], members[1]);
    k->text = strdup(text);
    return k->text != NULL;
}

/* @return 1 when `ret` is a key that is fit */
static int read_key(const json_t *key, struct jwk *ret)
{
    const char *id = text_of(key, "kid"), *algorithm = text_of(key, "alg");
    struct jwk k = {.algorithm = -1};
    int kind = kind_of(key);
    if (kind < 0 || !is_for_verifying(key) || (id != NULL && strlen(id) >= sizeof k.id))
        return 0;
    k.kind = (enum jwk_kind)kind;
    if (algorithm != NULL) {
        k.algorithm = jws_algorithm_of(algorithm, strlen(algorithm));
        if (k.algorithm < 0 || algorithms[k.algorithm].kind != k.kind)
            return 0;
    }
    snprintf(k.id, sizeof k.id, "%s", id != NULL ? id : "");
    if (!take_members(key, &k))
        return 0;
    *ret = k;
    return 1;
}

enum error_code jwk_set_read(const char *text, size_t len, struct jwk_set *ret)
{
    struct jwk_set s = {.keys = calloc(LIMIT_OIDC_KEYS, sizeof *s.keys)};
    json_t *document = json_loadb(text, len, JSON_REJECT_DUPLICATES, NULL);
    const json_t *key, *list = json_object_get(document, "keys");
    size_t i;
    enum error_code ec = s.keys != NULL ? EC_OK : EC_NO_MEMORY;
    if (ec == EC_OK)
        json_array_foreach(list, i, key) if (s.count < LIMIT_OIDC_KEYS &&
                                             read_key(key, &s.keys[s.count])) s.count++;
    json_decref(document);
    if (ec == EC_OK && s.count == 0)
        ec = EC_BODY_MALFORMED;
    if (ec == EC_OK)
        *ret = s;
    else
        jwk_set_done(&s);
    return ec;
}

void jwk_set_done(struct jwk_set *s)
{
    for (size_t i = 0; i < s->count; i++)
        free(s->keys[i].text);
    free(s->keys);
    *s = (struct jwk_set){0};
}
