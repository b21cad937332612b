/* Importing the list of generators. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/import_check.h"

enum { MAKE, MODEL, ALIASES = 13, FIELD_EVIDENCE = 18, STATUS = 21, REASON };
enum { FIELD_EVIDENCE_PARTS_MAX = 24 };

const char *const import_generator_columns[IMPORT_GENERATOR_COLUMNS] = {
    "make",       "model",     "source_type",      "fuel",           "running_w",
    "starting_w", "l14_30r",   "rated_a_240v",     "neutral",        "gfci_on_240v",
    "co_shutoff", "carb",      "evidence",         "aliases",        "receptacles",
    "volts",      "breaker_a", "trips_unbalanced", "field_evidence", "valid_from",
    "valid_to",   "status",    "reason",
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
    {IMPORT_CHOICE, 1, .choices = "floating|bonded|switchable|unknown"},
    YES_NO,
    YES_NO,
    YES_NO,
    {IMPORT_TEXT, 0, 1, 200},
    {IMPORT_TEXT, 1, 1, 400},
    {IMPORT_TEXT, 1, 1, 200},
    {IMPORT_CHOICE, 1, .choices = "120|240|120/240"},
    {IMPORT_AMPS_OR_NONE, 1, 0, 0},
    YES_NO,
    {IMPORT_TEXT, 1, 1, 1000},
    {IMPORT_DATE, 1, 0, 0},
    {IMPORT_DATE, 1, 0, 0},
    {IMPORT_CHOICE, 1, .choices = "listed|withdrawn|recalled"},
    {IMPORT_TEXT, 1, 1, 200},
};

/* What the schema refuses, in the words of the file. */
static const struct {
    const char *constraint;
    int column;
    enum error_code ec;
    const char *what;
} refusals[] = {
    {"generator_model_name", MODEL, EC_CONFLICT, "is in the list twice"},
    {"generator_name_unique", ALIASES, EC_CONFLICT, "is a name of another model, too"},
    {"generator_model_reason", REASON, EC_FIELDS_INVALID,
     "must be given when status is withdrawn or recalled, and only then"},
};

struct job {
    const struct csv_table *table;
    const struct import_list *list;
    struct import_result *result;
    int64_t list_id;
    char *note;
};

static int is_column(const char *name, size_t len)
{
    for (size_t i = 0; i < IMPORT_GENERATOR_COLUMNS; i++)
        if (strlen(import_generator_columns[i]) == len &&
            strncmp(import_generator_columns[i], name, len) == 0)
            return 1;
    return 0;
}

/* "neutral=owner measured;carb=dealer sheet" */
static int is_field_evidence(const char *text)
{
    for (int parts = 0; *text != '\0'; parts++) {
        size_t len = strcspn(text, ";"), name = strcspn(text, "=");
        if (parts == FIELD_EVIDENCE_PARTS_MAX || name + 1 >= len || !is_column(text, name))
            return 0;
        text += len + (text[len] == ';');
    }
    return 1;
}

/* The note has the first. */
static void complain(void *context, size_t row, size_t column, const char *what)
{
    const struct job *job = context;

    if (job->note[0] == '\0')
        (void)!import_refuse(job->table, row, column, EC_FIELDS_INVALID, what, job->note);
    if (job->list->tell != NULL)
        job->list->tell(job->list->context, row, column, what);
}

static enum error_code check(struct job *job)
{
    size_t bad = import_check_all(job->table, columns, complain, job);

    for (size_t row = 0; row < job->table->rows; row++) {
        if (is_field_evidence(csv_table_get(job->table, row, FIELD_EVIDENCE)))
            continue;
        complain(job, row, FIELD_EVIDENCE,
                 "must be column=what says so, separated by ';', or empty");
        bad++;
    }
    return bad == 0 ? EC_OK : EC_FIELDS_INVALID;
}

/* One import at a time, because the version is the highest and one more. */
static enum error_code begin_list(struct db *db, struct job *job)
{
    struct db_result *r = NULL;
    struct db_param params[] = {db_text(job->list->source), db_text(job->list->by)};
    enum error_code ec = db_run(db, "select programme.generator_list_lock()", NULL, 0, NULL);

    if (ec == EC_OK)
        ec = db_run(db,
                    "insert into programme.generator_list (version, source, imported_by)"
                    " select coalesce(max(version), 0) + 1, $1, $2 from programme.generator_list"
                    " returning generator_list_id, version",
                    params, 2, &r);
    if (ec == EC_OK) {
        job->list_id = db_get_int(r, 0, 0);
        job->result->version = db_get_int(r, 0, 1);
    }
    db_result_free(r);
    return ec;
}

/* Give a refused row its words; other failures pass through. */
static enum error_code refuse(struct db *db, struct job *job, size_t row, enum error_code ec)
{
    for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
        if (strcmp(refusals[i].constraint, db_constraint(db)) == 0) {
            complain(job, row, (size_t)refusals[i].column, refusals[i].what);
            return refusals[i].ec;
        }
    }
    if (!db_data_fault(db))
        return ec;
    complain(job, row, MODEL, db_note(db));
    return EC_FIELDS_INVALID;
}

static enum error_code insert_model(struct db *db, struct job *job, size_t row)
{
    struct db_param params[IMPORT_GENERATOR_COLUMNS + 1];
    enum error_code ec;

    for (size_t i = 0; i < IMPORT_GENERATOR_COLUMNS; i++)
        params[i] = import_param(job->table, row, i);
    params[IMPORT_GENERATOR_COLUMNS] = db_int(job->list_id);
    ec = db_run(db,
                "insert into programme.generator_model (make, model, source_type,"
                " fuels, running_w, starting_w, l14_30r, rated_a_240v, neutral, gfci_on_240v,"
                " co_shutoff, carb, evidence, aliases, receptacles, volts, breaker_a,"
                " trips_unbalanced, field_evidence, valid_from, valid_to, status, reason,"
                " generator_list_id)"
                " values ($1, $2, $3, string_to_array($4, ';'),"
                " coalesce(string_to_array($5, ';')::integer[], '{}'),"
                " coalesce(string_to_array($6, ';')::integer[], '{}'), $7::boolean, $8,"
                " nullif($9, 'unknown'), $10::boolean, $11::boolean, $12::boolean, $13,"
                " coalesce(regexp_split_to_array($14, '\\s*;\\s*'), '{}'),"
                " regexp_split_to_array(upper($15), '\\s*;\\s*'), $16, $17, $18::boolean,"
                " coalesce((select jsonb_object_agg(split_part(p, '=', 1),"
                "  substr(p, position('=' in p) + 1)) from regexp_split_to_table($19, ';') p"
                "  where p <> ''), '{}'), $20::date, $21::date, coalesce($22, 'listed'), $23, $24)",
                params, IMPORT_GENERATOR_COLUMNS + 1, NULL);
    return ec == EC_OK ? ec : refuse(db, job, row, ec);
}

static enum error_code insert_names(struct db *db, struct job *job, size_t row)
{
    struct db_param params[] = {db_int(job->list_id), import_param(job->table, row, MAKE),
                                import_param(job->table, row, MODEL)};
    enum error_code ec = db_run(db,
                                "select programme.generator_name_add(generator_model_id)"
                                " from programme.generator_model where generator_list_id = $1"
                                " and lower(make) = lower($2) and lower(model) = lower($3)",
                                params, 3, NULL);
    return ec == EC_OK ? ec : refuse(db, job, row, ec);
}

static enum error_code read_difference(struct db *db, struct job *job)
{
    struct db_param params[] = {db_int(job->list_id)};
    struct db_result *r = NULL;
    enum error_code ec =
        db_run(db,
               "select programme.generator_list_difference_document($1), (select count(*)"
               " from programme.generator_list_difference($1))",
               params, 1, &r);

    if (ec == EC_OK) {
        job->result->changed = (size_t)db_get_int(r, 0, 1);
        job->result->difference = strdup(db_get_text(r, 0, 0));
        if (job->result->difference == NULL)
            ec = EC_NO_MEMORY;
    }
    db_result_free(r);
    return ec;
}

static enum error_code add_audit(struct db *db, const struct job *job)
{
    char id[24];

    snprintf(id, sizeof(id), "%" PRId64, job->result->version);
    const struct audit_change change = {"generator_list.import", id, NULL, NULL};
    return audit_add(db, job->list->audit, &change);
}

enum error_code import_generators(struct db *db, const struct csv_table *table,
                                  const struct import_list *list, struct import_result *ret,
                                  char *ret_note)
{
    struct import_result result = {.rows = table->rows};
    struct job job = {.table = table, .list = list, .result = &result, .note = ret_note};

    ret_note[0] = '\0';
    enum error_code ec = check(&job);
    if (ec == EC_OK && list->is_dry_run)
        ec = db_run_script(db, "savepoint generator_list_dry_run");
    if (ec == EC_OK)
        ec = begin_list(db, &job);
    for (size_t row = 0; row < table->rows && ec == EC_OK; row++) {
        ec = insert_model(db, &job, row);
        if (ec == EC_OK)
            ec = insert_names(db, &job, row);
    }
    if (ec == EC_OK)
        ec = read_difference(db, &job);
    if (ec == EC_OK)
        ec = list->is_dry_run ? db_run_script(db, "rollback to savepoint generator_list_dry_run")
                              : add_audit(db, &job);
    if (ec == EC_OK) {
        *ret = result;
        return ec;
    }
    free(result.difference);
    if (ret_note[0] == '\0')
        snprintf(ret_note, IMPORT_NOTE_MAX, "%s", db_note(db));
    return ec;
}
