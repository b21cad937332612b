/* Resources as JSON text that PostgreSQL builds: one statement says what a resource looks like. */
#include "store/document.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum error_code document_get(struct db *db, const struct document_query *q, char **ret)
{
    struct db_result *r = NULL;
    enum error_code ec = db_run(db, q->sql, q->params, q->count, &r);
    if (ec == EC_OK && (db_rows(r) == 0 || db_get_text(r, 0, 0) == NULL))
        ec = EC_NOT_FOUND;
    char *text = ec == EC_OK ? strdup(db_get_text(r, 0, 0)) : NULL;
    if (ec == EC_OK && text == NULL)
        ec = EC_NO_MEMORY;
    if (ec == EC_OK)
        *ret = text;
    db_result_free(r);
    return ec;
}

enum error_code document_id(struct db *db, const struct document_query *q, int64_t *ret)
{
    struct db_result *r = NULL;
    enum error_code ec = db_run(db, q->sql, q->params, q->count, &r);
    if (ec == EC_OK && (db_rows(r) == 0 || db_get_text(r, 0, 0) == NULL))
        ec = EC_NOT_FOUND;
    if (ec == EC_OK)
        *ret = db_get_int(r, 0, 0);
    db_result_free(r);
    return ec;
}

static size_t joined_len(const struct db_result *r, size_t rows)
{
    size_t len = sizeof "[]";
    for (size_t i = 0; i < rows; i++)
        len += strlen(db_get_text(r, i, 0)) + 1;
    return len;
}

/* "[a,b,c]" of the first `rows` rows. */
static char *join(const struct db_result *r, size_t rows)
{
    char *text = malloc(joined_len(r, rows));
    if (text == NULL)
        return NULL;
    char *at = text;
    *at++ = '[';
    for (size_t i = 0; i < rows; i++) {
        if (i > 0)
            *at++ = ',';
        at = stpcpy(at, db_get_text(r, i, 0));
    }
    memcpy(at, "]", 2);
    return text;
}

enum error_code document_list(struct db *db, const struct document_query *q,
                              const struct document_page *page, struct document_list *ret)
{
    struct db_result *r = NULL;
    enum error_code ec = db_run(db, q->sql, q->params, q->count, &r);
    if (ec != EC_OK)
        return ec;
    struct document_list list = {0};
    size_t rows = db_rows(r);
    if (rows > (size_t)page->limit) {
        rows = (size_t)page->limit;
        snprintf(list.next, sizeof list.next, "%s", db_get_text(r, rows - 1, 1));
    }
    list.count = rows;
    list.text = join(r, rows);
    db_result_free(r);
    if (list.text == NULL)
        return EC_NO_MEMORY;
    *ret = list;
    return EC_OK;
}

enum error_code document_lock(struct db *db, const char *path)
{
    struct db_param params[] = {db_text(path)};
    return db_run(db, "select pg_advisory_xact_lock(hashtextextended($1, 6))", params, 1, NULL);
}

struct db_param document_int(struct optional_int v)
{
    return v.is_set ? db_int(v.value) : db_null();
}

struct db_param document_real(struct optional_real v)
{
    return v.is_set ? db_double(v.value) : db_null();
}

struct db_param document_bool(struct optional_bool v)
{
    return v.is_set ? db_bool(v.value) : db_null();
}
