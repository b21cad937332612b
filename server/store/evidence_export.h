/* Exporting what a device wrote and what was receipted, as an evidence bundle. */
#ifndef BPTM_EVIDENCE_EXPORT_H
#define BPTM_EVIDENCE_EXPORT_H

#include <stdio.h>

#include "codec/evidence.h"
#include "store/db.h"

/** What to export. */
struct evidence_export {
    const char *serial;
    int64_t from_seq; /* batches that reach into from_seq..to_seq, whole */
    int64_t to_seq;   /* INT64_MAX: to the end */
    size_t fleet_count;
    uint8_t fleet_keys[EVIDENCE_KEYS_MAX][WIRE_KEY_LEN]; /* receipts under other keys stay out */
};

/** What was written. */
struct evidence_export_result {
    size_t batches;
    size_t receipts;
};

/**
 * Write the bundle of a device (api/evidence.md) as of one moment.
 *
 * @param out  at its beginning, seekable; holds a part of a bundle on failure
 * @return EC_OK; EC_NOT_FOUND when there is no such device; EC_IO; EC_WIRE_TOO_LARGE when the
 * bundle would be larger than its reader accepts; or a database error
 */
enum error_code evidence_export(struct db *db, const struct evidence_export *what, FILE *out,
                                struct evidence_export_result *ret) MUST_CHECK;

#endif
