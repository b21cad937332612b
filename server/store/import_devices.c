/* Importing a manifest of devices. */
#include <sodium/utils.h>

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

static enum error_code add_audit(struct db *db, const char *serial)
{
    const struct audit_by by = {NULL, "operator", NULL};
    const struct audit_change change = {"device.register", serial, NULL, NULL};
    return audit_add(db, &by, &change);
}

static enum error_code put_row(struct db *db, struct import_rows *rows, size_t row)
{
    const char *hex = csv_table_get(rows->table, row, PUBLIC_KEY);
    struct device_new device = {
        .serial = csv_table_get(rows->table, row, SERIAL),
        .model = csv_table_get(rows->table, row, MODEL),
        .hardware_revision = csv_table_get(rows->table, row, HARDWARE_REVISION),
    };
    int64_t id = 0;
    int created = 0;
    size_t len = 0;

    if (sodium_hex2bin(device.public_key, sizeof(device.public_key), hex, 2 * WIRE_KEY_LEN, NULL,
                       &len, NULL) != 0)
        return EC_INTERNAL;
    enum error_code ec = device_register(db, &device, &id, &created);
    if (ec == EC_CONFLICT)
        return import_refuse(rows->table, row, SERIAL, ec,
                             "is registered with another key, model or revision", rows->note);
    if (ec == EC_FIELDS_INVALID)
        return import_refuse(rows->table, row, SERIAL, ec,
                             "not a serial number, or the model is not known", rows->note);
    rows->result.changed += (size_t)created;
    return ec == EC_OK && created ? add_audit(db, device.serial) : ec;
}

enum error_code import_devices(struct db *db, const struct csv_table *table,
                               struct import_result *ret, char *ret_note)
{
    struct import_rows rows = {.table = table, .put = put_row, .note = ret_note};
    return import_rows(db, columns, &rows, ret);
}
