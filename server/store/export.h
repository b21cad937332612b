/* Exports: all that a filter lets through, in pieces, from one snapshot. */
#ifndef BPTM_EXPORT_H
#define BPTM_EXPORT_H

#include "base/bytes.h"
#include "store/feature_read.h"

enum export_format { EXPORT_CSV, EXPORT_GEOJSON, EXPORT_FLATGEOBUF, EXPORT_ODIN };

struct export_job; /* used by one thread at a time */

/**
 * Begin: a connection and a snapshot of its own, until export_close().
 *
 * @param conninfo  libpq connection string
 * @param filter    copied
 * @param full      with places and homes as they are; else as analysts are told
 * @return EC_OK; EC_UNAVAILABLE: no connection, or LIMIT_EXPORTS are running; a database error
 */
enum error_code export_open(const char *conninfo, const struct feature_collection *c,
                            enum export_format format, const struct feature_filter *filter,
                            int full, struct export_job **ret) MUST_CHECK;

/**
 * The next piece, of at most LIMIT_EXPORT_PIECE bytes.
 * @param ret  initialised and cleared here; left empty when all has been given
 * @return EC_OK; EC_UNAVAILABLE after LIMIT_EXPORT_S, or when the connection was lost and the
 *         snapshot with it; EC_NO_MEMORY; a database error
 */
enum error_code export_next(struct export_job *e, struct bytes *ret) MUST_CHECK;

/** NULL is allowed. */
void export_close(struct export_job *e);

#endif
