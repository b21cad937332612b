/* The work on previews: judging every premise twice takes longer than a request may. */
#ifndef BPTM_PREVIEW_RUN_H
#define BPTM_PREVIEW_RUN_H

#include "store/bulk.h"

/**
 * Claim the oldest preview that waits; one is worked on at a time, whoever works. What was claimed
 * by a session that is gone begins again.
 * @return EC_OK; EC_NOT_FOUND when none waits or another session works; a database error
 */
enum error_code preview_run_next(struct db *db, int64_t *ret_id) MUST_CHECK;
enum error_code preview_run_release(struct db *db, int64_t id) MUST_CHECK;

/**
 * Do a claimed preview. What is wrong with it becomes its state and note; one that was cancelled
 * is left alone, also on the way.
 * @return EC_OK; EC_UNAVAILABLE when stopped on the way; a database error that may pass
 */
enum error_code preview_run_work(const struct bulk_run *run, int64_t id) MUST_CHECK;

#endif
