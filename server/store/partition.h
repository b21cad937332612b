/* Partitions of the journal by month and of the interruptions by year. */
#ifndef BPTM_PARTITION_H
#define BPTM_PARTITION_H

#include "store/db.h"

enum {
    PARTITION_MONTHS_BEFORE = 1,
    PARTITION_MONTHS_AFTER = 24,
    PARTITION_YEARS = 64, /* of the default partition of the interruptions, taken at a time */
};

/**
 * Create the partitions of journal_record and journal_batch that are missing, from last month to 24
 * months ahead (UTC), and those of the interruptions, of the same years and of all that have rows
 * in the default partition: what was derived late, or before there were partitions, is to be
 * dropped with its year. Rows of such a time that are in the default partition move to the new one.
 * One transaction each, so that the ingest waits only briefly.
 *
 * @param ret_created  how many were missing; untouched on failure
 * @return EC_OK or a database error (see db_note)
 */
enum error_code partition_ensure(struct db *db, size_t *ret_created) MUST_CHECK;

#endif
