/* A statement put together from fixed pieces and parameters: only conditions that were asked for
 * stand in it, so that the planner sees them as they are. */
#ifndef BPTM_QUERY_H
#define BPTM_QUERY_H

#include "store/document.h"

enum { QUERY_TEXT_MAX = 8192 };

/** Zeroed when made. */
struct query {
    char text[QUERY_TEXT_MAX];
    size_t len;
    struct db_param params[DB_PARAMS_MAX];
    size_t count;
    int failed; /* a piece or a parameter did not fit */
};

/** Add text of this program, never of a caller. */
void query_put(struct query *q, const char *piece);

/** Add text in which each `?` is the number of this one parameter. */
void query_put_param(struct query *q, const char *piece, struct db_param param);

/** The statement for document_list() and the like; borrows `q`. EC_INTERNAL when it did not fit. */
enum error_code query_end(const struct query *q, struct document_query *ret) MUST_CHECK;

#endif
