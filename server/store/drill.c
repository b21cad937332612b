/* Drills: announced times in which what goes dark is no outage. */
#include "store/drill.h"

#define DRILL                                                                                      \
    "json_build_object('id', d.drill_id, 'name', d.name, 'circuit_id', d.circuit_id,"              \
    " 'starts_at', access.rfc3339(d.starts_at), 'ends_at', access.rfc3339(d.ends_at),"             \
    " 'declared_at', access.rfc3339(d.declared_at))::text"

enum error_code drill_declare(struct db *db, const struct audit_by *by,
                              const struct drill_new *drill, int64_t *ret_id)
{
    int64_t id = 0;
    struct db_param params[] = {db_text(drill->name), db_text(drill->circuit_id),
                                db_text(drill->starts_at), db_text(drill->ends_at)};
    struct document_query q = {
        "select outage.declare_drill($1, $2, $3::timestamptz, $4::timestamptz)", params, 4};
    enum error_code ec = document_id(db, &q, &id);
    if (ec == EC_OK)
        ec = audit_add_row(db, by, "drill.declare", id,
                           "select " DRILL " from outage.drill d where d.drill_id = $1");
    if (ec == EC_OK)
        *ret_id = id;
    return ec;
}

enum error_code drill_get(struct db *db, int64_t id, char **ret)
{
    struct db_param params[] = {db_int(id)};
    struct document_query q = {"select " DRILL " from outage.drill d where d.drill_id = $1", params,
                               1};
    return document_get(db, &q, ret);
}

enum error_code drill_list(struct db *db, const struct document_page *page,
                           struct document_list *ret)
{
    struct db_param params[] = {db_text(page->after), db_int(page->limit + 1)};
    struct document_query q = {
        "select " DRILL ", d.drill_id from outage.drill d"
        " where ($1::bigint is null or d.drill_id < $1::bigint) order by d.drill_id desc limit $2",
        params, 2};
    return document_list(db, &q, page, ret);
}
