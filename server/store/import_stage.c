/* Staging the file of a bulk import. */
#include "store/import_stage.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "base/log.h"
#include "codec/cell_seal.h"
#include "codec/csv_stream.h"
#include "codec/xlsx_guard.h"
#include "store/binary.h"

/* A piece of the file that is parsed before full buffers are sent: a cell of one byte becomes at
   most five, sealed some seventy, and a row has its own few. */
enum { SLICE = 16384, ROOM = LIMIT_IMPORT_BUFFER + SLICE * 64 };

struct import_stage {
    int64_t import_id, attempt;
    const char *state; /* of the import while this goes on */
    int is_sheet;      /* kept as it comes, in pieces */
    int64_t pieces;
    const struct person_keys *keys; /* NULL: nothing is sealed */
    struct db *db;                  /* of the call that parses */
    struct csv_stream *csv;
    struct bytes header;                    /* array of texts */
    char plain[CSV_STREAM_COLUMNS_MAX + 1]; /* 'p' for each column that is; empty: all are */
    struct bytes cell;                      /* sealed */
    struct bytes rows;                      /* COPY rows that wait */
    size_t row_count;
    uint64_t byte_count;
    crypto_hash_sha256_state sha256;
    char note[CSV_STREAM_NOTE_MAX];
};

/* -- rows ------------------------------------------------------------------------------------ */

/* Without the blanks around it, as cells are compared. */
static void put_sealed(struct import_stage *s, struct bytes *b, const char *cell)
{
    size_t len = strlen(cell);
    for (; len > 0 && cell[len - 1] == ' '; len--)
        ;
    for (; len > 0 && *cell == ' '; len--)
        cell++;
    bytes_clear(&s->cell);
    if (len > 0)
        cell_seal(s->keys, s->import_id, cell, len, &s->cell);
    b->failed |= s->cell.failed;
    binary_bytes(b, s->cell.at, s->cell.len);
}

static int is_sealed(const struct import_stage *s, size_t column)
{
    return s->plain[0] != '\0' && (column >= strlen(s->plain) || s->plain[column] != 'p');
}

static void put_array(struct import_stage *s, struct bytes *b, const struct csv_stream_row *row)
{
    bytes_put_u32(b, 1); /* dimensions */
    bytes_put_u32(b, 0); /* no nulls */
    bytes_put_u32(b, BINARY_TEXT);
    bytes_put_u32(b, (uint32_t)row->count);
    bytes_put_u32(b, 1); /* first index */
    for (size_t i = 0; i < row->count; i++)
        if (is_sealed(s, i))
            put_sealed(s, b, row->cells[i]);
        else
            binary_bytes(b, row->cells[i], strlen(row->cells[i]));
}

/* Still the upload of this import; holds off whoever would take over or cancel. */
static enum error_code hold(struct db *db, const struct import_stage *s)
{
    const struct db_param params[] = {db_int(s->import_id), db_int(s->attempt), db_text(s->state)};
    const struct document_query q = {"select import_id from programme.import where import_id = $1"
                                     " and attempt = $2 and state = $3 for update",
                                     params, 3};
    int64_t id = 0;
    enum error_code ec = document_id(db, &q, &id);
    return ec == EC_NOT_FOUND ? EC_STATE_REFUSED : ec;
}

/* Which columns are sealed. */
static enum error_code take_plain(struct db *db, struct import_stage *s)
{
    const struct db_param params[] = {db_int(s->import_id)};
    struct db_result *r = NULL;
    enum error_code ec = db_run(db, "select programme.import_plain($1)", params, 1, &r);
    const char *plain = ec == EC_OK ? db_get_text(r, 0, 0) : NULL;
    snprintf(s->plain, sizeof s->plain, "%s", plain != NULL ? plain : "");
    if (plain != NULL && (s->keys == NULL || s->keys->count == 0)) {
        log_event(LOG_LEVEL_ERROR, "person-key-missing", NULL);
        ec = EC_UNAVAILABLE;
    }
    db_result_free(r);
    return ec;
}

static enum error_code take_header(struct db *db, void *context)
{
    struct import_stage *s = context;
    const struct db_param params[] = {db_int(s->import_id), binary_param(&s->header)};
    struct db_result *r = NULL;
    enum error_code ec = hold(db, s);
    if (ec == EC_OK)
        ec = db_run(db, "select programme.import_header($1, $2::text[])", params, 2, &r);
    if (ec == EC_OK && db_get_text(r, 0, 0) != NULL) {
        snprintf(s->note, sizeof s->note, "row 1: %s", db_get_text(r, 0, 0));
        ec = EC_FIELDS_INVALID;
    }
    db_result_free(r);
    return ec == EC_OK ? take_plain(db, s) : ec;
}

static enum error_code take_row(void *context, const struct csv_stream_row *row)
{
    struct import_stage *s = context;
    if (row->number == 1) {
        put_array(s, &s->header, row);
        enum error_code ec = bytes_check(&s->header);
        return ec == EC_OK ? db_transact(s->db, take_header, s) : ec;
    }
    if (++s->row_count > LIMIT_IMPORT_ROWS) {
        snprintf(s->note, sizeof s->note, "row %zu: more than %d rows; split the file", row->number,
                 LIMIT_IMPORT_ROWS);
        return EC_FIELDS_INVALID;
    }
    bytes_put_u16(&s->rows, 3);
    binary_int8(&s->rows, s->import_id);
    binary_int4(&s->rows, (int32_t)row->number);
    uint8_t *length = bytes_extend(&s->rows, 4);
    size_t before = s->rows.len;
    if (length == NULL)
        return EC_NO_MEMORY;
    put_array(s, &s->rows, row);
    if (!s->rows.failed)
        bytes_set_u32(s->rows.at + before - 4, (uint32_t)(s->rows.len - before));
    return bytes_check(&s->rows);
}

/* -- the database ---------------------------------------------------------------------------- */

static enum error_code send_rows(struct db *db, void *context)
{
    struct import_stage *s = context;
    enum error_code ec = hold(db, s);
    if (ec == EC_OK)
        ec = db_copy_begin(db, "copy person.import_row (import_id, row_no, cells) from stdin"
                               " (format binary)");
    if (ec == EC_OK)
        ec = db_copy_put(db, s->rows.at, s->rows.len);
    if (ec == EC_OK)
        ec = db_copy_end(db);
    return ec;
}

static enum error_code flush(struct import_stage *s, struct db *db, size_t beyond)
{
    if (s->rows.len <= beyond)
        return EC_OK;
    enum error_code ec = db_transact(db, send_rows, s);
    if (ec == EC_OK)
        bytes_clear(&s->rows);
    return ec;
}

static enum error_code send_piece(struct db *db, void *context)
{
    struct import_stage *s = context;
    const struct db_param params[] = {db_int(s->import_id), db_int(s->pieces),
                                      db_bytes(s->rows.at, s->rows.len)};
    const struct document_query q = {
        "insert into programme.import_file (import_id, piece, bytes) select i.import_id,"
        " $2::integer, $3 from programme.import i where i.import_id = $1 and i.kind not in"
        " ('premises', 'accounts') returning piece",
        params, 3};
    int64_t piece = 0;
    enum error_code ec = hold(db, s);
    if (ec == EC_OK)
        ec = document_id(db, &q, &piece);
    if (ec != EC_NOT_FOUND)
        return ec;
    snprintf(s->note, sizeof s->note, "is a spreadsheet; give persons and their places as CSV");
    return EC_FIELDS_INVALID;
}

/* A spreadsheet: what it says is read by the part job. */
static enum error_code put_sheet(struct import_stage *s, struct db *db, const char *at, size_t len)
{
    if (s->byte_count > XLSX_BYTES_MAX)
        return EC_BODY_TOO_LARGE;
    bytes_put(&s->rows, at, len);
    enum error_code ec = bytes_check(&s->rows);
    if (ec != EC_OK || (s->rows.len < LIMIT_IMPORT_BUFFER && len > 0) || s->rows.len == 0)
        return ec;
    ec = db_transact(db, send_piece, s);
    s->pieces++;
    bytes_clear(&s->rows);
    return ec;
}

static enum error_code begin(struct db *db, void *context)
{
    struct import_stage *s = context;
    const struct db_param params[] = {db_int(s->import_id)};
    const struct document_query q = {
        "update programme.import set state = 'uploading', attempt = attempt + 1, header = null,"
        " places = null, sha256 = null, bytes = null, rows = null, errors = null, rejected = null,"
        " creates = null, updates = null, unchanged = null, note = null, changed_at = now()"
        " where import_id = $1 and state in ('created', 'uploading', 'failed') returning attempt",
        params, 1};
    enum error_code ec = document_id(db, &q, &s->attempt);
    if (ec == EC_NOT_FOUND)
        return EC_STATE_REFUSED;
    if (ec == EC_OK)
        ec = db_run(db, "delete from person.import_row where import_id = $1", params, 1, NULL);
    if (ec == EC_OK)
        ec = db_run(db, "delete from programme.import_file where import_id = $1", params, 1, NULL);
    return ec;
}

/* What an earlier try staged of the same file goes. */
static enum error_code resume(struct db *db, void *context)
{
    struct import_stage *s = context;
    const struct db_param params[] = {db_int(s->import_id)};
    const struct document_query q = {
        "select attempt from programme.import where import_id = $1 and state = 'uploaded'"
        " for update",
        params, 1};
    enum error_code ec = document_id(db, &q, &s->attempt);
    if (ec == EC_NOT_FOUND)
        return EC_STATE_REFUSED;
    if (ec == EC_OK)
        ec = db_run(db, "delete from person.import_row where import_id = $1", params, 1, NULL);
    return ec;
}

static enum error_code read_separator(struct db *db, int64_t import_id, char *ret)
{
    const struct db_param params[] = {db_int(import_id)};
    const struct document_query q = {
        "select case separator when 'comma' then 44 when 'semicolon' then 59 when 'tab' then 9"
        " when 'pipe' then 124 else 0 end from programme.import where import_id = $1",
        params, 1};
    int64_t c = 0;
    enum error_code ec = document_id(db, &q, &c);
    if (ec == EC_OK)
        *ret = (char)c;
    return ec;
}

/* -- the upload ------------------------------------------------------------------------------ */

static enum error_code start(struct db *db, const struct person_keys *keys, int64_t import_id,
                             const char *state, struct import_stage **ret)
{
    int is_new = strcmp(state, "uploading") == 0;
    struct import_stage *s = calloc(1, sizeof *s);
    char separator = ',';
    if (s == NULL)
        return EC_NO_MEMORY;
    s->import_id = import_id;
    s->state = state;
    s->keys = keys;
    bytes_init(&s->cell, 2 * CSV_STREAM_ROW_MAX);
    bytes_init(&s->header, 2 * CSV_STREAM_ROW_MAX);
    bytes_init(&s->rows, ROOM);
    crypto_hash_sha256_init(&s->sha256);
    enum error_code ec = is_new ? read_separator(db, import_id, &separator) : EC_OK;
    if (ec == EC_OK)
        ec = csv_stream_new(separator, take_row, s, &s->csv);
    if (ec == EC_OK)
        ec = db_transact(db, is_new ? begin : resume, s);
    if (ec == EC_OK)
        *ret = s;
    else
        import_stage_free(s);
    return ec;
}

enum error_code import_stage_begin(struct db *db, const struct person_keys *keys, int64_t import_id,
                                   struct import_stage **ret)
{
    return start(db, keys, import_id, "uploading", ret);
}

enum error_code import_stage_resume(struct db *db, int64_t import_id, struct import_stage **ret)
{
    return start(db, NULL, import_id, "uploaded", ret);
}

void import_stage_free(struct import_stage *s)
{
    if (s == NULL)
        return;
    csv_stream_free(s->csv);
    bytes_done(&s->cell);
    bytes_done(&s->header);
    bytes_done(&s->rows);
    free(s);
}

const char *import_stage_note(const struct import_stage *s)
{
    return s->note[0] != '\0' ? s->note : csv_stream_note(s->csv);
}

enum error_code import_stage_put(struct import_stage *s, struct db *db, const char *at, size_t len)
{
    enum error_code ec = EC_OK;
    s->db = db;
    if (s->byte_count == 0 && strcmp(s->state, "uploading") == 0)
        s->is_sheet = xlsx_guard_is_zip((const uint8_t *)at, len);
    s->byte_count += len;
    if (s->byte_count > LIMIT_IMPORT_BYTES)
        return EC_BODY_TOO_LARGE;
    crypto_hash_sha256_update(&s->sha256, (const unsigned char *)at, len);
    if (s->is_sheet)
        return put_sheet(s, db, at, len);
    while (len > 0 && ec == EC_OK) {
        size_t n = len < SLICE ? len : SLICE;
        ec = csv_stream_put(s->csv, at, n);
        if (ec == EC_OK)
            ec = flush(s, db, LIMIT_IMPORT_BUFFER);
        at += n;
        len -= n;
    }
    return ec;
}

struct ending {
    struct import_stage *s;
    const struct audit_by *by;
    uint8_t sha256[crypto_hash_sha256_BYTES];
};

static enum error_code end(struct db *db, void *context)
{
    const struct ending *e = context;
    const struct db_param params[] = {
        db_int(e->s->import_id), db_bytes(e->sha256, sizeof e->sha256),
        db_int((int64_t)e->s->byte_count),
        e->s->is_sheet ? db_null() : db_int((int64_t)e->s->row_count)};
    enum error_code ec = hold(db, e->s);
    if (ec == EC_OK)
        ec = db_run(db,
                    "update programme.import set state = 'uploaded', sha256 = $2, bytes = $3,"
                    " rows = $4, changed_at = now() where import_id = $1",
                    params, 4, NULL);
    if (ec == EC_OK)
        ec = audit_add_row(db, e->by, "import.upload", e->s->import_id,
                           "select programme.import_summary($1)::text");
    return ec;
}

static enum error_code finish(struct import_stage *s, struct db *db)
{
    s->db = db;
    enum error_code ec = csv_stream_end(s->csv);
    if (ec == EC_OK)
        ec = flush(s, db, 0);
    if (ec != EC_OK || s->row_count > 0)
        return ec;
    snprintf(s->note, sizeof s->note, "row 1: the file has a header and no rows");
    return EC_FIELDS_INVALID;
}

enum error_code import_stage_end(struct import_stage *s, struct db *db, const struct audit_by *by)
{
    struct ending e = {.s = s, .by = by};
    enum error_code ec = s->is_sheet ? put_sheet(s, db, NULL, 0) : finish(s, db);
    crypto_hash_sha256_final(&s->sha256, e.sha256);
    return ec == EC_OK ? db_transact(db, end, &e) : ec;
}

static enum error_code unpacked(struct db *db, void *context)
{
    const struct import_stage *s = context;
    const struct db_param params[] = {db_int(s->import_id), db_int((int64_t)s->row_count)};
    enum error_code ec = hold(db, s);
    if (ec == EC_OK)
        ec = db_run(db, "update programme.import set rows = $2 where import_id = $1", params, 2,
                    NULL);
    if (ec == EC_OK)
        ec = db_run(db, "delete from programme.import_file where import_id = $1", params, 1, NULL);
    return ec;
}

enum error_code import_stage_unpacked(struct import_stage *s, struct db *db)
{
    enum error_code ec = finish(s, db);
    return ec == EC_OK ? db_transact(db, unpacked, s) : ec;
}

enum error_code import_stage_fail(const struct import_stage *s, struct db *db, enum error_code why)
{
    const char *note = import_stage_note(s);
    const struct db_param params[] = {db_int(s->import_id), db_int(s->attempt),
                                      db_text(note[0] != '\0' ? note : error_text(why))};
    return db_run(db,
                  "update programme.import set state = 'failed', note = $3, changed_at = now()"
                  " where import_id = $1 and attempt = $2 and state = 'uploading'",
                  params, 3, NULL);
}
