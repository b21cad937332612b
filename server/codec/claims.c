/* What a verified token of the identity provider says (RFC 9068, OpenID Connect Core), judged. */
#include "codec/claims.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/limits.h"

enum { NAME_MAX_LEN = 256, PATH_PARTS = 8 };

static const char logout_event[] = "http://schemas.openid.net/event/backchannel-logout";

/* -- reaching a claim -------------------------------------------------------------------------- */

/* One name of a JSON Pointer (RFC 6901) up to the next "/", without its escapes. */
static const char *take_name(const char *at, char ret[NAME_MAX_LEN])
{
    size_t n = 0;
    for (; *at != '\0' && *at != '/' && n < NAME_MAX_LEN - 1; at++) {
        ret[n++] = *at;
        if (*at == '~')
            ret[n - 1] = *++at == '1' ? '/' : '~';
    }
    ret[n] = '\0';
    return at;
}

static const json_t *find(const json_t *claims, const char *path)
{
    char name[NAME_MAX_LEN];
    if (path[0] != '/')
        return json_object_get(claims, path);
    while (*path == '/' && claims != NULL) {
        path = take_name(path + 1, name);
        claims = json_object_get(claims, name);
    }
    return claims;
}

int claims_is_path(const char *text)
{
    size_t parts = 0;
    if (text[0] != '/')
        return text[0] != '\0';
    for (const char *at = text; *at != '\0'; at++) {
        parts += *at == '/';
        if ((*at == '/' && (at[1] == '/' || at[1] == '\0')) ||
            (*at == '~' && at[1] != '0' && at[1] != '1'))
            return 0;
    }
    return parts <= PATH_PARTS;
}

/* Text without control characters and without NUL. */
static const char *text_of(const json_t *value, size_t max)
{
    const char *text = json_string_value(value);
    size_t len = json_string_length(value);
    if (text == NULL || len == 0 || len > max || strlen(text) != len)
        return NULL;
    for (size_t i = 0; i < len; i++)
        if ((unsigned char)text[i] < ' ' || text[i] == 0x7f)
            return NULL;
    return text;
}

/* -- roles ------------------------------------------------------------------------------------- */

/* Is it one of those between commas? Spaces around them do not count. */
static int is_listed(const char *list, const char *name, size_t len)
{
    while (*list != '\0') {
        list += strspn(list, " ,");
        size_t n = strcspn(list, ",");
        size_t trimmed = n;
        while (trimmed > 0 && list[trimmed - 1] == ' ')
            trimmed--;
        if (trimmed == len && len > 0 && memcmp(list, name, len) == 0)
            return 1;
        list += n;
    }
    return 0;
}

static unsigned roles_by_name(const struct claims_rules *rules, const char *name, size_t len)
{
    unsigned roles = 0;
    for (unsigned i = 0; i < CLAIMS_ROLES; i++)
        if (is_listed(rules->roles[i], name, len))
            roles |= 1U << i;
    return roles;
}

/* A list of names, or names between spaces, as "scope" has them. */
static unsigned roles_of(const struct claims_rules *rules, const json_t *value)
{
    const char *text = json_string_value(value);
    unsigned roles = 0;
    const json_t *one;
    size_t i;
    json_array_foreach(value, i, one) if (json_is_string(one)) roles |=
        roles_by_name(rules, json_string_value(one), json_string_length(one));
    while (text != NULL && *text != '\0') {
        text += strspn(text, " ");
        size_t n = strcspn(text, " ");
        roles |= roles_by_name(rules, text, n);
        text += n;
    }
    return roles;
}

/* -- the rest ---------------------------------------------------------------------------------- */

static int is_for(const json_t *audience, const char *wanted)
{
    const json_t *one;
    size_t i;
    if (json_is_string(audience))
        return strcmp(json_string_value(audience), wanted) == 0;
    json_array_foreach(audience, i, one) if (json_is_string(one) &&
                                             strcmp(json_string_value(one), wanted) == 0) return 1;
    return 0;
}

/* A NumericDate; -1: absent or without form. */
static int64_t time_of(const json_t *claims, const char *name)
{
    const json_t *value = json_object_get(claims, name);
    double number = json_number_value(value);
    return json_is_number(value) && number >= 0 && number < 1e11 ? (int64_t)number : -1;
}

static enum jws_verdict judge_times(const json_t *claims, int64_t now_s, struct claims *ret)
{
    int64_t expires_s = time_of(claims, "exp"), issued_s = time_of(claims, "iat");
    int64_t begins_s = json_object_get(claims, "nbf") != NULL ? time_of(claims, "nbf") : issued_s;
    if (expires_s < 0 || issued_s < 0 || begins_s < 0)
        return JWS_CLAIM;
    if (now_s >= expires_s + LIMIT_OIDC_LEEWAY_S)
        return JWS_EXPIRED;
    if (begins_s > now_s + LIMIT_OIDC_LEEWAY_S || issued_s > now_s + LIMIT_OIDC_LEEWAY_S)
        return JWS_NOT_YET;
    if (expires_s - issued_s > LIMIT_OIDC_LIFETIME_S)
        return JWS_LIFETIME;
    ret->issued_s = issued_s;
    ret->expires_s = expires_s;
    return JWS_OK;
}

/* It says what happened and to whom, and nothing that would make it an ID token. */
static enum jws_verdict judge_logout(const json_t *claims)
{
    const json_t *events = json_object_get(claims, "events");
    int is_whole = json_is_object(json_object_get(events, logout_event)) &&
                   text_of(json_object_get(claims, "jti"), NAME_MAX_LEN) != NULL &&
                   (text_of(json_object_get(claims, "sub"), CLAIMS_SUB_MAX - 1) != NULL ||
                    text_of(json_object_get(claims, "sid"), CLAIMS_SID_MAX - 1) != NULL);
    return is_whole && json_object_get(claims, "nonce") == NULL ? JWS_OK : JWS_CLAIM;
}

/* What only an ID token must say, and what only an access token must. */
static enum jws_verdict judge_kind(const json_t *claims, const struct claims_rules *rules)
{
    const json_t *party = json_object_get(claims, "azp");
    const char *nonce = text_of(json_object_get(claims, "nonce"), NAME_MAX_LEN);
    if (rules->is_logout)
        return judge_logout(claims);
    if (rules->nonce == NULL)
        return text_of(json_object_get(claims, "client_id"), NAME_MAX_LEN) != NULL ? JWS_OK
                                                                                   : JWS_CLAIM;
    if (party != NULL ? !is_for(party, rules->audience)
                      : json_array_size(json_object_get(claims, "aud")) > 1)
        return JWS_AUDIENCE;
    return nonce != NULL && strcmp(nonce, rules->nonce) == 0 ? JWS_OK : JWS_NONCE;
}

/* "sub@iss" */
static int take_subject(const json_t *claims, const struct claims_rules *rules, struct claims *ret)
{
    const char *sub = text_of(json_object_get(claims, "sub"), CLAIMS_SUB_MAX - 1);
    size_t len = sub != NULL ? strlen(sub) : 0, issuer_len = strlen(rules->issuer);
    if (len == 0)
        return rules->is_logout;
    if (len + issuer_len + 2 > sizeof ret->subject)
        return 0;
    memcpy(ret->subject, sub, len);
    ret->subject[len] = '@';
    memcpy(ret->subject + len + 1, rules->issuer, issuer_len + 1);
    return 1;
}

static enum jws_verdict take_who(const json_t *claims, const struct claims_rules *rules,
                                 struct claims *ret)
{
    const json_t *crew = rules->crew_claim[0] != '\0' ? find(claims, rules->crew_claim) : NULL;
    const char *sid = text_of(json_object_get(claims, "sid"), CLAIMS_SID_MAX - 1);
    if (!take_subject(claims, rules, ret))
        return JWS_CLAIM;
    snprintf(ret->sid, sizeof ret->sid, "%s", sid != NULL ? sid : "");
    const char *text = text_of(crew, CLAIMS_CREW_MAX - 1);
    snprintf(ret->crew, sizeof ret->crew, "%s", text != NULL ? text : "");
    ret->roles = roles_of(rules, find(claims, rules->roles_claim));
    return JWS_OK;
}

static enum jws_verdict judge(const json_t *claims, const struct claims_rules *rules, int64_t now_s,
                              struct claims *ret)
{
    const char *issuer = json_string_value(json_object_get(claims, "iss"));
    if (!json_is_object(claims))
        return JWS_MALFORMED;
    if (issuer == NULL || strcmp(issuer, rules->issuer) != 0)
        return JWS_ISSUER;
    if (!is_for(json_object_get(claims, "aud"), rules->audience))
        return JWS_AUDIENCE;
    enum jws_verdict v = judge_times(claims, now_s, ret);
    if (v == JWS_OK)
        v = judge_kind(claims, rules);
    return v == JWS_OK ? take_who(claims, rules, ret) : v;
}

enum jws_verdict claims_judge(const char *payload, size_t len, const struct claims_rules *rules,
                              int64_t now_s, struct claims *ret)
{
    struct claims c = {0};
    json_t *claims = json_loadb(payload, len, JSON_REJECT_DUPLICATES, NULL);
    enum jws_verdict v = judge(claims, rules, now_s, &c);
    json_decref(claims);
    if (v == JWS_OK)
        *ret = c;
    return v;
}

/* An access token says so (RFC 9068, 2.1), a logout token may; an ID token says nothing, or that it
   is a JWT. */
static int is_type(const struct jws *j, const struct claims_rules *rules)
{
    const char *type = j->type;
    if (strncasecmp(type, "application/", 12) == 0)
        type += 12;
    if (rules->is_logout && strcasecmp(type, "logout+jwt") == 0)
        return 1;
    if (rules->nonce == NULL && !rules->is_logout)
        return strcasecmp(type, "at+jwt") == 0;
    return type[0] == '\0' || strcasecmp(type, "JWT") == 0;
}

enum jws_verdict claims_read(const char *text, size_t len, const struct claims_rules *rules,
                             const struct jwk_set *keys, int64_t now_s, struct claims *ret)
{
    struct jws j;
    char *payload = NULL;
    size_t payload_len = 0;
    enum jws_verdict v = jws_read(text, len, rules->allowed, &j);
    if (v == JWS_OK && !is_type(&j, rules))
        v = JWS_TYPE;
    if (v == JWS_OK)
        v = jws_verify(&j, keys);
    if (v == JWS_OK)
        v = jws_payload(&j, &payload, &payload_len);
    if (v == JWS_OK)
        v = claims_judge(payload, payload_len, rules, now_s, ret);
    free(payload);
    return v;
}
