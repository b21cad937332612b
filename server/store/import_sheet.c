/* Rows of the spreadsheet that an import was given. */
#include "store/import_sheet.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/limits.h"
#include "codec/sheet.h"
#include "codec/xlsx_guard.h"
#include "store/document.h"
#include "store/import_stage.h"

enum { PIECE_MAX = 2 * LIMIT_IMPORT_BUFFER };

/* One piece, added to the file. */
static enum error_code read_piece(struct db *db, int64_t import_id, int64_t piece, uint8_t *room,
                                  struct bytes *ret)
{
    const struct db_param params[] = {db_int(import_id), db_int(piece)};
    struct db_result *r = NULL;
    enum error_code ec = db_run(db,
                                "select bytes from programme.import_file where import_id = $1"
                                " and piece = $2",
                                params, 2, &r);
    if (ec == EC_OK && db_rows(r) == 0)
        ec = EC_NOT_FOUND;
    if (ec == EC_OK) {
        long len = db_get_bytes(r, 0, 0, room, PIECE_MAX);
        if (len >= 0)
            bytes_put(ret, room, (size_t)len);
        ec = len < 0 ? EC_INTERNAL : bytes_check(ret);
    }
    db_result_free(r);
    return ec;
}

static enum error_code read_file(struct db *db, int64_t import_id, struct bytes *ret)
{
    uint8_t *room = malloc(PIECE_MAX);
    enum error_code ec = room != NULL ? EC_OK : EC_NO_MEMORY;
    for (int64_t piece = 0; ec == EC_OK; piece++)
        ec = read_piece(db, import_id, piece, room, ret);
    free(room);
    return ec == EC_NOT_FOUND && ret->len > 0 ? EC_OK : ec;
}

static enum error_code stage(struct db *db, int64_t import_id, const struct bytes *csv,
                             char *ret_note)
{
    struct import_stage *s = NULL;
    enum error_code ec = import_stage_resume(db, import_id, &s);
    if (ec == EC_OK)
        ec = import_stage_put(s, db, (const char *)csv->at, csv->len);
    if (ec == EC_OK)
        ec = import_stage_unpacked(s, db);
    if (ec != EC_OK && s != NULL)
        snprintf(ret_note, IMPORT_SHEET_NOTE_MAX, "%s", import_stage_note(s));
    import_stage_free(s);
    return ec;
}

enum error_code import_sheet_unpack(struct db *db, int64_t import_id, char *ret_note)
{
    char note[SHEET_NOTE_MAX] = "";
    struct bytes file, csv;
    ret_note[0] = '\0';
    bytes_init(&file, XLSX_BYTES_MAX);
    bytes_init(&csv, CSV_TABLE_BYTES_MAX);
    enum error_code ec = read_file(db, import_id, &file);
    if (ec == EC_OK) {
        ec = sheet_csv(&file, &csv, note);
        snprintf(ret_note, IMPORT_SHEET_NOTE_MAX, "%s", note);
    }
    if (ec == EC_OK)
        ec = stage(db, import_id, &csv, ret_note);
    bytes_done(&csv);
    bytes_done(&file);
    return ec;
}
