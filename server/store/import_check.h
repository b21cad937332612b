/* Checking the cells of a table against a description of its columns. */
#ifndef BPTM_IMPORT_CHECK_H
#define BPTM_IMPORT_CHECK_H

#include "store/import.h"

enum import_type {
    IMPORT_TEXT,         /* min..max bytes */
    IMPORT_CHOICE,       /* one of `choices` */
    IMPORT_NUMBERS,      /* whole numbers 1..100000 separated by ';', at most 8, or none */
    IMPORT_AMPS,         /* 0.1..9999.9, at most one decimal */
    IMPORT_AMPS_OR_NONE, /* the same, or 0 */
    IMPORT_DATE,         /* YYYY-MM-DD */
    IMPORT_HEX,          /* exactly `max` hex digits */
};

/** One column. */
struct import_column {
    enum import_type type;
    int optional; /* may be empty */
    size_t min, max;
    const char *choices; /* "yes|no" */
};

/**
 * Check all cells.
 * @param columns   as many as the table has
 * @param ret_note  IMPORT_NOTE_MAX bytes, with row (the header is 1), column, value and what it
 * must be
 * @return EC_OK; EC_FIELDS_INVALID at the first bad cell
 */
enum error_code import_check(const struct csv_table *table, const struct import_column *columns,
                             char *ret_note) MUST_CHECK;

/** The same for all bad cells, rows from 0. @return how many there are */
size_t import_check_all(const struct csv_table *table, const struct import_column *columns,
                        void (*tell)(void *context, size_t row, size_t column, const char *what),
                        void *context);

/** Say what is wrong with a cell. @return `ec` */
enum error_code import_refuse(const struct csv_table *table, size_t row, size_t column,
                              enum error_code ec, const char *what, char *ret_note);

/** A cell as a parameter: SQL null when it is empty. */
struct db_param import_param(const struct csv_table *table, size_t row, size_t column);

/** A table that is taken row by row, all or nothing. */
struct import_rows {
    const struct csv_table *table;
    const char *reason; /* for the ledger; NULL: none */
    /** Take one row, and count it in result.changed unless it is there already. */
    enum error_code (*put)(struct db *db, struct import_rows *rows, size_t row);
    struct import_result result;
    char *note; /* as ret_note of import_check() */
};

/** Check the table, and take its rows in one transaction. @param ret  untouched on failure */
enum error_code import_rows(struct db *db, const struct import_column *columns,
                            struct import_rows *rows, struct import_result *ret) MUST_CHECK;

#endif
