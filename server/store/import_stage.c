/* Staging the file of a bulk import. */
#include "store/import_stage.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "codec/csv_stream.h"
#include "store/binary.h"

/* A piece of the file that is parsed before full buffers are sent: a cell of one byte becomes at
   most five, and a row has its own few. */
enum { SLICE = 16384, ROOM = LIMIT_IMPORT_BUFFER + SLICE * 40 };

struct import_stage {
    int64_t import_id, attempt;
    struct csv_stream *csv;
    struct bytes header; /* array of texts, until the database has taken it */
    int has_header;
    struct bytes rows; /* COPY rows that wait */
    size_t row_count;
    uint64_t byte_count;
    crypto_hash_sha256_state sha256;
    char note[CSV_STREAM_NOTE_MAX];
};

/* -- rows ------------------------------------------------------------------------------------ */

static void put_array(struct bytes *b, const struct csv_stream_row *row)
{
    bytes_put_u32(b, 1); /* dimensions */
    bytes_put_u32(b, 0); /* no nulls */
    bytes_put_u32(b, BINARY_TEXT);
    bytes_put_u32(b, (uint32_t)row->count);
    bytes_put_u32(b, 1); /* first index */
    for (size_t i = 0; i < row->count; i++)
        binary_bytes(b, row->cells[i], strlen(row->cells[i]));
}

static enum error_code take_row(void *context, const struct csv_stream_row *row)
{
    struct import_stage *s = context;
    if (row->number == 1) {
        put_array(&s->header, row);
        s->has_header = 1;
        return bytes_check(&s->header);
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
    put_array(&s->rows, row);
    if (!s->rows.failed)
        bytes_set_u32(s->rows.at + before - 4, (uint32_t)(s->rows.len - before));
    return bytes_check(&s->rows);
}

/* -- the database ---------------------------------------------------------------------------- */

/* Still the upload of this import; holds off whoever would take over or cancel. */
static enum error_code hold(struct db *db, const struct import_stage *s)
{
    const struct db_param params[] = {db_int(s->import_id), db_int(s->attempt)};
    const struct document_query q = {"select import_id from programme.import where import_id = $1"
                                     " and attempt = $2 and state = 'uploading' for update",
                                     params, 2};
    int64_t id = 0;
    enum error_code ec = document_id(db, &q, &id);
    return ec == EC_NOT_FOUND ? EC_STATE_REFUSED : ec;
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
    return ec;
}

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
    enum error_code ec = EC_OK;
    if (s->has_header)
        ec = db_transact(db, take_header, s);
    if (ec == EC_OK)
        s->has_header = 0;
    if (ec == EC_OK && s->rows.len > beyond)
        ec = db_transact(db, send_rows, s);
    if (ec == EC_OK && s->rows.len > beyond)
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

enum error_code import_stage_begin(struct db *db, int64_t import_id, struct import_stage **ret)
{
    struct import_stage *s = calloc(1, sizeof *s);
    char separator = '\0';
    if (s == NULL)
        return EC_NO_MEMORY;
    s->import_id = import_id;
    bytes_init(&s->header, 2 * CSV_STREAM_ROW_MAX);
    bytes_init(&s->rows, ROOM);
    crypto_hash_sha256_init(&s->sha256);
    enum error_code ec = read_separator(db, import_id, &separator);
    if (ec == EC_OK)
        ec = csv_stream_new(separator, take_row, s, &s->csv);
    if (ec == EC_OK)
        ec = db_transact(db, begin, s);
    if (ec == EC_OK)
        *ret = s;
    else
        import_stage_free(s);
    return ec;
}

void import_stage_free(struct import_stage *s)
{
    if (s == NULL)
        return;
    csv_stream_free(s->csv);
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
    s->byte_count += len;
    if (s->byte_count > LIMIT_IMPORT_BYTES)
        return EC_BODY_TOO_LARGE;
    crypto_hash_sha256_update(&s->sha256, (const unsigned char *)at, len);
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
        db_int((int64_t)e->s->byte_count), db_int((int64_t)e->s->row_count)};
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

enum error_code import_stage_end(struct import_stage *s, struct db *db, const struct audit_by *by)
{
    struct ending e = {.s = s, .by = by};
    enum error_code ec = csv_stream_end(s->csv);
    if (ec == EC_OK)
        ec = flush(s, db, 0);
    if (ec == EC_OK && s->row_count == 0) {
        snprintf(s->note, sizeof s->note, "row 1: the file has a header and no rows");
        return EC_FIELDS_INVALID;
    }
    crypto_hash_sha256_final(&s->sha256, e.sha256);
    return ec == EC_OK ? db_transact(db, end, &e) : ec;
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
