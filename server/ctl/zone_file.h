/* A file of areas, whatever its format and coordinate system, as GeoJSON in longitude and latitude.
 */
#ifndef BPTM_ZONE_FILE_H
#define BPTM_ZONE_FILE_H

#include "codec/geojson.h"
#include "store/import.h"

/** What is known of the file besides itself. */
struct zone_file {
    const char *path; /* .geojson, .json of Esri, or .shp with its .dbf, .shx and .prj beside it */
    const char *crs;  /* "EPSG:3310": stands over what the file says; NULL: what the file says */
    struct geojson_names names;
};

/**
 * Read it. GeoJSON in CRS84 is read as it is; everything else goes through GDAL's programs
 * (base/sandbox.h), which transform and neither simplify nor repair.
 *
 * @param ret      free with geojson_done(); untouched on failure
 * @param ret_use  where its coordinate system may be used, in degrees; is_set 0 when that is not
 * known
 * @param ret_note IMPORT_NOTE_MAX bytes: what is wrong with it, with the feature
 * @return EC_OK; EC_IO; EC_FIELDS_INVALID; EC_NO_MEMORY
 */
enum error_code zone_file_read(const struct zone_file *file, struct geojson *ret,
                               struct import_box *ret_use, char *ret_note) MUST_CHECK;

#endif
