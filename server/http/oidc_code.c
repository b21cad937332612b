/* Signing in by the identity provider: what a browser is sent with, and the exchange of its code.
 */
#include <curl/curl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "base/log.h"
#include "http/oidc.h"
#include "http/oidc_fetch.h"

enum { FORM_MAX = 8192 };

const char *oidc_sign_in_name(enum oidc_sign_in what)
{
    static const char *const names[OIDC_SIGN_INS] = {
        [OIDC_SIGN_IN_OK] = "ok",       [OIDC_SIGN_IN_DENIED] = "denied",
        [OIDC_SIGN_IN_STATE] = "state", [OIDC_SIGN_IN_AWAY] = "away",
        [OIDC_SIGN_IN_BUSY] = "busy",   [OIDC_SIGN_IN_TOKEN] = "token",
        [OIDC_SIGN_IN_ROLE] = "role",
    };
    return names[what];
}

int oidc_is_issuer(struct oidc *o, const char *issuer)
{
    struct provider p;
    if (issuer != NULL)
        return strcmp(issuer, oidc_config(o)->oidc_issuer) == 0;
    return oidc_provider(o, &p) != EC_OK || !p.says_issuer;
}

/* Add "name=value" to what is sent as a form or a query. */
static void put(struct bytes *to, const char *name, const char *value)
{
    char *escaped = curl_easy_escape(NULL, value, 0);
    if (to->len > 0)
        bytes_put(to, "&", 1);
    bytes_put(to, name, strlen(name));
    bytes_put(to, "=", 1);
    if (escaped != NULL)
        bytes_put(to, escaped, strlen(escaped));
    else
        to->failed = 1;
    curl_free(escaped);
}

/* Where the provider sends a browser back to: a page of ours. */
static void put_return(struct bytes *to, const struct config *c, const char *name, const char *path)
{
    char url[2 * CONFIG_TEXT_MAX];
    int len = (int)strlen(c->http_public_url);
    len -= c->http_public_url[len - 1] == '/';
    snprintf(url, sizeof url, "%.*s%s", len, c->http_public_url, path);
    put(to, name, url);
}

static const char back[] = "/sign-in/oidc/callback";

static void put_query(struct bytes *to, const struct config *c, const struct sign_in_begun *begun)
{
    put(to, "response_type", "code");
    put(to, "client_id", c->oidc_client_id);
    put_return(to, c, "redirect_uri", back);
    put(to, "scope", c->oidc_scope);
    put(to, "state", begun->state);
    put(to, "nonce", begun->nonce);
    put(to, "code_challenge", begun->challenge);
    put(to, "code_challenge_method", "S256");
}

/* An address of the provider with a query; takes the query. */
static enum error_code make_url(const char *place, struct bytes *query, char **ret)
{
    size_t cap = strlen(place) + query->len + 2;
    char *url = bytes_check(query) == EC_OK ? malloc(cap) : NULL;
    if (url != NULL)
        snprintf(url, cap, "%s%s%.*s", place, strchr(place, '?') != NULL ? "&" : "?",
                 (int)query->len, (const char *)query->at);
    bytes_done(query);
    *ret = url;
    return url != NULL ? EC_OK : EC_NO_MEMORY;
}

enum error_code oidc_authorization(struct oidc *o, const struct sign_in_begun *begun, char **ret)
{
    struct provider p;
    struct bytes query;
    enum error_code ec = oidc_provider(o, &p);
    if (ec == EC_OK && p.authorization[0] == '\0')
        ec = EC_UNAVAILABLE;
    if (ec != EC_OK)
        return ec;
    bytes_init(&query, FORM_MAX);
    put_query(&query, oidc_config(o), begun);
    return make_url(p.authorization, &query, ret);
}

enum error_code oidc_end_session(struct oidc *o, char **ret)
{
    struct provider p;
    struct bytes query;
    enum error_code ec = oidc_provider(o, &p);
    if (ec != EC_OK || p.end_session[0] == '\0') {
        *ret = NULL;
        return ec;
    }
    bytes_init(&query, FORM_MAX);
    put(&query, "client_id", oidc_config(o)->oidc_client_id);
    put_return(&query, oidc_config(o), "post_logout_redirect_uri", "/sign-in");
    return make_url(p.end_session, &query, ret);
}

/* The form of the token endpoint, as text. */
static enum error_code make_form(struct oidc *o, const char *code,
                                 const struct sign_in_taken *taken, struct bytes *form)
{
    const struct config *c = oidc_config(o);
    put(form, "grant_type", "authorization_code");
    put(form, "code", code);
    put_return(form, c, "redirect_uri", back);
    put(form, "code_verifier", taken->verifier);
    if (oidc_authorization_of_client(o) == NULL)
        put(form, "client_id", c->oidc_client_id);
    bytes_put(form, "", 1);
    return bytes_check(form);
}

/* The answer has secrets: wiped before it is freed. */
static void done(struct bytes *b)
{
    if (b->at != NULL)
        sodium_memzero(b->at, b->cap);
    bytes_done(b);
}

static enum oidc_sign_in ask(struct oidc *o, const char *url, const char *form, char **ret_token)
{
    struct bytes answer;
    const char *why = "";
    struct oidc_fetch f = {.config = oidc_config(o),
                           .url = url,
                           .form = form,
                           .authorization = oidc_authorization_of_client(o)};
    bytes_init(&answer, LIMIT_OIDC_BODY);
    enum error_code ec = oidc_fetch(&f, &answer, &why);
    enum oidc_sign_in what = ec == EC_OK          ? OIDC_SIGN_IN_OK
                             : ec == EC_FORBIDDEN ? OIDC_SIGN_IN_DENIED
                                                  : OIDC_SIGN_IN_AWAY;
    if (ec != EC_OK)
        log_event(LOG_LEVEL_WARN, "oidc_exchange_failed", "note", why, NULL);
    else if (provider_id_token((const char *)answer.at, answer.len, ret_token) != EC_OK)
        what = OIDC_SIGN_IN_TOKEN;
    done(&answer);
    return what;
}

static enum oidc_sign_in exchange(struct oidc *o, const char *code,
                                  const struct sign_in_taken *taken, struct claims *ret)
{
    struct provider p;
    struct bytes form;
    char *token = NULL;
    enum oidc_sign_in what = OIDC_SIGN_IN_AWAY;
    bytes_init(&form, FORM_MAX);
    if (oidc_provider(o, &p) == EC_OK && p.token[0] != '\0' &&
        make_form(o, code, taken, &form) == EC_OK)
        what = ask(o, p.token, (const char *)form.at, &token);
    done(&form);
    if (what == OIDC_SIGN_IN_OK) {
        enum error_code ec = oidc_identity(o, token, taken->nonce, ret);
        what = ec == EC_OK            ? OIDC_SIGN_IN_OK
               : ec == EC_UNAVAILABLE ? OIDC_SIGN_IN_AWAY
                                      : OIDC_SIGN_IN_TOKEN;
    }
    if (token != NULL)
        sodium_memzero(token, strlen(token));
    free(token);
    return what;
}

enum oidc_sign_in oidc_code(struct oidc *o, const char *code, const struct sign_in_taken *taken,
                            struct claims *ret)
{
    if (!oidc_enter(o))
        return OIDC_SIGN_IN_BUSY;
    enum oidc_sign_in what = exchange(o, code, taken, ret);
    oidc_leave(o);
    return what;
}
