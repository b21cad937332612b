/* Importing EndDeviceEvents: streamed into a temporary table, then taken as a set
 * (sql/routine/outage.take_meter_events.sql). */
#include "store/import_meters.h"

#include <string.h>

#include "codec/end_device_events.h"
#include "store/audit.h"
#include "store/binary.h"
#include "store/import_file.h"

enum { COLUMNS = 7 };

struct job {
    struct import_file file;
    struct import_meters_result result;
};

static enum error_code take(void *context, const struct end_device_event *event)
{
    struct job *job = context;
    const char *texts[] = {event->code, event->meter, event->meter_name, event->usage_point,
                           event->usage_point_name};

    bytes_put_u16(&job->file.rows, COLUMNS);
    binary_int8(&job->file.rows, (int64_t)event->number);
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        binary_bytes(&job->file.rows, texts[i], strlen(texts[i]));
    binary_time(&job->file.rows, event->at_ms);
    job->result.events++;
    return import_file_added(&job->file);
}

static enum error_code put(void *decoder, const char *at, size_t len)
{
    return end_device_events_put(decoder, at, len);
}

static enum error_code end(void *decoder)
{
    return end_device_events_end(decoder);
}

static const char *note(void *decoder)
{
    return end_device_events_note(decoder);
}

static const struct import_file_decoder xml = {
    .table = "create temporary table meter_row (number bigint, code text, meter text,"
             " meter_name text, usage_point text, usage_point_name text, at timestamptz)"
             " on commit drop",
    .copy = "copy meter_row from stdin (format binary)",
    .put = put,
    .end = end,
    .note = note,
};

static enum error_code body(struct db *db, void *context)
{
    struct job *job = context;
    const struct audit_by by = {NULL, "operator", NULL};
    const struct audit_change change = {"meter-events.import", "meter-events", NULL, NULL};
    struct end_device_events *e = NULL;
    struct db_result *r = NULL;

    memset(&job->result, 0, sizeof job->result);
    enum error_code ec = end_device_events_new(take, job, &e);
    if (ec == EC_OK)
        ec = import_file_stage(&job->file, &xml, e);
    end_device_events_free(e);
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
    struct job job = {.file = {.file = file, .db = db, .note = ret_note}};

    bytes_init(&job.file.rows, IMPORT_FILE_BUFFER_MAX);
    enum error_code ec = db_transact(db, body, &job);
    bytes_done(&job.file.rows);
    if (ec == EC_OK)
        *ret = job.result;
    else if (ret_note[0] == '\0')
        snprintf(ret_note, IMPORT_METERS_NOTE_MAX, "%s", db_note(db));
    return ec;
}
