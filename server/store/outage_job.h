/* Work of the timed jobs: deriving outages, rollups, forgetting old answers. */
#ifndef BPTM_OUTAGE_JOB_H
#define BPTM_OUTAGE_JOB_H

#include "store/db.h"

/** Derive anew the outages of at most `most` devices that have records since the last time.
 *  @param ret_devices  how many there were; equal to `most` when more may be waiting */
enum error_code outage_job_derive(struct db *db, uint32_t most, uint64_t *ret_devices) MUST_CHECK;

/** Derive anew the events around at most `most` places where outages have changed
 *  (sql/routine/outage.derive_events.sql). @param ret_places  as above */
enum error_code outage_job_events(struct db *db, uint32_t most, uint64_t *ret_places) MUST_CHECK;

/** Make anew the facts of backup power of at most `most` devices whose outages were derived since
 *  (sql/routine/outage.derive_facts.sql). @param ret_devices  as above */
enum error_code outage_job_facts(struct db *db, uint32_t most, uint64_t *ret_devices) MUST_CHECK;

/** Match at most `most` events with what other sources say (sql/routine/outage.match_events.sql).
 *  @param ret_events  as above */
enum error_code outage_job_match(struct db *db, uint32_t most, uint64_t *ret_events) MUST_CHECK;

/** Judge the alarms of at most `most` devices whose outages were derived since
 *  (sql/routine/outage.watch_journals.sql). @param ret_devices  as above */
enum error_code outage_job_alarms(struct db *db, uint32_t most, uint64_t *ret_devices) MUST_CHECK;

/** Judge the alarms that no record tells: silence, forks, gaps
 * (sql/routine/outage.watch_fleet.sql). */
enum error_code outage_job_fleet_alarms(struct db *db) MUST_CHECK;

/** Keep our own health record: when we could not hear the devices. Call it before the part says
 * that it is well. */
enum error_code outage_job_watch(struct db *db) MUST_CHECK;

/** Make anew the rollups of at most `most` days that wait for it (sql/routine/outage.roll_up.sql).
 *  @param ret_days  how many there were; equal to `most` when more may be waiting */
enum error_code outage_job_roll_up(struct db *db, uint32_t most, uint64_t *ret_days) MUST_CHECK;

/** Count anew how many homes have a device, by area and circuit, for all days.
 *  @param ret_spans  how many of the stored numbers changed */
enum error_code outage_job_count_served(struct db *db, uint64_t *ret_spans) MUST_CHECK;

/** Count again what homes lived through with their generators, and write anew the answers that show
 *  it or whose entries have dates. @param ret_answers  how many changed */
enum error_code outage_job_generators(struct db *db, uint64_t *ret_answers) MUST_CHECK;

/** Forget answers to Idempotency-Keys older than `hours`. @param ret_gone how many */
enum error_code outage_job_forget(struct db *db, uint32_t hours, uint64_t *ret_gone) MUST_CHECK;

#endif
