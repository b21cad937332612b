/* Work that takes longer than a request: who does it, and when to leave off. */
#ifndef BPTM_BULK_H
#define BPTM_BULK_H

#include "store/db.h"

/** Who works. */
struct bulk_run {
    struct db *db;
    struct db *side; /* tells progress and hears of a cancel meanwhile; NULL: neither */
    int (*is_stopping)(void *context); /* NULL: never */
    void *context;
};

#endif
