/* bptmctl import: devices and deliveries. */
#include <inttypes.h>
#include <stdio.h>

#include "ctl/ctl.h"
#include "store/import.h"

enum { REASON };

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

static enum error_code take_deliveries(struct ctl *ctl, const struct csv_table *table,
                                       struct import_result *ret, char *note)
{
    return import_deliveries(ctl->db, table, ctl->options[REASON], ret, note);
}

static enum error_code deliveries(struct ctl *ctl)
{
    const struct table_import import = {import_delivery_columns, IMPORT_DELIVERY_COLUMNS,
                                        take_deliveries};
    return import_table(ctl, &import);
}

const struct ctl_command ctl_import_commands[] = {
    {.words = "import deliveries",
     .argument = "DELIVERY.csv",
     .doc = "Receive registered devices in a warehouse.",
     .options = {{"reason", CTL_OPTION(REASON), "TEXT", 0, "such as the delivery's number", 0},
                 {0}},
     .needs_database = 1,
     .run = deliveries},
    {.words = "import devices",
     .argument = "MANIFEST.csv",
     .doc = "Register the devices of a manifest.",
     .needs_database = 1,
     .run = devices},
    {.words = NULL},
};
