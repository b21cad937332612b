/* Resources that are changed in place, as SQL: what may be changed, how, and what the audit keeps.
 */
#include "store/resource.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

static enum error_code get(struct db *db, const char *sql, int64_t id, char **ret)
{
    struct db_param params[] = {db_int(id)};
    struct document_query q = {sql, params, 1};
    return document_get(db, &q, ret);
}

enum error_code resource_get(struct db *db, const struct resource *what, int64_t id, char **ret)
{
    return get(db, what->get, id, ret);
}

enum error_code resource_current(struct db *db, const struct resource *what, int64_t id, char **ret)
{
    return get(db, what->current, id, ret);
}

enum error_code resource_update(struct db *db, const struct audit_by *by,
                                const struct resource *what, int64_t id,
                                const struct db_param *fields, size_t n)
{
    char action[40];
    struct db_param params[1 + RESOURCE_FIELDS_MAX] = {db_int(id)};
    struct document_query q = {what->update, params, 1 + n};
    assert(n <= RESOURCE_FIELDS_MAX);
    memcpy(params + 1, fields, n * sizeof *fields);
    snprintf(action, sizeof action, "%s.change", what->name);
    return audit_change_row(db, by, action, id, what->audit, &q);
}
