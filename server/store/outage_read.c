/* Reading outages: for operators with device and premise, for analysts without. */
#include "store/outage_read.h"

/* $1::boolean: with the premise. The circuit is the one that fed it at the start. */
#define OUTAGE                                                                                     \
    "json_build_object('id', o.outage_id, 'device', d.serial,"                                     \
    " 'premise_id', case when $1::boolean then o.premise_id end,"                                  \
    " 'circuit_id', c.circuit_id, 'city', p.city,"                                                 \
    " 'longitude', round(st_x(p.geom)::numeric, case when $1::boolean then 6 else 2 end),"         \
    " 'latitude', round(st_y(p.geom)::numeric, case when $1::boolean then 6 else 2 end),"          \
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
    " 'derived_at', access.rfc3339(o.derived_at))::text"

#define OUTAGE_FROM                                                                                \
    " from outage.outage o join fleet.device d using (device_id)"                                  \
    " join outage.carried y on y.outage_id = o.outage_id"                                          \
    " left join programme.premise p on p.premise_id = o.premise_id"                                \
    " left join programme.premise_circuit c on c.premise_id = o.premise_id"                        \
    " and daterange(c.valid_from, c.valid_to) @> (o.started_at at time zone 'UTC')::date"

/* Microseconds since 1970: the first half of the key. */
#define MICROS "(extract(epoch from o.started_at) * 1000000)::bigint"

enum error_code outage_read_list(struct db *db, const struct outage_read_filter *filter, int full,
                                 const struct document_page *page, struct document_list *ret)
{
    struct db_param params[] = {
        db_bool(full),           filter->premise_id != 0 ? db_int(filter->premise_id) : db_null(),
        db_text(filter->serial), db_text(filter->from),
        db_text(filter->to),     db_text(filter->state),
        db_text(page->after),    db_int(page->limit + 1),
    };
    struct document_query q = {
        "select " OUTAGE ", " MICROS " || '.' || o.outage_id" OUTAGE_FROM
        " where ($2::bigint is null or o.premise_id = $2)"
        " and ($3::text is null or d.serial = $3)"
        " and ($4::timestamptz is null or o.ended_at is null or o.ended_at > $4)"
        " and ($5::timestamptz is null or o.started_at < $5)"
        " and ($6::text is null or (o.end_basis is null) = ($6 = 'open'))"
        " and ($7::text is null or (" MICROS ", o.outage_id)"
        " < (split_part($7, '.', 1)::bigint, split_part($7, '.', 2)::bigint))"
        " order by o.started_at desc, o.outage_id desc limit $8",
        params, 8};
    return document_list(db, &q, page, ret);
}

enum error_code outage_read_get(struct db *db, int64_t id, int full, char **ret)
{
    struct db_param params[] = {db_bool(full), db_int(id)};
    struct document_query q = {"select " OUTAGE OUTAGE_FROM " where o.outage_id = $2", params, 2};
    return document_get(db, &q, ret);
}
