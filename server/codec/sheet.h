/* CSV of the first sheet of a spreadsheet. */
#ifndef BPTM_SHEET_H
#define BPTM_SHEET_H

#include "base/bytes.h"
#include "codec/csv_table.h"

enum { SHEET_NOTE_MAX = CSV_TABLE_NOTE_MAX };

/**
 * Its directory is judged first (codec/xlsx_guard.h); then xlsx2csv makes CSV of a copy of it in a
 * sandbox (base/sandbox.h). Of a formula cell the value counts that was kept with it.
 *
 * @param ret       made for CSV_TABLE_BYTES_MAX; the CSV, separated by commas
 * @param ret_note  SHEET_NOTE_MAX bytes: what is wrong with it
 * @return EC_OK; EC_FIELDS_INVALID; EC_IO; EC_NO_MEMORY
 */
enum error_code sheet_csv(const struct bytes *file, struct bytes *ret, char *ret_note) MUST_CHECK;

/** A regular file of at most CSV_TABLE_BYTES_MAX, whole. @return EC_OK; EC_IO with the note */
enum error_code sheet_read(const char *path, struct bytes *ret, char *ret_note) MUST_CHECK;

#endif
