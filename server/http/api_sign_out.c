/* Signing out at the identity provider: it tells us, or a browser that has signed out here goes
 * there. */
#include <stdio.h>
#include <string.h>

#include "base/limits.h"
#include "base/log.h"
#include "http/api.h"
#include "http/exchange.h"
#include "store/session_list.h"

enum { FOUND = 303 };

static const char token_name[] = "logout_token=";
static const char token_letters[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.";

/* The token in a form; none of its letters is ever escaped. */
static const char *find_token(const struct request *r, size_t *ret_len)
{
    const char *at = r->body, *end = r->body + r->body_len;
    while (at != NULL && at < end) {
        const char *amp = memchr(at, '&', (size_t)(end - at));
        const char *stop = amp != NULL ? amp : end;
        if ((size_t)(stop - at) >= sizeof token_name - 1 &&
            memcmp(at, token_name, sizeof token_name - 1) == 0) {
            at += sizeof token_name - 1;
            *ret_len = (size_t)(stop - at);
            return at;
        }
        at = amp != NULL ? amp + 1 : NULL;
    }
    return NULL;
}

static int has_form(const char *token, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (token[i] == '\0' || strchr(token_letters, token[i]) == NULL)
            return 0;
    return len > 0;
}

static enum error_code refuse(struct reply *ret, const char *why)
{
    ret->is_guess = 1;
    json_errors_add(&ret->errors, 1, "logout_token", "%s", why);
    return EC_PARAMETER_INVALID;
}

/* Sessions that began a moment after the token, by clocks that differ, are meant too. */
static enum error_code end_told(const struct request *r, const struct claims *c)
{
    struct session_told_end told = {c->subject, c->sid, c->issued_s + LIMIT_OIDC_LEEWAY_S};
    struct audit_by by = {
        .role = "oidc",
        .request_id = r->by.request_id,
        .subject = c->subject[0] != '\0' ? c->subject : oidc_config(r->server->oidc)->oidc_issuer};
    int64_t count = 0;
    enum error_code ec = session_end_told(r->db, &told, &by, &count);
    if (ec == EC_OK)
        log_event(LOG_LEVEL_INFO, "oidc_logout", "id", r->by.request_id, "sessions",
                  log_value("%lld", (long long)count), NULL);
    return ec;
}

enum error_code api_sign_out_told(const struct request *r, struct reply *ret)
{
    struct claims claims;
    size_t len = 0;
    if (!oidc_has_sign_in(r->server->oidc))
        return EC_NOT_FOUND;
    const char *token = find_token(r, &len);
    if (token == NULL || !has_form(token, len))
        return refuse(ret, "must be a JWT");
    enum error_code ec = oidc_logout(r->server->oidc, token, len, &claims);
    if (ec == EC_UNAUTHENTICATED)
        return refuse(ret, "cannot be believed");
    if (ec == EC_OK)
        ec = end_told(r, &claims);
    ret->status = 204;
    return ec;
}

enum error_code api_sign_out_go(const struct request *r, struct reply *ret)
{
    if (!oidc_has_sign_in(r->server->oidc))
        return EC_NOT_FOUND;
    enum error_code ec = oidc_end_session(r->server->oidc, &ret->redirect);
    if (ec != EC_OK && ec != EC_UNAVAILABLE)
        return ec;
    ret->status = FOUND;
    if (ret->redirect == NULL)
        snprintf(ret->location, sizeof ret->location, "/sign-in");
    return EC_OK;
}
