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

#endif
