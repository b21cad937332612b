/* Accounts: who is the customer of record at a premise. */
#ifndef BPTM_ACCOUNT_H
#define BPTM_ACCOUNT_H

#include "store/audit.h"

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

#endif
