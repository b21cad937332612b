/* Work that takes longer than a request: who does it, and when to leave off. */
#ifndef BPTM_BULK_H
#define BPTM_BULK_H

#include "codec/person_seal.h"
#include "store/db.h"

/** Who works. */
struct bulk_run {
    struct db *db;
    struct db *side; /* tells progress and hears of a cancel meanwhile; NULL: neither */
    int (*is_stopping)(void *context); /* NULL: never */
    void *context;
    const struct person_keys *keys; /* of personal data, where an import has some */
};

#endif
