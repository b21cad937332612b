/* Access tokens of requests: from the Authorization field to a caller. */
#ifndef BPTM_AUTH_H
#define BPTM_AUTH_H

#include "http/oidc.h"
#include "http/request.h"

/**
 * Find out who calls: "Bearer <token>", or "Basic" with the token as its password (what QGIS can
 * send; the user name is ignored).
 *
 * @param authorization  the field's value; NULL when it is absent
 * @param along          as token_check() has it, with ret_along
 * @return EC_OK; EC_UNAUTHENTICATED when there is no token or it is unknown, expired or revoked;
 *         EC_UNAVAILABLE when the database cannot say
 */
enum error_code auth_check(struct db *db, const char *authorization,
                           const struct token_along *along, struct caller *ret,
                           char **ret_along) MUST_CHECK;

/** @return 1 when the field has a bearer token that is not in the form of ours */
int auth_is_foreign(const char *authorization);

/**
 * Find out who calls by a token of the identity provider; asks no database.
 *
 * @param authorization  of which auth_is_foreign() is true
 * @param oidc           NULL: no provider
 * @return EC_OK, perhaps with no role; or as oidc_access()
 */
enum error_code auth_foreign(struct oidc *oidc, const char *authorization,
                             struct caller *ret) MUST_CHECK;

/** Fill a caller, which comes zeroed, from what a verified token says. */
void auth_take_claims(const struct claims *c, struct caller *ret);

/** The cookie that binds a sign-in under way to its browser; empty when there is none.
 *  @param cookie, is_secure  as below */
void auth_sign_in(const char *cookie, int is_secure, char ret[SIGN_IN_TEXT_MAX]);

/** Give it to the browser. */
void auth_set_sign_in(const struct request *r, struct reply *ret, const char *text);

/** Give the browser the cookie of a session, or with no text and 0 s take it away. */
void auth_set_cookie(const struct request *r, struct reply *ret, const char *text, int seconds);

/**
 * Find out who calls by the cookie of a session.
 *
 * @param cookie     value of the Cookie field; NULL when it is absent
 * @param is_secure  the request came by TLS: then only a cookie counts that no other host and no
 *                   unencrypted page can have set (its name begins with __Host-)
 * @return as auth_check()
 */
enum error_code auth_session(struct db *db, const char *cookie, int is_secure,
                             struct caller *ret) MUST_CHECK;

/** The field that our own pages send with every request, and no other site's page can. */
#define AUTH_PAGE_FIELD "X-Requested-With"

/**
 * Whether a change may rest on a cookie: SameSite=Strict keeps it from other sites' pages in
 * browsers that know it; the field and, where the browser tells, Sec-Fetch-Site in the others.
 *
 * @param page_field  value of AUTH_PAGE_FIELD; NULL when it is absent
 * @param fetch_site  value of Sec-Fetch-Site; NULL when it is absent
 */
int auth_is_own_page(const char *page_field, const char *fetch_site);

#endif
