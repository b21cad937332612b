/* Resources that are changed in place, as SQL: what may be changed, how, and what the audit keeps.
 */
#ifndef BPTM_RESOURCE_H
#define BPTM_RESOURCE_H

#include "store/audit.h"

enum { RESOURCE_FIELDS_MAX = 16 };

/**
 * A kind of row. `current` gives by its id ($1) the members that may be changed, as a JSON object,
 * and locks the row; `update` has the id as $1 and then those members in the order of the API, and
 * returns the id, or no row when the row's state does not allow it; `get` is the resource by its
 * id; `audit` the row by its id without what is personal.
 */
struct resource {
    const char *name; /* "premise": the audit's action is "premise.change" */
    const char *current, *update, *get, *audit;
};

/** @return as document_get() */
enum error_code resource_get(struct db *db, const struct resource *what, int64_t id,
                             char **ret) MUST_CHECK;

/** What may be changed, the row locked. @return as document_get() */
enum error_code resource_current(struct db *db, const struct resource *what, int64_t id,
                                 char **ret) MUST_CHECK;

/**
 * Change one and write its audit row. Call inside db_transact().
 * @param fields  n of them, at most RESOURCE_FIELDS_MAX
 * @return EC_OK; EC_NOT_FOUND; EC_STATE_REFUSED; or a database error
 */
enum error_code resource_update(struct db *db, const struct audit_by *by,
                                const struct resource *what, int64_t id,
                                const struct db_param *fields, size_t n) MUST_CHECK;

#endif
