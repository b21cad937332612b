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
#define DEVICE_COLUMNS                                                                             \
    "f.serial, f.premise_id, f.model, f.hardware_revision, f.state, f.circuit_id, f.city,"         \
    " f.installed_at, f.online, f.status_at, f.firmware, f.mode, f.faults"
#define PREMISE_COLUMNS                                                                            \
    "f.code, f.address, f.city, f.postal_code, f.meter_number, f.meter_form, f.service_amps,"      \
    " f.service_voltage, f.circuit_id, f.transformer_id, f.device"
#define ZONE_COLUMNS "f.layer, f.layer_version, f.name, f.tier, f.source"

static const struct feature_collection collections[] = {
    {"outages", "Outages", "Interruptions of the utility, each at one home, by its meter.",
     "outage.outage_feature", OUTAGE_COLUMNS, 1},
    {"outage-events", "Outage events", "Homes that lost the utility together.",
     "outage.event_feature", EVENT_COLUMNS, 1},
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

static void put_from(struct query *q, const struct feature_collection *c, int full)
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

void feature_where(struct query *q, const struct feature_collection *c,
                   const struct feature_filter *filter, int full)
{
    query_put(q, " where true");
    if (filter->box != NULL)
        query_put_param(q, in_box[full != 0], db_text(filter->box));
    if (c->has_time && filter->from != NULL)
        query_put_param(q, " and (f.to_at is null or f.to_at >= ?::timestamptz)",
                        db_text(filter->from));
    if (c->has_time && filter->to != NULL)
        query_put_param(q, " and f.from_at <= ?::timestamptz", db_text(filter->to));
}

static void put_feature(struct query *q, const struct feature_collection *c)
{
    query_put(q,
              "select json_build_object('type', 'Feature', 'id', f.id, 'geometry',"
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
    put_from(&q, c, full);
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
    put_feature(&q, c);
    query_put(&q, ", f.id::text");
    put_from(&q, c, full);
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
    put_feature(&q, c);
    put_from(&q, c, full);
    query_put_param(&q, " where f.id = ?::bigint", db_int(id));
    enum error_code ec = query_end(&q, &statement);
    return ec == EC_OK ? document_get(db, &statement, ret) : ec;
}
