/* Fuzz target: the payloads of status and link; what decodes must encode to itself. */
#include <stdlib.h>
#include <string.h>

#include "status.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void same(const uint8_t *again, size_t len, const uint8_t *data, size_t size)
{
    if (len != size || memcmp(again, data, len) != 0)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct status s;
    struct status_link l;
    uint8_t again[WIRE_STATUS_MAX];
    size_t len = 0;
    if (status_decode((struct span){data, size}, &s) == EC_OK) {
        if (status_encode(&s, again, sizeof again, &len) != EC_OK)
            abort();
        same(again, len, data, size);
    }
    if (status_link_decode((struct span){data, size}, &l) == EC_OK) {
        if (status_link_encode(&l, again, sizeof again, &len) != EC_OK)
            abort();
        same(again, len, data, size);
    }
    return 0;
}
