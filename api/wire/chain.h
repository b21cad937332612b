/* The hash chain of a device's journal. */
#ifndef BPTM_CHAIN_H
#define BPTM_CHAIN_H

#include <stddef.h>
#include <stdint.h>

#include "wire.h"

/** hash[0] = SHA-256("bptm/1/chain/" || device id || first public key). */
void chain_start(const char *device, const uint8_t key[WIRE_KEY_LEN], uint8_t ret[WIRE_HASH_LEN]);

/** hash[seq] = SHA-256(hash[seq-1] || record bytes). `prev` and `ret` may be the same. */
void chain_next(const uint8_t prev[WIRE_HASH_LEN], const uint8_t *record, size_t len,
                uint8_t ret[WIRE_HASH_LEN]);

#endif
