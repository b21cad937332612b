/* The ledger of who holds a device: reading it, and moving a device from hand to hand. */
#ifndef BPTM_CUSTODY_H
#define BPTM_CUSTODY_H

#include "store/audit.h"
#include "store/transition.h"

/** A move, by an action of programme.custody_transition. Texts are borrowed; NULL and 0: none. */
struct custody_order {
    int64_t device_id;
    const char *action;
    const char *as;   /* role that the transition asks for */
    const char *crew; /* who is let at its own only; NULL: not narrowed */
    const char *to;   /* who gets it */
    int64_t premise_id, application_id;
    const char *at; /* RFC 3339; NULL: now */
    const char *reason;
};

/**
 * Add an entry, and its audit row. Call inside db_transact().
 * @return EC_OK; EC_STATE_REFUSED with each rule that refused; or a database error
 */
enum error_code custody_move(struct db *db, const struct audit_by *by,
                             const struct custody_order *order,
                             struct transition_refusals *ret) MUST_CHECK;

/**
 * Where a device is, what may be done with it by `role` and `crew`, as for custody_order, and its
 * newest 200 entries, oldest first. @return as document_get()
 */
enum error_code custody_get(struct db *db, const char *serial, const char *role, const char *crew,
                            char **ret) MUST_CHECK;

/** What a list is narrowed to; NULL: all. */
struct custody_filter {
    const char *holder, *state;
    const char *crew; /* what is in stock, with this crew or with a job of it */
};

/** Where devices are, by serial. */
enum error_code custody_list(struct db *db, const struct custody_filter *filter,
                             const struct document_page *page,
                             struct document_list *ret) MUST_CHECK;

/** A device that the ledger wants cut off from the broker: its entry `nth`. */
struct custody_revocation {
    int64_t device_id, nth;
    char serial[25], state[16];
};
enum { CUSTODY_REVOCATIONS_MAX = 64 };

/** The oldest that are not done yet, at most CUSTODY_REVOCATIONS_MAX. */
enum error_code custody_revocations(struct db *db, struct custody_revocation *ret,
                                    size_t *ret_count) MUST_CHECK;

/** It is done; the ledger and the audit say so. In a transaction of its own. */
enum error_code custody_revoked(struct db *db, const struct custody_revocation *r) MUST_CHECK;

/** Has the ledger ended the credentials of a device? */
enum error_code custody_is_revoked(struct db *db, int64_t device_id, int *ret) MUST_CHECK;

#endif
