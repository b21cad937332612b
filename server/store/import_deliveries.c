/* Importing a delivery: what came from the maker, and to which warehouse. */
#include "store/custody.h"
#include "store/device_read.h"
#include "store/import_check.h"
#include "wire.h"

enum { SERIAL, WAREHOUSE };

const char *const import_delivery_columns[IMPORT_DELIVERY_COLUMNS] = {"serial", "warehouse"};

static const struct import_column columns[IMPORT_DELIVERY_COLUMNS] = {
    {IMPORT_TEXT, 0, WIRE_DEVICE_MIN, WIRE_DEVICE_MAX},
    {IMPORT_TEXT, 0, 1, 80},
};

/* Is it there already, by the same delivery? */
static enum error_code find_same(struct db *db, const struct custody_order *order, int *ret)
{
    struct db_param params[] = {db_int(order->device_id), db_text(order->to)};
    struct document_query q = {"select 1 from programme.custody_now where device_id = $1"
                               " and action = 'receive' and holder = $2",
                               params, 2};
    int64_t found = 0;
    enum error_code ec = document_id(db, &q, &found);
    *ret = ec == EC_OK;
    return ec == EC_NOT_FOUND ? EC_OK : ec;
}

static enum error_code put_row(struct db *db, struct import_rows *rows, size_t row)
{
    const struct audit_by by = {.role = "operator"};
    struct custody_order order = {.action = "receive",
                                  .as = "operator",
                                  .to = csv_table_get(rows->table, row, WAREHOUSE),
                                  .reason = rows->reason};
    struct transition_refusals refuse = {0};
    int same = 0;
    enum error_code ec =
        device_read_id(db, csv_table_get(rows->table, row, SERIAL), &order.device_id);
    if (ec == EC_NOT_FOUND)
        return import_refuse(rows->table, row, SERIAL, EC_FIELDS_INVALID, "is not registered",
                             rows->note);
    if (ec == EC_OK)
        ec = find_same(db, &order, &same);
    if (ec != EC_OK || same)
        return ec;
    ec = custody_move(db, &by, &order, &refuse);
    if (ec == EC_STATE_REFUSED)
        return import_refuse(rows->table, row, SERIAL, ec, refuse.items[0].sentence, rows->note);
    rows->result.changed++;
    return ec;
}

enum error_code import_deliveries(struct db *db, const struct csv_table *table, const char *reason,
                                  struct import_result *ret, char *ret_note)
{
    struct import_rows rows = {.table = table, .reason = reason, .put = put_row, .note = ret_note};
    return import_rows(db, columns, &rows, ret);
}
