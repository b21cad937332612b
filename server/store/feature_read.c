/* Reading collections of features: whatever has a place, as GeoJSON. */
#include "store/feature_read.h"

#include <string.h>

#define OUTAGE_COLUMNS                                                                             \
    "f.device, f.premise_id, f.circuit_id, f.city, f.state, f.started_at, f.ended_at,"             \
    " f.end_basis, f.start_clock, f.minutes, f.minutes_on_generator, f.transferred_at,"            \
    " f.returned_at, f.transfer_delay_ms, f.retransfer_delay_ms, f.retransfer_setting_ms,"         \
    " f.failed_transfers, f.missing_records, f.counts, f.derived_at"
#define EVENT_COLUMNS                                                                              \
    "f.kind, f.parent_id, f.level, f.element, f.circuit_id, f.state, f.started_at, f.ended_at,"    \
    " f.restored_at, f.minutes, f.customers, f.dark, f.served, f.lit, f.confidence, f.momentary,"  \
    " f.version, f.revised_at"
#define OUTAGE_FLAT                                                                                \
    "coalesce(f.device, '') as device, coalesce(f.premise_id::float8, 'NaN') as premise_id,"       \
    " coalesce(f.circuit_id, '') as circuit_id, coalesce(f.city, '') as city, f.state,"            \
    " f.started_at, coalesce(f.ended_at, '') as ended_at, coalesce(f.end_basis, '') as end_basis," \
    " f.start_clock, coalesce(f.minutes, 'NaN') as minutes, f.minutes_on_generator,"               \
    " coalesce(f.transferred_at, '') as transferred_at,"                                           \
    " coalesce(f.returned_at, '') as returned_at,"                                                 \
    " coalesce(f.transfer_delay_ms::float8, 'NaN') as transfer_delay_ms,"                          \
    " coalesce(f.retransfer_delay_ms::float8, 'NaN') as retransfer_delay_ms,"                      \
    " coalesce(f.retransfer_setting_ms::float8, 'NaN') as retransfer_setting_ms,"                  \
    " f.failed_transfers, f.missing_records, f.counts, f.derived_at"
#define EVENT_FLAT                                                                                 \
    "f.kind, coalesce(f.parent_id::float8, 'NaN') as parent_id, coalesce(f.level, '') as level,"   \
    " coalesce(f.element, '') as element, coalesce(f.circuit_id, '') as circuit_id, f.state,"      \
    " f.started_at, coalesce(f.ended_at, '') as ended_at,"                                         \
    " coalesce(f.restored_at, '') as restored_at, coalesce(f.minutes, 'NaN') as minutes,"          \
    " coalesce(f.customers::float8, 'NaN') as customers, coalesce(f.dark::float8, 'NaN') as dark," \
    " coalesce(f.served::float8, 'NaN') as served, coalesce(f.lit::float8, 'NaN') as lit,"         \
    " f.confidence, f.momentary, f.version, f.revised_at"
#define DEVICE_COLUMNS                                                                             \
    "f.serial, f.premise_id, f.model, f.hardware_revision, f.state, f.circuit_id, f.city,"         \
    " f.installed_at, f.online, f.status_at, f.firmware, f.mode, f.faults"
#define PREMISE_COLUMNS                                                                            \
    "f.code, f.address, f.city, f.postal_code, f.meter_number, f.meter_form, f.service_amps,"      \
    " f.service_voltage, f.circuit_id, f.transformer_id, f.device"
#define ZONE_COLUMNS "f.layer, f.layer_version, f.name, f.tier, f.source"

static const struct feature_collection collections[] = {
    {"outages", "Outages", "Interruptions of the utility, each at one home, by its meter.",
     "outage.outage_feature", OUTAGE_COLUMNS, 1, OUTAGE_FLAT},
    {"outage-events", "Outage events", "Homes that lost the utility together.",
     "outage.event_feature", EVENT_COLUMNS, 1, EVENT_FLAT},
    {"zones", "Zones", "Areas of the map layers that are in force.", "programme.zone_feature",
     ZONE_COLUMNS, 0},
    {"devices", "Devices", "Meters, where they are installed now.", "outage.device_feature",
     DEVICE_COLUMNS, 0},
    {"premises", "Premises", "Service locations with their meter sockets.",
     "programme.premise_feature", PREMISE_COLUMNS, 0},
};

const struct feature_collection *feature_at(size_t n)
{
    return n < sizeof collections / sizeof *collections ? &collections[n] : NULL;
}

const struct feature_collection *feature_find(const char *name)
{
    const struct feature_collection *c;
    for (size_t i = 0; (c = feature_at(i)) != NULL; i++)
        if (strcmp(c->name, name) == 0)
            return c;
    return NULL;
}

const struct feature_collection feature_odin = {
    "odin", "ODIN", "Outage events as ODIN has them.", "outage.odin_outage", "", 1};

void feature_from(struct query *q, const struct feature_collection *c, int full)
{
    query_put(q, " from ");
    query_put(q, c->source);
    query_put(q, full ? "(true) f" : "(false) f");
}

/* The exact place is only for the index; what is told of it decides, so that nobody can learn by
   asking what the answer does not say. */
static const char *const in_box[] = {
    " and f.spot && st_expand(?::geometry, (select 10.0 ^ -w.decimals from outage.disclosure w))"
    " and st_intersects(f.place, ?::geometry)",
    " and f.spot && ?::geometry and st_intersects(f.place, ?::geometry)",
};

/* An event of few homes tells analysts nothing, not even by what it is made of. */
#define OF_EVENT(full)                                                                             \
    " and f.id in (select m.outage_id from outage.event_member m join outage.event e"              \
    " using (event_id) cross join outage.disclosure w where outage.told(" full ", e.customers, w)" \
    " and m.event_id = ?::bigint)"
static const char *const of_event[] = {OF_EVENT("false"), OF_EVENT("true")};

static const struct {
    const char *condition;
    int is_time;
} conditions[FEATURE_WORDS] = {
    [FEATURE_FROM] = {" and (f.to_at is null or f.to_at >= ?::timestamptz)", 1},
    [FEATURE_TO] = {" and f.from_at <= ?::timestamptz", 1},
    [FEATURE_BEYOND] = {" and (f.to_at is null or f.to_at > ?::timestamptz)", 1},
    [FEATURE_BEFORE] = {" and f.from_at < ?::timestamptz", 1},
    [FEATURE_STATE] = {" and f.state = ?::text", 0},
    [FEATURE_CIRCUIT] = {" and f.circuit_id = ?::text", 0},
    [FEATURE_KIND] = {" and f.kind = ?::text", 0},
    [FEATURE_LEVEL] = {" and f.level = ?::text", 0},
    [FEATURE_DEVICE] = {" and f.device = ?::text", 0},
    [FEATURE_PREMISE] = {" and f.premise_id = ?::bigint", 0},
};

void feature_where(struct query *q, const struct feature_collection *c,
                   const struct feature_filter *filter, int full)
{
    query_put(q, " where true");
    if (filter->words[FEATURE_BOX] != NULL)
        query_put_param(q, in_box[full != 0], db_text(filter->words[FEATURE_BOX]));
    if (filter->words[FEATURE_EVENT] != NULL)
        query_put_param(q, of_event[full != 0], db_text(filter->words[FEATURE_EVENT]));
    for (size_t i = 0; i < FEATURE_WORDS; i++)
        if (filter->words[i] != NULL && conditions[i].condition != NULL &&
            (c->has_time || !conditions[i].is_time))
            query_put_param(q, conditions[i].condition, db_text(filter->words[i]));
}

void feature_put_json(struct query *q, const struct feature_collection *c)
{
    query_put(q,
              "json_build_object('type', 'Feature', 'id', f.id, 'geometry',"
              " st_asgeojson(f.place)::json, 'properties', (select row_to_json(p) from (select ");
    query_put(q, c->columns);
    query_put(q, ") p))::text");
}

static enum error_code count_matched(struct db *db, const struct feature_collection *c,
                                     const struct feature_filter *filter, int full, int64_t *ret)
{
    struct query q = {0};
    struct document_query statement;
    query_put(&q, "select count(*)");
    feature_from(&q, c, full);
    feature_where(&q, c, filter, full);
    enum error_code ec = query_end(&q, &statement);
    return ec == EC_OK ? document_id(db, &statement, ret) : ec;
}

enum error_code feature_read_list(struct db *db, const struct feature_collection *c,
                                  const struct feature_filter *filter, int full,
                                  const struct document_page *page, struct document_list *ret,
                                  int64_t *ret_matched)
{
    struct query q = {0};
    struct document_query statement;
    query_put(&q, "select ");
    feature_put_json(&q, c);
    query_put(&q, ", f.id::text");
    feature_from(&q, c, full);
    feature_where(&q, c, filter, full);
    if (page->after != NULL)
        query_put_param(&q, " and f.id > ?::bigint", db_text(page->after));
    query_put_param(&q, " order by f.id limit ?::bigint", db_int(page->limit + 1));
    enum error_code ec = query_end(&q, &statement);
    if (ec == EC_OK)
        ec = count_matched(db, c, filter, full, ret_matched);
    return ec == EC_OK ? document_list(db, &statement, page, ret) : ec;
}

enum error_code feature_read_get(struct db *db, const struct feature_collection *c, int64_t id,
                                 int full, char **ret)
{
    struct query q = {0};
    struct document_query statement;
    query_put(&q, "select ");
    feature_put_json(&q, c);
    feature_from(&q, c, full);
    query_put_param(&q, " where f.id = ?::bigint", db_int(id));
    enum error_code ec = query_end(&q, &statement);
    return ec == EC_OK ? document_get(db, &statement, ret) : ec;
}
