/* Bulk imports as resources: made, read, committed, cancelled. Their file is taken in
 * store/import_stage.h, the work on them is in store/import_run.h. */
#ifndef BPTM_IMPORTS_H
#define BPTM_IMPORTS_H

#include "base/bytes.h"
#include "codec/person_seal.h"
#include "store/audit.h"

enum { IMPORTS_REJECTS_BYTES = 16 << 20 }; /* of a piece of the rejects file */

/** An import as it is asked for. Texts are borrowed. */
struct import_new {
    const char
        *kind; /* "premises", "accounts", "circuits", "links", "generators", "psps", "epss" */
    const char *file_name;   /* for people */
    const char *why;         /* for the audit */
    const char *mapping;     /* JSON object, column -> field; or "COLUMN=FIELD,..."; NULL: none */
    const char *separator;   /* "comma", "semicolon", "tab", "pipe", "auto"; NULL: auto */
    const char *empty_cells; /* "keep", "clear"; NULL: keep */
    struct optional_bool skip_errors;
    const char *time_zone; /* of psps and epss, of times without an offset; NULL: none */
};

/** Which imports a caller may see. */
enum import_scope {
    IMPORT_SCOPE_GRID, /* neither premises nor accounts */
    IMPORT_SCOPE_ALL,
};

/** One import, and on whose behalf. */
struct import_ref {
    int64_t id;
    enum import_scope scope;
};

/** @return 1 when imports of this kind are in the scope */
int imports_in_scope(enum import_scope scope, const char *kind);

/** @return EC_OK; EC_NOT_FOUND when there is none in the scope; a database error */
enum error_code imports_find(struct db *db, struct import_ref ref) MUST_CHECK;

/** Make one and its audit row; inside db_transact(). @return EC_OK; a database error */
enum error_code imports_create(struct db *db, const struct audit_by *by,
                               const struct import_new *import, int64_t *ret_id) MUST_CHECK;

/** @return EC_OK with malloc'd JSON; EC_NOT_FOUND; EC_NO_MEMORY; a database error */
enum error_code imports_get(struct db *db, struct import_ref ref, char **ret) MUST_CHECK;

/** Newest first; the key is an import id. */
enum error_code imports_list(struct db *db, enum import_scope scope,
                             const struct document_page *page,
                             struct document_list *ret) MUST_CHECK;

/**
 * Let a checked import be written, by the job part; inside db_transact().
 * @return EC_OK; EC_NOT_FOUND; EC_STATE_REFUSED when it is not checked, or has errors and does not
 *         skip them
 */
enum error_code imports_commit(struct db *db, const struct audit_by *by,
                               struct import_ref ref) MUST_CHECK;

/** Cancel one that is not over; inside db_transact(). @return EC_OK; EC_NOT_FOUND;
 *  EC_STATE_REFUSED when it is over */
enum error_code imports_cancel(struct db *db, const struct audit_by *by,
                               struct import_ref ref) MUST_CHECK;

/** Errors by row; the key is "row.place". */
enum error_code imports_errors(struct db *db, struct import_ref ref,
                               const struct document_page *page,
                               struct document_list *ret) MUST_CHECK;

/** The difference by row, `action` NULL or "create" or "update"; the key is a row. */
enum error_code imports_changes(struct db *db, struct import_ref ref, const char *action,
                                const struct document_page *page,
                                struct document_list *ret) MUST_CHECK;

/**
 * Some lines of the rejects file, from the row after *row on (0: from the header on).
 * @param row  moved to the last row of the lines
 * @param ret  CSV is added to it; nothing when there are no more
 */
enum error_code imports_rejects(struct db *db, const struct person_keys *keys,
                                struct import_ref ref, int64_t *row, struct bytes *ret) MUST_CHECK;

/** Write into the audit that the rows of this import are read, when they are about persons. */
enum error_code imports_tell(struct db *db, const struct audit_by *by,
                             struct import_ref ref) MUST_CHECK;

/** What a check found, for the operator at the machine. */
struct import_counts {
    char state[16];
    int64_t rows, errors, creates, updates, unchanged;
};

/** @return EC_OK; EC_NOT_FOUND; a database error */
enum error_code imports_count(struct db *db, int64_t id, struct import_counts *ret) MUST_CHECK;

/** What is looked at: the first `most` of "errors" or "changes" as lines of text, the "note",
 * or the "drafts" of lists that its commit made. */
struct import_look {
    const char *what;
    int64_t most;
};

/** @param ret  malloc'd, "" when there are none */
enum error_code imports_describe(struct db *db, const struct person_keys *keys, int64_t id,
                                 const struct import_look *look, char **ret) MUST_CHECK;

#endif
