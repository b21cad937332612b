/* The work on bulk imports whose file is staged: checking them, and writing them when told to. */
#ifndef BPTM_IMPORT_RUN_H
#define BPTM_IMPORT_RUN_H

#include "store/bulk.h"

/**
 * Claim an import: no other session will work on it while this connection lives and does not
 * release it.
 * @return EC_OK; EC_CONFLICT when another session has it; a database error
 */
enum error_code import_run_claim(struct db *db, int64_t import_id) MUST_CHECK;
enum error_code import_run_release(struct db *db, int64_t import_id) MUST_CHECK;

/** Claim the oldest import that waits for its check or its commit. @return EC_OK; EC_NOT_FOUND */
enum error_code import_run_next(struct db *db, int64_t *ret_import_id) MUST_CHECK;

/**
 * Do what the state of a claimed import asks for. A check goes in pieces, each in a transaction,
 * and begins again after a failure or a stop; a commit is one transaction. What is wrong with the
 * import becomes its state and note; an import that was cancelled is left alone.
 * @return EC_OK; EC_UNAVAILABLE when stopped on the way; a database error that may pass
 */
enum error_code import_run_work(const struct bulk_run *run, int64_t import_id) MUST_CHECK;

/** Cancel imports left alone and delete old staged rows. `ret_gone` counts imports. */
enum error_code import_run_forget(struct db *db, int64_t *ret_gone) MUST_CHECK;

#endif
