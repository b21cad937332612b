/* Reading outage events, what is nested in them, and devices that are silent. */
#include "store/event_read.h"

#include "store/event_link.h"

/* $1::boolean: in full, else as the disclosure rule has it. */
#define TOLD "outage.told($1::boolean, e.customers, w)"
#define EVENT                                                                                      \
    "'id', e.event_id, 'kind', e.kind, 'parent_id', e.parent_id,"                                  \
    " 'level', case when " TOLD " then e.level end,"                                               \
    " 'element', case when " TOLD " then e.element end, 'circuit_id', e.circuit_id,"               \
    " 'state', case when e.ended_at is null then 'open' else 'closed' end,"                        \
    " 'started_at', access.rfc3339(e.started_at), 'ended_at', access.rfc3339(e.ended_at),"         \
    " 'restored_at', access.rfc3339(e.restored_at),"                                               \
    " 'minutes', round(extract(epoch from e.ended_at - e.started_at) / 60, 2),"                    \
    " 'customers', case when " TOLD " then e.customers end,"                                       \
    " 'dark', case when " TOLD " then e.dark end,"                                                 \
    " 'served', case when " TOLD " then e.served end,"                                             \
    " 'lit', case when " TOLD " then e.lit end,"                                                   \
    " 'confidence', round(e.confidence::numeric, 3), 'momentary', e.momentary,"                    \
    " 'longitude', case when " TOLD " then round(st_x(e.centre)::numeric,"                         \
    " case when $1 then 6 else w.decimals end) end,"                                               \
    " 'latitude', case when " TOLD " then round(st_y(e.centre)::numeric,"                          \
    " case when $1 then 6 else w.decimals end) end,"                                               \
    " 'version', e.version, 'revised_at', access.rfc3339(e.revised_at)"

#define EVENT_FROM " from outage.event e cross join outage.disclosure w"

/* Microseconds since 1970: the first half of the key. */
#define MICROS "(extract(epoch from e.started_at) * 1000000)::bigint"

enum error_code event_read_list(struct db *db, const struct event_read_filter *f, int full,
                                const struct document_page *page, struct document_list *ret)
{
    struct db_param params[] = {
        db_bool(full),        db_text(f->from),        db_text(f->to),    db_text(f->circuit),
        db_text(f->kind),     db_text(f->level),       db_text(f->state), db_text(f->box),
        db_text(page->after), db_int(page->limit + 1),
    };
    struct document_query q = {
        "select json_build_object(" EVENT ")::text, " MICROS " || '.' || e.event_id" EVENT_FROM
        " where ($2::timestamptz is null or e.ended_at is null or e.ended_at > $2)"
        " and ($3::timestamptz is null or e.started_at < $3)"
        " and ($4::text is null or e.circuit_id = $4) and ($5::text is null or e.kind = $5)"
        " and ($6::text is null or (e.level = $6 and " TOLD "))"
        " and ($7::text is null or (e.ended_at is null) = ($7 = 'open'))"
        " and ($8::geometry is null or (" TOLD " and st_intersects(e.centre, $8)))"
        " and ($9::text is null or (e.started_at, e.event_id) < ('epoch'::timestamptz"
        " + split_part($9, '.', 1)::bigint * interval '1 microsecond',"
        " split_part($9, '.', 2)::bigint))"
        " order by e.started_at desc, e.event_id desc limit $10",
        params, 10};
    return document_list(db, &q, page, ret);
}

enum error_code event_read_get(struct db *db, int64_t id, int full, char **ret)
{
    struct db_param params[] = {db_bool(full), db_int(id)};
    struct document_query q = {
        "select json_build_object(" EVENT ", 'nested', (select coalesce(json_agg(n.event_id"
        " order by n.event_id), '[]') from outage.event n where n.parent_id = e.event_id),"
        " 'homes', case when $1 then (select coalesce(json_agg(json_build_object("
        "'outage_id', o.outage_id, 'premise_id', o.premise_id, 'device', d.serial,"
        " 'started_at', access.rfc3339(o.started_at), 'ended_at', access.rfc3339(o.ended_at),"
        " 'minutes_on_generator', round(o.on_generator_ms / 60000.0, 2))"
        " order by o.started_at, o.outage_id), '[]') from outage.event_member m"
        " join outage.outage o using (outage_id) join fleet.device d using (device_id)"
        " where m.event_id = e.event_id) end, 'links', case when $1 then (select coalesce("
        "json_agg(" EVENT_LINK_JSON
        " order by l.score desc, l.event_link_id), '[]')" EVENT_LINK_FROM
        " where l.event_id = e.event_id) end, 'versions', (select json_agg(json_build_object("
        "'version', v.version, 'revised_at', access.rfc3339(v.revised_at), 'reasons', v.reasons,"
        " 'customers', case when " TOLD " then (v.state ->> 'customers')::integer end,"
        " 'started_at', access.rfc3339((v.state ->> 'started_at')::timestamptz),"
        " 'ended_at', access.rfc3339((v.state ->> 'ended_at')::timestamptz),"
        " 'confidence', round((v.state ->> 'confidence')::numeric, 3)) order by v.version)"
        " from outage.event_version v where v.event_id = e.event_id))::text" EVENT_FROM
        " where e.event_id = $2",
        params, 2};
    return document_get(db, &q, ret);
}

enum error_code event_read_still_dark(struct db *db, const struct document_page *page,
                                      struct document_list *ret)
{
    struct db_param params[] = {db_text(page->after), db_int(page->limit + 1)};
    struct document_query q = {
        "select json_build_object('outage_id', o.outage_id, 'event_id', e.event_id,"
        " 'parent_id', e.parent_id, 'circuit_id', o.circuit_id,"
        " 'transformer_id', o.transformer_id, 'premise_id', o.premise_id,"
        " 'address', p.address, 'city', p.city, 'device', d.serial,"
        " 'since', access.rfc3339(o.started_at),"
        " 'circuit_restored_at', access.rfc3339(b.restored_at),"
        " 'on_generator', coalesce(o.transferred_at is not null and o.returned_at is null,"
        " false))::text, (extract(epoch from o.started_at) * 1000000)::bigint || '.'"
        " || o.outage_id"
        " from outage.event e join outage.event b on b.event_id = e.parent_id"
        " join outage.event_member m on m.event_id = e.event_id"
        " join outage.outage o using (outage_id) join fleet.device d using (device_id)"
        " join programme.premise p on p.premise_id = o.premise_id"
        " where e.kind = 'nested' and e.ended_at is null and o.end_basis is null"
        " and ($1::text is null or (o.started_at, o.outage_id) > ('epoch'::timestamptz"
        " + split_part($1, '.', 1)::bigint * interval '1 microsecond',"
        " split_part($1, '.', 2)::bigint))"
        " order by o.started_at, o.outage_id limit $2",
        params, 2};
    return document_list(db, &q, page, ret);
}

enum error_code event_read_silent(struct db *db, const char *cause,
                                  const struct document_page *page, struct document_list *ret)
{
    struct db_param params[] = {db_text(cause), db_text(page->after), db_int(page->limit + 1)};
    struct document_query q = {
        "select json_build_object('device', d.serial, 'premise_id', s.premise_id,"
        " 'circuit_id', s.circuit_id, 'heard_at', access.rfc3339(s.heard_at),"
        " 'cause', s.cause)::text, d.serial"
        " from outage.silent(now()) s join fleet.device d using (device_id)"
        " where ($1::text is null or s.cause = $1) and ($2::text is null or d.serial > $2)"
        " order by d.serial limit $3",
        params, 3};
    return document_list(db, &q, page, ret);
}
