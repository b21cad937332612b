/* Staging a file at hand: what a decoder makes of it goes into a temporary table, by COPY. */
#ifndef BPTM_IMPORT_FILE_H
#define BPTM_IMPORT_FILE_H

#include <stdio.h>

#include "base/bytes.h"
#include "store/db.h"

enum { IMPORT_FILE_NOTE_MAX = 512, IMPORT_FILE_BUFFER_MAX = 4 << 20 };

/** A file on its way. */
struct import_file {
    FILE *file; /* can be read again from its beginning */
    struct db *db;
    struct bytes rows; /* COPY rows that wait; a decoder adds to them */
    char *note;        /* IMPORT_FILE_NOTE_MAX bytes */
};

/** What takes the file apart, and where its rows go. */
struct import_file_decoder {
    const char *table, *copy; /* statements: create the temporary table, begin the COPY */
    enum error_code (*put)(void *decoder, const char *at, size_t len);
    enum error_code (*end)(void *decoder);
    const char *(*note)(void *decoder); /* what is wrong with the file */
};

/**
 * Stage a file from its beginning. Call it inside db_transact(): the table ends with the
 * transaction, whose statements are given ten minutes from here on.
 * @return EC_OK; EC_FIELDS_INVALID or EC_IO with a note, unless what takes the rows wrote one;
 * EC_NO_MEMORY; a database error
 */
enum error_code import_file_stage(struct import_file *f, const struct import_file_decoder *d,
                                  void *decoder) MUST_CHECK;

/** A row was added: send those that wait when there are enough. */
enum error_code import_file_added(struct import_file *f) MUST_CHECK;

#endif
