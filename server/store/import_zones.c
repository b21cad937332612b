/* Importing a version of a map layer. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "store/audit.h"
#include "store/import.h"

#define VERTICES "4000000" /* of one area */

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
    const struct import_box *extent = &job->layer->extent;
    struct db_param params[] = {db_text(job->layer->code),
                                db_text(job->layer->source),
                                extent->is_set ? db_double(extent->west) : db_null(),
                                db_double(extent->south),
                                db_double(extent->east),
                                db_double(extent->north),
                                job->layer->stated_km2 > 0 ? db_double(job->layer->stated_km2)
                                                           : db_null()};

    enum error_code ec =
        db_run_script(db, "lock table programme.zone_layer in share row exclusive mode");
    if (ec == EC_OK)
        ec = db_run(
            db,
            "insert into programme.zone_layer (code, version, source, extent, stated_km2)"
            " select $1, coalesce(max(version), 0) + 1, $2, coalesce("
            "   public.st_makeenvelope($3::float8, $4::float8, $5::float8, $6::float8, 4326),"
            "   (select l.extent from programme.zone_layer l where l.code = $1"
            "    order by l.version desc limit 1)), $7::float8"
            " from programme.zone_layer where code = $1"
            " returning zone_layer_id, version",
            params, 7, &r);
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
    const struct import_box *use = &job->layer->use;
    struct db_result *r = NULL;
    struct db_param params[] = {
        db_int(job->layer_id),
        db_text(area->name),
        area->has_tier ? db_int(area->tier) : db_null(),
        db_text(area->geometry),
        use->is_set ? db_double(use->west) : db_null(),
        db_double(use->south),
        db_double(use->east),
        db_double(use->north),
    };
    enum error_code ec = db_run(
        db,
        "with area as materialized (select st_multi(st_setsrid(st_force2d("
        "   st_geomfromgeojson($4)), 4326)) as geom),"
        " judged as (select a.geom, case when st_isempty(a.geom) then 'is empty'"
        "   when st_xmin(a.geom) < -180 or st_xmax(a.geom) > 180 or st_ymin(a.geom) < -90"
        "     or st_ymax(a.geom) > 90 then 'is not in longitude and latitude'"
        "   when st_npoints(a.geom) > " VERTICES " then 'has more than " VERTICES " vertices'"
        "   when not st_covers(st_expand(st_makeenvelope($5::float8, $6::float8, $7::float8,"
        "     $8::float8, 4326), 1), st_envelope(a.geom)) then format('lies where its coordinate "
        "system"
        " is not used (%s %s to %s %s): is that the right one?', $5::float8, $6::float8, "
        "$7::float8,"
        "     $8::float8)"
        "   when not st_covers(l.extent, a.geom) then format('lies outside the extent of the "
        "utility"
        " (%s)', regexp_replace(st_extent(l.extent)::text, '[^0-9., -]', '', 'g'))"
        "   when not st_isvalid(a.geom) then st_isvalidreason(a.geom) end as reason"
        "   from area a, programme.zone_layer l where l.zone_layer_id = $1 group by a.geom, "
        "l.extent),"
        " kept as (insert into programme.zone (zone_layer_id, name, tier, geom)"
        "   select $1, $2, $3::integer, geom from judged where reason is null returning geom)"
        " select (select reason from judged), (select st_area(geom::geography) / 1e6 from kept)",
        params, 8, &r);
    if (ec == EC_OK && db_get_text(r, 0, 0) != NULL)
        ec = refuse(job, n, EC_FIELDS_INVALID, db_get_text(r, 0, 0));
    else if (ec == EC_OK)
        job->km2 += strtod(db_get_text(r, 0, 1), NULL);
    else
        ec = refuse(job, n, ec, db_note(db));
    db_result_free(r);
    return ec;
}

static enum error_code check_area(struct job *job)
{
    double stated = job->layer->stated_km2, percent = job->layer->tolerance_percent;

    if (stated <= 0 || fabs(job->km2 - stated) <= stated * percent / 100)
        return EC_OK;
    snprintf(job->note, IMPORT_NOTE_MAX,
             "the layer has %.3f km2, %.3f km2 were stated: more than %g %% apart", job->km2,
             stated, percent);
    return EC_FIELDS_INVALID;
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
        ec = check_area(job);
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
