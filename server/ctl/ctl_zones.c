/* bptmctl import zones: map layers, from any format that GDAL reads for us. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ctl/ctl.h"
#include "ctl/zone_file.h"
#include "store/import.h"

enum { LAYER, SOURCE, CRS, AREA, TOLERANCE, EXTENT, NAME, TIER };

static int positive(struct ctl *ctl, int option, const char *name, double most, double *ret)
{
    const char *text = ctl->options[option];
    char *end = NULL;

    if (text == NULL)
        return 1;
    double value = strtod(text, &end);
    if (end == text || *end != '\0' || !(value > 0 && value <= most)) {
        (void)!ctl_fail(ctl, EC_USAGE, "%s must be a number above 0 and up to %g, not '%s'", name,
                        most, text);
        return 0;
    }
    *ret = value;
    return 1;
}

static int box(struct ctl *ctl, struct import_box *ret)
{
    const char *text = ctl->options[EXTENT];
    struct import_box b = {.is_set = 1};
    int used = 0;

    if (text == NULL)
        return 1;
    if (sscanf(text, "%lf,%lf,%lf,%lf%n", &b.west, &b.south, &b.east, &b.north, &used) != 4 ||
        text[used] != '\0' || !(b.west >= -180 && b.west < b.east && b.east <= 180) ||
        !(b.south >= -90 && b.south < b.north && b.north <= 90)) {
        (void)!ctl_fail(ctl, EC_USAGE,
                        "--extent must be WEST,SOUTH,EAST,NORTH in degrees, not '%s'", text);
        return 0;
    }
    *ret = b;
    return 1;
}

static enum error_code zones(struct ctl *ctl)
{
    struct geojson areas = {NULL, 0};
    struct import_result result = {.version = 0};
    struct import_layer layer = {.code = ctl->options[LAYER],
                                 .source = ctl->options[SOURCE],
                                 .areas = &areas,
                                 .tolerance_percent = 0.1};
    const struct zone_file file = {ctl->argument,
                                   ctl->options[CRS],
                                   {ctl->options[NAME] != NULL ? ctl->options[NAME] : "name",
                                    ctl->options[TIER] != NULL ? ctl->options[TIER] : "tier"}};
    char note[IMPORT_NOTE_MAX] = "";
    double km2 = 0;

    if (!positive(ctl, AREA, "--area", 1e9, &layer.stated_km2) ||
        !positive(ctl, TOLERANCE, "--tolerance", 100, &layer.tolerance_percent) ||
        !box(ctl, &layer.extent))
        return EC_USAGE;
    enum error_code ec = zone_file_read(&file, &areas, &layer.use, note);
    if (ec == EC_OK)
        ec = import_zones(ctl->db, &layer, &result, &km2, note);
    geojson_done(&areas);
    if (ec != EC_OK)
        return ctl_fail(ctl, ec, "%s: %s", ctl->argument, note[0] != '\0' ? note : error_text(ec));
    printf("version %" PRId64 ", %zu areas, %.1f km2, a draft\n", result.version, result.rows, km2);
    return EC_OK;
}

const struct ctl_command ctl_zones_commands[] = {
    {.words = "import zones",
     .argument = "FILE",
     .doc = "Import a new version of a map layer as a draft: GeoJSON, Esri JSON or a Shapefile.",
     .options = {{"layer", CTL_OPTION(LAYER), "CODE", 0, "hftd, hfra, ...", 0},
                 {"source", CTL_OPTION(SOURCE), "TEXT", 0, "where the file comes from", 0},
                 {"crs", CTL_OPTION(CRS), "EPSG:N", 0, "its coordinate system, whatever it says",
                  0},
                 {"area", CTL_OPTION(AREA), "KM2", 0, "that its publisher says it has", 0},
                 {"tolerance", CTL_OPTION(TOLERANCE), "PERCENT", 0, "of that area; 0.1", 0},
                 {"extent", CTL_OPTION(EXTENT), "W,S,E,N", 0,
                  "where the utility is; else that of the version before", 0},
                 {"name", CTL_OPTION(NAME), "PROPERTY", 0, "that names an area; name", 0},
                 {"tier", CTL_OPTION(TIER), "PROPERTY", 0, "that is its tier; tier", 0},
                 {0}},
     .required = 1U << SOURCE | 1U << LAYER,
     .needs_database = 1,
     .run = zones},
    {.words = NULL},
};
