/* Access tokens of requests: from the Authorization field to a caller. */
#include "http/auth.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "store/token.h"

enum { SECRET_MAX = 256 };

static const struct {
    const char *name;
    enum role role;
} roles[] = {
    {"enrolment", ROLE_ENROLMENT}, {"installer", ROLE_INSTALLER}, {"analyst", ROLE_ANALYST},
    {"operator", ROLE_OPERATOR},   {"admin", ROLE_ADMIN},
};

static unsigned role_bit(const char *name)
{
    for (size_t i = 0; i < sizeof roles / sizeof *roles; i++)
        if (strcmp(roles[i].name, name) == 0)
            return roles[i].role;
    return 0;
}

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
    } schemes[] = {{"Bearer ", take_bearer}, {"Basic ", take_basic}};
    for (size_t i = 0; i < sizeof schemes / sizeof *schemes; i++) {
        size_t len = strlen(schemes[i].scheme);
        if (strncasecmp(authorization, schemes[i].scheme, len) == 0)
            return schemes[i].take(authorization + len, ret);
    }
    return 0;
}

enum error_code auth_check(struct db *db, const char *authorization, struct caller *ret)
{
    char secret[SECRET_MAX] = "";
    struct token_holder holder;
    if (authorization == NULL || !take_secret(authorization, secret))
        return EC_UNAUTHENTICATED;
    enum error_code ec = token_check(db, secret, strlen(secret), &holder);
    sodium_memzero(secret, sizeof secret);
    if (ec != EC_OK)
        return ec;
    ret->role = role_bit(holder.role);
    snprintf(ret->role_name, sizeof ret->role_name, "%s", holder.role);
    snprintf(ret->token_id, sizeof ret->token_id, "%s", holder.token_id);
    snprintf(ret->crew, sizeof ret->crew, "%s", holder.crew);
    return EC_OK;
}
