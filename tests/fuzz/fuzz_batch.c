/* Fuzz target: a whole journal message, and a batch alone; what decodes must encode to itself. */
#include <stdlib.h>
#include <string.h>

#include "batch.h"
#include "cose.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void try_batch(struct span payload)
{
    static uint8_t again[65536];
    uint8_t hashes[WIRE_BATCH_RECORDS_MAX][WIRE_HASH_LEN];
    struct batch b;
    size_t len = 0;
    if (batch_decode(payload, &b) != EC_OK)
        return;
    batch_hashes(&b, hashes);
    if (batch_encode(&b, again, sizeof again, &len) != EC_OK)
        abort();
    if (len != payload.len || memcmp(again, payload.at, len) != 0)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cose_sign1 parts;
    uint8_t scratch[WIRE_SCRATCH_LEN];
    uint8_t key[WIRE_KEY_LEN] = {0};
    struct span aad = {(const uint8_t *)"aad", 3};
    try_batch((struct span){data, size});
    if (cose_decode(data, size, &parts) != EC_OK)
        return 0;
    if (cose_verify(&parts, aad, key, scratch) == EC_OK)
        abort();
    try_batch(parts.payload);
    return 0;
}
