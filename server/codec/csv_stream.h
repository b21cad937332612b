/* A CSV file as it comes in pieces: rows out, and never more in memory than the row at hand. */
#ifndef BPTM_CSV_STREAM_H
#define BPTM_CSV_STREAM_H

#include <stddef.h>

#include "error.h"

enum {
    CSV_STREAM_ROW_MAX = 65536,  /* bytes of one row, the header too */
    CSV_STREAM_COLUMNS_MAX = 64, /* cells of one row */
    CSV_STREAM_NOTE_MAX = 320,
};

/** One row, borrowed for the call. Cells are NUL-terminated UTF-8 without NUL inside. */
struct csv_stream_row {
    size_t number; /* the header is 1; empty lines do not count */
    size_t count;
    const char *const *cells;
};

/** Takes a row. @return EC_OK, or a code that ends the reading */
typedef enum error_code (*csv_stream_take)(void *context, const struct csv_stream_row *row);

struct csv_stream;

/**
 * @param separator  ',', ';', '\t' or '|'; 0: the one that the first line has most of
 * @return EC_OK; EC_NO_MEMORY
 */
enum error_code csv_stream_new(char separator, csv_stream_take take, void *context,
                               struct csv_stream **ret) MUST_CHECK;

/** NULL is allowed. */
void csv_stream_free(struct csv_stream *s);

/**
 * Take the next piece of the file (RFC 4180, LF or CRLF, UTF-8 with or without a mark at its
 * beginning). A failure is final.
 * @return EC_OK; EC_FIELDS_INVALID with csv_stream_note(): a row too long or with too many cells,
 *         a stray quote, NUL, an encoding other than UTF-8; EC_NO_MEMORY; what `take` returned
 */
enum error_code csv_stream_put(struct csv_stream *s, const char *at, size_t len) MUST_CHECK;

/** The file ends here. @return as csv_stream_put(); EC_FIELDS_INVALID when it has no header, too */
enum error_code csv_stream_end(struct csv_stream *s) MUST_CHECK;

/** What is wrong with the file, with row, column and an advice; "" when nothing is. */
const char *csv_stream_note(const struct csv_stream *s);

#endif
