/* The timed part of bptmd: one thread and a table of jobs. */
#ifndef BPTM_JOB_H
#define BPTM_JOB_H

#include "base/config.h"

struct job_part;

/**
 * Start the thread; the database need not be there yet.
 * @param config  must stay until job_stop()
 * @return EC_OK; EC_NO_MEMORY; EC_IO when there is no thread to be had
 */
enum error_code job_start(const struct config *config, struct job_part **ret) MUST_CHECK;

/** Did the table of jobs come round within the last `within_ms`? Imports may take longer and do not
 *  count, nor does what is sent. Thread-safe. */
int job_is_alive(struct job_part *part, int64_t within_ms);

/** Finish the job at hand, give the lease back. Accepts NULL. */
void job_stop(struct job_part *part);

#endif
