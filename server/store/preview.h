/* Previews: who moves in or out by drafts, before they are in force. */
#ifndef BPTM_PREVIEW_H
#define BPTM_PREVIEW_H

#include "store/audit.h"
#include "store/document.h"

/** What to look at. Texts are borrowed; what is absent is as it is in force. */
struct preview_new {
    const char *programme;
    struct optional_int ruleset;        /* version */
    const char *zone_layers;            /* {"hftd": "7"}: versions by code */
    const char *circuit_lists;          /* {"epss": "3"}: versions by designation */
    struct optional_int generator_list; /* version */
    struct optional_int quota;          /* of the season */
};

/**
 * Ask for it, with its audit row: it waits until preview_run_work() does it. Call inside
 * db_transact().
 * @return EC_OK; EC_NOT_FOUND without such a programme; EC_FIELDS_INVALID when db_detail() is not
 *         there; EC_QUEUE_FULL; a database error
 */
enum error_code preview_create(struct db *db, const struct audit_by *by,
                               const struct preview_new *preview, int64_t *ret_id) MUST_CHECK;

/** @return EC_OK with malloc'd JSON; EC_NOT_FOUND; a database error */
enum error_code preview_get(struct db *db, int64_t id, char **ret) MUST_CHECK;

/** Newest first; the key is an id. */
enum error_code preview_list(struct db *db, const struct document_page *page,
                             struct document_list *ret) MUST_CHECK;

/**
 * Premises whose outcome would be another one, by id.
 * @param direction  "in", "out" or "other"; NULL: all
 * @param hardware   only those with a device
 * @return EC_OK; EC_NOT_FOUND without such a preview; a database error
 */
enum error_code preview_changes(struct db *db, int64_t id, const char *direction, int hardware,
                                const struct document_page *page,
                                struct document_list *ret) MUST_CHECK;

/** Let one that is not over be none; inside db_transact(). @return EC_OK; EC_NOT_FOUND;
 *  EC_STATE_REFUSED when it is over */
enum error_code preview_cancel(struct db *db, const struct audit_by *by, int64_t id) MUST_CHECK;

/**
 * Put its drafts in force, with the audit row. Call inside db_transact().
 * @param who  as generator_list_by() has it
 * @return EC_OK; EC_NOT_FOUND; EC_STATE_REFUSED, db_detail() says why; EC_SAME_PERSON for a list of
 *         generators; a database error
 */
enum error_code preview_publish(struct db *db, const struct audit_by *by, const char *who,
                                int64_t id) MUST_CHECK;

#endif
