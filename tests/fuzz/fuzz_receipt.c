/* Fuzz target: the payload of a receipt; what decodes must encode to itself. */
#include <stdlib.h>
#include <string.h>

#include "receipt.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct receipt r;
    uint8_t again[WIRE_RECEIPT_MAX];
    size_t len = 0;
    if (receipt_decode((struct span){data, size}, &r) != EC_OK)
        return 0;
    if (receipt_encode(&r, again, sizeof again, &len) != EC_OK)
        abort();
    if (len != size || memcmp(again, data, len) != 0)
        abort();
    return 0;
}
