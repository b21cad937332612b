/* Public keys of an identity provider (RFC 7517): which of its set are fit to verify tokens. */
#ifndef BPTM_JWK_SET_H
#define BPTM_JWK_SET_H

#include <stddef.h>
#include <stdint.h>

#include "error.h"

enum { JWK_ID_MAX = 129, JWK_ED25519_LEN = 32 };

/** Signature algorithms that are understood; HMAC and "none" are not among them. */
enum jws_algorithm {
    JWS_RS256,
    JWS_RS384,
    JWS_RS512,
    JWS_PS256,
    JWS_PS384,
    JWS_PS512,
    JWS_ES256,
    JWS_ES384,
    JWS_ES512,
    JWS_EDDSA,   /* with Ed25519 */
    JWS_ED25519, /* the same, by the name of RFC 9864 */
    JWS_ALGORITHMS,
};

/** What a key can be used for. */
enum jwk_kind { JWK_RSA, JWK_P256, JWK_P384, JWK_P521, JWK_ED25519 };

/** One key, with no more members than verifying needs. */
struct jwk {
    char id[JWK_ID_MAX]; /* empty: it has none */
    enum jwk_kind kind;
    int algorithm;                    /* enum jws_algorithm that it is for; -1: any of its kind */
    char *text;                       /* JSON; NULL of JWK_ED25519 */
    uint8_t ed25519[JWK_ED25519_LEN]; /* of JWK_ED25519 */
};

struct jwk_set {
    size_t count;
    struct jwk *keys;
};

/** @return the algorithm of this name; -1: not understood */
int jws_algorithm_of(const char *name, size_t len);

/** @return what keys an algorithm needs */
enum jwk_kind jws_algorithm_kind(enum jws_algorithm a);

/**
 * Read a JWK Set. Keys of other kinds, for other uses, too short (RSA below 2048 bits) or not well
 * formed are passed over, as are those beyond LIMIT_OIDC_KEYS.
 *
 * @param ret  to be freed with jwk_set_done(); untouched on failure
 * @return EC_OK, with one key at least; EC_BODY_MALFORMED when it is not a set or nothing in it is
 *         fit; EC_NO_MEMORY
 */
enum error_code jwk_set_read(const char *text, size_t len, struct jwk_set *ret) MUST_CHECK;

/** Accepts a zeroed one. */
void jwk_set_done(struct jwk_set *s);

#endif
