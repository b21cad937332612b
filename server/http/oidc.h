/* Tokens of the identity provider: its keys, kept fresh by a thread of their own, and who calls. */
#ifndef BPTM_OIDC_H
#define BPTM_OIDC_H

#include "base/config.h"
#include "codec/claims.h"
#include "codec/provider.h"
#include "http/sign_in.h"

struct oidc;

/**
 * Begin to keep the provider's keys. Needs no provider to start.
 *
 * @param c    borrowed until oidc_free()
 * @param ret  NULL when [oidc] issuer is empty
 * @return EC_OK; EC_CONFIG when the keys of [oidc] do not fit each other, logged; EC_NO_MEMORY
 */
enum error_code oidc_new(const struct config *c, struct oidc **ret) MUST_CHECK;

/** No call may be under way. NULL is allowed. */
void oidc_free(struct oidc *o);

/**
 * Judge an access token. One that names a key which is not known has the keys fetched once more,
 * at most every [oidc] refresh_s; LIMIT_OIDC_WAITERS callers wait for that.
 *
 * @param o  NULL: no provider
 * @return EC_OK; EC_UNAUTHENTICATED, with why in the log; EC_UNAVAILABLE while there are no keys,
 *         or none young enough, or they are being fetched
 */
enum error_code oidc_access(struct oidc *o, const char *text, size_t len,
                            struct claims *ret) MUST_CHECK;

/* -- signing in -------------------------------------------------------------------------------- */

/** What becomes of a person who signs in; each has a name for pages, logs and counters. */
enum oidc_sign_in {
    OIDC_SIGN_IN_OK,
    OIDC_SIGN_IN_DENIED, /* the provider says no */
    OIDC_SIGN_IN_STATE,  /* of no sign-in that this browser began, or one that is over */
    OIDC_SIGN_IN_AWAY,   /* the provider does not answer */
    OIDC_SIGN_IN_BUSY,   /* too many sign in at this moment */
    OIDC_SIGN_IN_TOKEN,  /* its ID token cannot be believed */
    OIDC_SIGN_IN_ROLE,   /* nothing that it says of the person is a role here */
    OIDC_SIGN_INS,
};

/** @return "denied" */
const char *oidc_sign_in_name(enum oidc_sign_in what);
void oidc_count_sign_in(struct oidc *o, enum oidc_sign_in what);

/** @return 1 when people can sign in; o may be NULL */
int oidc_has_sign_in(const struct oidc *o);

/** @return 1 when the answer of an authorisation endpoint is of our provider (RFC 9207)
 *  @param issuer  NULL: it does not say */
int oidc_is_issuer(struct oidc *o, const char *issuer);

/**
 * Where to send a browser.
 * @param ret  to be freed
 * @return EC_OK; EC_UNAVAILABLE while the provider is not known; EC_NO_MEMORY
 */
enum error_code oidc_authorization(struct oidc *o, const struct sign_in_begun *begun,
                                   char **ret) MUST_CHECK;

/**
 * Where to send a browser that signs out, so that the provider's session may end too; it comes back
 * to the page of signing in. No token goes along: the provider asks the person.
 * @param ret  to be freed; NULL when the provider has no such place
 * @return EC_OK; EC_UNAVAILABLE while the provider is not known; EC_NO_MEMORY
 */
enum error_code oidc_end_session(struct oidc *o, char **ret) MUST_CHECK;

/** Judge a logout token, as oidc_access(). */
enum error_code oidc_logout(struct oidc *o, const char *text, size_t len,
                            struct claims *ret) MUST_CHECK;

/**
 * Exchange a code for who it is. Waits for the provider, LIMIT_OIDC_TOTAL_MS at most, in half of
 * the threads of [http] at most.
 * @param ret  filled with OIDC_SIGN_IN_OK
 */
enum oidc_sign_in oidc_code(struct oidc *o, const char *code, const struct sign_in_taken *taken,
                            struct claims *ret);

/* -- for oidc_code.c --------------------------------------------------------------------------- */

const struct config *oidc_config(const struct oidc *o);
/** What the provider says of itself. @return EC_OK; EC_UNAVAILABLE */
enum error_code oidc_provider(struct oidc *o, struct provider *ret) MUST_CHECK;
/** As oidc_access(), for an ID token of the sign-in with this nonce. */
enum error_code oidc_identity(struct oidc *o, const char *text, const char *nonce,
                              struct claims *ret) MUST_CHECK;
/** Take a place among those who wait for the provider. @return 0 when there is none */
int oidc_enter(struct oidc *o) MUST_CHECK;
void oidc_leave(struct oidc *o);
/** "id:secret" for Basic, of a client that has one; NULL: none */
const char *oidc_authorization_of_client(const struct oidc *o);

/** Figures for metrics, of this process. */
struct oidc_figures {
    uint64_t tokens[JWS_VERDICTS]; /* judged, by what came of it */
    uint64_t unjudged;             /* for want of keys */
    uint64_t fetched, failed;      /* fetches of the keys */
    uint64_t sign_ins[OIDC_SIGN_INS];
    int64_t age_s; /* of the keys; -1: none */
};
void oidc_figures(struct oidc *o, struct oidc_figures *ret);

#endif
