/* Drills: announced times in which what goes dark is no outage. */
#ifndef BPTM_DRILL_H
#define BPTM_DRILL_H

#include "store/audit.h"

/** A drill to declare; texts are borrowed. */
struct drill_new {
    const char *name;
    const char *circuit_id; /* NULL: everywhere */
    const char *starts_at, *ends_at;
};

/**
 * Declare a drill. Outages already derived in its time are derived anew.
 * @return EC_OK; EC_FIELDS_INVALID: no such circuit, or it ends before it starts
 */
enum error_code drill_declare(struct db *db, const struct audit_by *by,
                              const struct drill_new *drill, int64_t *ret_id) MUST_CHECK;

enum error_code drill_get(struct db *db, int64_t id, char **ret) MUST_CHECK;

/** A page of drills, newest first. */
enum error_code drill_list(struct db *db, const struct document_page *page,
                           struct document_list *ret) MUST_CHECK;

#endif
