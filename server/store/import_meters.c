/* Importing EndDeviceEvents: streamed into a temporary table, then taken as a set
 * (sql/routine/outage.take_meter_events.sql). */
#include "store/import_meters.h"

#include <stdlib.h>
#include <string.h>

#include "codec/end_device_events.h"
#include "store/audit.h"
#include "store/binary.h"

enum { PIECE = 65536, FLUSH = 1 << 20, BUFFER_MAX = 4 << 20, COLUMNS = 7 };

struct job {
    FILE *file;
    struct db *db;
    struct import_meters_result result;
    struct bytes rows;
    char *note;
};

static enum error_code flush(struct job *job)
{
    enum error_code ec = bytes_check(&job->rows);
    if (ec == EC_OK && job->rows.len > 0)
        ec = db_copy_put(job->db, job->rows.at, job->rows.len);
    bytes_clear(&job->rows);
    return ec;
}

static enum error_code take(void *context, const struct end_device_event *event)
{
    struct job *job = context;
    const char *texts[] = {event->code, event->meter, event->meter_name, event->usage_point,
                           event->usage_point_name};

    bytes_put_u16(&job->rows, COLUMNS);
    binary_int8(&job->rows, (int64_t)event->number);
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        binary_bytes(&job->rows, texts[i], strlen(texts[i]));
    binary_time(&job->rows, event->at_ms);
    job->result.events++;
    return job->rows.len >= FLUSH ? flush(job) : EC_OK;
}

static enum error_code read_all(struct job *job, struct end_device_events *e)
{
    char *piece = malloc(PIECE);
    enum error_code ec = piece != NULL ? EC_OK : EC_NO_MEMORY;

    if (ec == EC_OK && fseek(job->file, 0, SEEK_SET) != 0)
        ec = EC_IO;
    while (ec == EC_OK) {
        size_t n = fread(piece, 1, PIECE, job->file);
        if (n == 0)
            break;
        ec = end_device_events_put(e, piece, n);
    }
    if (ec == EC_OK && ferror(job->file))
        ec = EC_IO;
    if (ec == EC_OK)
        ec = end_device_events_end(e);
    if (ec != EC_OK)
        snprintf(job->note, IMPORT_METERS_NOTE_MAX, "%s",
                 ec == EC_IO ? "cannot be read" : end_device_events_note(e));
    free(piece);
    return ec;
}

static enum error_code stage(struct job *job)
{
    struct end_device_events *e = NULL;
    enum error_code ec = db_run_script(
        job->db, "create temporary table meter_row (number bigint, code text, meter text,"
                 " meter_name text, usage_point text, usage_point_name text, at timestamptz)"
                 " on commit drop");
    if (ec == EC_OK)
        ec = end_device_events_new(take, job, &e);
    if (ec == EC_OK)
        ec = db_copy_begin(job->db, "copy meter_row from stdin (format binary)");
    if (ec == EC_OK)
        ec = read_all(job, e);
    if (ec == EC_OK)
        ec = flush(job);
    if (ec == EC_OK)
        ec = db_copy_end(job->db);
    end_device_events_free(e);
    return ec;
}

static enum error_code body(struct db *db, void *context)
{
    struct job *job = context;
    const struct audit_by by = {NULL, "operator", NULL};
    const struct audit_change change = {"meter-events.import", "meter-events", NULL, NULL};
    struct db_result *r = NULL;

    job->db = db;
    job->note[0] = '\0';
    memset(&job->result, 0, sizeof job->result);
    bytes_clear(&job->rows);
    /* a day of a whole utility takes longer than a request may */
    enum error_code ec = db_run_script(db, "set local statement_timeout = '10min'");
    if (ec == EC_OK)
        ec = stage(job);
    if (ec == EC_OK)
        ec = db_run(db, "select * from outage.take_meter_events()", NULL, 0, &r);
    if (ec == EC_OK) {
        job->result.kept = (uint64_t)db_get_int(r, 0, 0);
        job->result.unmapped = (uint64_t)db_get_int(r, 0, 1);
        job->result.unmatched = (uint64_t)db_get_int(r, 0, 2);
    }
    db_result_free(r);
    return ec == EC_OK && job->result.kept > 0 ? audit_add(db, &by, &change) : ec;
}

enum error_code import_meters(struct db *db, FILE *file, struct import_meters_result *ret,
                              char *ret_note)
{
    struct job job = {.file = file, .note = ret_note};

    bytes_init(&job.rows, BUFFER_MAX);
    enum error_code ec = db_transact(db, body, &job);
    bytes_done(&job.rows);
    if (ec == EC_OK)
        *ret = job.result;
    else if (ret_note[0] == '\0')
        snprintf(ret_note, IMPORT_METERS_NOTE_MAX, "%s", db_note(db));
    return ec;
}
