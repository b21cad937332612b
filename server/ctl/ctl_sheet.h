/* Reading a table from CSV or XLSX. */
#ifndef BPTM_CTL_SHEET_H
#define BPTM_CTL_SHEET_H

#include "codec/csv_table.h"

/**
 * As csv_table_read(), and from the first sheet of an XLSX file, by sheet_csv().
 * @return as csv_table_read(); EC_FIELDS_INVALID for a file that is refused
 */
enum error_code ctl_sheet_read(const char *path, const struct csv_shape *shape,
                               struct csv_table *ret, char *ret_note) MUST_CHECK;

#endif
