/* A GeoJSON file (RFC 7946) of areas: names, tiers and geometries as text. */
#ifndef BPTM_GEOJSON_H
#define BPTM_GEOJSON_H

#include <stddef.h>

#include "error.h"

enum {
    GEOJSON_BYTES_MAX = 128 << 20,
    GEOJSON_FEATURES_MAX = 100000,
    GEOJSON_NOTE_MAX = 256,
    GEOJSON_SYSTEM_MAX = 64
};

/** One area. */
struct geojson_area {
    char *name;   /* properties.name */
    int has_tier; /* properties.tier, a whole number */
    long long tier;
    char *geometry; /* JSON text of a Polygon or MultiPolygon */
};

struct geojson {
    struct geojson_area *areas;
    size_t count;
};

/** Which properties of a feature are its name and its tier. */
struct geojson_names {
    const char *name, *tier;
};

/**
 * Read a FeatureCollection of polygons in longitude and latitude. Another coordinate system,
 * another geometry, a feature without a name and a repeated member are errors.
 *
 * @param ret       free with geojson_done(); untouched on failure
 * @param ret_system  GEOJSON_SYSTEM_MAX bytes: the other coordinate system that it names, when it
 * fails because of that; may be NULL
 * @param ret_note  GEOJSON_NOTE_MAX bytes: what is wrong, with the number of the feature from 1
 * @return EC_OK; EC_IO; EC_FIELDS_INVALID; EC_NO_MEMORY
 */
enum error_code geojson_read(const char *path, const struct geojson_names *names,
                             struct geojson *ret, char *ret_system, char *ret_note) MUST_CHECK;

/** Accepts a zeroed struct. */
void geojson_done(struct geojson *g);

#endif
