/* Bulk imports as resources. */
#include "store/imports.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "codec/cell_seal.h"
#include "codec/csv_cell.h"

enum { REJECTS_MOST = 50 };

#define IMPORT                                                                                     \
    "json_build_object('id', i.import_id, 'kind', i.kind, 'state', i.state,"                       \
    " 'file_name', i.file_name, 'why', i.why, 'mapping', i.mapping,"                               \
    " 'time_zone', i.time_zone, 'separator', i.separator, 'empty_cells', i.empty_cells, "          \
    "'skip_errors', i.skip_errors,"                                                                \
    " 'sha256', encode(i.sha256, 'hex'), 'bytes', i.bytes,"                                        \
    " 'rows', coalesce(i.rows, (select max(r.row_no) - 1 from person.import_row r"                 \
    " where r.import_id = i.import_id), 0),"                                                       \
    " 'phase', case when i.state in ('checking', 'committing') then p.phase end,"                  \
    " 'percent', case i.state when 'checked' then 100 when 'committed' then 100"                   \
    " when 'uploaded' then 0 when 'checking' then least(100, 100 * p.done / nullif(p.total, 0))"   \
    " when 'committing' then least(100, 100 * p.done / nullif(p.total, 0)) end,"                   \
    " 'errors', coalesce(i.errors, (select count(*) from person.import_error e"                    \
    " where e.import_id = i.import_id)), 'rejected', i.rejected, 'creates', i.creates,"            \
    " 'updates', i.updates, 'unchanged', i.unchanged, 'list_version', i.list_version,"             \
    " 'circuit_lists', i.circuit_lists, 'note', i.note, 'role', i.role,"                           \
    " 'created_at', access.rfc3339(i.created_at), 'changed_at',"                                   \
    " access.rfc3339(i.changed_at))::text"
#define FROM_IMPORT                                                                                \
    " from programme.import i left join programme.import_progress p using (import_id)"
#define IN_SCOPE "($1::boolean or i.kind not in ('premises', 'accounts'))"

static struct db_param scope_param(enum import_scope scope)
{
    return db_bool(scope == IMPORT_SCOPE_ALL);
}

int imports_in_scope(enum import_scope scope, const char *kind)
{
    return scope == IMPORT_SCOPE_ALL ||
           (strcmp(kind, "premises") != 0 && strcmp(kind, "accounts") != 0);
}

enum error_code imports_create(struct db *db, const struct audit_by *by,
                               const struct import_new *import, int64_t *ret_id)
{
    int64_t id = 0;
    const struct db_param params[] = {
        db_text(import->kind),
        db_text(import->file_name),
        db_text(import->why),
        db_text(import->mapping),
        db_text(import->separator),
        db_text(import->empty_cells),
        document_bool(import->skip_errors),
        db_text(by->token_id),
        db_text(by->role),
        db_text(by->subject),
        db_text(import->time_zone),
    };
    const struct document_query q = {
        "insert into programme.import (kind, file_name, why, mapping, separator, empty_cells,"
        " skip_errors, token_id, role, subject, time_zone) select $1, $2, $3,"
        " case when $4::text is null then '{}' when left(btrim($4), 1) = '{' then $4::jsonb else"
        " (select jsonb_object_agg(btrim(split_part(m.pair, '=', 1)),"
        " btrim(split_part(m.pair, '=', 2))) from regexp_split_to_table($4, ',') m(pair)) end,"
        " coalesce($5, 'auto'), coalesce($6, 'keep'), coalesce($7::boolean, false), $8::uuid, $9,"
        " $10, case when $11::text is not null then coalesce((select z.name"
        " from pg_timezone_names z where z.name = $11), '') end returning import_id",
        params, 11};
    enum error_code ec = document_id(db, &q, &id);
    if (ec == EC_OK)
        ec =
            audit_add_row(db, by, "import.create", id, "select programme.import_summary($1)::text");
    if (ec == EC_OK)
        *ret_id = id;
    return ec;
}

enum error_code imports_get(struct db *db, struct import_ref ref, char **ret)
{
    const struct db_param params[] = {scope_param(ref.scope), db_int(ref.id)};
    const struct document_query q = {
        "select " IMPORT FROM_IMPORT " where " IN_SCOPE " and i.import_id = $2", params, 2};
    return document_get(db, &q, ret);
}

enum error_code imports_list(struct db *db, enum import_scope scope,
                             const struct document_page *page, struct document_list *ret)
{
    const struct db_param params[] = {scope_param(scope), db_text(page->after),
                                      db_int(page->limit + 1)};
    const struct document_query q = {
        "select " IMPORT ", i.import_id" FROM_IMPORT " where " IN_SCOPE
        " and ($2::bigint is null or i.import_id < $2::bigint) order by i.import_id desc limit $3",
        params, 3};
    return document_list(db, &q, page, ret);
}

enum error_code imports_find(struct db *db, struct import_ref ref)
{
    const struct db_param params[] = {scope_param(ref.scope), db_int(ref.id)};
    const struct document_query q = {"select i.import_id from programme.import i where " IN_SCOPE
                                     " and i.import_id = $2",
                                     params, 2};
    int64_t id = 0;
    return document_id(db, &q, &id);
}

/* Run a statement that changes the state of one that fits, then its audit row. */
static enum error_code change_state(struct db *db, const struct audit_by *by, struct import_ref ref,
                                    const char *sql, const char *action)
{
    const struct db_param params[] = {db_int(ref.id), db_text(by->token_id), db_text(by->role),
                                      db_text(by->subject)};
    const struct document_query q = {sql, params, 4};
    int64_t id = 0;
    enum error_code ec = imports_find(db, ref);
    if (ec != EC_OK)
        return ec;
    ec = document_id(db, &q, &id);
    if (ec == EC_NOT_FOUND)
        return EC_STATE_REFUSED;
    return ec == EC_OK
               ? audit_add_row(db, by, action, ref.id, "select programme.import_summary($1)::text")
               : ec;
}

enum error_code imports_commit(struct db *db, const struct audit_by *by, struct import_ref ref)
{
    return change_state(
        db, by, ref,
        "update programme.import set state = 'committing', changed_at = now(),"
        " commit_token_id = $2::uuid, commit_role = $3, commit_subject = $4 where import_id = $1"
        " and state = 'checked' and (errors = 0 or skip_errors)"
        " returning import_id",
        "import.commit_asked");
}

enum error_code imports_cancel(struct db *db, const struct audit_by *by, struct import_ref ref)
{
    return change_state(
        db, by, ref,
        "update programme.import set state = 'cancelled', changed_at = now(),"
        " commit_token_id = $2::uuid, commit_role = $3, commit_subject = $4 where import_id = $1"
        " and state not in ('committed', 'failed', 'cancelled')"
        " returning import_id",
        "import.cancel");
}

enum error_code imports_errors(struct db *db, struct import_ref ref,
                               const struct document_page *page, struct document_list *ret)
{
    const struct db_param params[] = {db_int(ref.id), db_text(page->after),
                                      db_int(page->limit + 1)};
    const struct document_query q = {
        "select json_build_object('row', e.row_no, 'column', e.column_name, 'field', e.field,"
        " 'value', e.value, 'hint', e.hint)::text, e.row_no || '.' || e.n"
        " from person.import_error e where e.import_id = $1 and ($2::text is null or"
        " (e.row_no, e.n) > (split_part($2, '.', 1)::integer, split_part($2, '.', 2)::smallint))"
        " order by e.row_no, e.n limit $3",
        params, 3};
    enum error_code ec = imports_find(db, ref);
    return ec == EC_OK ? document_list(db, &q, page, ret) : ec;
}

enum error_code imports_changes(struct db *db, struct import_ref ref, const char *action,
                                const struct document_page *page, struct document_list *ret)
{
    const struct db_param params[] = {db_int(ref.id), db_text(page->after), db_int(page->limit + 1),
                                      db_text(action)};
    const struct document_query q = {
        "select json_build_object('row', c.row_no, 'action', c.action, 'key', c.object_key,"
        " 'fields', (select json_agg(json_build_object('field', f.key, 'before',"
        " c.before -> f.key, 'after', f.value) order by f.key) from jsonb_each(c.after) f))::text,"
        " c.row_no from person.import_change c where c.import_id = $1"
        " and ($2::bigint is null or c.row_no > $2::bigint)"
        " and ($4::text is null or c.action = $4) order by c.row_no limit $3",
        params, 4};
    enum error_code ec = imports_find(db, ref);
    return ec == EC_OK ? document_list(db, &q, page, ret) : ec;
}

enum error_code imports_tell(struct db *db, const struct audit_by *by, struct import_ref ref)
{
    char id[24];
    int64_t found = 0;
    const struct db_param params[] = {db_int(ref.id)};
    const struct document_query q = {
        "select import_id from programme.import where import_id = $1 and kind = 'accounts'", params,
        1};
    const struct audit_change change = {.action = "import.read", .object_id = id};
    snprintf(id, sizeof id, "%" PRId64, ref.id);
    enum error_code ec = document_id(db, &q, &found);
    if (ec == EC_NOT_FOUND)
        return EC_OK;
    return ec == EC_OK ? audit_add(db, by, &change) : ec;
}

static enum error_code put_cell(const struct person_keys *keys, const char *cell, struct bytes *ret)
{
    char *opened = NULL;
    size_t count = 0;
    enum error_code ec = cells_open(keys, cell, CELL_TEXT, &opened, &count);
    if (ec == EC_OK)
        csv_cell_put(ret, opened, strlen(opened), 1);
    free(opened);
    return ec;
}

enum error_code imports_rejects(struct db *db, const struct person_keys *keys,
                                struct import_ref ref, int64_t *row, struct bytes *ret)
{
    const struct db_param params[] = {db_int(ref.id), db_int(*row), db_int(REJECTS_MOST)};
    struct db_result *r = NULL;
    size_t cells = 0;
    enum error_code ec = imports_find(db, ref);
    if (ec == EC_OK)
        ec = db_run(db,
                    "select row_no, cell from programme.import_reject_cells($1, $2::integer,"
                    " $3::integer)",
                    params, 3, &r);
    if (ec == EC_OK)
        cells = db_rows(r);
    for (size_t i = 0; ec == EC_OK && i < cells; i++) {
        int ends = i + 1 == cells || db_get_int(r, i, 0) != db_get_int(r, i + 1, 0);
        ec = put_cell(keys, db_get_text(r, i, 1), ret);
        bytes_put(ret, ends ? "\r\n" : ",", ends ? 2 : 1);
    }
    if (ec == EC_OK)
        ec = bytes_check(ret);
    if (ec == EC_OK && cells > 0)
        *row = db_get_int(r, cells - 1, 0);
    db_result_free(r);
    return ec;
}

enum error_code imports_count(struct db *db, int64_t id, struct import_counts *ret)
{
    const struct db_param params[] = {db_int(id)};
    struct db_result *r = NULL;
    enum error_code ec = db_run(db,
                                "select state, rows, errors, creates, updates, unchanged"
                                " from programme.import where import_id = $1",
                                params, 1, &r);
    if (ec == EC_OK && db_rows(r) == 0)
        ec = EC_NOT_FOUND;
    if (ec == EC_OK) {
        snprintf(ret->state, sizeof ret->state, "%s", db_get_text(r, 0, 0));
        ret->rows = db_get_int(r, 0, 1);
        ret->errors = db_get_int(r, 0, 2);
        ret->creates = db_get_int(r, 0, 3);
        ret->updates = db_get_int(r, 0, 4);
        ret->unchanged = db_get_int(r, 0, 5);
    }
    db_result_free(r);
    return ec;
}

enum error_code imports_describe(struct db *db, const struct person_keys *keys, int64_t id,
                                 const struct import_look *look, char **ret)
{
    const struct db_param params[] = {db_int(id), db_text(look->what), db_int(look->most)};
    const struct document_query q = {
        "select case $2 when 'note' then (select coalesce(i.note, '') from programme.import i"
        " where i.import_id = $1) when 'drafts' then (select coalesce(string_agg(format("
        "E'version %s of list ''%s'', a draft\\n', d.value, d.key), '' order by d.key), '')"
        " from programme.import i cross join jsonb_each_text(i.circuit_lists) d"
        " where i.import_id = $1) when 'errors' then (select coalesce(string_agg(format("
        "E'row %s%s: %s\\n', e.row_no, ', column ' || e.column_name || ', value '''"
        " || coalesce(e.value, '') || '''', e.hint), '' order by e.row_no, e.n), '') from (select *"
        " from person.import_error e where e.import_id = $1 order by e.row_no, e.n limit $3) e)"
        " else (select coalesce(string_agg(format(E'row %s: %s %s: %s\\n', c.row_no, c.action,"
        " c.object_key, (select string_agg(format('%s %s%s', f.key, (c.before -> f.key)::text"
        " || ' -> ', f.value), ', ' order by f.key) from jsonb_each(c.after) f)), ''"
        " order by c.row_no), '') from (select * from person.import_change c"
        " where c.import_id = $1 order by c.row_no limit $3) c) end",
        params, 3};
    char *text = NULL;
    size_t count = 0;
    enum error_code ec = document_get(db, &q, &text);
    if (ec == EC_OK)
        ec = cells_open(keys, text, CELL_TEXT, ret, &count);
    free(text);
    return ec;
}
