/* Importing what the utility's own meters say of their power: IEC 61968-9 EndDeviceEvents as XML.
 */
#ifndef BPTM_IMPORT_METERS_H
#define BPTM_IMPORT_METERS_H

#include <stdio.h>

#include "store/db.h"

enum { IMPORT_METERS_NOTE_MAX = 512 };

/** What an import did. */
struct import_meters_result {
    uint64_t events;    /* read */
    uint64_t kept;      /* new: power went or came at a home of ours */
    uint64_t unmapped;  /* of codes that mean nothing here (outage.meter_event_code) */
    uint64_t unmatched; /* of meters at no home of ours; they are not kept */
};

/**
 * Import a document of any length, all or nothing. The same again changes nothing.
 *
 * @param file      can be read again from its beginning
 * @param ret_note  IMPORT_METERS_NOTE_MAX bytes: what is wrong, with line and column
 * @return EC_OK; EC_FIELDS_INVALID; EC_IO; EC_NO_MEMORY; a database error
 */
enum error_code import_meters(struct db *db, FILE *file, struct import_meters_result *ret,
                              char *ret_note) MUST_CHECK;

#endif
