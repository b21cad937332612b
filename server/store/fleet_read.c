/* Reading the whole fleet: quarantine, loss ledger, counters, health of the parts. */
#include "store/fleet_read.h"

enum error_code fleet_read_quarantine(struct db *db, const char *reason, const char *serial,
                                      const struct document_page *page, struct document_list *ret)
{
    struct db_param params[] = {db_text(reason), db_text(serial), db_text(page->after),
                                db_int(page->limit + 1)};
    struct document_query q = {
        "select json_build_object('id', q.quarantine_id, 'serial', q.serial,"
        " 'topic', q.topic, 'reason', q.reason, 'size', q.size,"
        " 'received_at', access.rfc3339(q.received_at),"
        " 'head', encode(substr(q.payload, 1, 64), 'hex'))::text, q.quarantine_id"
        " from fleet.quarantine q where ($1::text is null or q.reason = $1)"
        " and ($2::text is null or q.serial = $2) and ($3::bigint is null or q.quarantine_id"
        " < $3::bigint) order by q.quarantine_id desc limit $4",
        params, 4};
    return document_list(db, &q, page, ret);
}

enum error_code fleet_read_loss(struct db *db, int full, char **ret)
{
    struct db_param params[] = {db_bool(full)};
    struct document_query q = {
        "select json_build_object('as_of', access.rfc3339(now()), 'devices', t.devices,"
        " 'claimed', t.claimed, 'stored', t.stored, 'overwritten', t.overwritten,"
        " 'unaccounted', t.unaccounted, 'receipted', t.receipted,"
        " 'open_gaps', (select count(*) from fleet.journal_gap g where g.closed_at is null),"
        " 'quarantined', (select count(*) from fleet.quarantine), 'open', (select"
        " coalesce(json_agg(json_build_object('serial', case when $1::boolean then u.serial end, "
        "'claimed', u.claimed,"
        " 'stored', u.stored, 'overwritten', u.overwritten, 'receipted', u.receipted,"
        " 'unaccounted', u.unaccounted) order by u.unaccounted desc, u.serial), '[]') from"
        " (select d.serial, y.* from analytics.loss_ledger y"
        " join fleet.device d using (device_id) where y.unaccounted <> 0"
        " order by y.unaccounted desc, d.serial limit 200) u))::text"
        " from analytics.loss_total t",
        params, 1};
    return document_get(db, &q, ret);
}

/* Statements of three columns: name, label, value. */
static enum error_code each_row(struct db *db, const char *sql, fleet_read_row row, void *context)
{
    struct db_result *r = NULL;
    enum error_code ec = db_run(db, sql, NULL, 0, &r);
    for (size_t i = 0; ec == EC_OK && i < db_rows(r); i++)
        row(context, db_get_text(r, i, 0), db_get_text(r, i, 1), db_get_int(r, i, 2));
    db_result_free(r);
    return ec;
}

enum error_code fleet_read_counters(struct db *db, fleet_read_row row, void *context)
{
    return each_row(db, "select name, label, value from fleet.counter order by name, label", row,
                    context);
}

enum error_code fleet_read_totals(struct db *db, fleet_read_row row, void *context)
{
    return each_row(
        db,
        "select v.name, '', v.value from analytics.loss_total t, lateral (values ('devices',"
        " t.devices), ('claimed', t.claimed), ('stored', t.stored), ('overwritten',"
        " t.overwritten), ('unaccounted', t.unaccounted)) v(name, value)",
        row, context);
}

enum error_code fleet_read_gauges(struct db *db, fleet_read_row row, void *context)
{
    return each_row(db,
                    "select 'online', '', count(*) from fleet.device_link l where l.online"
                    " union all select 'quarantined', '', count(*) from fleet.quarantine"
                    " union all select v.name, '', (h.detail ->> v.name)::bigint"
                    " from fleet.part_health h, (values ('queue'), ('queue_max')) v(name)"
                    " where h.part = 'mqtt' and h.detail ? v.name"
                    " union all select 'webhooks', s.state, count(w.webhook_id) from (values"
                    " ('enabled'), ('gone'), ('failing'), ('operator')) s(state) left join"
                    " outage.webhook w on coalesce(w.disabled_because, 'enabled') = s.state"
                    " group by s.state"
                    " union all select 'webhook_messages', s.state, count(m.message_id) from"
                    " (values ('waiting'), ('dead')) s(state) left join outage.webhook_message m"
                    " on m.state = s.state group by s.state"
                    " union all select 'webhook_oldest', '', coalesce(extract(epoch from now()"
                    " - min(m.queued_at)), 0)::bigint from outage.webhook_message m"
                    " where m.state = 'waiting'"
                    " union all select 'unsealed', 'customer', count(u.customer_id)"
                    " from person.unsealed u union all select 'unsealed', 'note',"
                    " count(u.application_note_id) from person.unsealed_note u"
                    " union all select 'unsealed', 'title', count(u.document_id)"
                    " from person.unsealed_document u"
                    " union all select 'audit_unsealed', '', coalesce((select extract(epoch from"
                    " now() - a.at) from access.audit a where a.audit_id > coalesce((select"
                    " s.ids[cardinality(s.ids)] from access.audit_seal s order by s.number desc"
                    " limit 1), 0) order by a.audit_id limit 1), 0)::bigint"
                    " union all select 'revocation_due', '', count(*)"
                    " from programme.revocation_due",
                    row, context);
}

enum error_code fleet_read_health(struct db *db, fleet_read_row row, void *context)
{
    return each_row(db,
                    "select w.part, w.reason, (w.reason = '')::integer from"
                    " (select v.part, case when h.at is null then 'has never run'"
                    " when h.at < now() - interval '10 seconds' then 'is silent'"
                    " when h.detail @> '{\"broker\": false}' then 'has no broker'"
                    " else '' end as reason from (values ('job'), ('mqtt')) v(part)"
                    " left join fleet.part_health h using (part)) w order by w.part",
                    row, context);
}
