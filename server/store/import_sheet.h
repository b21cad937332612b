/* Rows of the spreadsheet that an import was given. */
#ifndef BPTM_IMPORT_SHEET_H
#define BPTM_IMPORT_SHEET_H

#include "store/db.h"

enum { IMPORT_SHEET_NOTE_MAX = 320 };

/**
 * Make rows of the kept spreadsheet of an import that is uploaded, by sheet_csv(): what it came as
 * is deleted then, and the import is as if a CSV had been uploaded.
 *
 * @param ret_note  IMPORT_SHEET_NOTE_MAX bytes: what is wrong with it; "" when it is not the file
 * @return EC_OK; EC_NOT_FOUND when it has none; EC_FIELDS_INVALID; EC_IO when it could not be read
 *         on this machine; EC_STATE_REFUSED when it was cancelled; EC_NO_MEMORY; a database error
 */
enum error_code import_sheet_unpack(struct db *db, int64_t import_id, char *ret_note) MUST_CHECK;

#endif
