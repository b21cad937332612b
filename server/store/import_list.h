/* The work on bulk imports that are a whole list: checked by making it and taking that back,
 * committed as a draft. */
#ifndef BPTM_IMPORT_LIST_H
#define BPTM_IMPORT_LIST_H

#include <stdint.h>

#include "store/db.h"

/**
 * Check an import of generators: its errors by row and column, and how its good rows differ from
 * the active list. Inside db_transact().
 * @return EC_OK, also with errors; EC_NO_MEMORY; a database error
 */
enum error_code import_list_check(struct db *db, int64_t import_id) MUST_CHECK;

/** Make the draft of its good rows, by who committed it; inside db_transact(). @return as above;
 *  EC_FIELDS_INVALID or EC_CONFLICT when it is not what was checked */
enum error_code import_list_commit(struct db *db, int64_t import_id) MUST_CHECK;

#endif
