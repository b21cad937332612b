/* Reading a table from CSV or XLSX. */
#ifndef BPTM_CTL_SHEET_H
#define BPTM_CTL_SHEET_H

#include "codec/csv_table.h"

/**
 * As csv_table_read(), and from the first sheet of an XLSX file. Its directory is judged first
 * (codec/xlsx_guard.h); then xlsx2csv makes CSV of a copy of it in a sandbox (base/sandbox.h). Of a
 * formula cell the value counts that was kept with it.
 * @return as csv_table_read(); EC_FIELDS_INVALID for a file that is refused
 */
enum error_code ctl_sheet_read(const char *path, const struct csv_shape *shape,
                               struct csv_table *ret, char *ret_note) MUST_CHECK;

#endif
