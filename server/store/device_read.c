/* Reading devices: what they are, where, in which state, and what their journals hold. */
#include "store/device_read.h"

#include "store/ownership.h"

/* The names of numbers come from the tables that the firmware is made of. */
#define WHEN(number, NAME, name, ...) " when " #number " then '" name "'"

const char device_read_kinds[] =
#define RECORD_KIND(number, NAME, name, fields) name " "
#include "record.def"
#undef RECORD_KIND
    "";

/* Of device `d`, now. */
#define ASSIGNMENT                                                                                 \
    "(select json_build_object('premise_id', a.premise_id, 'application_id', a.application_id,"    \
    " 'from', access.rfc3339(a.assigned_from), 'to', access.rfc3339(a.assigned_to))"               \
    " from fleet.assignment a where a.device_id = d.device_id"                                     \
    " and tstzrange(a.assigned_from, a.assigned_to) @> now())"

enum error_code device_read_id(struct db *db, const char *serial, int64_t *ret)
{
    struct db_param params[] = {db_text(serial)};
    struct document_query q = {"select d.device_id from fleet.device_serial s"
                               " join fleet.device d using (device_id) where s.serial = $1",
                               params, 1};
    return document_id(db, &q, ret);
}

enum error_code device_read_list(struct db *db, const struct device_read_which *which,
                                 const struct document_page *page, struct document_list *ret)
{
    struct db_param params[] = {db_text(which->state),   db_text(page->after),
                                db_int(page->limit + 1), db_text(which->crew),
                                db_text(which->part),    db_text(which->online)};
    struct document_query q = {
        "select json_build_object('serial', d.serial, 'model', d.model,"
        " 'hardware_revision', d.hardware_revision, 'state', d.state,"
        " 'registered_at', access.rfc3339(d.registered_at), 'online', l.online,"
        " 'status_at', access.rfc3339(s.received_at), 'firmware', s.firmware,"
        " 'assignment', " ASSIGNMENT ")::text, d.serial"
        " from fleet.device d left join fleet.device_link l using (device_id)"
        " left join fleet.device_status s using (device_id)"
        " where ($1::text is null or d.state = $1) and ($2::text is null or d.serial > $2)"
        " and ($5::text is null or strpos(d.serial, upper($5)) > 0)"
        " and ($6::text is null or coalesce(l.online, false) = $6::boolean)"
        " and ($4::text is null or " OWNERSHIP_DEVICE("$4") ") order by d.serial limit $3",
        params, 6};
    return document_list(db, &q, page, ret);
}

#define KEYS                                                                                       \
    "(select coalesce(json_agg(json_build_object('kid', encode(k.kid, 'hex'),"                     \
    " 'public_key', encode(k.public_key, 'hex'), 'valid_from', access.rfc3339(k.valid_from),"      \
    " 'valid_to', access.rfc3339(k.valid_to)) order by k.valid_from), '[]')"                       \
    " from fleet.device_key k where k.device_id = d.device_id)"

#define LED(name) "'" name "', (array['off', 'on', 'blink_slow', 'blink_fast'])[s.led_" name " + 1]"

#define SOURCE(name)                                                                               \
    "'" name "', json_build_object('l1_v', round(s." name "_l1_dv / 10.0, 1),"                     \
    " 'l2_v', round(s." name "_l2_dv / 10.0, 1), 'frequency_hz', round(s." name                    \
    "_freq_chz / 100.0, 2))"

#define LINK                                                                                       \
    "(select json_build_object('online', l.online, 'at', access.rfc3339(l.received_at))"           \
    " from fleet.device_link l where l.device_id = d.device_id)"

#define JOURNAL                                                                                    \
    "(select json_build_object('head', h.head_seq, 'claimed', h.claimed_seq,"                      \
    " 'stored', h.stored, 'duplicates', h.duplicates, 'forks', h.forks,"                           \
    " 'overwritten', y.overwritten, 'unaccounted', y.unaccounted, 'receipted', y.receipted,"       \
    " 'open_gaps', (select coalesce(json_agg(json_build_object('from', g.from_seq,"                \
    " 'to', g.to_seq, 'detected_at', access.rfc3339(g.detected_at)) order by g.from_seq), '[]')"   \
    " from fleet.journal_gap g where g.device_id = d.device_id and g.closed_at is null))"          \
    " from fleet.journal_head h join analytics.loss_ledger y using (device_id)"                    \
    " where h.device_id = d.device_id)"

/* clang-format off */
static const char get_sql[] =
    "select json_build_object('serial', d.serial, 'state', d.state,"
    " 'trust', case when " DEVICE_READ_PROVEN " then 'proven' else 'announced' end,"
    " 'hardware_revision', d.hardware_revision, 'bucket', d.bucket,"
    " 'silent_after_s', (select extract(epoch from r.silent_after) from outage.derivation_rule r),"
    " 'registered_at', access.rfc3339(d.registered_at),"
    " 'model', (select json_build_object('name', m.model, 'maker', m.maker,"
    " 'return_policy', m.return_policy, 'led_colours', m.led_colours)"
    " from fleet.device_model m where m.model = d.model), 'keys', " KEYS
    ", 'assignment', " ASSIGNMENT ", 'link', " LINK ", 'journal', " JOURNAL
    ", 'status', (select json_build_object("
    " 'as_of', access.rfc3339(coalesce(s.device_at, s.received_at)),"
    " 'received_at', access.rfc3339(s.received_at),"
    " 'clock', (array['none', 'estimated', 'synchronised'])[s.quality + 1],"
    " 'state', (array['start', 'on_utility', 'open', 'close_utility', 'close_generator',"
    " 'on_generator', 'fault_open', 'fault_utility'])[s.state + 1],"
    " 'mode', (array['normal', 'field_work'])[s.mode + 1], 'leds', json_build_object("
    LED("utility") ", " LED("generator") ", " LED("load") ", " LED("fault") "),"
    " 'contactors', json_build_object('utility_closed', s.contactors & 1 <> 0,"
    " 'generator_closed', s.contactors & 2 <> 0), " SOURCE("utility") ", " SOURCE("generator")
    ", 'load_a', round(s.load_da / 10.0, 1), 'firmware', s.firmware, 'boot', s.boot,"
    " 'reset_cause', (case s.reset_cause"
#define RECORD_CAUSE WHEN
#include "record.def"
#undef RECORD_CAUSE
    " end), 'faults', (select coalesce(json_agg(f.name order by f.number), '[]') from (values "
#define RECORD_CAUSE(number, NAME, name) "(" #number ", '" name "'), "
#include "record.def"
#undef RECORD_CAUSE
    "(0, '')) f(number, name) where f.number between 20 and 39"
    " and s.faults & (1::bigint << (f.number - 20)) <> 0),"
    " 'journal_fill_permille', s.fill_permille, 'written_through', s.written_through,"
    " 'receipted_through', s.receipted_through)"
    " from fleet.device_status s where s.device_id = d.device_id))::text"
    " from fleet.device d where d.serial = $1";
/* clang-format on */

enum error_code device_read_get(struct db *db, const char *serial, char **ret)
{
    struct db_param params[] = {db_text(serial)};
    struct document_query q = {get_sql, params, 1};
    return document_get(db, &q, ret);
}

#define GAPS                                                                                       \
    "(select coalesce(json_agg(json_build_object('from', t.from_seq, 'to', t.to_seq,"              \
    " 'detected_at', access.rfc3339(t.detected_at), 'closed_at', access.rfc3339(t.closed_at),"     \
    " 'closed_by', t.closed_by) order by t.from_seq desc), '[]')"                                  \
    " from (select * from fleet.journal_gap g where g.device_id = d.device_id"                     \
    " order by g.from_seq desc limit 200) t)"

#define FORKS                                                                                      \
    "(select coalesce(json_agg(json_build_object('message_hash', encode(t.message_hash, 'hex'),"   \
    " 'first', t.first_seq, 'last', t.last_seq, 'at_seq', t.fork_seq,"                             \
    " 'stored_hash', encode(t.stored_hash, 'hex'), 'claimed_hash', encode(t.claimed_hash, 'hex')," \
    " 'received_at', access.rfc3339(t.received_at)) order by t.received_at desc), '[]')"           \
    " from (select * from fleet.journal_fork f where f.device_id = d.device_id"                    \
    " order by f.received_at desc limit 200) t)"

#define BOOTS                                                                                      \
    "(select coalesce(json_agg(json_build_object('boot', t.boot,"                                  \
    " 'part_at', access.rfc3339(t.part_ts), 'anchor_at', access.rfc3339(t.anchor_at))"             \
    " order by t.boot desc), '[]') from (select * from fleet.device_boot b"                        \
    " where b.device_id = d.device_id order by b.boot desc limit 200) t)"

#define RECEIPTS                                                                                   \
    "(select coalesce(json_agg(json_build_object('epoch', t.epoch, 'through', t.through_seq,"      \
    " 'head_hash', encode(t.head_hash, 'hex'), 'issued_at', access.rfc3339(t.issued_at))"          \
    " order by t.epoch desc), '[]') from (select * from fleet.receipt r"                           \
    " where r.device_id = d.device_id order by r.epoch desc limit 200) t)"

enum error_code device_read_journal(struct db *db, const char *serial, char **ret)
{
    struct db_param params[] = {db_text(serial)};
    struct document_query q = {"select json_build_object('serial', d.serial, 'gaps', " GAPS
                               ", 'forks', " FORKS ", 'boots', " BOOTS ", 'receipts', " RECEIPTS
                               ")::text from fleet.device d where d.serial = $1",
                               params, 1};
    return document_get(db, &q, ret);
}

static const char records_sql[] =
    "select json_build_object('seq', r.seq, 'kind', (case r.kind"
#define RECORD_KIND WHEN
#include "record.def"
#undef RECORD_KIND
    " else r.kind::text end), 'at', access.rfc3339(r.device_at),"
    " 'received_at', access.rfc3339(r.received_at),"
    " 'earliest_at', access.rfc3339(b.earliest_at), 'latest_at', access.rfc3339(b.latest_at),"
    " 'clock_suspect', b.is_suspect,"
    " 'clock', (array['none', 'estimated', 'synchronised'])[r.quality + 1],"
    " 'boot', r.boot, 'mono_ms', r.mono_ms, 'cause', (case r.cause"
#define RECORD_CAUSE WHEN
#include "record.def"
#undef RECORD_CAUSE
    " else r.cause::text end), 'since_ms', r.since_ms, 'delay_ms', r.delay_ms,"
    " 'setting_ms', r.setting_ms, 'l1_v', round(r.l1_dv / 10.0, 1), 'l2_v', round(r.l2_dv / 10.0, "
    "1),"
    " 'frequency_hz', round(r.freq_chz / 100.0, 2), 'load_a', round(r.load_da / 10.0, 1), 'extra', "
    "r.extra,"
    " 'hash', encode(r.hash, 'hex'))::text, r.seq from fleet.journal_record r"
    " join outage.record_bounds($1) b on b.seq = r.seq"
    " where r.device_id = $1 and r.seq > $2 and r.seq > coalesce($3::bigint, 0)"
    " and ($4::text is null or r.kind = (case $4::text"
#define RECORD_KIND(number, NAME, name, fields) " when '" name "' then " #number
#include "record.def"
#undef RECORD_KIND
    " end)) order by r.seq limit $5";

enum error_code device_read_records(struct db *db, const struct device_read_filter *filter,
                                    const struct document_page *page, struct document_list *ret)
{
    int64_t id = 0;
    enum error_code ec = device_read_id(db, filter->serial, &id);
    if (ec != EC_OK)
        return ec;
    struct db_param params[] = {db_int(id), db_int(filter->after_seq), db_text(page->after),
                                db_text(filter->kind), db_int(page->limit + 1)};
    struct document_query q = {records_sql, params, 5};
    return document_list(db, &q, page, ret);
}
