/* Importing a version of a map layer. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "store/audit.h"
#include "store/import.h"

struct job {
    const struct import_layer *layer;
    struct import_result result;
    int64_t layer_id;
    double km2;
    char *note;
};

/* One import at a time, because the version is the highest and one more. */
static enum error_code begin_layer(struct db *db, struct job *job)
{
    struct db_result *r = NULL;
    struct db_param params[] = {db_text(job->layer->code), db_text(job->layer->source)};

    enum error_code ec =
        db_run_script(db, "lock table programme.zone_layer in share row exclusive mode");
    if (ec == EC_OK)
        ec = db_run(db, "update programme.zone_layer set active = false where active and code = $1",
                    params, 1, NULL);
    if (ec == EC_OK)
        ec = db_run(db,
                    "insert into programme.zone_layer (code, version, source, state, active)"
                    " select $1, coalesce(max(version), 0) + 1, $2, 'published', true"
                    " from programme.zone_layer where code = $1"
                    " returning zone_layer_id, version",
                    params, 2, &r);
    if (ec == EC_OK) {
        job->layer_id = db_get_int(r, 0, 0);
        job->result.version = db_get_int(r, 0, 1);
    }
    db_result_free(r);
    if (ec == EC_FIELDS_INVALID)
        snprintf(job->note, IMPORT_NOTE_MAX, "layer '%.60s': not [a-z0-9-]{2,40}",
                 job->layer->code);
    return ec;
}

static enum error_code refuse(struct job *job, size_t n, enum error_code ec, const char *what)
{
    snprintf(job->note, IMPORT_NOTE_MAX, "feature %zu '%.80s': %.300s", n + 1,
             job->layer->areas->areas[n].name, what);
    return ec;
}

/* Nothing is repaired: the areas decide who is eligible, so they are as published or not there. */
static enum error_code insert_zone(struct db *db, struct job *job, size_t n)
{
    const struct geojson_area *area = &job->layer->areas->areas[n];
    struct db_result *r = NULL;
    struct db_param params[] = {
        db_int(job->layer_id),
        db_text(area->name),
        area->has_tier ? db_int(area->tier) : db_null(),
        db_text(area->geometry),
    };
    enum error_code ec = db_run(
        db,
        "with area as materialized (select st_multi(st_setsrid(st_force2d("
        "   st_geomfromgeojson($4)), 4326)) as geom),"
        " judged as (select geom, case when st_isempty(geom) then 'is empty'"
        "   when not st_isvalid(geom) then st_isvalidreason(geom)"
        "   when st_xmin(geom) < -180 or st_xmax(geom) > 180 or st_ymin(geom) < -90"
        "     or st_ymax(geom) > 90 then 'is not in longitude and latitude' end as reason"
        "   from area),"
        " kept as (insert into programme.zone (zone_layer_id, name, tier, geom)"
        "   select $1, $2, $3::integer, geom from judged where reason is null returning geom)"
        " select (select reason from judged), (select st_area(geom::geography) / 1e6 from kept)",
        params, 4, &r);
    if (ec == EC_OK && db_get_text(r, 0, 0) != NULL)
        ec = refuse(job, n, EC_FIELDS_INVALID, db_get_text(r, 0, 0));
    else if (ec == EC_OK)
        job->km2 += strtod(db_get_text(r, 0, 1), NULL);
    else
        ec = refuse(job, n, ec, db_note(db));
    db_result_free(r);
    return ec;
}

/* What distances are measured from, and the area that was found. */
static enum error_code end_layer(struct db *db, struct job *job)
{
    struct db_param params[] = {db_int(job->layer_id), db_double(job->km2)};
    enum error_code ec = db_run(db, "select programme.zone_rim_make($1)", params, 1, NULL);

    return ec != EC_OK ? ec
                       : db_run(db,
                                "update programme.zone_layer set area_km2 = $2"
                                " where zone_layer_id = $1",
                                params, 2, NULL);
}

static enum error_code body(struct db *db, void *context)
{
    struct job *job = context;
    const struct audit_by by = {NULL, "operator", NULL};
    char id[80];

    job->km2 = 0;
    job->note[0] = '\0';
    enum error_code ec = begin_layer(db, job);
    for (size_t n = 0; n < job->layer->areas->count && ec == EC_OK; n++)
        ec = insert_zone(db, job, n);
    if (ec == EC_OK)
        ec = end_layer(db, job);
    if (ec != EC_OK)
        return ec;
    job->result.changed = job->result.rows;
    snprintf(id, sizeof(id), "%s %" PRId64, job->layer->code, job->result.version);
    const struct audit_change change = {"zone_layer.import", id, NULL, NULL};
    return audit_add(db, &by, &change);
}

enum error_code import_zones(struct db *db, const struct import_layer *layer,
                             struct import_result *ret, double *ret_km2, char *ret_note)
{
    struct job job = {.layer = layer, .result.rows = layer->areas->count, .note = ret_note};

    ret_note[0] = '\0';
    enum error_code ec = db_transact(db, body, &job);
    if (ec == EC_OK) {
        *ret = job.result;
        *ret_km2 = job.km2;
    } else if (ret_note[0] == '\0') {
        snprintf(ret_note, IMPORT_NOTE_MAX, "%s", db_note(db));
    }
    return ec;
}
