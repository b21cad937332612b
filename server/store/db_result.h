/* What a result is; for db.c and db_result.c alone. */
#ifndef BPTM_DB_RESULT_H
#define BPTM_DB_RESULT_H

#include <libpq-fe.h>

#include "store/db.h"

struct db_result {
    PGresult *rows;
};

#endif
