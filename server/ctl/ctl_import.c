/* bptmctl import: zones and devices. */
#include <inttypes.h>
#include <stdio.h>

#include "ctl/ctl.h"
#include "store/import.h"

enum { SOURCE, LAYER };

/* Columns of a file and what takes its rows. */
struct table_import {
    const char *const *columns;
    size_t count;
    enum error_code (*take)(struct ctl *ctl, const struct csv_table *table,
                            struct import_result *ret, char *note);
};

static enum error_code import_table(struct ctl *ctl, const struct table_import *import)
{
    struct csv_table table = {.names = NULL};
    struct import_result result = {.version = 0};
    char note[IMPORT_NOTE_MAX] = "";

    const struct csv_shape shape = {import->columns, import->count, import->count};
    enum error_code ec = csv_table_read(ctl->argument, &shape, &table, note);
    if (ec == EC_OK)
        ec = import->take(ctl, &table, &result, note);
    csv_table_done(&table);
    if (ec != EC_OK)
        return ctl_fail(ctl, ec, "%s: %s", ctl->argument, note[0] != '\0' ? note : error_text(ec));
    if (result.version > 0)
        printf("version %" PRId64 ", ", result.version);
    printf("%zu rows, %zu changes\n", result.rows, result.changed);
    return EC_OK;
}

static enum error_code take_devices(struct ctl *ctl, const struct csv_table *table,
                                    struct import_result *ret, char *note)
{
    return import_devices(ctl->db, table, ret, note);
}

static enum error_code devices(struct ctl *ctl)
{
    const struct table_import import = {import_device_columns, IMPORT_DEVICE_COLUMNS, take_devices};
    return import_table(ctl, &import);
}

static enum error_code zones(struct ctl *ctl)
{
    struct geojson areas = {NULL, 0};
    struct import_result result = {.version = 0};
    char note[IMPORT_NOTE_MAX] = "";
    double km2 = 0;

    enum error_code ec = geojson_read(ctl->argument, &areas, note);
    if (ec == EC_OK) {
        const struct import_layer layer = {ctl->options[LAYER], ctl->options[SOURCE], &areas};
        ec = import_zones(ctl->db, &layer, &result, &km2, note);
    }
    geojson_done(&areas);
    if (ec != EC_OK)
        return ctl_fail(ctl, ec, "%s: %s", ctl->argument, note[0] != '\0' ? note : error_text(ec));
    printf("version %" PRId64 ", %zu areas, %.1f km2\n", result.version, result.rows, km2);
    return EC_OK;
}

#define SOURCE_OPTION                                                                              \
    {                                                                                              \
        "source", CTL_OPTION(SOURCE), "TEXT", 0, "where the file comes from", 0                    \
    }

const struct ctl_command ctl_import_commands[] = {
    {.words = "import zones",
     .argument = "FILE.geojson",
     .doc = "Import a new version of a map layer (CRS84) and make it the active one.",
     .options = {SOURCE_OPTION, {"layer", CTL_OPTION(LAYER), "CODE", 0, "hftd, hfra, ...", 0}, {0}},
     .required = 1U << SOURCE | 1U << LAYER,
     .needs_database = 1,
     .run = zones},
    {.words = "import devices",
     .argument = "MANIFEST.csv",
     .doc = "Register the devices of a manifest.",
     .needs_database = 1,
     .run = devices},
    {.words = NULL},
};
