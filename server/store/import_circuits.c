/* Importing circuits and the lists they are on. */
#include <stdio.h>

#include "store/audit.h"
#include "store/import_check.h"

enum { CIRCUIT_ID, NAME, DESIGNATION, VALID_FROM, VALID_TO };

const char *const import_circuit_columns[IMPORT_CIRCUIT_COLUMNS] = {
    "circuit_id", "name", "designation", "valid_from", "valid_to",
};

static const struct import_column columns[IMPORT_CIRCUIT_COLUMNS] = {
    {IMPORT_TEXT, 0, 1, 32}, {IMPORT_TEXT, 0, 1, 120}, {IMPORT_TEXT, 1, 2, 40},
    {IMPORT_DATE, 1, 0, 0},  {IMPORT_DATE, 1, 0, 0},
};

struct job {
    const struct csv_table *table;
    struct import_result result;
    char *note;
};

static enum error_code count_changed(struct db *db, const char *sql, const struct db_param *params,
                                     size_t n, size_t *count)
{
    struct db_result *r = NULL;
    enum error_code ec = db_run(db, sql, params, n, &r);

    if (ec == EC_OK)
        *count += db_rows(r);
    db_result_free(r);
    return ec;
}

static enum error_code put_circuit(struct db *db, struct job *job, size_t row)
{
    struct db_param params[] = {
        import_param(job->table, row, CIRCUIT_ID),
        import_param(job->table, row, NAME),
    };
    return count_changed(db,
                         "insert into programme.circuit as c (circuit_id, name) values ($1, $2)"
                         " on conflict (circuit_id) do update set name = excluded.name"
                         " where c.name <> excluded.name returning 1",
                         params, 2, &job->result.changed);
}

static enum error_code put_designation(struct db *db, struct job *job, size_t row)
{
    struct db_param params[] = {
        import_param(job->table, row, CIRCUIT_ID),
        import_param(job->table, row, DESIGNATION),
        import_param(job->table, row, VALID_FROM),
        import_param(job->table, row, VALID_TO),
    };
    return count_changed(db,
                         "insert into programme.circuit_designation as d"
                         " (circuit_id, designation, valid_from, valid_to) values ($1, $2, $3, $4)"
                         " on conflict (circuit_id, designation, valid_from) do update"
                         " set valid_to = excluded.valid_to"
                         " where d.valid_to is distinct from excluded.valid_to returning 1",
                         params, 4, &job->result.changed);
}

static enum error_code put_row(struct db *db, struct job *job, size_t row)
{
    int listed = csv_table_get(job->table, row, DESIGNATION)[0] != '\0';

    if (listed != (csv_table_get(job->table, row, VALID_FROM)[0] != '\0'))
        return import_refuse(job->table, row, VALID_FROM, EC_FIELDS_INVALID,
                             "designation and valid_from go together", job->note);
    enum error_code ec = put_circuit(db, job, row);
    if (ec == EC_OK && listed)
        ec = put_designation(db, job, row);
    if (ec == EC_CONFLICT)
        return import_refuse(job->table, row, DESIGNATION, ec,
                             "overlaps another period of the same circuit", job->note);
    if (ec != EC_OK && job->note[0] == '\0')
        return import_refuse(job->table, row, CIRCUIT_ID, ec, db_note(db), job->note);
    return ec;
}

static enum error_code body(struct db *db, void *context)
{
    struct job *job = context;
    const struct audit_by by = {NULL, "operator", NULL};
    const struct audit_change change = {"circuit.import", "circuits", NULL, NULL};
    enum error_code ec = EC_OK;

    job->result.changed = 0;
    job->note[0] = '\0';
    for (size_t row = 0; row < job->table->rows && ec == EC_OK; row++)
        ec = put_row(db, job, row);
    return ec == EC_OK && job->result.changed > 0 ? audit_add(db, &by, &change) : ec;
}

enum error_code import_circuits(struct db *db, const struct csv_table *table,
                                struct import_result *ret, char *ret_note)
{
    struct job job = {.table = table, .result.rows = table->rows, .note = ret_note};

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
