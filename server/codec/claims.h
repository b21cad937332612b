/* What a verified token of the identity provider says (RFC 9068, OpenID Connect Core), judged. */
#ifndef BPTM_CLAIMS_H
#define BPTM_CLAIMS_H

#include "codec/jws.h"

enum {
    CLAIMS_ROLES = 5,
    CLAIMS_SUB_MAX = 256,
    CLAIMS_SUBJECT_MAX = 512, /* "sub@iss" */
    CLAIMS_CREW_MAX = 81,
    CLAIMS_SID_MAX = 256,
};

/** What a token must say, and what its roles are called. Texts are borrowed. */
struct claims_rules {
    const char *issuer;
    const char *audience;            /* of an access token; of an ID token the client's id */
    const char *nonce;               /* of an ID token; NULL: an access token is wanted */
    int is_logout;                   /* a logout token is (OpenID Connect Back-Channel Logout) */
    const char *roles_claim;         /* a name, or a JSON Pointer that begins with "/" */
    const char *crew_claim;          /* likewise; empty: none */
    const char *roles[CLAIMS_ROLES]; /* values of the claim that give each role, between commas */
    unsigned allowed;                /* algorithms, bits 1 << enum jws_algorithm */
};

/** What it said. */
struct claims {
    char subject[CLAIMS_SUBJECT_MAX]; /* empty: a logout token that names a session alone */
    char sid[CLAIMS_SID_MAX];         /* the session at the provider; empty: it does not say */
    unsigned roles;                   /* bits by the index in claims_rules.roles; 0: none */
    char crew[CLAIMS_CREW_MAX];
    int64_t issued_s, expires_s;
};

/**
 * Verify a token and judge what it says. Its signature comes before everything it says.
 *
 * @param now_s  seconds since 1970
 * @param ret    filled when JWS_OK is returned
 */
enum jws_verdict claims_read(const char *text, size_t len, const struct claims_rules *rules,
                             const struct jwk_set *keys, int64_t now_s,
                             struct claims *ret) MUST_CHECK;

/**
 * Roles and crew by a verified payload alone: what claims_read() does last.
 * @return JWS_OK; JWS_MALFORMED or another when a claim is not as it must be
 */
enum jws_verdict claims_judge(const char *payload, size_t len, const struct claims_rules *rules,
                              int64_t now_s, struct claims *ret) MUST_CHECK;

/** Is this a name, or a JSON Pointer that begins with "/" and is well-formed? */
int claims_is_path(const char *text);

#endif
