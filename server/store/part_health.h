/* How a part of the server is, for other processes to read: fleet.part_health. */
#ifndef BPTM_PART_HEALTH_H
#define BPTM_PART_HEALTH_H

#include "store/db.h"

/** Write the row of a part. `detail` is a JSON object; the time is the database's. */
enum error_code part_health_put(struct db *db, const char *part, const char *holder,
                                const char *detail) MUST_CHECK;

#endif
