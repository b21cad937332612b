/* Importing the list of generators. */
#include <inttypes.h>
#include <stdio.h>

#include "store/audit.h"
#include "store/import_check.h"

enum { MAKE, MODEL };

const char *const import_generator_columns[IMPORT_GENERATOR_COLUMNS] = {
    "make",         "model",   "source_type",  "fuel",       "running_w", "starting_w", "l14_30r",
    "rated_a_240v", "neutral", "gfci_on_240v", "co_shutoff", "carb",      "evidence",
};

#define YES_NO                                                                                     \
    {                                                                                              \
        IMPORT_CHOICE, 1, .choices = "yes|no"                                                      \
    }
static const struct import_column columns[IMPORT_GENERATOR_COLUMNS] = {
    {IMPORT_TEXT, 0, 1, 60},
    {IMPORT_TEXT, 0, 1, 60},
    {IMPORT_CHOICE, 0, .choices = "engine|inverter|battery|vehicle"},
    {IMPORT_TEXT, 0, 1, 60},
    {IMPORT_NUMBERS, 1, 0, 0},
    {IMPORT_NUMBERS, 1, 0, 0},
    YES_NO,
    {IMPORT_AMPS, 1, 0, 0},
    {IMPORT_CHOICE, 1, .choices = "floating|bonded|switchable"},
    YES_NO,
    YES_NO,
    YES_NO,
    {IMPORT_TEXT, 0, 1, 200},
};

struct job {
    const struct csv_table *table;
    const char *source;
    struct import_result result;
    int64_t list_id;
    char *note;
};

/* One import at a time, because the version is the highest and one more. */
static enum error_code begin_list(struct db *db, struct job *job)
{
    struct db_result *r = NULL;
    struct db_param params[] = {db_text(job->source)};

    enum error_code ec =
        db_run_script(db, "lock table programme.generator_list in share row exclusive mode;"
                          "update programme.generator_list set active = false where active");
    if (ec == EC_OK)
        ec = db_run(db,
                    "insert into programme.generator_list (version, source, active)"
                    " select coalesce(max(version), 0) + 1, $1, true from programme.generator_list"
                    " returning generator_list_id, version",
                    params, 1, &r);
    if (ec == EC_OK) {
        job->list_id = db_get_int(r, 0, 0);
        job->result.version = db_get_int(r, 0, 1);
    }
    db_result_free(r);
    return ec;
}

static enum error_code insert_model(struct db *db, struct job *job, size_t row)
{
    struct db_param params[IMPORT_GENERATOR_COLUMNS + 1];

    for (size_t i = 0; i < IMPORT_GENERATOR_COLUMNS; i++)
        params[i] = import_param(job->table, row, i);
    params[IMPORT_GENERATOR_COLUMNS] = db_int(job->list_id);
    enum error_code ec =
        db_run(db,
               "insert into programme.generator_model (make, model, source_type, fuels, running_w,"
               " starting_w, l14_30r, rated_a_240v, neutral, gfci_on_240v, co_shutoff, carb,"
               " evidence, generator_list_id)"
               " values ($1, $2, $3, string_to_array($4, ';'),"
               " coalesce(string_to_array($5, ';')::integer[], '{}'),"
               " coalesce(string_to_array($6, ';')::integer[], '{}'),"
               " $7::boolean, $8, $9, $10::boolean, $11::boolean, $12::boolean, $13, $14)",
               params, IMPORT_GENERATOR_COLUMNS + 1, NULL);
    if (ec == EC_CONFLICT)
        return import_refuse(job->table, row, MODEL, ec, "is in the list twice", job->note);
    return ec;
}

static enum error_code body(struct db *db, void *context)
{
    struct job *job = context;
    const struct audit_by by = {NULL, "operator", NULL};
    char id[24];
    enum error_code ec = begin_list(db, job);

    for (size_t row = 0; row < job->table->rows && ec == EC_OK; row++)
        ec = insert_model(db, job, row);
    if (ec != EC_OK)
        return ec;
    job->result.changed = job->table->rows;
    snprintf(id, sizeof(id), "%" PRId64, job->result.version);
    const struct audit_change change = {"generator_list.import", id, NULL, NULL};
    return audit_add(db, &by, &change);
}

enum error_code import_generators(struct db *db, const struct csv_table *table, const char *source,
                                  struct import_result *ret, char *ret_note)
{
    struct job job = {
        .table = table, .source = source, .result.rows = table->rows, .note = ret_note};

    ret_note[0] = '\0';
    enum error_code ec = import_check(table, columns, ret_note);
    if (ec == EC_OK)
        ec = db_transact(db, body, &job);
    if (ec == EC_OK)
        *ret = job.result;
    else if (ret_note[0] == '\0')
        snprintf(ret_note, IMPORT_NOTE_MAX, "%s", db_note(db));
    return ec;
}
