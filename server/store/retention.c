/* Retention by class of data, and the holds that forbid it. */
#include "store/retention.h"

#include <string.h>

static enum error_code drop(struct db *db, const struct retention_item *item,
                            struct db_result **ret)
{
    struct db_param params[] = {db_text(item->data_class), db_text(item->part), db_text(item->to)};
    return db_run(db, "select outage.retain($1, $2, $3::timestamptz)", params, 3, ret);
}

static enum error_code run_item(struct db *db, int dry_run, struct retention_item *item,
                                retention_listener listener, void *context)
{
    struct db_result *r = NULL;
    enum error_code ec = EC_OK;
    if (!item->is_held && dry_run)
        item->outcome = "would be dropped";
    else if (!item->is_held)
        ec = drop(db, item, &r);
    if (r != NULL) {
        item->outcome = db_get_text(r, 0, 0);
        item->is_held = strncmp(item->outcome, "held", 4) == 0;
    }
    if (ec == EC_OK)
        listener(context, item);
    db_result_free(r);
    return ec;
}

enum error_code retention_run(struct db *db, int dry_run, retention_listener listener,
                              void *context)
{
    struct db_result *r = NULL;
    enum error_code ec =
        db_run(db,
               "select p.class, p.part, access.rfc3339(p.from_at), access.rfc3339(p.to_at),"
               " 'held: ' || p.held from outage.retention_plan(now()) p",
               NULL, 0, &r);
    for (size_t i = 0; ec == EC_OK && i < db_rows(r); i++) {
        struct retention_item item = {db_get_text(r, i, 0), db_get_text(r, i, 1),
                                      db_get_text(r, i, 2), db_get_text(r, i, 3),
                                      db_get_text(r, i, 4), db_get_text(r, i, 4) != NULL};
        ec = run_item(db, dry_run, &item, listener, context);
    }
    db_result_free(r);
    return ec;
}

/* A statement that must return a row. */
static enum error_code one(struct db *db, const char *sql, const struct db_param *params, size_t n,
                           int64_t *ret)
{
    struct db_result *r = NULL;
    enum error_code ec = db_run(db, sql, params, n, &r);
    if (ec == EC_OK && db_rows(r) == 0)
        ec = EC_NOT_FOUND;
    if (ec == EC_OK && ret != NULL)
        *ret = db_get_int(r, 0, 0);
    db_result_free(r);
    return ec;
}

enum error_code retention_keep(struct db *db, const char *data_class, const char *keep)
{
    struct db_param params[] = {db_text(data_class), db_text(keep)};
    return one(db, "update outage.retention set keep = $2::interval where class = $1 returning 1",
               params, 2, NULL);
}

enum error_code hold_place(struct db *db, const struct hold_new *hold, int64_t *ret_id)
{
    struct db_param params[] = {db_text(hold->serial), db_text(hold->premise),
                                db_text(hold->event),  db_text(hold->from),
                                db_text(hold->to),     db_text(hold->reason)};
    return one(
        db,
        "insert into outage.hold (kind, device_id, premise_id, event_id, from_at, to_at, reason)"
        " select case when $1::text is not null then 'device' when $2::bigint is not null"
        " then 'premise' when $3::bigint is not null then 'event' else 'period' end,"
        " d.device_id, $2::bigint, $3::bigint, $4::timestamptz, $5::timestamptz, $6"
        " from (select 1) one left join fleet.device d on d.serial = $1::text"
        " where ($1::text is null or d.device_id is not null)"
        " and ($2::bigint is null or exists (select from programme.premise p"
        "   where p.premise_id = $2::bigint))"
        " and ($3::bigint is null or exists (select from outage.event e"
        "   where e.event_id = $3::bigint)) returning hold_id",
        params, 6, ret_id);
}

enum error_code hold_lift(struct db *db, int64_t id)
{
    struct db_param params[] = {db_int(id)};
    return one(db,
               "update outage.hold set lifted_at = now()"
               " where hold_id = $1 and lifted_at is null returning 1",
               params, 1, NULL);
}

enum error_code hold_list(struct db *db, struct db_result **ret)
{
    return db_run(db,
                  "select h.hold_id, concat_ws(' ', h.kind, d.serial, h.premise_id, h.event_id,"
                  " h.from_at::date || ' to ' || h.to_at::date), h.reason,"
                  " access.rfc3339(h.placed_at), access.rfc3339(h.lifted_at)"
                  " from outage.hold h left join fleet.device d on d.device_id = h.device_id"
                  " order by h.hold_id",
                  NULL, 0, ret);
}
