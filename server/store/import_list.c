/* The work on bulk imports that are a whole list. */
#include "store/import_list.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "store/generator_list.h"
#include "store/import.h"

/* What is told of cells: as many as are kept, the rest is counted by nobody. */
struct complaint {
    size_t row, column;
    char what[IMPORT_NOTE_MAX];
};

struct list {
    struct db *db;
    int64_t import_id;
    struct csv_table table;
    int64_t *row_nos; /* of the rows of the table */
    struct complaint *complaints;
    size_t count, cap;
    int failed; /* no memory for one */
};

static void done(struct list *l)
{
    csv_table_done(&l->table);
    l->table = (struct csv_table){.names = NULL};
    free(l->row_nos);
    l->row_nos = NULL;
    free(l->complaints);
    l->complaints = NULL;
    l->count = l->cap = 0;
}

static void tell(void *context, size_t row, size_t column, const char *what)
{
    struct list *l = context;
    if (l->count > LIMIT_IMPORT_ERRORS)
        return;
    if (l->count == l->cap) {
        size_t cap = l->cap == 0 ? 16 : l->cap * 2;
        struct complaint *more = realloc(l->complaints, cap * sizeof *more);
        l->failed |= more == NULL;
        if (more == NULL)
            return;
        l->complaints = more;
        l->cap = cap;
    }
    struct complaint *c = &l->complaints[l->count++];
    c->row = row;
    c->column = column;
    snprintf(c->what, sizeof c->what, "%s", what);
}

/* -- reading the staged rows ----------------------------------------------------------------- */

static enum error_code read_numbers(struct list *l)
{
    const struct db_param params[] = {db_int(l->import_id)};
    struct db_result *r = NULL;
    enum error_code ec = db_run(l->db, "select programme.import_list_rows($1)", params, 1, &r);
    if (ec == EC_OK && db_rows(r) != l->table.rows)
        ec = EC_INTERNAL;
    if (ec == EC_OK) {
        l->row_nos = calloc(db_rows(r) + 1, sizeof *l->row_nos);
        if (l->row_nos == NULL)
            ec = EC_NO_MEMORY;
    }
    for (size_t i = 0; ec == EC_OK && i < db_rows(r); i++)
        l->row_nos[i] = db_get_int(r, i, 0);
    db_result_free(r);
    return ec;
}

static enum error_code read_rows(struct list *l)
{
    const struct csv_shape shape = {import_generator_columns, IMPORT_GENERATOR_COLUMNS,
                                    IMPORT_GENERATOR_REQUIRED};
    const struct db_param params[] = {db_int(l->import_id)};
    char note[CSV_TABLE_NOTE_MAX] = "";
    struct db_result *r = NULL;
    enum error_code ec = db_run(l->db, "select programme.import_list_text($1)", params, 1, &r);
    if (ec == EC_OK) {
        const char *text = db_get_text(r, 0, 0);
        ec = csv_table_parse(text, strlen(text), &shape, &l->table, note);
    }
    db_result_free(r);
    return ec == EC_OK ? read_numbers(l) : ec;
}

/* -- errors ---------------------------------------------------------------------------------- */

static enum error_code keep_complaint(const struct list *l, const struct complaint *c)
{
    const struct db_param params[] = {db_int(l->import_id), db_int(l->row_nos[c->row]),
                                      db_text(import_generator_columns[c->column]),
                                      db_text(csv_table_get(&l->table, c->row, c->column)),
                                      db_text(c->what)};
    return db_run(l->db,
                  "insert into person.import_error (import_id, row_no, n, column_name, field,"
                  " value, hint) select $1, $2::integer, f.place, i.header[i.places[f.place]],"
                  " f.name, left($4, 80), $5 from programme.import i join programme.import_field f"
                  " on f.kind = i.kind and f.name = $3 where i.import_id = $1"
                  " on conflict do nothing",
                  params, 5, NULL);
}

static enum error_code keep_complaints(const struct list *l)
{
    enum error_code ec = l->failed ? EC_NO_MEMORY : EC_OK;
    for (size_t i = 0; i < l->count && ec == EC_OK; i++)
        ec = keep_complaint(l, &l->complaints[i]);
    return ec;
}

/* -- the list -------------------------------------------------------------------------------- */

/* Who committed it, or at its check who made it. */
static enum error_code read_person(struct list *l, struct db_result **ret)
{
    const struct db_param params[] = {db_int(l->import_id)};
    enum error_code ec =
        db_run(l->db,
               "select i.why, w.token_id, w.role, 'import-' || i.import_id, w.subject"
               " from programme.import i cross join lateral (select i.token_id, i.role, i.subject"
               " where i.commit_role is null union all select i.commit_token_id, i.commit_role,"
               " i.commit_subject where i.commit_role is not null) w where i.import_id = $1",
               params, 1, ret);
    return ec == EC_OK && db_rows(*ret) == 0 ? EC_NOT_FOUND : ec;
}

static enum error_code make(struct list *l, int is_dry_run, struct import_result *ret)
{
    char who[GENERATOR_LIST_BY_MAX], note[IMPORT_NOTE_MAX] = "";
    struct db_result *r = NULL;
    enum error_code ec = read_person(l, &r);
    if (ec == EC_OK) {
        const struct audit_by by = {db_get_text(r, 0, 1), db_get_text(r, 0, 2),
                                    db_get_text(r, 0, 3), db_get_text(r, 0, 4)};
        const struct import_list list = {.source = db_get_text(r, 0, 0),
                                         .by = who,
                                         .audit = &by,
                                         .is_dry_run = is_dry_run,
                                         .tell = tell,
                                         .context = l};
        generator_list_by(&by, "bptmctl", who);
        ec = import_generators(l->db, &l->table, &list, ret, note);
    }
    db_result_free(r);
    return ec;
}

static enum error_code plan(const struct list *l, const struct import_result *result)
{
    const struct db_param params[] = {db_int(l->import_id), db_text(result->difference)};
    return db_run(l->db, "select programme.import_plan_generators($1, $2::jsonb)", params, 2, NULL);
}

/* Make it of what is good so far, and take that back. Rows that are refused become errors.
   @param ret_again  1 when there were any, and some rows may still be good */
static enum error_code attempt(struct list *l, int *ret_again)
{
    struct import_result result = {.version = 0};
    enum error_code ec = read_rows(l);
    *ret_again = 0;
    if (ec != EC_OK || l->table.rows == 0)
        return ec;
    ec = db_run_script(l->db, "savepoint import_list");
    if (ec == EC_OK)
        ec = make(l, 1, &result);
    if ((ec == EC_FIELDS_INVALID || ec == EC_CONFLICT) && l->count > 0) {
        ec = db_run_script(l->db, "rollback to savepoint import_list");
        *ret_again = l->count <= LIMIT_IMPORT_ERRORS;
        if (ec == EC_OK)
            ec = keep_complaints(l);
    } else if (ec == EC_OK) {
        ec = plan(l, &result);
    }
    free(result.difference);
    return ec;
}

enum error_code import_list_check(struct db *db, int64_t import_id)
{
    enum error_code ec = EC_OK;
    int again = 1;
    for (int i = 0; i < LIMIT_IMPORT_LIST_TRIES && again && ec == EC_OK; i++) {
        struct list l = {.db = db, .import_id = import_id};
        ec = attempt(&l, &again);
        done(&l);
    }
    return ec;
}

enum error_code import_list_commit(struct db *db, int64_t import_id)
{
    struct list l = {.db = db, .import_id = import_id};
    struct import_result result = {.version = 0};
    enum error_code ec = read_rows(&l);
    if (ec == EC_OK)
        ec = make(&l, 0, &result);
    if (ec == EC_OK) {
        const struct db_param params[] = {db_int(import_id), db_int(result.version)};
        ec = db_run(db,
                    "update programme.import set list_version = $2::integer where import_id = $1",
                    params, 2, NULL);
    }
    free(result.difference);
    done(&l);
    return ec;
}
