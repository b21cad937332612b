/* Values that may be absent, as they come from a body and go to the database. */
#ifndef BPTM_OPTIONAL_H
#define BPTM_OPTIONAL_H

#include <stdint.h>

struct optional_int {
    int is_set;
    int64_t value;
};

struct optional_real {
    int is_set;
    double value;
};

struct optional_bool {
    int is_set;
    int value;
};

#endif
