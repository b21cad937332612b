/* Importing a regulator's roll-up of shutoffs or fast trips: cells are staged as they are written,
 * and read as a set (sql/routine/outage.take_utility_events.sql). */
#include "store/import_events.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "codec/csv_stream.h"
#include "store/audit.h"
#include "store/binary.h"

enum { PIECE = 65536, FLUSH = 1 << 20, BUFFER_MAX = 4 << 20, KEY_MAX = 64, CELL_MAX = 1000 };

/* The columns of event_row, and the headers that mean them, letters and digits only: those of the
 * regulator's roll-up, of the utilities' own reports, and ours. */
static const struct column {
    const char *name, *headers;
    int required;
} columns[] = {
    {"utility", " utility iou company utilitycompany reportingutility ", 1},
    {"event", " event pspsevent pspseventid eventid eventname epsseventid outageid ", 0},
    {"circuit", " circuit circuitname circuitid feeder feedername circuitnamepspsreported line ",
     1},
    {"out_date",
     " out outageat outagestart outagestartdate outagestartdatetime outagestartdateandtime "
     "startdate starttime startdatetime deenergizationstart deenergizationstartdate "
     "deenergizationdatetime deenergizationdateandtime deenergizationdate earliestoutagestart ",
     1},
    {"out_time", " outtime outagestarttime deenergizationtime ", 0},
    {"restored_date",
     " restored restoration fullrestoration fullrestorationdate fullrestorationdatetime "
     "fullrestorationdateandtime restorationdate restorationdatetime restorationdateandtime "
     "enddate enddatetime endtime restoredat outageend latestoutagerestoration ",
     0},
    {"restored_time", " fullrestorationtime restorationtime ", 0},
    {"duration",
     " duration outageduration outagedurationhours durationhours hoursout durationhrs "
     "outagedurationhrs ",
     0},
    {"customers",
     " customers totalcustomers customersimpacted totalcustomersimpacted customersaffected "
     "totalcustomersaffected totalimpactedcustomers ",
     0},
    {"residential", " residential residentialcustomers ", 0},
    {"commercial",
     " commercial commercialcustomers commercialindustrial commercialindustrialcustomers ", 0},
    {"medical",
     " medical medicalbaseline medicalbaselinecustomers medbaseline medicalbaselinecust mbl ", 0},
    {"other", " other othercustomers ", 0},
    {"tiers", " tiers tier hftd hftdtier hftdtiers firethreattier hftdzone ", 0},
    {"cause", " cause basiccause outagecause supplementalcause ", 0},
    {"place", " place county counties city division region ", 0},
};

enum { COLUMNS = sizeof(columns) / sizeof(columns[0]) };

struct job {
    const struct import_events *what;
    struct db *db;
    import_events_tell tell;
    void *context;
    struct import_events_result result;
    size_t at[COLUMNS]; /* where each column is, from 1; 0: not there */
    struct bytes rows;
    char *note;
    int is_refused;
};

/* -- the file -------------------------------------------------------------------------------- */

/* The header as it is compared: " letters and digits ". */
static void make_key(const char *header, char ret[KEY_MAX])
{
    size_t n = 1;

    ret[0] = ' ';
    for (; *header != '\0' && n < KEY_MAX - 2; header++)
        if (isalnum((unsigned char)*header))
            ret[n++] = (char)tolower((unsigned char)*header);
    ret[n++] = ' ';
    ret[n] = '\0';
}

static enum error_code take_header(struct job *job, const struct csv_stream_row *row)
{
    char key[KEY_MAX];

    memset(job->at, 0, sizeof job->at);
    for (size_t i = 0; i < row->count; i++) {
        make_key(row->cells[i], key);
        for (int c = 0; c < COLUMNS; c++) {
            if (key[1] == ' ' || strstr(columns[c].headers, key) == NULL)
                continue;
            if (job->at[c] != 0) {
                snprintf(job->note, IMPORT_EVENTS_NOTE_MAX,
                         "row 1: columns %zu and %zu both mean %s", job->at[c], i + 1,
                         columns[c].name);
                return EC_FIELDS_INVALID;
            }
            job->at[c] = i + 1;
        }
    }
    for (int c = 0; c < COLUMNS; c++) {
        if (!columns[c].required || job->at[c] != 0)
            continue;
        snprintf(job->note, IMPORT_EVENTS_NOTE_MAX, "row 1: has no column for %s", columns[c].name);
        return EC_FIELDS_INVALID;
    }
    return EC_OK;
}

static enum error_code flush(struct job *job)
{
    enum error_code ec = bytes_check(&job->rows);
    if (ec == EC_OK && job->rows.len > 0)
        ec = db_copy_put(job->db, job->rows.at, job->rows.len);
    bytes_clear(&job->rows);
    return ec;
}

static enum error_code take(void *context, const struct csv_stream_row *row)
{
    struct job *job = context;

    if (row->number == 1)
        return take_header(job, row);
    bytes_put_u16(&job->rows, COLUMNS + 1);
    binary_int4(&job->rows, (int32_t)row->number);
    for (int c = 0; c < COLUMNS; c++) {
        int is_there = job->at[c] != 0 && job->at[c] <= row->count;
        const char *cell = is_there ? row->cells[job->at[c] - 1] : "";
        if (strlen(cell) > CELL_MAX) {
            snprintf(job->note, IMPORT_EVENTS_NOTE_MAX,
                     "row %zu, column %s: is longer than %d bytes", row->number, columns[c].name,
                     CELL_MAX);
            return EC_FIELDS_INVALID;
        }
        binary_bytes(&job->rows, cell, strlen(cell));
    }
    return job->rows.len >= FLUSH ? flush(job) : EC_OK;
}

static enum error_code read_all(struct job *job, struct csv_stream *s)
{
    char *piece = malloc(PIECE);
    enum error_code ec = piece != NULL ? EC_OK : EC_NO_MEMORY;

    if (ec == EC_OK && fseek(job->what->file, 0, SEEK_SET) != 0)
        ec = EC_IO;
    while (ec == EC_OK) {
        size_t n = fread(piece, 1, PIECE, job->what->file);
        if (n == 0)
            break;
        ec = csv_stream_put(s, piece, n);
    }
    if (ec == EC_OK && ferror(job->what->file))
        ec = EC_IO;
    if (ec == EC_OK)
        ec = csv_stream_end(s);
    if (ec != EC_OK && job->note[0] == '\0')
        snprintf(job->note, IMPORT_EVENTS_NOTE_MAX, "%s",
                 ec == EC_IO ? "cannot be read" : csv_stream_note(s));
    free(piece);
    return ec;
}

static enum error_code stage(struct job *job)
{
    struct csv_stream *s = NULL;
    enum error_code ec = db_run_script(
        job->db,
        "create temporary table event_row (line integer, utility text, event text, circuit text,"
        " out_date text, out_time text, restored_date text, restored_time text, duration text,"
        " customers text, residential text, commercial text, medical text, other text, tiers text,"
        " cause text, place text) on commit drop");
    if (ec == EC_OK)
        ec = csv_stream_new(0, take, job, &s);
    if (ec == EC_OK)
        ec = db_copy_begin(job->db, "copy event_row from stdin (format binary)");
    if (ec == EC_OK)
        ec = read_all(job, s);
    if (ec == EC_OK)
        ec = flush(job);
    if (ec == EC_OK)
        ec = db_copy_end(job->db);
    csv_stream_free(s);
    return ec;
}

/* -- taking ---------------------------------------------------------------------------------- */

static enum error_code tell_errors(struct job *job)
{
    struct db_param params[] = {db_int(IMPORT_EVENTS_ERRORS_MAX)};
    struct db_result *r = NULL;
    enum error_code ec = db_run(job->db,
                                "select line, field, left(value, 80), reason from event_error"
                                " order by line, field limit $1",
                                params, 1, &r);
    for (size_t i = 0; ec == EC_OK && i < db_rows(r); i++)
        job->tell(job->context, db_get_int(r, i, 0), db_get_text(r, i, 1), db_get_text(r, i, 2),
                  db_get_text(r, i, 3));
    db_result_free(r);
    return ec;
}

static enum error_code check_zone(struct job *job)
{
    struct db_param params[] = {db_text(job->what->time_zone)};
    struct db_result *r = NULL;
    enum error_code ec =
        db_run(job->db, "select 1 from pg_timezone_names where name = $1", params, 1, &r);

    if (ec == EC_OK && db_rows(r) == 0) {
        snprintf(job->note, IMPORT_EVENTS_NOTE_MAX, "there is no time zone '%.60s'",
                 job->what->time_zone);
        ec = EC_FIELDS_INVALID;
    }
    db_result_free(r);
    return ec;
}

static enum error_code take_rows(struct job *job)
{
    struct db_param params[] = {
        db_text(job->what->kind),
        db_text(job->what->time_zone),
        db_bool(!job->what->skip_errors),
        db_bool(!job->what->dry_run),
    };
    struct db_result *r = NULL;
    enum error_code ec =
        db_run(job->db, "select * from outage.take_utility_events($1, $2, $3, $4)", params, 4, &r);
    if (ec == EC_OK)
        job->result = (struct import_events_result){
            .rows = (uint64_t)db_get_int(r, 0, 0),
            .errors = (uint64_t)db_get_int(r, 0, 1),
            .kept = (uint64_t)db_get_int(r, 0, 2),
            .unmatched = (uint64_t)db_get_int(r, 0, 3),
            .doubtful = (uint64_t)db_get_int(r, 0, 4),
        };
    db_result_free(r);
    return ec;
}

static enum error_code body(struct db *db, void *context)
{
    struct job *job = context;
    const struct audit_by by = {NULL, "operator", NULL};
    const struct audit_change change = {"utility-events.import", job->what->kind, NULL, NULL};

    job->db = db;
    job->note[0] = '\0';
    enum error_code ec = check_zone(job);
    if (ec == EC_OK) /* a roll-up of years takes longer than a request may */
        ec = db_run_script(db, "set local statement_timeout = '10min'");
    if (ec == EC_OK)
        ec = stage(job);
    if (ec == EC_OK)
        ec = take_rows(job);
    if (ec == EC_OK && job->result.errors > 0)
        ec = tell_errors(job);
    job->is_refused = job->result.errors > 0 && !job->what->skip_errors && !job->what->dry_run;
    return ec == EC_OK && job->result.kept > 0 ? audit_add(db, &by, &change) : ec;
}

enum error_code import_events(struct db *db, const struct import_events *what,
                              import_events_tell tell, void *context,
                              struct import_events_result *ret, char *ret_note)
{
    struct job job = {.what = what, .tell = tell, .context = context, .note = ret_note};

    bytes_init(&job.rows, BUFFER_MAX);
    enum error_code ec = db_transact(db, body, &job);
    bytes_done(&job.rows);
    if (ec == EC_OK) {
        *ret = job.result;
        return job.is_refused ? EC_FIELDS_INVALID : EC_OK;
    }
    if (ret_note[0] == '\0')
        snprintf(ret_note, IMPORT_EVENTS_NOTE_MAX, "%s", db_note(db));
    return ec;
}
