/* Reading a table from CSV or from the first sheet of an XLSX file. */
#include "ctl/ctl_sheet.h"

#include "base/bytes.h"
#include "codec/sheet.h"
#include "codec/xlsx_guard.h"

static enum error_code parse(const struct bytes *csv, const struct csv_shape *shape,
                             struct csv_table *ret, char *ret_note)
{
    return csv_table_parse((const char *)csv->at, csv->len, shape, ret, ret_note);
}

enum error_code ctl_sheet_read(const char *path, const struct csv_shape *shape,
                               struct csv_table *ret, char *ret_note)
{
    struct bytes file, csv;
    bytes_init(&file, CSV_TABLE_BYTES_MAX);
    bytes_init(&csv, CSV_TABLE_BYTES_MAX);
    enum error_code ec = sheet_read(path, &file, ret_note);
    int is_sheet = ec == EC_OK && xlsx_guard_is_zip(file.at, file.len);
    if (is_sheet)
        ec = sheet_csv(&file, &csv, ret_note);
    if (ec == EC_OK)
        ec = parse(is_sheet ? &csv : &file, shape, ret, ret_note);
    bytes_done(&csv);
    bytes_done(&file);
    return ec;
}
