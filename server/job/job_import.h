/* The thread of the job part that works on bulk imports. */
#ifndef BPTM_JOB_IMPORT_H
#define BPTM_JOB_IMPORT_H

#include "base/config.h"
#include "error.h"

struct job_import;

/**
 * Start it. It has two connections of the role bptm_import and needs no lease: each import is
 * claimed by the session that works on it, so several processes share the work.
 * @param config  borrowed until job_import_stop()
 * @return EC_OK; EC_NO_MEMORY; EC_IO
 */
enum error_code job_import_start(const struct config *config, struct job_import **ret) MUST_CHECK;

/** Leave off after the piece at hand, and free all. NULL is allowed. */
void job_import_stop(struct job_import *j);

#endif
