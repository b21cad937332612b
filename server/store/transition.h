/* Changes of an application's state: the one way from C to the table of states and transitions. */
#ifndef BPTM_TRANSITION_H
#define BPTM_TRANSITION_H

#include "store/audit.h"

enum { TRANSITION_RULE_MAX = 32, TRANSITION_SENTENCE_MAX = 200, TRANSITION_REFUSALS_MAX = 8 };

/** Which rules refused a transition, by code and in words. */
struct transition_refusals {
    size_t count;
    struct {
        char rule[TRANSITION_RULE_MAX];
        char sentence[TRANSITION_SENTENCE_MAX];
    } items[TRANSITION_REFUSALS_MAX];
};

/**
 * Move an application by an action of programme.transition; writes its event and audit row, and may
 * move others up that wait for a place. Call inside db_transact().
 *
 * @param as      role that the transition asks for: by->role for people
 * @param reason  NULL: none
 * @param ret     why it was refused; count 0 otherwise
 * @return EC_OK; EC_NOT_FOUND; EC_STATE_REFUSED with `ret` filled; or a database error
 */
enum error_code transition_run(struct db *db, const struct audit_by *by, int64_t application_id,
                               const char *action, const char *as, const char *reason,
                               struct transition_refusals *ret) MUST_CHECK;

/** Run a statement whose rows are such refusals, NULL where none. @return as transition_run() */
enum error_code transition_query(struct db *db, const struct document_query *q,
                                 struct transition_refusals *ret) MUST_CHECK;

#endif
