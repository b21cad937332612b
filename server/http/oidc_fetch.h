/* Asking the identity provider: one request by libcurl, within limits. */
#ifndef BPTM_OIDC_FETCH_H
#define BPTM_OIDC_FETCH_H

#include <stdatomic.h>

#include "base/bytes.h"
#include "base/config.h"

/** One request. Texts are borrowed. */
struct oidc_fetch {
    const struct config *config;
    const char *url;
    const char *form;           /* body of a POST; NULL: a GET */
    const char *authorization;  /* "id:secret" for Basic; NULL: none */
    const atomic_int *stopping; /* given up when it becomes 1; NULL: never */
};

/**
 * Ask, and wait for the answer LIMIT_OIDC_TOTAL_MS at most. https only, but for http to a loopback
 * address where [oidc] unencrypted says so; no redirect, no proxy.
 *
 * @param ret      body of an answer 200, at most LIMIT_OIDC_BODY bytes; cleared first
 * @param ret_why  for logs, static text; set on failure
 * @return EC_OK; EC_FORBIDDEN for an answer 4xx; EC_UNAVAILABLE
 */
enum error_code oidc_fetch(const struct oidc_fetch *f, struct bytes *ret,
                           const char **ret_why) MUST_CHECK;

#endif
