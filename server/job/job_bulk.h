/* The threads of the job part that work on what takes long: bulk imports, and previews. */
#ifndef BPTM_JOB_BULK_H
#define BPTM_JOB_BULK_H

#include "base/config.h"
#include "error.h"

struct job_bulk;

/**
 * Start them. Each has two connections of the role bptm_import and needs no lease: what is worked
 * on is claimed by the session that does it, so several processes share the work.
 * @param config  borrowed until job_bulk_stop()
 * @return EC_OK; EC_NO_MEMORY; EC_IO
 */
enum error_code job_bulk_start(const struct config *config, struct job_bulk **ret) MUST_CHECK;

/** Leave off after the piece at hand, and free all. NULL is allowed. */
void job_bulk_stop(struct job_bulk *b);

#endif
