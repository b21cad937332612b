/* Fuzz target: the directory of a spreadsheet, before anything unpacks it. */
#include <stdint.h>
#include <stdlib.h>

#include "codec/xlsx_guard.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *note = NULL;
    (void)xlsx_guard_is_zip(data, size);
    if (xlsx_guard(data, size, &note) != EC_OK && note == NULL)
        abort();
    return 0;
}
