/* Fuzz target: one record; what decodes must encode to itself. */
#include <stdlib.h>
#include <string.h>

#include "record.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cbor_reader reader;
    struct record r;
    uint8_t again[WIRE_RECORD_MAX];
    size_t len = 0;
    cbor_reader_init(&reader, data, size);
    enum error_code ec = record_decode(&reader, &r);
    if (reader.at < data || reader.at > data + size)
        abort();
    if (ec != EC_OK)
        return 0;
    if (record_encode(&r, again, sizeof again, &len) != EC_OK)
        abort();
    if (len != r.raw.len || memcmp(again, r.raw.at, len) != 0)
        abort();
    return 0;
}
