/* The audit: who did what to which object, before and after; written with every write. */
#ifndef BPTM_AUDIT_H
#define BPTM_AUDIT_H

#include "store/document.h"

enum { AUDIT_SUBJECT_MAX = 512 };

/** Who acts. Texts are borrowed. */
struct audit_by {
    const char *token_id; /* NULL: by no token of ours */
    const char *role;
    const char *request_id; /* NULL: none */
    const char *subject; /* "sub@iss" of the identity provider; NULL, and no token_id: an operator
                            at the machine */
    const char *reason;  /* why, for rows that have no reason of their own; NULL: none given */
};

/** What happened. `before` and `after` are JSON texts without personal data, or NULL. */
struct audit_change {
    const char *action;    /* "application.create" */
    const char *object_id; /* id, serial or code */
    const char *before, *after;
    const char *reason; /* NULL: none given */
};

/**
 * Say who acts in this transaction, for the rows of the audit that routines of the database write.
 * Nothing when it is nobody of the identity provider.
 */
enum error_code audit_subject(struct db *db, const struct audit_by *by) MUST_CHECK;

/** Write one row; call it in the transaction of the change itself. */
enum error_code audit_add(struct db *db, const struct audit_by *by,
                          const struct audit_change *change) MUST_CHECK;

/**
 * Write the row of a change whose `after` the database itself can tell: a statement with the
 * object's id as $1 that gives JSON text without personal data.
 */
enum error_code audit_add_row(struct db *db, const struct audit_by *by, const char *action,
                              int64_t id, const char *after_sql) MUST_CHECK;

/**
 * Change one object and write the row of it: `row_sql` tells what it was before and is after, as
 * for audit_add_row(). Call inside db_transact().
 * @param change  the statement, run between the two looks; returns the id, or no row when the
 *                object's state does not allow it
 * @return EC_OK; EC_NOT_FOUND when there is no such object; EC_STATE_REFUSED; or a database error
 */
enum error_code audit_change_row(struct db *db, const struct audit_by *by, const char *action,
                                 int64_t id, const char *row_sql,
                                 const struct document_query *change) MUST_CHECK;

/**
 * List the rows, newest first; the key is an audit id.
 * @param object  NULL: all; "premise" or "premise.create" by action; "premise:17" one object
 */
enum error_code audit_list(struct db *db, const char *object, const struct document_page *page,
                           struct document_list *ret) MUST_CHECK;

#endif
