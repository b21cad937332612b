/* Accounts: who is the customer of record at a premise. */
#ifndef BPTM_ACCOUNT_H
#define BPTM_ACCOUNT_H

#include "store/resource.h"

/** An account. Texts are borrowed. */
struct account_new {
    const char *number;
    struct optional_int premise_id, customer_id;
    const char *kind;            /* residential, business */
    struct optional_bool active; /* absent: yes */
};

/**
 * Store an account and its audit row. Call inside db_transact().
 * @return EC_OK; EC_CONFLICT when the number is taken; EC_FIELDS_INVALID when premise or customer
 *         is not known; or a database error
 */
enum error_code account_create(struct db *db, const struct audit_by *by,
                               const struct account_new *account, int64_t *ret_id) MUST_CHECK;

/** @return EC_OK with malloc'd JSON; EC_NOT_FOUND; EC_NO_MEMORY; a database error */
enum error_code account_get(struct db *db, int64_t id, char **ret) MUST_CHECK;

/** Kind of an account, and whether it is active. */
extern const struct resource account_resource;

/** What a list is narrowed to; 0 and NULL: all. */
struct account_filter {
    int64_t premise_id, customer_id;
    const char *number;
};

/** List by id. */
enum error_code account_list(struct db *db, const struct account_filter *filter,
                             const struct document_page *page,
                             struct document_list *ret) MUST_CHECK;

/**
 * The customer of record leaves, on a day (YYYY-MM-DD; NULL: today): the account has no holder, and
 * applications of the customer are closed. Writes the audit rows; call inside db_transact().
 * @return EC_OK; EC_NOT_FOUND; EC_STATE_REFUSED, db_detail() says why; EC_FIELDS_INVALID when the
 *         day is before the move in; or a database error
 */
enum error_code account_move_out(struct db *db, const struct audit_by *by, int64_t id,
                                 const char *on) MUST_CHECK;

/** Another customer holds the account from a day on. @return as account_move_out() */
enum error_code account_move_in(struct db *db, const struct audit_by *by, int64_t id,
                                int64_t customer_id, const char *on) MUST_CHECK;

#endif
