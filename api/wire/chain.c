/* The hash chain of a device's journal. */
#include "chain.h"

#include <sodium/crypto_hash_sha256.h>
#include <string.h>

static const char start_prefix[] = WIRE_PROTOCOL "/chain/";

void chain_start(const char *device, const uint8_t key[WIRE_KEY_LEN], uint8_t ret[WIRE_HASH_LEN])
{
    crypto_hash_sha256_state state;
    crypto_hash_sha256_init(&state);
    crypto_hash_sha256_update(&state, (const uint8_t *)start_prefix, sizeof start_prefix - 1);
    crypto_hash_sha256_update(&state, (const uint8_t *)device, strlen(device));
    crypto_hash_sha256_update(&state, key, WIRE_KEY_LEN);
    crypto_hash_sha256_final(&state, ret);
}

void chain_next(const uint8_t prev[WIRE_HASH_LEN], const uint8_t *record, size_t len,
                uint8_t ret[WIRE_HASH_LEN])
{
    crypto_hash_sha256_state state;
    crypto_hash_sha256_init(&state);
    crypto_hash_sha256_update(&state, prev, WIRE_HASH_LEN);
    crypto_hash_sha256_update(&state, record, len);
    crypto_hash_sha256_final(&state, ret);
}
