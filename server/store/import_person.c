/* The persons of an import of accounts. */
#include "store/import_person.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "codec/cell_seal.h"
#include "codec/json_put.h"

enum { CELLS_MAX = 64 << 20 }; /* of a piece: its plain cells and what they are sealed as */

/* Hand a text to what follows in the transaction, which is then gone. */
static enum error_code offer(struct db *db, const char *setting, char *text)
{
    const struct db_param params[] = {db_text(setting), db_text(text)};
    enum error_code ec = db_run(db, "select set_config($1, $2, true)", params, 2, NULL);
    sodium_memzero(text, strlen(text));
    return ec;
}

/* {"SEALED": "PLAIN", ...} */
static enum error_code write_cells(const struct person_keys *keys, const struct db_result *r,
                                   struct bytes *to)
{
    enum error_code ec = EC_OK;
    bytes_put(to, "{", 1);
    for (size_t i = 0; i < db_rows(r) && ec == EC_OK; i++) {
        const char *sealed = db_get_text(r, i, 0);
        char *plain = NULL;
        ec = cell_open(keys, sealed, &plain);
        if (ec != EC_OK)
            break;
        bytes_put(to, i > 0 ? ",\"" : "\"", i > 0 ? 2 : 1);
        bytes_put(to, sealed, strlen(sealed));
        bytes_put(to, "\":\"", 3);
        json_put(to, plain, strlen(plain));
        bytes_put(to, "\"", 1);
        sodium_memzero(plain, strlen(plain));
        free(plain);
    }
    bytes_put(to, "}", 2); /* with its NUL */
    return ec == EC_OK ? bytes_check(to) : ec;
}

enum error_code import_person_cells(struct db *db, const struct person_keys *keys,
                                    const struct import_span *span)
{
    struct db_result *r = NULL;
    struct bytes cells;
    const struct db_param params[] = {db_int(span->import_id), db_int(span->first),
                                      db_int(span->last)};
    bytes_init(&cells, CELLS_MAX);
    enum error_code ec =
        db_run(db,
               "select distinct c from person.import_row r cross join lateral unnest(r.cells) c"
               " where r.import_id = $1 and r.row_no between $2 and $3"
               " and starts_with(c, '" CELL_HEAD "' || $1 || '.')",
               params, 3, &r);
    if (ec == EC_OK)
        ec = write_cells(keys, r, &cells);
    if (ec == EC_OK)
        ec = offer(db, "bptm.cells", (char *)cells.at);
    db_result_free(r);
    bytes_done(&cells);
    return ec;
}

struct resealing {
    const struct person_keys *keys;
    int64_t import_id;
};

static void put_cell(struct bytes *to, const char *plain, size_t len, void *context)
{
    const struct resealing *s = context;
    bytes_put(to, "\"", 1);
    cell_seal(s->keys, s->import_id, plain, len, to);
    bytes_put(to, "\"", 1);
}

enum error_code import_person_offer(struct db *db, const struct person_keys *keys,
                                    const struct import_span *span)
{
    char *text = NULL;
    struct resealing resealing = {keys, span->import_id};
    const struct person_text_put put = {put_cell, &resealing};
    const struct db_param params[] = {db_int(span->import_id), db_int(span->first),
                                      db_int(span->last)};
    const struct document_query q = {
        "select programme.import_persons($1, $2::integer, $3::integer)", params, 3};
    enum error_code ec = document_get(db, &q, &text);
    if (ec == EC_OK)
        ec = person_open_text(db, keys, &put, &text);
    if (ec == EC_OK)
        ec = offer(db, "bptm.persons", text);
    free(text);
    return ec;
}

/* Of each customer what the row gives, and what was offered for the rest: sealed as cells. */
static const char changed_sql[] =
    "select distinct on (a.customer_id) a.customer_id,"
    " case when c.after ? 'customer_name' then c.after ->> 'customer_name' else o.name end,"
    " case when c.after ? 'email' then c.after ->> 'email' else o.email end,"
    " case when c.after ? 'phone' then c.after ->> 'phone' else o.phone end"
    " from person.import_change c join programme.account a on a.number = c.object_key"
    " join person.customer u using (customer_id)"
    " left join jsonb_to_recordset(current_setting('bptm.persons')::jsonb)"
    " o(customer_id bigint, name text, email text, phone text) using (customer_id)"
    " where c.import_id = $1 and c.row_no between $2 and $3 and u.erased_at is null"
    " and c.after ?| array['customer_name', 'email', 'phone'] order by a.customer_id, c.row_no";

enum { FIELDS = 3 };

struct opened {
    struct person_plain *persons;
    char *(*texts)[FIELDS];
    size_t n;
};

static void opened_done(struct opened *o)
{
    for (size_t i = 0; i < o->n * FIELDS; i++) {
        char *text = o->texts != NULL ? o->texts[i / FIELDS][i % FIELDS] : NULL;
        if (text != NULL)
            sodium_memzero(text, strlen(text));
        free(text);
    }
    free(o->texts);
    free(o->persons);
}

static enum error_code open_persons(const struct person_keys *keys, const struct db_result *r,
                                    struct opened *o)
{
    enum error_code ec = EC_OK;
    o->n = db_rows(r);
    o->persons = calloc(o->n + 1, sizeof *o->persons);
    o->texts = calloc(o->n + 1, sizeof *o->texts);
    if (o->persons == NULL || o->texts == NULL)
        return EC_NO_MEMORY;
    for (size_t i = 0; i < o->n && ec == EC_OK; i++) {
        char **t = o->texts[i];
        for (size_t f = 0; f < FIELDS && ec == EC_OK; f++)
            if (db_get_text(r, i, f + 1) != NULL)
                ec = cell_open(keys, db_get_text(r, i, f + 1), &t[f]);
        o->persons[i] = (struct person_plain){db_get_int(r, i, 0), t[0], t[1], t[2]};
    }
    return ec;
}

enum error_code import_person_seal(struct db *db, const struct person_keys *keys,
                                   const struct import_span *span)
{
    struct db_result *r = NULL;
    struct opened o = {0};
    const struct db_param params[] = {db_int(span->import_id), db_int(span->first),
                                      db_int(span->last)};
    enum error_code ec = db_run(db, changed_sql, params, 3, &r);
    if (ec == EC_OK)
        ec = open_persons(keys, r, &o);
    if (ec == EC_OK)
        ec = person_put(db, keys, o.persons, o.n);
    opened_done(&o);
    db_result_free(r);
    return ec;
}
