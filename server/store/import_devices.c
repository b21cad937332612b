/* Importing a manifest of devices. */
#include <sodium/utils.h>
#include <stdio.h>

#include "store/audit.h"
#include "store/device.h"
#include "store/import_check.h"

enum { SERIAL, PUBLIC_KEY, MODEL, HARDWARE_REVISION };

const char *const import_device_columns[IMPORT_DEVICE_COLUMNS] = {
    "serial",
    "public_key",
    "model",
    "hardware_revision",
};

static const struct import_column columns[IMPORT_DEVICE_COLUMNS] = {
    {IMPORT_TEXT, 0, WIRE_DEVICE_MIN, WIRE_DEVICE_MAX},
    {IMPORT_HEX, 0, 0, 2 * WIRE_KEY_LEN},
    {IMPORT_TEXT, 0, 1, 64},
    {IMPORT_TEXT, 0, 1, 32},
};

struct job {
    const struct csv_table *table;
    struct import_result result;
    char *note;
};

static enum error_code add_audit(struct db *db, const char *serial)
{
    const struct audit_by by = {NULL, "operator", NULL};
    const struct audit_change change = {"device.register", serial, NULL, NULL};
    return audit_add(db, &by, &change);
}

static enum error_code put_row(struct db *db, struct job *job, size_t row)
{
    const char *hex = csv_table_get(job->table, row, PUBLIC_KEY);
    struct device_new device = {
        .serial = csv_table_get(job->table, row, SERIAL),
        .model = csv_table_get(job->table, row, MODEL),
        .hardware_revision = csv_table_get(job->table, row, HARDWARE_REVISION),
    };
    int64_t id = 0;
    int created = 0;
    size_t len = 0;

    if (sodium_hex2bin(device.public_key, sizeof(device.public_key), hex, 2 * WIRE_KEY_LEN, NULL,
                       &len, NULL) != 0)
        return EC_INTERNAL;
    enum error_code ec = device_register(db, &device, &id, &created);
    if (ec == EC_CONFLICT)
        return import_refuse(job->table, row, SERIAL, ec,
                             "is registered with another key, model or revision", job->note);
    if (ec == EC_FIELDS_INVALID)
        return import_refuse(job->table, row, SERIAL, ec,
                             "not a serial number, or the model is not known", job->note);
    job->result.changed += (size_t)created;
    return ec == EC_OK && created ? add_audit(db, device.serial) : ec;
}

static enum error_code body(struct db *db, void *context)
{
    struct job *job = context;
    enum error_code ec = EC_OK;

    job->result.changed = 0;
    job->note[0] = '\0';
    for (size_t row = 0; row < job->table->rows && ec == EC_OK; row++)
        ec = put_row(db, job, row);
    return ec;
}

enum error_code import_devices(struct db *db, const struct csv_table *table,
                               struct import_result *ret, char *ret_note)
{
    struct job job = {.table = table, .result.rows = table->rows, .note = ret_note};

    ret_note[0] = '\0';
    enum error_code ec = import_check(table, columns, ret_note);
    if (ec == EC_OK)
        ec = db_transact(db, body, &job);
    if (ec == EC_OK)
        *ret = job.result;
    else if (ret_note[0] == '\0')
        snprintf(ret_note, IMPORT_NOTE_MAX, "%s", db_note(db));
    return ec;
}
