/* Running a handler: its connection, its transaction, its idempotency. */
#ifndef BPTM_RUN_H
#define BPTM_RUN_H

#include "http/exchange.h"

/**
 * Run the handler of x->match.route and fill x->reply. Reads run on their own, and once more when
 * the connection turns out to be lost; writes run in one transaction together with the answer that
 * is kept for their Idempotency-Key.
 * @return what the handler returned, or why it could not run
 */
enum error_code run_handler(struct exchange *x) MUST_CHECK;

/** What the route looks up together with the token; 0: nothing. */
int run_along(struct exchange *x, struct token_along *ret);

/** Begin a body that is taken in pieces: x->stream. @return EC_OK; EC_UNAVAILABLE when too many
 *  come in at once or the database is away; what the route says */
enum error_code run_stream_begin(struct exchange *x) MUST_CHECK;

/** Give the route a piece of it. */
enum error_code run_stream_put(struct exchange *x, const char *at, size_t len) MUST_CHECK;

/** Free what it left; nothing when none was begun. */
void run_stream_end(struct exchange *x);

#endif
