/* Resources as JSON text that PostgreSQL builds: one statement says what a resource looks like. */
#ifndef BPTM_DOCUMENT_H
#define BPTM_DOCUMENT_H

#include "base/optional.h"
#include "store/db.h"

enum { DOCUMENT_KEY_MAX = 136 };

/** A statement and its parameters, borrowed for the call. */
struct document_query {
    const char *sql;
    const struct db_param *params;
    size_t count;
};

/** Where a list begins (key of the last item seen; NULL: at the start) and how many items it has.
 */
struct document_page {
    const char *after;
    int64_t limit;
};

/** A page of a list and the key for the next one. */
struct document_list {
    char *text;                  /* malloc'd JSON array */
    size_t count;                /* of its items */
    char next[DOCUMENT_KEY_MAX]; /* empty: nothing follows */
};

/**
 * Run a statement whose one column is JSON text.
 * @param ret  malloc'd text of the first row
 * @return EC_OK; EC_NOT_FOUND when there is no row or it is null; EC_NO_MEMORY; a database error
 */
enum error_code document_get(struct db *db, const struct document_query *q, char **ret) MUST_CHECK;

/**
 * Run a statement of two columns, JSON text and the key to go on from, that was asked for one row
 * more than the page has (`limit $n` with page->limit + 1): the extra row says that more follow.
 * @param ret  text to be freed by the caller
 * @return EC_OK; EC_NO_MEMORY; a database error
 */
enum error_code document_list(struct db *db, const struct document_query *q,
                              const struct document_page *page,
                              struct document_list *ret) MUST_CHECK;

/**
 * Run a statement whose one column is a number, such as the id of an inserted row.
 * @return EC_OK; EC_NOT_FOUND when there is no row or it is null; a database error
 */
enum error_code document_id(struct db *db, const struct document_query *q, int64_t *ret) MUST_CHECK;

/** Wait for everybody else who changes the resource of this path, until the transaction ends. */
enum error_code document_lock(struct db *db, const char *path) MUST_CHECK;

/** Parameters from values that may be absent: SQL null then. */
struct db_param document_int(struct optional_int v);
struct db_param document_real(struct optional_real v);
struct db_param document_bool(struct optional_bool v);

#endif
