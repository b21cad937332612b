/* What enrolment staff work through: the queue, and what is known of one application or place. */
#ifndef BPTM_QUEUE_H
#define BPTM_QUEUE_H

#include "store/person.h"

/** What the queue is narrowed to; NULL and 0: all. Texts are borrowed. */
struct queue_filter {
    const char *state, *programme, *assignee;
    int is_unassigned, is_overdue;
    const char *text; /* as for application_list() */
    const struct person_keys *keys;
};

/** Applications on their way, those longest in their state first; each says what it lacks. */
enum error_code queue_list(struct db *db, const struct queue_filter *filter,
                           const struct document_page *page, struct document_list *ret) MUST_CHECK;

/** How many applications are in each state, how many for too long, and since when the oldest. */
enum error_code queue_states(struct db *db, char **ret) MUST_CHECK;

/** The audit of one application, newest first. @return EC_NOT_FOUND without it */
enum error_code queue_audit(struct db *db, int64_t application_id, const struct document_page *page,
                            struct document_list *ret) MUST_CHECK;

/** A premise and the zones around it, to draw. @return as document_get() */
enum error_code queue_surroundings(struct db *db, int64_t premise_id, int64_t radius_m,
                                   char **ret) MUST_CHECK;

#endif
