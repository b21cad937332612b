/* Alarms: reading them, and what a person makes of one. */
#ifndef BPTM_ALARM_H
#define BPTM_ALARM_H

#include "store/audit.h"

/** Which alarms; NULL: any. */
struct alarm_filter {
    const char *state; /* "raised", "acknowledged" or "cleared" */
    const char *kind, *severity;
    const char *device; /* serial */
};

/** A page of alarms, newest first; the key is an alarm id. */
enum error_code alarm_list(struct db *db, const struct alarm_filter *filter,
                           const struct document_page *page, struct document_list *ret) MUST_CHECK;

/** An alarm with its history. */
enum error_code alarm_get(struct db *db, int64_t id, char **ret) MUST_CHECK;

/**
 * Acknowledge or clear an alarm. Call inside db_transact().
 * @param event  "acknowledged" or "cleared"
 * @param note   NULL: none
 * @return EC_OK; EC_NOT_FOUND; EC_STATE_REFUSED: it is cleared, or acknowledged, already
 */
enum error_code alarm_answer(struct db *db, const struct audit_by *by, int64_t id,
                             const char *event, const char *note) MUST_CHECK;

#endif
