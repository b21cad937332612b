/* Access tokens of requests: from the Authorization field to a caller. */
#include "http/auth.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/limits.h"
#include "store/session.h"
#include "store/token.h"

enum { SECRET_MAX = 256 };

static const struct {
    const char *name;
    enum role role;
} roles[] = {
    {"enrolment", ROLE_ENROLMENT}, {"installer", ROLE_INSTALLER}, {"analyst", ROLE_ANALYST},
    {"operator", ROLE_OPERATOR},   {"admin", ROLE_ADMIN},
};

/* By is_secure. */
static const char *const session_cookie[2] = {"bptm_session", "__Host-bptm_session"};
static const char *const sign_in_cookie[2] = {"bptm_sign_in", "__Host-bptm_sign_in"};

static unsigned role_bit(const char *name)
{
    for (size_t i = 0; i < sizeof roles / sizeof *roles; i++)
        if (strcmp(roles[i].name, name) == 0)
            return roles[i].role;
    return 0;
}

static const char bearer[] = "Bearer ";

static int take_bearer(const char *value, char ret[SECRET_MAX])
{
    size_t len = strlen(value);
    if (len >= SECRET_MAX)
        return 0;
    memcpy(ret, value, len + 1);
    return 1;
}

/* "user:token" in base64; the user may be anything. */
static int take_basic(const char *value, char ret[SECRET_MAX])
{
    char text[SECRET_MAX] = "";
    size_t len = 0;
    if (sodium_base642bin((unsigned char *)text, sizeof text - 1, value, strlen(value), NULL, &len,
                          NULL, sodium_base64_VARIANT_ORIGINAL) != 0)
        return 0;
    const char *colon = memchr(text, ':', len);
    if (colon != NULL)
        memcpy(ret, colon + 1, strlen(colon + 1) + 1);
    sodium_memzero(text, sizeof text);
    return colon != NULL;
}

static int take_secret(const char *authorization, char ret[SECRET_MAX])
{
    static const struct {
        const char *scheme;
        int (*take)(const char *value, char ret[SECRET_MAX]);
    } schemes[] = {{bearer, take_bearer}, {"Basic ", take_basic}};
    for (size_t i = 0; i < sizeof schemes / sizeof *schemes; i++) {
        size_t len = strlen(schemes[i].scheme);
        if (strncasecmp(authorization, schemes[i].scheme, len) == 0)
            return schemes[i].take(authorization + len, ret);
    }
    return 0;
}

enum error_code auth_check(struct db *db, const char *authorization,
                           const struct token_along *along, struct caller *ret, char **ret_along)
{
    char secret[SECRET_MAX] = "";
    struct token_holder holder;
    if (authorization == NULL || !take_secret(authorization, secret))
        return EC_UNAUTHENTICATED;
    enum error_code ec = token_check(db, secret, strlen(secret), along, &holder, ret_along);
    sodium_memzero(secret, sizeof secret);
    if (ec != EC_OK)
        return ec;
    ret->role = role_bit(holder.role);
    snprintf(ret->role_name, sizeof ret->role_name, "%s", holder.role);
    snprintf(ret->token_id, sizeof ret->token_id, "%s", holder.token_id);
    snprintf(ret->crew, sizeof ret->crew, "%s", holder.crew);
    return EC_OK;
}

int auth_is_foreign(const char *authorization)
{
    size_t len = sizeof bearer - 1;
    return strncasecmp(authorization, bearer, len) == 0 &&
           strncmp(authorization + len, "bptm_", 5) != 0;
}

/* The roles of a token of the provider, as bits and as "analyst operator". */
static void take_roles(unsigned bits, struct caller *ret)
{
    size_t at = 0;
    for (size_t i = 0; i < sizeof roles / sizeof *roles; i++) {
        if ((bits & (1U << i)) == 0)
            continue;
        ret->role |= roles[i].role;
        at += (size_t)snprintf(ret->role_name + at, sizeof ret->role_name - at, "%s%s",
                               at > 0 ? " " : "", roles[i].name);
    }
}

void auth_take_claims(const struct claims *c, struct caller *ret)
{
    take_roles(c->roles, ret);
    snprintf(ret->subject, sizeof ret->subject, "%s", c->subject);
    snprintf(ret->crew, sizeof ret->crew, "%s", c->crew);
    ret->issued_s = c->issued_s;
    ret->expires_s = c->expires_s;
}

enum error_code auth_foreign(struct oidc *oidc, const char *authorization, struct caller *ret)
{
    struct claims claims;
    const char *text = authorization + sizeof bearer - 1;
    enum error_code ec = oidc_access(oidc, text, strlen(text), &claims);
    if (ec == EC_OK)
        auth_take_claims(&claims, ret);
    return ec;
}

/* Value of a cookie in "a=b; name=...; c=d", and its length. */
static const char *find_cookie(const char *cookie, const char *name, size_t *ret_len)
{
    size_t len = strlen(name);
    for (const char *at = cookie; at != NULL && *at != '\0';) {
        at += strspn(at, " ;");
        if (strncmp(at, name, len) == 0 && at[len] == '=') {
            at += len + 1;
            *ret_len = strcspn(at, "; ");
            return at;
        }
        at = strchr(at, ';');
    }
    return NULL;
}

void auth_sign_in(const char *cookie, int is_secure, char ret[SIGN_IN_TEXT_MAX])
{
    size_t len = 0;
    const char *text = find_cookie(cookie, sign_in_cookie[is_secure], &len);
    if (text == NULL || len >= SIGN_IN_TEXT_MAX)
        len = 0;
    snprintf(ret, SIGN_IN_TEXT_MAX, "%.*s", (int)len, text != NULL ? text : "");
}

static void set_cookie(const struct request *r, struct reply *ret, const char *const names[2],
                       const char *text, int seconds, const char *site)
{
    snprintf(ret->cookie, sizeof ret->cookie, "%s=%s; Path=/; Max-Age=%d; HttpOnly; SameSite=%s%s",
             names[r->is_secure], text, seconds, site, r->is_secure ? "; Secure" : "");
}

void auth_set_cookie(const struct request *r, struct reply *ret, const char *text, int seconds)
{
    set_cookie(r, ret, session_cookie, text, seconds, "Strict");
}

void auth_set_sign_in(const struct request *r, struct reply *ret, const char *text)
{
    set_cookie(r, ret, sign_in_cookie, text, LIMIT_SIGN_IN_S, "Lax");
}

/* The bits of "analyst operator". */
static unsigned role_bits(const char *names)
{
    unsigned bits = 0;
    char name[sizeof((struct caller){0}.role_name)];
    while (*names != '\0') {
        size_t len = strcspn(names, " ");
        snprintf(name, sizeof name, "%.*s", (int)len, names);
        bits |= role_bit(name);
        names += len + strspn(names + len, " ");
    }
    return bits;
}

enum error_code auth_session(struct db *db, const char *cookie, int is_secure, struct caller *ret)
{
    struct session_holder holder;
    size_t len = 0;
    const char *text = find_cookie(cookie, session_cookie[is_secure], &len);
    if (text == NULL)
        return EC_UNAUTHENTICATED;
    enum error_code ec = session_check(db, text, len, &holder);
    if (ec != EC_OK)
        return ec;
    ret->role = role_bits(holder.roles);
    snprintf(ret->role_name, sizeof ret->role_name, "%s", holder.roles);
    snprintf(ret->token_id, sizeof ret->token_id, "%s", holder.token_id);
    snprintf(ret->session_id, sizeof ret->session_id, "%s", holder.session_id);
    snprintf(ret->subject, sizeof ret->subject, "%s", holder.subject);
    snprintf(ret->crew, sizeof ret->crew, "%s", holder.crew);
    return EC_OK;
}

int auth_is_own_page(const char *page_field, const char *fetch_site)
{
    return page_field != NULL && strcmp(page_field, "bptm") == 0 &&
           (fetch_site == NULL || strcmp(fetch_site, "same-origin") == 0);
}
