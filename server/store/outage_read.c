/* Reading outages: for operators with device and premise, for analysts without. */
#include "store/outage_read.h"

#include "store/query.h"

/* $1::boolean: with device, premise and the exact place. The circuit is the one that fed it at the
   start. */
#define OUTAGE                                                                                     \
    "json_build_object('id', o.outage_id, 'device', case when $1::boolean then d.serial end,"      \
    " 'premise_id', case when $1::boolean then o.premise_id end,"                                  \
    " 'circuit_id', nullif(o.circuit_id, ''), 'city', p.city,"                                     \
    " 'longitude', round(st_x(t.place)::numeric, 6), 'latitude',"                                  \
    " round(st_y(t.place)::numeric, 6),"                                                           \
    " 'state', case when o.end_basis is null then 'open' else 'closed' end,"                       \
    " 'started_at', access.rfc3339(o.started_at), 'ended_at', access.rfc3339(o.ended_at),"         \
    " 'end_basis', o.end_basis,"                                                                   \
    " 'start_clock', (array['none', 'estimated', 'synchronised'])[o.start_quality + 1],"           \
    " 'minutes', round(extract(epoch from o.ended_at - o.started_at) / 60, 2),"                    \
    " 'minutes_on_generator', round(o.on_generator_ms / 60000.0, 2),"                              \
    " 'minutes_carried', round(y.carried_ms / 60000.0, 2),"                                        \
    " 'share_carried', round(y.share::numeric, 4),"                                                \
    " 'transferred_at', access.rfc3339(o.transferred_at),"                                         \
    " 'returned_at', access.rfc3339(o.returned_at),"                                               \
    " 'transfer_delay_ms', o.transfer_delay_ms, 'retransfer_delay_ms', o.retransfer_delay_ms,"     \
    " 'retransfer_setting_ms', o.retransfer_setting_ms,"                                           \
    " 'failed_transfers', o.failed_transfers, 'missing_records', o.missing,"                       \
    " 'event_id', (select e.event_id from outage.event_member m join outage.event e"               \
    " using (event_id) cross join outage.disclosure w where m.outage_id = o.outage_id"             \
    " and e.kind = 'outage' and outage.told($1::boolean, e.customers, w)),"                        \
    " 'derived_at', access.rfc3339(o.derived_at))::text"

#define OUTAGE_JOINS                                                                               \
    " join fleet.device d using (device_id)"                                                       \
    " join outage.carried y on y.outage_id = o.outage_id and y.started_at = o.started_at"          \
    " left join outage.place p on p.premise_id = o.premise_id"                                     \
    " cross join lateral (select case when $1::boolean then p.exact else p.coarse end as place) t"

/* Microseconds since 1970: the first half of the key. */
#define MICROS "(extract(epoch from o.started_at) * 1000000)::bigint"

/* By index of the exact place; what is told of it decides. */
static const char *const in_box[] = {
    " and p.exact && st_expand(?::geometry, (select 10.0 ^ -w.decimals from outage.disclosure w))"
    " and st_intersects(p.coarse, ?::geometry)",
    " and st_intersects(p.exact, ?::geometry)",
};

/* An event of few homes tells analysts nothing, not even by what it is made of. */
#define OF_EVENT                                                                                   \
    " and o.outage_id in (select m.outage_id from outage.event_member m join outage.event e"       \
    " using (event_id) cross join outage.disclosure w where outage.told($1::boolean,"              \
    " e.customers, w) and m.event_id = ?::bigint)"

/* What lasted beyond a time, in two parts, each found by its index: it began up to three days
   before that, or it is one of the few that last for longer or have no end (index outage_long). */
static const char *const beyond[] = {
    " and o.started_at > ?::timestamptz - interval '3 days'"
    " and (o.ended_at is null or o.ended_at > ?::timestamptz)",
    " and o.started_at <= ?::timestamptz - interval '3 days'"
    " and (o.ended_at is null or o.ended_at - o.started_at > interval '3 days')"
    " and (o.ended_at is null or o.ended_at > ?::timestamptz)",
};

enum { PARTS = sizeof beyond / sizeof beyond[0] };

#define NEWEST_FIRST " order by o.started_at desc, o.outage_id desc"

/* The keys of a page out of one part of the outages. Only what is asked for stands in the
   statement, so that the planner chooses by it. */
static void put_part(struct query *q, const struct outage_read_filter *f, int full,
                     const struct document_page *page, size_t part)
{
    query_put(q, "(select o.outage_id, o.started_at from outage.outage o"
                 " join fleet.device d using (device_id)");
    if (f->box != NULL)
        query_put(q, " join outage.place p on p.premise_id = o.premise_id");
    query_put(q, " where true");
    if (f->premise_id != 0)
        query_put_param(q, " and o.premise_id = ?::bigint", db_int(f->premise_id));
    if (f->serial != NULL)
        query_put_param(q, " and d.serial = ?::text", db_text(f->serial));
    if (f->from != NULL)
        query_put_param(q, beyond[part], db_text(f->from));
    if (f->to != NULL)
        query_put_param(q, " and o.started_at < ?::timestamptz", db_text(f->to));
    if (f->state != NULL)
        query_put_param(q, " and (o.end_basis is null) = (?::text = 'open')", db_text(f->state));
    if (f->event_id != 0)
        query_put_param(q, OF_EVENT, db_int(f->event_id));
    if (f->box != NULL)
        query_put_param(q, in_box[full != 0], db_text(f->box));
    if (page->after != NULL)
        query_put_param(q,
                        " and (o.started_at, o.outage_id) < ('epoch'::timestamptz"
                        " + split_part(?::text, '.', 1)::bigint * interval '1 microsecond',"
                        " split_part(?::text, '.', 2)::bigint)",
                        db_text(page->after));
    query_put_param(q, NEWEST_FIRST " limit ?::bigint)", db_int(page->limit + 1));
}

enum error_code outage_read_list(struct db *db, const struct outage_read_filter *filter, int full,
                                 const struct document_page *page, struct document_list *ret)
{
    struct query q = {.params = {db_bool(full)}, .count = 1};
    struct document_query statement;
    query_put(&q, "with page as (select * from (");
    put_part(&q, filter, full, page, 0);
    for (size_t part = 1; filter->from != NULL && part < PARTS; part++) {
        query_put(&q, " union all ");
        put_part(&q, filter, full, page, part);
    }
    query_put_param(&q, ") o" NEWEST_FIRST " limit ?::bigint)", db_int(page->limit + 1));
    query_put(&q, " select " OUTAGE ", " MICROS " || '.' || o.outage_id from page k"
                  " join outage.outage o using (outage_id, started_at)" OUTAGE_JOINS NEWEST_FIRST);
    enum error_code ec = query_end(&q, &statement);
    return ec == EC_OK ? document_list(db, &statement, page, ret) : ec;
}

enum error_code outage_read_get(struct db *db, int64_t id, int full, char **ret)
{
    struct db_param params[] = {db_bool(full), db_int(id)};
    struct document_query q = {
        "select " OUTAGE " from outage.outage o" OUTAGE_JOINS " where o.outage_id = $2", params, 2};
    return document_get(db, &q, ret);
}
