/* Work of the timed jobs: deriving outages, forgetting old answers. */
#ifndef BPTM_OUTAGE_JOB_H
#define BPTM_OUTAGE_JOB_H

#include "store/db.h"

/** Derive anew the outages of at most `most` devices that have records since the last time.
 *  @param ret_devices  how many there were; equal to `most` when more may be waiting */
enum error_code outage_job_derive(struct db *db, uint32_t most, uint64_t *ret_devices) MUST_CHECK;

/** Forget answers to Idempotency-Keys older than `hours`. @param ret_gone how many */
enum error_code outage_job_forget(struct db *db, uint32_t hours, uint64_t *ret_gone) MUST_CHECK;

#endif
