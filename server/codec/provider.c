/* What an identity provider says of itself (OpenID Connect Discovery), and its answer to a code. */
#include "codec/provider.h"

#include <jansson.h>
#include <string.h>

int provider_is_url(const char *url, int has_http)
{
    size_t len = strlen(url);
    int has_form = strncmp(url, "https://", 8) == 0
                       ? len > 8
                       : has_http && strncmp(url, "http://", 7) == 0 && len > 7;
    for (size_t i = 0; has_form && i < len; i++)
        has_form = url[i] > ' ' && url[i] < 0x7f && url[i] != '#' && url[i] != '"';
    return has_form && len < PROVIDER_URL_MAX;
}

static int take_url(const json_t *document, const char *name, int has_http, int is_needed,
                    char ret[PROVIDER_URL_MAX])
{
    const char *url = json_string_value(json_object_get(document, name));
    if (url == NULL || !provider_is_url(url, has_http))
        return url == NULL && !is_needed;
    memcpy(ret, url, strlen(url) + 1);
    return 1;
}

enum error_code provider_read(const char *text, size_t len, const char *issuer, int has_http,
                              struct provider *ret)
{
    struct provider p = {0};
    json_t *document = json_loadb(text, len, JSON_REJECT_DUPLICATES, NULL);
    const char *name = json_string_value(json_object_get(document, "issuer"));
    int good = name != NULL && strcmp(name, issuer) == 0 &&
               take_url(document, "jwks_uri", has_http, 1, p.keys) &&
               take_url(document, "authorization_endpoint", has_http, 0, p.authorization) &&
               take_url(document, "token_endpoint", has_http, 0, p.token) &&
               take_url(document, "end_session_endpoint", has_http, 0, p.end_session);
    p.says_issuer =
        json_is_true(json_object_get(document, "authorization_response_iss_parameter_supported"));
    json_decref(document);
    if (!good)
        return EC_BODY_MALFORMED;
    *ret = p;
    return EC_OK;
}

enum error_code provider_id_token(const char *text, size_t len, char **ret)
{
    json_t *document = json_loadb(text, len, JSON_REJECT_DUPLICATES, NULL);
    const char *token = json_string_value(json_object_get(document, "id_token"));
    char *copy = token != NULL ? strdup(token) : NULL;
    enum error_code ec = copy != NULL ? EC_OK : token == NULL ? EC_BODY_MALFORMED : EC_NO_MEMORY;
    json_decref(document);
    if (ec == EC_OK)
        *ret = copy;
    return ec;
}
