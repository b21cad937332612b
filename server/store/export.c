/* Exports: all that a filter lets through, in pieces, from one snapshot. */
#include "store/export.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bbox.h"
#include "base/clock.h"
#include "base/limits.h"
#include "codec/csv_cell.h"

enum { ROWS = 1000, WORD_MAX = BBOX_EWKT_MAX };

/* How a format is asked for and written. */
struct format {
    void (*put_row)(struct query *q, const struct feature_collection *c); /* what a row is */
    enum error_code (*write)(struct export_job *e, const struct db_result *r, struct bytes *ret);
    const char *before, *after; /* the text around the rows; NULL: none */
    int is_whole;               /* the statement makes one row of all, not one of each */
};

struct export_job {
    struct db *db;
    const struct feature_collection *collection;
    const struct format *format;
    struct query query; /* up to the filter; its parameters point into `words` */
    char words[FEATURE_WORDS][WORD_MAX];
    uint64_t generation; /* of the connection: a new one has not the snapshot */
    int64_t until_ms;
    int64_t after; /* id of the last row written */
    int begun, ended;
};

static atomic_int running;

/* -- formats --------------------------------------------------------------------------------- */

/* "f.a, f.b" with a suffix to each name. */
static void put_columns(struct query *q, const char *columns, const char *suffix)
{
    for (const char *at = columns; *at != '\0';) {
        char name[64];
        size_t len = strcspn(at, ",");
        snprintf(name, sizeof name, "%.*s", (int)len, at);
        query_put(q, ", ");
        query_put(q, name);
        query_put(q, suffix);
        at += len + strspn(at + len, ", ");
    }
}

static void put_text(struct bytes *ret, const char *text)
{
    bytes_put(ret, text, strlen(text));
}

static void csv_row(struct query *q, const struct feature_collection *c)
{
    query_put(q, "select f.id, st_x(f.place) as longitude, st_y(f.place) as latitude");
    put_columns(q, c->columns, "::text");
}

static enum error_code write_csv(struct export_job *e, const struct db_result *r, struct bytes *ret)
{
    size_t columns = db_columns(r);
    for (size_t i = 0; i < columns && !e->begun; i++) {
        put_text(ret, i > 0 ? "," : "");
        put_text(ret, db_column_name(r, i));
    }
    put_text(ret, e->begun ? "" : "\r\n");
    for (size_t row = 0; row < db_rows(r); row++) {
        for (size_t i = 0; i < columns; i++) {
            const char *text = db_get_text(r, row, i);
            put_text(ret, i > 0 ? "," : "");
            csv_cell_put(ret, text != NULL ? text : "", text != NULL ? strlen(text) : 0, 0);
        }
        put_text(ret, "\r\n");
    }
    return EC_OK;
}

static void geojson_row(struct query *q, const struct feature_collection *c)
{
    query_put(q, "select f.id, ");
    feature_put_json(q, c);
}

static void odin_row(struct query *q, const struct feature_collection *c)
{
    (void)c;
    query_put(q, "select f.id, f.pub_outage::text");
}

static enum error_code write_list(struct export_job *e, const struct db_result *r,
                                  struct bytes *ret)
{
    for (size_t row = 0; row < db_rows(r); row++) {
        put_text(ret, row > 0 || e->after > 0 ? ",\n" : "\n");
        put_text(ret, db_get_text(r, row, 1));
    }
    return EC_OK;
}

/* Without nulls: PostGIS 3.3 writes the columns after one under the names before them. */
static void flatgeobuf_row(struct query *q, const struct feature_collection *c)
{
    query_put(q, "select f.id, f.place, ");
    query_put(q, c->flat);
}

/* Each piece comes as a file of its own: magic, size of the header, header, features. All headers
   are alike, so the features of the later ones continue the first. */
static enum error_code write_flatgeobuf(struct export_job *e, const struct db_result *r,
                                        struct bytes *ret)
{
    enum { MAGIC = 8, SIZE = 4 };
    const char *hex = db_get_text(r, 0, 2);
    size_t cap = hex != NULL ? strlen(hex) / 2 : 0;
    uint8_t *at = cap > MAGIC + SIZE ? bytes_extend(ret, cap) : NULL;
    long len = at != NULL ? db_get_bytes(r, 0, 2, at, cap) : -1;
    if (at == NULL)
        return bytes_check(ret);
    if (len < MAGIC + SIZE)
        return EC_INTERNAL;
    size_t head = 0;
    for (int i = SIZE - 1; i >= 0; i--)
        head = head << 8 | at[MAGIC + i];
    head += MAGIC + SIZE;
    if (head > (size_t)len)
        return EC_INTERNAL;
    if (e->begun)
        memmove(at, at + head, (size_t)len - head);
    ret->len -= cap - ((size_t)len - (e->begun ? head : 0));
    return EC_OK;
}

static const struct format formats[] = {
    [EXPORT_CSV] = {csv_row, write_csv, NULL, NULL, 0},
    [EXPORT_GEOJSON] = {geojson_row, write_list, "{\"type\":\"FeatureCollection\",\"features\":[",
                        "\n]}\n", 0},
    [EXPORT_FLATGEOBUF] = {flatgeobuf_row, write_flatgeobuf, NULL, NULL, 1},
    [EXPORT_ODIN] = {odin_row, write_list, "{\"PubOutages\":[", "\n]}\n", 0},
};

/* -- the run --------------------------------------------------------------------------------- */

static const char *keep(struct export_job *e, size_t n, const char *word)
{
    if (word == NULL)
        return NULL;
    snprintf(e->words[n], WORD_MAX, "%s", word);
    return e->words[n];
}

static void prepare(struct export_job *e, const struct feature_filter *filter, int full)
{
    struct feature_filter kept = *filter;
    for (size_t i = 0; i < FEATURE_WORDS; i++)
        kept.words[i] = keep(e, i, filter->words[i]);
    if (e->format->is_whole)
        query_put(&e->query,
                  "select max(t.id), count(*), st_asflatgeobuf(t, false, 'place') from (");
    e->format->put_row(&e->query, e->collection);
    feature_from(&e->query, e->collection, full);
    feature_where(&e->query, e->collection, &kept, full);
}

static enum error_code begin_snapshot(struct db *db)
{
    return db_run_script(db, "begin isolation level repeatable read read only");
}

enum error_code export_open(const char *conninfo, const struct feature_collection *c,
                            enum export_format format, const struct feature_filter *filter,
                            int full, struct export_job **ret)
{
    char note[DB_NOTE_MAX];
    if (atomic_fetch_add(&running, 1) >= LIMIT_EXPORTS) {
        atomic_fetch_sub(&running, 1);
        return EC_UNAVAILABLE;
    }
    struct export_job *e = calloc(1, sizeof *e);
    enum error_code ec = e != NULL ? EC_OK : EC_NO_MEMORY;
    if (e == NULL) {
        atomic_fetch_sub(&running, 1);
        return ec;
    }
    e->collection = c;
    e->format = &formats[format];
    e->until_ms = clock_mono_ms() + LIMIT_EXPORT_S * 1000;
    prepare(e, filter, full);
    if (db_open(conninfo, "bptmd export", &e->db, note) != EC_OK)
        ec = EC_UNAVAILABLE;
    if (ec == EC_OK)
        ec = begin_snapshot(e->db);
    if (ec != EC_OK) {
        export_close(e);
        return ec;
    }
    e->generation = db_generation(e->db);
    *ret = e;
    return EC_OK;
}

static enum error_code fetch(struct export_job *e, struct db_result **ret)
{
    struct query q = e->query;
    struct document_query statement;
    query_put_param(&q, " and f.id > ?::bigint", db_int(e->after));
    query_put_param(&q, " order by f.id limit ?::bigint", db_int(ROWS));
    if (e->format->is_whole)
        query_put(&q, ") t");
    enum error_code ec = query_end(&q, &statement);
    if (ec == EC_OK)
        ec = db_run(e->db, statement.sql, statement.params, statement.count, ret);
    if (ec == EC_OK && db_generation(e->db) != e->generation)
        ec = EC_UNAVAILABLE;
    return ec;
}

/* A format of one row for all tells in it how many there were and which was the last. */
static size_t advance(struct export_job *e, const struct db_result *r)
{
    size_t rows = e->format->is_whole ? (size_t)db_get_int(r, 0, 1) : db_rows(r);
    if (rows > 0)
        e->after = db_get_int(r, e->format->is_whole ? 0 : rows - 1, 0);
    return rows;
}

static enum error_code write_piece(struct export_job *e, const struct db_result *r,
                                   struct bytes *ret)
{
    const struct format *f = e->format;
    int is_empty = f->is_whole && db_get_int(r, 0, 1) == 0;
    if (!e->begun && f->before != NULL)
        put_text(ret, f->before);
    enum error_code ec = is_empty && e->begun ? EC_OK : f->write(e, r, ret);
    e->begun = 1;
    e->ended = advance(e, r) < ROWS;
    if (e->ended && f->after != NULL)
        put_text(ret, f->after);
    return ec == EC_OK ? bytes_check(ret) : ec;
}

enum error_code export_next(struct export_job *e, struct bytes *ret)
{
    struct db_result *r = NULL;
    bytes_clear(ret);
    if (e->ended)
        return EC_OK;
    if (clock_mono_ms() > e->until_ms)
        return EC_UNAVAILABLE;
    enum error_code ec = fetch(e, &r);
    if (ec == EC_OK)
        ec = write_piece(e, r, ret);
    db_result_free(r);
    return ec;
}

void export_close(struct export_job *e)
{
    if (e == NULL)
        return;
    db_close(e->db);
    free(e);
    atomic_fetch_sub(&running, 1);
}
