/* A signed token (RFC 7515, compact form): taken apart, and its signature by a key of a set. */
#include "codec/jws.h"

#include <jansson.h>
#include <jose/cfg.h>
#include <jose/jws.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"

const char *jws_verdict_name(enum jws_verdict v)
{
    static const char *const names[JWS_VERDICTS] = {
        [JWS_OK] = "ok",           [JWS_MALFORMED] = "malformed",     [JWS_ALGORITHM] = "algorithm",
        [JWS_TYPE] = "type",       [JWS_KEY_UNKNOWN] = "key-unknown", [JWS_SIGNATURE] = "signature",
        [JWS_ISSUER] = "issuer",   [JWS_AUDIENCE] = "audience",       [JWS_EXPIRED] = "expired",
        [JWS_NOT_YET] = "not-yet", [JWS_LIFETIME] = "lifetime",       [JWS_CLAIM] = "claim",
        [JWS_NONCE] = "nonce",
    };
    return names[v];
}

/* One part in base64url without padding; the result is NUL-terminated beyond its length. */
static char *decode(const char *at, size_t len, size_t *ret_len)
{
    char *bytes = malloc(len + 1);
    if (bytes == NULL || sodium_base642bin((uint8_t *)bytes, len, at, len, NULL, ret_len, NULL,
                                           sodium_base64_VARIANT_URLSAFE_NO_PADDING) != 0) {
        free(bytes);
        return NULL;
    }
    bytes[*ret_len] = '\0';
    return bytes;
}

/* A member that may be absent, as text that fits. */
static int take_text(const json_t *head, const char *name, size_t cap, char *ret)
{
    const json_t *value = json_object_get(head, name);
    ret[0] = '\0';
    if (value == NULL)
        return 1;
    if (!json_is_string(value) || json_string_length(value) >= cap ||
        strlen(json_string_value(value)) != json_string_length(value))
        return 0;
    memcpy(ret, json_string_value(value), json_string_length(value) + 1);
    return 1;
}

static enum jws_verdict read_head(const json_t *head, unsigned allowed, struct jws *j)
{
    char algorithm[16];
    if (!json_is_object(head) || json_object_get(head, "crit") != NULL ||
        !take_text(head, "alg", sizeof algorithm, algorithm) || algorithm[0] == '\0' ||
        !take_text(head, "kid", sizeof j->key_id, j->key_id) ||
        !take_text(head, "typ", sizeof j->type, j->type))
        return JWS_MALFORMED;
    int found = jws_algorithm_of(algorithm, strlen(algorithm));
    if (found < 0 || (allowed & (1U << found)) == 0)
        return JWS_ALGORITHM;
    j->algorithm = (enum jws_algorithm)found;
    return JWS_OK;
}

static int split(const char *text, size_t len, struct jws *j)
{
    const char *first = memchr(text, '.', len), *second = NULL;
    if (first != NULL)
        second = memchr(first + 1, '.', len - (size_t)(first + 1 - text));
    if (second == NULL)
        return 0;
    size_t rest = len - (size_t)(second + 1 - text);
    *j = (struct jws){.text = text,
                      .head_len = (size_t)(first - text),
                      .signed_len = (size_t)(second - text),
                      .len = len};
    return memchr(second + 1, '.', rest) == NULL;
}

enum jws_verdict jws_read(const char *text, size_t len, unsigned allowed, struct jws *ret)
{
    struct jws j;
    size_t n = 0;
    if (len > LIMIT_OIDC_TOKEN || !split(text, len, &j))
        return JWS_MALFORMED;
    char *bytes = decode(text, j.head_len, &n);
    json_t *head = bytes != NULL ? json_loadb(bytes, n, JSON_REJECT_DUPLICATES, NULL) : NULL;
    enum jws_verdict v = read_head(head, allowed, &j);
    json_decref(head);
    free(bytes);
    if (v == JWS_OK)
        *ret = j;
    return v;
}

/* libjose would write why it refuses to stderr. */
static void say_nothing(void *misc, const char *file, int line, uint64_t error, const char *format,
                        va_list args)
{
    (void)misc, (void)file, (void)line, (void)error, (void)format, (void)args;
}

static int verify_by_library(const struct jws *j, const struct jwk *key)
{
    const char *payload = j->text + j->head_len + 1, *signature = j->text + j->signed_len + 1;
    size_t payload_len = j->signed_len - j->head_len - 1,
           signature_len = j->len - j->signed_len - 1;
    jose_cfg_t *cfg = jose_cfg();
    json_t *jwk = json_loads(key->text, JSON_REJECT_DUPLICATES, NULL);
    json_t *jws = json_pack("{s:s%,s:s%,s:s%}", "protected", j->text, j->head_len, "payload",
                            payload, payload_len, "signature", signature, signature_len);
    int good = 0;
    if (cfg != NULL && jwk != NULL && jws != NULL) {
        jose_cfg_set_err_func(cfg, say_nothing, NULL);
        good = jose_jws_ver(cfg, jws, NULL, jwk, false);
    }
    json_decref(jws);
    json_decref(jwk);
    jose_cfg_decref(cfg);
    return good;
}

/* libjose 11 has no EdDSA. */
static int verify_ed25519(const struct jws *j, const struct jwk *key)
{
    size_t len = 0;
    char *signature = decode(j->text + j->signed_len + 1, j->len - j->signed_len - 1, &len);
    int good = signature != NULL && len == crypto_sign_BYTES &&
               crypto_sign_verify_detached((const uint8_t *)signature, (const uint8_t *)j->text,
                                           j->signed_len, key->ed25519) == 0;
    free(signature);
    return good;
}

static int suits(const struct jws *j, const struct jwk *key)
{
    return key->kind == jws_algorithm_kind(j->algorithm) &&
           (key->algorithm < 0 || key->algorithm == (int)j->algorithm) &&
           (j->key_id[0] == '\0' || strcmp(j->key_id, key->id) == 0);
}

enum jws_verdict jws_verify(const struct jws *j, const struct jwk_set *keys)
{
    const struct jwk *found = NULL;
    for (size_t i = 0; i < keys->count; i++) {
        if (!suits(j, &keys->keys[i]))
            continue;
        if (found != NULL)
            return JWS_KEY_UNKNOWN; /* which one it means, nobody can say */
        found = &keys->keys[i];
    }
    if (found == NULL)
        return JWS_KEY_UNKNOWN;
    int good = found->kind == JWK_ED25519 ? verify_ed25519(j, found) : verify_by_library(j, found);
    return good ? JWS_OK : JWS_SIGNATURE;
}

enum jws_verdict jws_payload(const struct jws *j, char **ret, size_t *ret_len)
{
    char *bytes = decode(j->text + j->head_len + 1, j->signed_len - j->head_len - 1, ret_len);
    if (bytes == NULL)
        return JWS_MALFORMED;
    *ret = bytes;
    return JWS_OK;
}
