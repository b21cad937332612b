/* Reading what backup power did (sql/routine/outage.benefit.sql). */
#include "store/benefit_read.h"

/* $1::boolean: in full, else as the disclosure rule has it: of groups, and of those who depend on
 * power within a group. */
#define GROUP                                                                                      \
    "b.month nulls first, b.area, b.circuit_id, b.programme, b.generator, b.model, b.firmware"
#define TOLD(name, value) " '" name "', case when b.is_told then " value " end,"
#define COUNT(name)       TOLD(#name, "b." #name)
#define MINUTES(name)     TOLD(#name, "round(b." #name "::numeric, 2)")
#define SHARE(name)       TOLD(#name, "round(b." #name "::numeric, 6)")
#define MS(name)          TOLD(#name "_ms", "round(b." #name "::numeric)")
#define MEDICAL(name)     " '" #name "', case when b.is_medical_told then b." #name " end"

/* clang-format off */
static const char items_sql[] =
    "with row as (select b.*, outage.told($1::boolean, b.devices, w) as is_told,"
    " outage.told($1::boolean, least(b.devices, b.medical), w) as is_medical_told"
    " from outage.benefit($2::date, $3::date, coalesce(string_to_array($4, ','), '{}'), $5, $6, $7,"
    " $8, $9, $10) b cross join outage.disclosure w limit $11::bigint + 1)"
    " select case when (select count(*) from row) <= $11::bigint then json_build_object("
    "'from', $2::date, 'to', $3::date, 'items', (select coalesce(json_agg(json_build_object("
    "'month', to_char(b.month, 'YYYY-MM'), 'area', b.area, 'circuit_id', b.circuit_id,"
    " 'programme', b.programme, 'generator', b.generator, 'model', b.model, 'firmware', b.firmware,"
    COUNT(devices) COUNT(used) COUNT(unused) COUNT(unused_in_outage)
    COUNT(outages) COUNT(ended) MINUTES(outage_minutes) COUNT(carried) COUNT(covered)
    MINUTES(carried_minutes) SHARE(share) SHARE(share_p50)
    MS(transfer_p50) MS(transfer_p90) MS(transfer_max) MS(return_p50) MS(return_p90)
    MS(over_setting_p50) MS(over_setting_max) COUNT(late_returns)
    COUNT(failed)
    " 'failed_by_cause', case when b.is_told then (select coalesce(json_object_agg(case c.key"
#define RECORD_CAUSE(number, NAME, name) " when '" #number "' then '" name "'"
#include "record.def"
#undef RECORD_CAUSE
    " when '0' then 'unknown' else c.key end, c.value), '{}')"
    " from jsonb_each(b.failed_causes) c) end,"
    COUNT(left_running) MINUTES(left_running_minutes) COUNT(overloads) COUNT(lockouts)
    COUNT(backfeeds) COUNT(re_outages)
    MEDICAL(medical) "," MEDICAL(medical_carried) "," MEDICAL(medical_covered)
    ") order by " GROUP "), '[]') from row b))::text end";
/* clang-format on */

enum error_code benefit_read(struct db *db, const struct benefit_read_query *q, int full,
                             char **ret)
{
    struct db_param params[] = {
        db_bool(full),
        db_text(q->from),
        db_text(q->to),
        db_text(q->by),
        db_text(q->area),
        db_text(q->circuit),
        db_text(q->programme),
        db_text(q->generator),
        db_text(q->model),
        db_text(q->firmware),
        db_int(BENEFIT_READ_GROUPS_MAX),
    };
    struct document_query query = {items_sql, params, 11};
    enum error_code ec = document_get(db, &query, ret);
    return ec == EC_NOT_FOUND ? EC_PARAMETER_INVALID : ec;
}
