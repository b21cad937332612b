/* A signed token (RFC 7515, compact form): taken apart, and its signature by a key of a set. */
#ifndef BPTM_JWS_H
#define BPTM_JWS_H

#include "codec/jwk_set.h"

enum { JWS_TYPE_MAX = 32 };

/** What became of a token; each has a name for logs and counters. */
enum jws_verdict {
    JWS_OK,
    JWS_MALFORMED,   /* not three parts, not base64url, not JSON, a critical header */
    JWS_ALGORITHM,   /* not in the allow-list */
    JWS_TYPE,        /* another kind of token */
    JWS_KEY_UNKNOWN, /* of no key in the set */
    JWS_SIGNATURE,   /* not made by the key that it names */
    JWS_ISSUER,
    JWS_AUDIENCE,
    JWS_EXPIRED,
    JWS_NOT_YET,  /* nbf or iat in the future */
    JWS_LIFETIME, /* it is good for longer than LIMIT_OIDC_LIFETIME_S */
    JWS_CLAIM,    /* one that must be there is not, or has no form */
    JWS_NONCE,    /* of another sign-in */
    JWS_VERDICTS,
};

/** @return "expired" */
const char *jws_verdict_name(enum jws_verdict v);

/** A token whose head was read. Spans are borrowed from its text. */
struct jws {
    const char *text;
    size_t head_len, signed_len; /* bytes of the first part, and of the first two with their dot */
    size_t len;
    enum jws_algorithm algorithm;
    char key_id[JWK_ID_MAX]; /* empty: it names none */
    char type[JWS_TYPE_MAX]; /* "typ" as given; empty: none */
};

/**
 * Take a token apart and read its head, which says how to verify it and nothing else.
 *
 * @param allowed  bits 1 << enum jws_algorithm
 * @return JWS_OK; JWS_MALFORMED; JWS_ALGORITHM
 */
enum jws_verdict jws_read(const char *text, size_t len, unsigned allowed,
                          struct jws *ret) MUST_CHECK;

/**
 * Verify the signature. A token that names no key is verified only when a single key of the set
 * suits its algorithm.
 * @return JWS_OK; JWS_KEY_UNKNOWN; JWS_SIGNATURE
 */
enum jws_verdict jws_verify(const struct jws *j, const struct jwk_set *keys) MUST_CHECK;

/**
 * The payload; call it after jws_verify() alone.
 * @param ret  to be freed; NUL-terminated
 * @return JWS_OK; JWS_MALFORMED
 */
enum jws_verdict jws_payload(const struct jws *j, char **ret, size_t *ret_len) MUST_CHECK;

#endif
