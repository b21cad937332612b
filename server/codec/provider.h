/* What an identity provider says of itself (OpenID Connect Discovery), and its answer to a code. */
#ifndef BPTM_PROVIDER_H
#define BPTM_PROVIDER_H

#include <stddef.h>

#include "error.h"

enum { PROVIDER_URL_MAX = 512 };

/** Addresses of its parts. */
struct provider {
    char keys[PROVIDER_URL_MAX];          /* jwks_uri */
    char authorization[PROVIDER_URL_MAX]; /* empty: none */
    char token[PROVIDER_URL_MAX];         /* empty: none */
    char end_session[PROVIDER_URL_MAX];   /* where people sign out; empty: none */
    int says_issuer;                      /* its answers to a browser name it (RFC 9207) */
};

/**
 * Read a discovery document.
 * @param issuer     what it must call itself
 * @param has_http   whether its addresses may be http ones; https always
 * @return EC_OK; EC_BODY_MALFORMED when it is another's, or an address lacks or has no form
 */
enum error_code provider_read(const char *text, size_t len, const char *issuer, int has_http,
                              struct provider *ret) MUST_CHECK;

/**
 * The ID token in the answer of the token endpoint.
 * @param ret  to be freed
 * @return EC_OK; EC_BODY_MALFORMED; EC_NO_MEMORY
 */
enum error_code provider_id_token(const char *text, size_t len, char **ret) MUST_CHECK;

/** @return 1 for an https URL of printable ASCII, or an http one when has_http says so */
int provider_is_url(const char *url, int has_http);

#endif
