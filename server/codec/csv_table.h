/* A CSV file (RFC 4180, UTF-8, header row) as a table in memory. */
#ifndef BPTM_CSV_TABLE_H
#define BPTM_CSV_TABLE_H

#include <stddef.h>

#include "error.h"

enum {
    CSV_TABLE_BYTES_MAX = 32 << 20,
    CSV_TABLE_ROWS_MAX = 200000,
    CSV_TABLE_COLUMNS_MAX = 32,
    CSV_TABLE_NOTE_MAX = 256,
};

/** Cells by row and by the caller's order of columns; an empty cell is "". */
struct csv_table {
    const char *const *names; /* of the columns, borrowed from the caller */
    size_t columns;
    size_t rows; /* without the header */
    char **cells;
    char *text; /* what the cells point into */
};

/** Columns that a table may have; borrowed by the table that is read. */
struct csv_shape {
    const char *const *names;
    size_t columns;  /* 1..CSV_TABLE_COLUMNS_MAX */
    size_t required; /* the first ones must be there; a column that is not has empty cells */
};

/**
 * Read a file whose header names the given columns, in any order.
 *
 * @param ret       free with csv_table_done(); untouched on failure
 * @param ret_note  CSV_TABLE_NOTE_MAX bytes: what is wrong, with its row (the header is row 1)
 * @return EC_OK; EC_IO; EC_FIELDS_INVALID for a file that is not such a table; EC_NO_MEMORY
 */
enum error_code csv_table_read(const char *path, const struct csv_shape *shape,
                               struct csv_table *ret, char *ret_note) MUST_CHECK;

/** The same from bytes in memory, which are not needed afterwards. */
enum error_code csv_table_parse(const char *bytes, size_t len, const struct csv_shape *shape,
                                struct csv_table *ret, char *ret_note) MUST_CHECK;

/** Accepts a zeroed table. */
void csv_table_done(struct csv_table *table);

/** A cell; rows count from 0. Borrowed. */
const char *csv_table_get(const struct csv_table *table, size_t row, size_t column);

#endif
