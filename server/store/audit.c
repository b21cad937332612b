/* The audit: who did what to which object, before and after; written with every write. */
#include "store/audit.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

enum error_code audit_subject(struct db *db, const struct audit_by *by)
{
    struct db_param params[] = {db_text(by->subject)};
    if (by->subject == NULL)
        return EC_OK;
    return db_run(db, "select set_config('bptm.subject', $1, true)", params, 1, NULL);
}

enum error_code audit_add(struct db *db, const struct audit_by *by,
                          const struct audit_change *change)
{
    struct db_param params[] = {
        db_text(by->token_id),   db_text(by->role),
        db_text(change->action), db_text(change->object_id),
        db_text(change->before), db_text(change->after),
        db_text(by->request_id), db_text(change->reason != NULL ? change->reason : by->reason),
        db_text(by->subject),
    };
    return db_run(db,
                  "insert into access.audit (token_id, role, action, object_id, before, after,"
                  " request_id, reason, subject) values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
                  params, 9, NULL);
}

enum error_code audit_add_row(struct db *db, const struct audit_by *by, const char *action,
                              int64_t id, const char *after_sql)
{
    char object_id[24];
    char *after = NULL;
    struct db_param params[] = {db_int(id)};
    struct document_query q = {after_sql, params, 1};
    enum error_code ec = document_get(db, &q, &after);
    snprintf(object_id, sizeof object_id, "%" PRId64, id);
    if (ec == EC_OK) {
        struct audit_change change = {.action = action, .object_id = object_id, .after = after};
        ec = audit_add(db, by, &change);
    }
    free(after);
    return ec;
}

enum error_code audit_change_row(struct db *db, const struct audit_by *by, const char *action,
                                 int64_t id, const char *row_sql,
                                 const struct document_query *change)
{
    char object_id[24];
    char *before = NULL, *after = NULL;
    int64_t changed = 0;
    struct db_param params[] = {db_int(id)};
    struct document_query q = {row_sql, params, 1};
    enum error_code ec = document_get(db, &q, &before);
    snprintf(object_id, sizeof object_id, "%" PRId64, id);
    if (ec == EC_OK && (ec = document_id(db, change, &changed)) == EC_NOT_FOUND)
        ec = EC_STATE_REFUSED;
    if (ec == EC_OK)
        ec = document_get(db, &q, &after);
    if (ec == EC_OK) {
        struct audit_change row = {action, object_id, before, after, NULL};
        ec = audit_add(db, by, &row);
    }
    free(before);
    free(after);
    return ec;
}

enum error_code audit_list(struct db *db, const char *object, const struct document_page *page,
                           struct document_list *ret)
{
    struct db_param params[] = {db_text(object), db_text(page->after), db_int(page->limit + 1)};
    struct document_query q = {
        "select json_build_object('id', a.audit_id, 'at', access.rfc3339(a.at),"
        " 'token_id', a.token_id, 'subject', a.subject, 'role', a.role, 'action', a.action,"
        " 'object_id', a.object_id, 'before', a.before, 'after', a.after,"
        " 'reason', a.reason, 'request_id', a.request_id)::text, a.audit_id from access.audit a"
        " where ($2::bigint is null or a.audit_id < $2::bigint)"
        " and ($1::text is null or a.action = $1 or split_part(a.action, '.', 1) = $1 or"
        " split_part(a.action, '.', 1) || ':' || a.object_id = $1) order by a.audit_id desc"
        " limit $3",
        params, 3};
    return document_list(db, &q, page, ret);
}
