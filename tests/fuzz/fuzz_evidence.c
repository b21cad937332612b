/* Fuzz target: an evidence bundle; a failure must blame a byte of the file. */
#include <stdlib.h>

#include "verify/check.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct check_pins no_pins;
    struct check_report report;
    struct check_failure failure;
    if (check_bundle((struct span){data, size}, &no_pins, &report, &failure) != EC_OK)
        if (failure.offset > size || failure.what == NULL)
            abort();
    return 0;
}
