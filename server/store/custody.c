/* The ledger of who holds a device: reading it, and moving a device from hand to hand. */
#include "store/custody.h"

#include <stdio.h>

#include "store/ownership.h"

enum error_code custody_move(struct db *db, const struct audit_by *by,
                             const struct custody_order *order, struct transition_refusals *ret)
{
    struct db_param params[] = {
        db_int(order->device_id),
        db_text(order->action),
        db_text(order->as),
        db_text(order->crew),
        db_text(order->to),
        order->premise_id == 0 ? db_null() : db_int(order->premise_id),
        order->application_id == 0 ? db_null() : db_int(order->application_id),
        db_text(order->at),
        db_text(order->reason != NULL ? order->reason : by->reason),
        db_text(by->token_id),
        db_text(by->role),
        db_text(by->request_id),
    };
    struct document_query q = {
        "select m.refused_by, m.sentence from programme.custody_move($1, $2, $3, $4, $5, $6, $7,"
        " $8, $9, row($10, $11, $12)::access.actor) m",
        params, sizeof params / sizeof *params};
    return transition_query(db, &q, ret);
}

/* One entry `c`, or none. */
#define ENTRY                                                                                      \
    "'state', coalesce(c.state, 'maker'), 'holder', c.holder, 'premise_id', c.premise_id,"         \
    " 'application_id', c.application_id, 'since', access.rfc3339(c.since)"

enum error_code custody_get(struct db *db, const char *serial, const char *role, const char *crew,
                            char **ret)
{
    struct db_param params[] = {db_text(serial), db_text(role), db_text(crew)};
    struct document_query q = {
        "select json_build_object('serial', d.serial, " ENTRY ", 'actions',"
        " (select coalesce(json_agg(json_build_object('action', t.action, 'to_state', t.to_state,"
        " 'gives_to', t.gives_to, 'needs_reason', t.needs_reason, 'refusals', t.refusals)"
        " order by t.action), '[]') from programme.custody_action(d.device_id, $2, $3) t"
        " where t.roles[1] <> upper(t.roles[1])), 'entries',"
        " (select coalesce(json_agg(json_build_object('nth', c.nth, 'action', c.action, " ENTRY
        ", 'recorded_at', access.rfc3339(c.recorded_at), 'reason', c.reason, 'role', c.role,"
        " 'token_id', c.token_id, 'revokes', programme.custody_revokes(c.state), 'revoked_at',"
        " access.rfc3339(r.done_at)) order by c.nth), '[]') from (select * from programme.custody c"
        " where c.device_id = d.device_id order by c.nth desc limit 200) c"
        " left join programme.revocation r using (device_id, nth)))::text"
        " from fleet.device d left join programme.custody_now c using (device_id)"
        " where d.serial = $1",
        params, 3};
    return document_get(db, &q, ret);
}

/* Device `d` with its last entry `c`. A holder is found by its index. */
#define LIST(from)                                                                                 \
    "select json_build_object('serial', d.serial, " ENTRY ")::text, d.serial from " from           \
    " where ($1::text is null or c.holder = $1) and ($2::text is null or"                          \
    " coalesce(c.state, 'maker') = $2) and ($3::text is null or d.serial > $3)"                    \
    " and ($5::text is null or " OWNERSHIP_DEVICE("$5") ") order by d.serial limit $4"

enum error_code custody_list(struct db *db, const struct custody_filter *filter,
                             const struct document_page *page, struct document_list *ret)
{
    struct db_param params[] = {db_text(filter->holder), db_text(filter->state),
                                db_text(page->after), db_int(page->limit + 1),
                                db_text(filter->crew)};
    struct document_query q = {
        filter->holder != NULL
            ? LIST("programme.custody_now c join fleet.device d using (device_id)")
            : LIST("fleet.device d left join programme.custody_now c using (device_id)"),
        params, 5};
    return document_list(db, &q, page, ret);
}

/* -- what ends credentials ------------------------------------------------------------------- */

enum error_code custody_revocations(struct db *db, struct custody_revocation *ret,
                                    size_t *ret_count)
{
    struct db_param params[] = {db_int(CUSTODY_REVOCATIONS_MAX)};
    struct db_result *r = NULL;
    enum error_code ec = db_run(db,
                                "select v.device_id, v.nth, v.serial, v.state"
                                " from programme.revocation_due v order by v.recorded_at limit $1",
                                params, 1, &r);

    for (size_t i = 0; ec == EC_OK && i < db_rows(r); i++) {
        ret[i].device_id = db_get_int(r, i, 0);
        ret[i].nth = db_get_int(r, i, 1);
        snprintf(ret[i].serial, sizeof(ret[i].serial), "%s", db_get_text(r, i, 2));
        snprintf(ret[i].state, sizeof(ret[i].state), "%s", db_get_text(r, i, 3));
    }
    if (ec == EC_OK)
        *ret_count = db_rows(r);
    db_result_free(r);
    return ec;
}

enum error_code custody_revoked(struct db *db, const struct custody_revocation *r)
{
    struct db_param params[] = {db_int(r->device_id), db_int(r->nth), db_text(r->serial),
                                db_text(r->state)};
    return db_run(db,
                  "with done as (insert into programme.revocation (device_id, nth) values ($1, $2)"
                  " on conflict do nothing returning done_at)"
                  " insert into access.audit (role, action, object_id, after)"
                  " select 'bptmctl', 'certificate.revoke', $3,"
                  " jsonb_build_object('state', $4::text) from done",
                  params, 4, NULL);
}

enum error_code custody_is_revoked(struct db *db, int64_t device_id, int *ret)
{
    struct db_param params[] = {db_int(device_id)};
    struct db_result *r = NULL;
    enum error_code ec = db_run(db,
                                "select from programme.custody_now c where c.device_id = $1"
                                " and programme.custody_revokes(c.state)",
                                params, 1, &r);

    if (ec == EC_OK)
        *ret = db_rows(r) > 0;
    db_result_free(r);
    return ec;
}
