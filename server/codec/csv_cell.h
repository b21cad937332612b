/* Cells of the CSV that we write. */
#ifndef BPTM_CSV_CELL_H
#define BPTM_CSV_CELL_H

#include "base/bytes.h"

/**
 * Append one cell. What a spreadsheet would take for a formula begins with an apostrophe, in
 * quotes; numbers do not need it.
 * @param is_quoted  in quotes also where nothing asks for them
 */
void csv_cell_put(struct bytes *to, const char *text, size_t len, int is_quoted);

#endif
