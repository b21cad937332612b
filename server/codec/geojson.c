/* A GeoJSON file (RFC 7946) of areas: names, tiers and geometries as text. */
#include "codec/geojson.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* Names of the one coordinate system: those that GDAL and QGIS write into old-style files. */
static const char *const systems[] = {
    "urn:ogc:def:crs:OGC:1.3:CRS84",
    "urn:ogc:def:crs:EPSG::4326",
    "EPSG:4326",
};

static enum error_code refuse(char *ret_note, size_t feature, const char *what, const char *value)
{
    int len = feature == 0 ? 0 : snprintf(ret_note, GEOJSON_NOTE_MAX, "feature %zu: ", feature);
    snprintf(ret_note + len, GEOJSON_NOTE_MAX - (size_t)len, "%s%s%.80s%s", what,
             value[0] != '\0' ? " '" : "", value, value[0] != '\0' ? "'" : "");
    return EC_FIELDS_INVALID;
}

static const char *text_of(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));
    return text != NULL ? text : "";
}

static enum error_code check_system(const json_t *root, char *ret_system, char *ret_note)
{
    const json_t *crs = json_object_get(root, "crs");
    const char *name = text_of(json_object_get(crs, "properties"), "name");

    if (crs == NULL || json_is_null(crs))
        return EC_OK;
    for (size_t i = 0; i < sizeof(systems) / sizeof(*systems); i++)
        if (strcmp(systems[i], name) == 0)
            return EC_OK;
    if (ret_system != NULL)
        snprintf(ret_system, GEOJSON_SYSTEM_MAX, "%s", name);
    return refuse(ret_note, 0, "coordinates must be longitude and latitude (CRS84), not", name);
}

static enum error_code take_tier(const json_t *value, const char *name, size_t n,
                                 struct geojson_area *area, char *ret_note)
{
    if (value == NULL || json_is_null(value))
        return EC_OK;
    if (!json_is_integer(value))
        return refuse(ret_note, n, "must be a whole number: properties", name);
    area->has_tier = 1;
    area->tier = json_integer_value(value);
    return EC_OK;
}

/* What was allocated stays in the area for geojson_done(). */
static enum error_code take_feature(const json_t *feature, const struct geojson_names *names,
                                    size_t n, struct geojson_area *area, char *ret_note)
{
    const json_t *properties = json_object_get(feature, "properties");
    const json_t *geometry = json_object_get(feature, "geometry");
    const char *name = text_of(properties, names->name), *type = text_of(geometry, "type");

    if (strcmp(text_of(feature, "type"), "Feature") != 0)
        return refuse(ret_note, n, "is not a Feature", "");
    if (name[0] == '\0')
        return refuse(ret_note, n, "has no text in properties", names->name);
    if (strcmp(type, "Polygon") != 0 && strcmp(type, "MultiPolygon") != 0)
        return refuse(ret_note, n, "geometry must be a Polygon or MultiPolygon, not", type);
    area->name = strdup(name);
    area->geometry = json_dumps(geometry, JSON_COMPACT | JSON_REAL_PRECISION(17));
    if (area->name == NULL || area->geometry == NULL)
        return EC_NO_MEMORY;
    return take_tier(json_object_get(properties, names->tier), names->tier, n, area, ret_note);
}

static enum error_code take_all(const json_t *root, const struct geojson_names *names,
                                struct geojson *g, char *ret_system, char *ret_note)
{
    const json_t *features = json_object_get(root, "features");
    size_t count = json_array_size(features);
    enum error_code ec = check_system(root, ret_system, ret_note);

    if (ec != EC_OK)
        return ec;
    if (strcmp(text_of(root, "type"), "FeatureCollection") != 0 || count == 0)
        return refuse(ret_note, 0, "is not a FeatureCollection with features", "");
    if (count > GEOJSON_FEATURES_MAX)
        return refuse(ret_note, 0, "has more than 100000 features", "");
    g->areas = calloc(count, sizeof(*g->areas));
    if (g->areas == NULL)
        return EC_NO_MEMORY;
    for (; g->count < count && ec == EC_OK; g->count++)
        ec = take_feature(json_array_get(features, g->count), names, g->count + 1,
                          &g->areas[g->count], ret_note);
    return ec;
}

enum error_code geojson_read(const char *path, const struct geojson_names *names,
                             struct geojson *ret, char *ret_system, char *ret_note)
{
    struct geojson g = {NULL, 0};
    json_error_t error;
    struct stat st;
    enum error_code ec = EC_FIELDS_INVALID;

    if (stat(path, &st) != 0) {
        snprintf(ret_note, GEOJSON_NOTE_MAX, "%.100s", strerror(errno));
        return EC_IO;
    }
    if (st.st_size > GEOJSON_BYTES_MAX)
        return refuse(ret_note, 0, "is larger than 128 MiB", "");
    json_t *root = json_load_file(path, JSON_REJECT_DUPLICATES, &error);
    if (root == NULL)
        snprintf(ret_note, GEOJSON_NOTE_MAX, "line %d: %.160s", error.line, error.text);
    else
        ec = take_all(root, names, &g, ret_system, ret_note);
    json_decref(root);
    if (ec == EC_OK)
        *ret = g;
    else
        geojson_done(&g);
    return ec;
}

void geojson_done(struct geojson *g)
{
    for (size_t i = 0; i < g->count; i++) {
        free(g->areas[i].name);
        free(g->areas[i].geometry);
    }
    free(g->areas);
    *g = (struct geojson){NULL, 0};
}
