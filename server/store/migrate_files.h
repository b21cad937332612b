/* The schema as files: numbered patches, and objects in the order of a list. */
#ifndef BPTM_MIGRATE_FILES_H
#define BPTM_MIGRATE_FILES_H

#include <stddef.h>
#include <stdint.h>

#include "error.h"

enum {
    MIGRATE_NAME_MAX = 128,
    MIGRATE_NOTE_MAX = 512,
    MIGRATE_FILES_MAX = 1024, /* patches, and objects, each */
    MIGRATE_FILE_BYTES_MAX = 1 << 20,
};

/** One file of SQL. */
struct migrate_file {
    char name[MIGRATE_NAME_MAX]; /* "patch/0001-schema-fleet.sql", below the folder */
    int number;                  /* of a patch; 0 for an object */
    uint8_t sha256[32];
    char *text; /* NUL-terminated, owned */
};

/** All files: patches by number, objects in the order of the list `order`. */
struct migrate_files {
    struct migrate_file *patches;
    size_t patch_count;
    struct migrate_file *objects;
    size_t object_count;
};

/**
 * Read a folder with patch/NNNN-name.sql, the list `order`, and the files below grant/, routine/
 * and view/ that it names. Two patches of one number, a file that is not named like this, and an
 * object that is not in the list or is in the list and not there are errors.
 *
 * @param ret       freed with migrate_files_done(); untouched on failure
 * @param ret_note  MIGRATE_NOTE_MAX bytes: what is wrong with which file
 * @return EC_OK; EC_IO; EC_MIGRATION; EC_NO_MEMORY
 */
enum error_code migrate_files_read(const char *folder, struct migrate_files *ret,
                                   char *ret_note) MUST_CHECK;

/** Read one file below a folder; free ret->text. Errors as above. */
enum error_code migrate_files_read_one(const char *folder, const char *name,
                                       struct migrate_file *ret, char *ret_note) MUST_CHECK;

/** Accepts a zeroed struct. */
void migrate_files_done(struct migrate_files *files);

/** Look for a patch by number. @return NULL when there is none */
const struct migrate_file *migrate_files_patch(const struct migrate_files *files, int number);

#endif
