/* Tokens of the identity provider: its keys, kept fresh by a thread of their own, and who calls. */
#ifndef BPTM_OIDC_H
#define BPTM_OIDC_H

#include "base/config.h"
#include "codec/claims.h"
#include "codec/provider.h"

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

/** Figures for metrics, of this process. */
struct oidc_figures {
    uint64_t tokens[JWS_VERDICTS]; /* judged, by what came of it */
    uint64_t unjudged;             /* for want of keys */
    uint64_t fetched, failed;      /* fetches of the keys */
    int64_t age_s;                 /* of the keys; -1: none */
};
void oidc_figures(struct oidc *o, struct oidc_figures *ret);

#endif
