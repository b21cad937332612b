/* Customers: personal data, kept apart from everything else. */
#ifndef BPTM_CUSTOMER_H
#define BPTM_CUSTOMER_H

#include "store/person.h"
#include "store/resource.h"
#include "store/transition.h"

/** A person. Texts are borrowed; NULL where the API allows it. */
struct customer_new {
    const char *name, *email, *phone;
    struct optional_bool medical_baseline; /* absent: no */
};

/**
 * Store a customer, sealed; the audit row names the fields that are known, never what they hold.
 * Call inside db_transact().
 * @return as person_put()
 */
enum error_code customer_create(struct db *db, const struct person_keys *keys,
                                const struct audit_by *by, const struct customer_new *customer,
                                int64_t *ret_id) MUST_CHECK;

/** @return EC_OK with malloc'd JSON, sealed; EC_NOT_FOUND; EC_NO_MEMORY; a database error */
enum error_code customer_get(struct db *db, int64_t id, char **ret) MUST_CHECK;

/** What may be changed, opened, the row locked. @return EC_STATE_REFUSED of one who was erased; as
 * person_open_text() */
enum error_code customer_current(struct db *db, const struct person_keys *keys, int64_t id,
                                 char **ret) MUST_CHECK;

/** Change all that may be changed. Call inside db_transact(). @return as resource_update(),
 * person_key() */
enum error_code customer_change(struct db *db, const struct person_keys *keys,
                                const struct audit_by *by, int64_t id,
                                const struct customer_new *customer) MUST_CHECK;

/**
 * Erase a customer: the key that all of it is sealed under, the digests, and rows of imports that
 * have ended. The row stays, with its id and whether Medical Baseline, which statistics count. Call
 * inside db_transact(). Again it does nothing.
 * @param ret  why it was refused
 * @return EC_OK; EC_NOT_FOUND; EC_STATE_REFUSED while the person is needed; or a database error
 */
enum error_code customer_erase(struct db *db, const struct audit_by *by, int64_t id,
                               const char *reason, struct transition_refusals *ret) MUST_CHECK;

/** All that is known of a customer; read by customer_current(), changed by customer_change(). */
extern const struct resource customer_resource;

/** List by id. `text` (NULL: all): words of the name, the e-mail address or the telephone number.
 */
enum error_code customer_list(struct db *db, const struct person_keys *keys, const char *text,
                              const struct document_page *page,
                              struct document_list *ret) MUST_CHECK;

#endif
