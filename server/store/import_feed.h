/* Importing the outages of a utility's feed from a CSV file of any length. */
#ifndef BPTM_IMPORT_FEED_H
#define BPTM_IMPORT_FEED_H

#include <stdio.h>

#include "store/db.h"

enum { IMPORT_FEED_NOTE_MAX = 512 };

/** A file and the feed that it is from. Texts are borrowed; NULL where the feed exists already. */
struct import_feed {
    FILE *file;       /* can be read again from its beginning */
    const char *code; /* [a-z0-9][a-z0-9-]{1,39} */
    const char *name;
    const char *time_zone; /* whose days interruptions are booked on */
    int64_t customers_served;
};

/** What an import did. */
struct import_feed_result {
    uint64_t rows;     /* read */
    uint64_t changed;  /* new or other than before */
    uint64_t doubtful; /* of all that are stored: kept, but not counted */
};

/**
 * Import a feed and make its rollups, all or nothing. The header names at least outage_id,
 * start_epoch, first_seen_epoch, last_seen_epoch (seconds since 1970), max_est_customers, lat, lon,
 * region and cause_last; other columns are not looked at. An outage is known by its outage_id: the
 * row seen last counts. The same file again changes nothing.
 *
 * @param ret_note  IMPORT_FEED_NOTE_MAX bytes: row, column and value that were refused
 * @return EC_OK; EC_FIELDS_INVALID; EC_IO; EC_NO_MEMORY; a database error
 */
enum error_code import_feed(struct db *db, const struct import_feed *feed,
                            struct import_feed_result *ret, char *ret_note) MUST_CHECK;

#endif
