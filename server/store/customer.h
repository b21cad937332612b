/* Customers: personal data, kept apart from everything else. */
#ifndef BPTM_CUSTOMER_H
#define BPTM_CUSTOMER_H

#include "store/resource.h"

/** A person. Texts are borrowed; NULL where the API allows it. */
struct customer_new {
    const char *name, *email, *phone;
    struct optional_bool medical_baseline; /* absent: no */
};

/**
 * Store a customer; the audit row names the fields that are known, never what they hold. Call
 * inside db_transact().
 */
enum error_code customer_create(struct db *db, const struct audit_by *by,
                                const struct customer_new *customer, int64_t *ret_id) MUST_CHECK;

/** @return EC_OK with malloc'd JSON; EC_NOT_FOUND; EC_NO_MEMORY; a database error */
enum error_code customer_get(struct db *db, int64_t id, char **ret) MUST_CHECK;

/** All that is known of a customer. */
extern const struct resource customer_resource;

/** List by id. `text` (NULL: all) is looked for in the name, in any case. */
enum error_code customer_list(struct db *db, const char *text, const struct document_page *page,
                              struct document_list *ret) MUST_CHECK;

#endif
