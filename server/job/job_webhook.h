/* The thread of the job part that sends webhooks. */
#ifndef BPTM_JOB_WEBHOOK_H
#define BPTM_JOB_WEBHOOK_H

#include "base/config.h"
#include "error.h"

struct job_webhook;

/**
 * Start it. It has a connection of the role bptm_job and needs no lease: each subscriber is claimed
 * for the message that is on its way, so several processes share the work.
 * @param config  borrowed until job_webhook_stop()
 * @return EC_OK; EC_NO_MEMORY; EC_IO
 */
enum error_code job_webhook_start(const struct config *config, struct job_webhook **ret) MUST_CHECK;

/** Give back what is on its way, which goes out again later, and free all. NULL is allowed. */
void job_webhook_stop(struct job_webhook *j);

#endif
