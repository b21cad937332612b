/* Fuzz target: what an identity provider, or who pretends to be one, sends: tokens, keys,
 * addresses. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "codec/claims.h"
#include "codec/provider.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { NOW_S = 1800000000, KEYS_MAX = 2 };

static const struct claims_rules rules[] = {
    {.issuer = "https://id.example",
     .audience = "api",
     .roles_claim = "/realm/roles",
     .crew_claim = "crew",
     .roles = {"desk", "field,crew", "", "ops", "root"},
     .allowed = (1U << JWS_ALGORITHMS) - 1},
    {.issuer = "https://id.example",
     .audience = "api",
     .nonce = "n",
     .roles_claim = "roles",
     .crew_claim = "/a~1b/~0",
     .roles = {"desk", "field", "a b", "ops", "root"},
     .allowed = (1U << JWS_ALGORITHMS) - 1},
};

/* The public keys of RFC 7515, A.3, and RFC 8037, A. */
static const char keys_text[] = "{\"keys\":[{\"kty\":\"EC\",\"crv\":\"P-256\",\"kid\":\"a\","
                                "\"x\":\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\","
                                "\"y\":\"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0\"},"
                                "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"kid\":\"b\","
                                "\"x\":\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\"}]}";

static void must_be_sound(const struct claims *c)
{
    static const char end[] = "@https://id.example";
    size_t len = strlen(c->subject), end_len = sizeof end - 1;
    if (len <= end_len || strcmp(c->subject + len - end_len, end) != 0 ||
        strlen(c->crew) >= CLAIMS_CREW_MAX || c->roles >= 32)
        abort();
    for (const char *t = c->subject; *t != '\0'; t++)
        if ((unsigned char)*t < ' ')
            abort();
    if (c->expires_s + 60 <= NOW_S || c->issued_s > NOW_S + 60)
        abort();
}

static void try_token(const char *text, size_t len)
{
    struct claims c;
    struct jwk_set keys;
    if (jwk_set_read(keys_text, sizeof keys_text - 1, &keys) != EC_OK || keys.count != KEYS_MAX)
        abort();
    for (size_t i = 0; i < 2; i++)
        if (claims_read(text, len, &rules[i], &keys, NOW_S, &c) == JWS_OK)
            must_be_sound(&c);
    jwk_set_done(&keys);
}

static void try_claims(const char *text, size_t len)
{
    struct claims c;
    for (size_t i = 0; i < 2; i++)
        if (claims_judge(text, len, &rules[i], NOW_S, &c) == JWS_OK)
            must_be_sound(&c);
}

static void try_keys(const char *text, size_t len)
{
    struct jwk_set keys;
    if (jwk_set_read(text, len, &keys) != EC_OK)
        return;
    if (keys.count == 0)
        abort();
    for (size_t i = 0; i < keys.count; i++)
        if ((keys.keys[i].kind == JWK_ED25519) != (keys.keys[i].text == NULL))
            abort();
    jwk_set_done(&keys);
}

static void try_provider(const char *text, size_t len)
{
    struct provider p;
    char *token = NULL;
    if (provider_read(text, len, "https://id.example", 0, &p) == EC_OK &&
        strncmp(p.keys, "https://", 8) != 0)
        abort();
    if (provider_id_token(text, len, &token) == EC_OK)
        free(token);
}

static void try_path(const char *text, size_t len)
{
    static const char payload[] =
        "{\"iss\":\"https://id.example\",\"aud\":[\"api\"],\"sub\":\"s\",\"client_id\":\"c\","
        "\"iat\":1800000000,\"exp\":1800000060,\"realm\":{\"roles\":[\"ops\"]},\"a/"
        "b\":{\"~\":\"x\"}}";
    struct claims_rules by = rules[0];
    struct claims c;
    char path[256] = "";
    memcpy(path, text, len < sizeof path ? len : sizeof path - 1);
    if (!claims_is_path(path))
        return;
    by.roles_claim = by.crew_claim = path;
    if (claims_judge(payload, sizeof payload - 1, &by, NOW_S, &c) != JWS_OK)
        abort();
    must_be_sound(&c);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static void (*const tries[])(const char *text, size_t len) = {try_token, try_claims, try_keys,
                                                                  try_provider, try_path};
    if (size == 0 || sodium_init() < 0)
        return 0;
    tries[data[0] % 5]((const char *)data + 1, size - 1);
    return 0;
}
