/* Importing what a utility did to its circuits: a regulator's roll-up of shutoffs or fast trips, as
 * CSV. */
#ifndef BPTM_IMPORT_EVENTS_H
#define BPTM_IMPORT_EVENTS_H

#include <stdio.h>

#include "store/db.h"

enum {
    IMPORT_EVENTS_NOTE_MAX = 512,
    IMPORT_EVENTS_ERRORS_MAX = 100, /* told one by one */
};

/** A file and how it is read. Texts are borrowed. */
struct import_events {
    FILE *file;            /* can be read again from its beginning */
    const char *kind;      /* "psps", "epss" */
    const char *time_zone; /* of times without an offset */
    int dry_run;           /* judge only */
    int skip_errors;       /* take the rows without errors; else an error refuses the file */
};

/** What an import did. */
struct import_events_result {
    uint64_t rows;
    uint64_t errors;    /* cells */
    uint64_t kept;      /* new or other than before */
    uint64_t unmatched; /* of no circuit of ours */
    uint64_t doubtful;  /* of all that are stored of this kind */
};

/** Takes one error; the texts are borrowed. `line` counts the header as 1. */
typedef void (*import_events_tell)(void *context, int64_t line, const char *field,
                                   const char *value, const char *reason);

/**
 * Import a roll-up, all or nothing but for what skip_errors leaves out. The header names the
 * columns in one of the ways that roll-ups do (letters and digits count): utility, circuit and the
 * time out must be there. The same file again changes nothing.
 *
 * @param tell      called for at most IMPORT_EVENTS_ERRORS_MAX errors, in the order of the file
 * @param ret       filled also when errors refused the file
 * @param ret_note  IMPORT_EVENTS_NOTE_MAX bytes: what is wrong with the file as a whole
 * @return EC_OK; EC_FIELDS_INVALID: refused; EC_IO; EC_NO_MEMORY; a database error
 */
enum error_code import_events(struct db *db, const struct import_events *what,
                              import_events_tell tell, void *context,
                              struct import_events_result *ret, char *ret_note) MUST_CHECK;

#endif
