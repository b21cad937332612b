/* Signing in by the identity provider: there by a redirection, and back with a code (PKCE). */
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/log.h"
#include "http/api.h"
#include "http/auth.h"
#include "http/exchange.h"
#include "store/session.h"

enum { FOUND = 303 };

/* What came of a person who came back; the page says it in words. */
static enum error_code tell(const struct request *r, enum oidc_sign_in what, struct reply *ret)
{
    oidc_count_sign_in(r->server->oidc, what);
    log_event(LOG_LEVEL_INFO, "oidc_sign_in", "id", r->by.request_id, "result",
              oidc_sign_in_name(what), NULL);
    ret->status = FOUND;
    ret->is_guess = what == OIDC_SIGN_IN_STATE || what == OIDC_SIGN_IN_TOKEN;
    snprintf(ret->location, sizeof ret->location, "/sign-in?problem=%s", oidc_sign_in_name(what));
    return EC_OK;
}

enum error_code api_sign_in_ways(const struct request *r, struct reply *ret)
{
    ret->body = strdup(oidc_has_sign_in(r->server->oidc) ? "{\"token\":true,\"oidc\":true}"
                                                         : "{\"token\":true,\"oidc\":false}");
    return ret->body != NULL ? EC_OK : EC_NO_MEMORY;
}

enum error_code api_sign_in_begin(const struct request *r, struct reply *ret)
{
    const char *next = request_text(r, "next");
    struct sign_in_begun begun;
    if (!oidc_has_sign_in(r->server->oidc))
        return EC_NOT_FOUND;
    sign_in_begin(r->server->sign_ins, r->client, next != NULL && sign_in_next(next) ? next : "/",
                  clock_mono_ms(), &begun);
    enum error_code ec = oidc_authorization(r->server->oidc, &begun, &ret->redirect);
    if (ec == EC_UNAVAILABLE)
        return tell(r, OIDC_SIGN_IN_AWAY, ret);
    ret->status = FOUND;
    auth_set_sign_in(r, ret, begun.browser);
    sodium_memzero(&begun, sizeof begun);
    return ec;
}

/* -- coming back ------------------------------------------------------------------------------- */

struct arrival {
    const struct request *request;
    struct caller caller;
    const char *sid; /* of the session at the provider; empty: none */
    char text[SESSION_TEXT_LEN + 1];
};

static enum error_code open_session(struct db *db, void *context)
{
    struct arrival *a = context;
    char id[SESSION_ID_LEN + 1] = "", *after = NULL;
    struct audit_by by = {.role = a->caller.role_name,
                          .request_id = a->request->by.request_id,
                          .subject = a->caller.subject};
    struct session_new session = {
        .source = "oidc",
        .subject = a->caller.subject,
        .roles = a->caller.role_name,
        .crew = a->caller.crew[0] != '\0' ? a->caller.crew : NULL,
        .sid = a->sid[0] != '\0' ? a->sid : NULL,
    };
    enum error_code ec = session_create(db, &session, a->text, id);
    if (ec == EC_OK)
        ec = session_get(db, id, &after);
    if (ec == EC_OK) {
        struct audit_change change = {.action = "session.create", .object_id = id, .after = after};
        ec = audit_add(db, &by, &change);
    }
    free(after);
    return ec;
}

static enum error_code sign_in(const struct request *r, const struct claims *claims,
                               const char *next, struct reply *ret)
{
    struct arrival a = {.request = r, .sid = claims->sid};
    auth_take_claims(claims, &a.caller);
    if (a.caller.role == 0)
        return tell(r, OIDC_SIGN_IN_ROLE, ret);
    enum error_code ec = db_transact(r->db, open_session, &a);
    if (ec != EC_OK)
        return ec;
    tell(r, OIDC_SIGN_IN_OK, ret);
    snprintf(ret->location, sizeof ret->location, "%s", next);
    auth_set_cookie(r, ret, a.text, LIMIT_SESSION_H * 3600);
    sodium_memzero(a.text, sizeof a.text);
    return EC_OK;
}

enum error_code api_sign_in_end(const struct request *r, struct reply *ret)
{
    const char *code = request_text(r, "code"), *state = request_text(r, "state");
    struct sign_in_taken taken = {0};
    struct claims claims;
    struct oidc *oidc = r->server->oidc;
    if (!oidc_has_sign_in(oidc))
        return EC_NOT_FOUND;
    if (state == NULL ||
        sign_in_take(r->server->sign_ins, state, r->sign_in, clock_mono_ms(), &taken) != EC_OK)
        return tell(r, OIDC_SIGN_IN_STATE, ret);
    enum oidc_sign_in what = OIDC_SIGN_IN_DENIED;
    if (!oidc_is_issuer(oidc, request_text(r, "iss")))
        what = OIDC_SIGN_IN_STATE;
    else if (code != NULL && request_text(r, "error") == NULL)
        what = oidc_code(oidc, code, &taken, &claims);
    enum error_code ec =
        what == OIDC_SIGN_IN_OK ? sign_in(r, &claims, taken.next, ret) : tell(r, what, ret);
    sodium_memzero(&taken, sizeof taken);
    return ec;
}
