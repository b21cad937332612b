/* A statement put together from fixed pieces and parameters. */
#include "store/query.h"

#include <stdio.h>
#include <string.h>

static void put(struct query *q, const char *at, size_t len)
{
    if (q->len + len >= sizeof q->text) {
        q->failed = 1;
        return;
    }
    memcpy(q->text + q->len, at, len);
    q->len += len;
    q->text[q->len] = '\0';
}

void query_put(struct query *q, const char *piece)
{
    put(q, piece, strlen(piece));
}

void query_put_param(struct query *q, const char *piece, struct db_param param)
{
    char number[16];
    if (q->count == DB_PARAMS_MAX) {
        q->failed = 1;
        return;
    }
    q->params[q->count++] = param;
    snprintf(number, sizeof number, "$%zu", q->count);
    for (const char *mark; (mark = strchr(piece, '?')) != NULL; piece = mark + 1) {
        put(q, piece, (size_t)(mark - piece));
        query_put(q, number);
    }
    query_put(q, piece);
}

enum error_code query_end(const struct query *q, struct document_query *ret)
{
    if (q->failed)
        return EC_INTERNAL;
    *ret = (struct document_query){q->text, q->params, q->count};
    return EC_OK;
}
