/* Fuzz target: a receipt as a device gets it, and its payload; what decodes must encode to itself.
 */
#include <stdlib.h>
#include <string.h>

#include "cose.h"
#include "receipt.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void try_receipt(struct span payload)
{
    struct receipt r;
    uint8_t again[WIRE_RECEIPT_MAX];
    size_t len = 0;
    if (receipt_decode(payload, &r) != EC_OK)
        return;
    if (receipt_encode(&r, again, sizeof again, &len) != EC_OK)
        abort();
    if (len != payload.len || memcmp(again, payload.at, len) != 0)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cose_sign1 parts;
    try_receipt((struct span){data, size});
    if (cose_decode(data, size, &parts) == EC_OK)
        try_receipt(parts.payload);
    return 0;
}
