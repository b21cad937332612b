/* The signature of a webhook (Standard Webhooks 1.0.0): HMAC-SHA256 of id, time and body. */
#include "codec/webhook_sign.h"

#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

static void add(crypto_auth_hmacsha256_state *state, const char *text)
{
    crypto_auth_hmacsha256_update(state, (const uint8_t *)text, strlen(text));
}

void webhook_sign(const uint8_t *secret, size_t secret_len, const char *id, int64_t time_s,
                  const char *body, char ret[WEBHOOK_SIGN_MAX])
{
    static const char version[] = "v1,";
    enum { VERSION_LEN = sizeof version - 1 };
    crypto_auth_hmacsha256_state state;
    uint8_t mac[crypto_auth_hmacsha256_BYTES];
    char time[32];

    snprintf(time, sizeof time, ".%" PRId64 ".", time_s);
    crypto_auth_hmacsha256_init(&state, secret, secret_len);
    add(&state, id);
    add(&state, time);
    add(&state, body);
    crypto_auth_hmacsha256_final(&state, mac);
    memcpy(ret, version, VERSION_LEN);
    sodium_bin2base64(ret + VERSION_LEN, WEBHOOK_SIGN_MAX - VERSION_LEN, mac, sizeof mac,
                      sodium_base64_VARIANT_ORIGINAL);
    sodium_memzero(&state, sizeof state);
}
