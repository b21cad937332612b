/* Importing the outages of a utility's feed: streamed into a temporary table, then taken as a set.
 */
#include "store/import_feed.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "codec/csv_stream.h"
#include "store/audit.h"
#include "store/binary.h"
#include "store/import_file.h"

enum { NUMBER, STARTED, FIRST_SEEN, LAST_SEEN, CUSTOMERS, LAT, LON, AREA, CAUSE, COLUMNS };
enum { EPOCH_MAX_DIGITS = 12 };

struct job {
    const struct import_feed *feed;
    struct import_file file;
    struct import_feed_result result;
    size_t at[COLUMNS]; /* where each column is, from 1; 0: not there */
};

/* -- cells ----------------------------------------------------------------------------------- */

enum cell { CELL_TEXT, CELL_EPOCH, CELL_COUNT, CELL_DEGREES };

static const struct column {
    const char *name;
    enum cell kind;
    double max; /* characters, or the largest value */
    int optional;
} columns[COLUMNS] = {
    [NUMBER] = {"outage_id", CELL_TEXT, 40, 0},
    [STARTED] = {"start_epoch", CELL_EPOCH, 1e11, 0},
    [FIRST_SEEN] = {"first_seen_epoch", CELL_EPOCH, 1e11, 0},
    [LAST_SEEN] = {"last_seen_epoch", CELL_EPOCH, 1e11, 0},
    [CUSTOMERS] = {"max_est_customers", CELL_COUNT, 1e8, 0},
    [LAT] = {"lat", CELL_DEGREES, 90, 1},
    [LON] = {"lon", CELL_DEGREES, 180, 1},
    [AREA] = {"region", CELL_TEXT, 100, 1},
    [CAUSE] = {"cause_last", CELL_TEXT, 400, 1},
};

static enum error_code refuse(struct job *job, size_t row, int column, const char *value,
                              const char *what)
{
    snprintf(job->file.note, IMPORT_FEED_NOTE_MAX, "row %zu, column %s: '%.80s' %s", row,
             columns[column].name, value, what);
    return EC_FIELDS_INVALID;
}

static const char *cell_of(const struct job *job, const struct csv_stream_row *row, int column)
{
    return job->at[column] <= row->count ? row->cells[job->at[column] - 1] : "";
}

static int is_whole(const char *text)
{
    size_t n = strspn(text + (*text == '-'), "0123456789");
    return n > 0 && n <= EPOCH_MAX_DIGITS && text[(*text == '-') + n] == '\0';
}

static int is_degrees(const char *text, double most)
{
    char *end = NULL;
    double value = strtod(text, &end);
    return strspn(text, "+-.0123456789") == strlen(text) && end != text && *end == '\0' &&
           value >= -most && value <= most;
}

static enum error_code check_cell(struct job *job, const struct csv_stream_row *row, int column)
{
    const struct column *c = &columns[column];
    const char *text = cell_of(job, row, column);

    if (*text == '\0')
        return c->optional ? EC_OK : refuse(job, row->number, column, text, "must not be empty");
    switch (c->kind) {
    case CELL_TEXT:
        return strlen(text) <= (size_t)c->max
                   ? EC_OK
                   : refuse(job, row->number, column, text, "is too long");
    case CELL_EPOCH:
        return is_whole(text) && strtod(text, NULL) <= c->max && strtod(text, NULL) >= -c->max
                   ? EC_OK
                   : refuse(job, row->number, column, text, "must be whole seconds since 1970");
    case CELL_COUNT:
        return is_whole(text) && *text != '-' && strtod(text, NULL) <= c->max
                   ? EC_OK
                   : refuse(job, row->number, column, text, "must be a number of customers");
    case CELL_DEGREES:
        return is_degrees(text, c->max) ? EC_OK
                                        : refuse(job, row->number, column, text, "must be degrees");
    }
    return EC_INTERNAL;
}

/* -- rows ------------------------------------------------------------------------------------ */

static enum error_code take_header(struct job *job, const struct csv_stream_row *row)
{
    memset(job->at, 0, sizeof job->at);
    for (int c = 0; c < COLUMNS; c++) {
        for (size_t i = 0; i < row->count && job->at[c] == 0; i++)
            if (strcmp(row->cells[i], columns[c].name) == 0)
                job->at[c] = i + 1;
        if (job->at[c] == 0) {
            snprintf(job->file.note, IMPORT_FEED_NOTE_MAX, "row 1: has no column %s",
                     columns[c].name);
            return EC_FIELDS_INVALID;
        }
    }
    return EC_OK;
}

static void put_text(struct bytes *b, const char *text)
{
    if (*text == '\0')
        binary_null(b);
    else
        binary_bytes(b, text, strlen(text));
}

static enum error_code take(void *context, const struct csv_stream_row *row)
{
    struct job *job = context;
    enum error_code ec = EC_OK;

    if (row->number == 1)
        return take_header(job, row);
    for (int c = 0; c < COLUMNS && ec == EC_OK; c++)
        ec = check_cell(job, row, c);
    if (ec != EC_OK)
        return ec;
    bytes_put_u16(&job->file.rows, COLUMNS);
    put_text(&job->file.rows, cell_of(job, row, NUMBER));
    for (int c = STARTED; c <= LAST_SEEN; c++)
        binary_time(&job->file.rows, strtoll(cell_of(job, row, c), NULL, 10) * 1000);
    binary_int4(&job->file.rows, (int32_t)strtol(cell_of(job, row, CUSTOMERS), NULL, 10));
    for (int c = LAT; c < COLUMNS; c++)
        put_text(&job->file.rows, cell_of(job, row, c));
    job->result.rows++;
    return import_file_added(&job->file);
}

/* -- the file -------------------------------------------------------------------------------- */

static enum error_code put(void *decoder, const char *at, size_t len)
{
    return csv_stream_put(decoder, at, len);
}

static enum error_code end(void *decoder)
{
    return csv_stream_end(decoder);
}

static const char *note(void *decoder)
{
    return csv_stream_note(decoder);
}

static const struct import_file_decoder csv = {
    .table = "create temporary table feed_row (number text, started_at timestamptz,"
             " first_seen_at timestamptz, ended_at timestamptz, customers integer,"
             " lat text, lon text, area text, cause text) on commit drop",
    .copy = "copy feed_row from stdin (format binary)",
    .put = put,
    .end = end,
    .note = note,
};

static enum error_code stage(struct job *job)
{
    struct csv_stream *s = NULL;
    enum error_code ec = csv_stream_new(',', take, job, &s);
    if (ec == EC_OK)
        ec = import_file_stage(&job->file, &csv, s);
    csv_stream_free(s);
    return ec;
}

/* -- taking ---------------------------------------------------------------------------------- */

static enum error_code make_source(struct job *job)
{
    const struct import_feed *f = job->feed;
    struct db_result *r = NULL;
    struct db_param params[] = {
        db_text(f->code),
        db_text(f->name),
        db_text(f->time_zone),
        f->customers_served > 0 ? db_int(f->customers_served) : db_null(),
    };
    enum error_code ec =
        db_run(job->file.db, "select kind from outage.source where code = $1", params, 1, &r);
    if (ec == EC_OK && db_rows(r) > 0 && strcmp(db_get_text(r, 0, 0), "feed") != 0) {
        snprintf(job->file.note, IMPORT_FEED_NOTE_MAX, "'%s' is not a feed", f->code);
        ec = EC_FIELDS_INVALID;
    } else if (ec == EC_OK && db_rows(r) == 0 &&
               (f->name == NULL || f->time_zone == NULL || f->customers_served <= 0)) {
        snprintf(job->file.note, IMPORT_FEED_NOTE_MAX,
                 "there is no feed '%s' yet: give its name, time zone and customers served",
                 f->code);
        ec = EC_FIELDS_INVALID;
    }
    db_result_free(r);
    if (ec != EC_OK)
        return ec;
    return db_run(job->file.db,
                  "insert into outage.source as s (code, name, kind, time_zone, customers_served)"
                  " select $1, coalesce($2, o.name), 'feed', coalesce($3, o.time_zone),"
                  "  coalesce($4::integer, o.customers_served)"
                  " from (select 1) one left join outage.source o on o.code = $1"
                  " on conflict (code) do update set (name, time_zone, customers_served)"
                  "  = (excluded.name, excluded.time_zone, excluded.customers_served)",
                  params, 4, NULL);
}

static enum error_code count(struct db *db, const char *sql, const char *code, uint64_t *ret)
{
    struct db_param params[] = {db_text(code)};
    struct db_result *r = NULL;
    enum error_code ec = db_run(db, sql, params, 1, &r);
    if (ec == EC_OK)
        *ret = (uint64_t)db_get_int(r, 0, 0);
    db_result_free(r);
    return ec;
}

static enum error_code body(struct db *db, void *context)
{
    struct job *job = context;
    const struct audit_by by = {NULL, "operator", NULL};
    const struct audit_change change = {"feed.import", job->feed->code, NULL, NULL};
    uint64_t rolled = 0;

    job->file.note[0] = '\0';
    memset(&job->result, 0, sizeof job->result);
    enum error_code ec = make_source(job);
    if (ec == EC_OK)
        ec = stage(job);
    if (ec == EC_OK)
        ec = count(db, "select outage.take_feed($1)", job->feed->code, &job->result.changed);
    if (ec == EC_OK)
        ec = count(
            db, "select count(*) from outage.feed_outage where source = $1 and doubt is not null",
            job->feed->code, &job->result.doubtful);
    if (ec == EC_OK && job->result.changed > 0)
        ec = count(db, "select outage.roll_up_all($1)", job->feed->code, &rolled);
    return ec == EC_OK && job->result.changed > 0 ? audit_add(db, &by, &change) : ec;
}

enum error_code import_feed(struct db *db, const struct import_feed *feed,
                            struct import_feed_result *ret, char *ret_note)
{
    struct job job = {.feed = feed, .file = {.file = feed->file, .db = db, .note = ret_note}};

    bytes_init(&job.file.rows, IMPORT_FILE_BUFFER_MAX);
    enum error_code ec = db_transact(db, body, &job);
    bytes_done(&job.file.rows);
    if (ec == EC_OK)
        *ret = job.result;
    else if (ret_note[0] == '\0')
        snprintf(ret_note, IMPORT_FEED_NOTE_MAX, "%s", db_note(db));
    return ec;
}
