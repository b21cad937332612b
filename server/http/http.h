/* The REST server of bptmd: starts libmicrohttpd with its threads, stops it. */
#ifndef BPTM_HTTP_H
#define BPTM_HTTP_H

#include "base/config.h"
#include "error.h"

struct http_server;

/**
 * Listen on c->http_address:c->http_port and answer with c->http_threads threads of its own, each
 * with its own database connection (c->database_http), opened when first needed and again after a
 * loss. Writes the port to c->http_port_file when that is set. Needs no database to start.
 *
 * @param c    borrowed until http_stop()
 * @param ret  to be ended with http_stop(); untouched on failure
 * @return EC_OK; EC_IO when the address cannot be bound or the port file cannot be written;
 *         EC_NO_MEMORY
 */
enum error_code http_start(const struct config *c, struct http_server **ret) MUST_CHECK;

/** Read the certificate and its key again; connections that are open keep theirs. NULL is allowed.
 */
void http_reload(struct http_server *s);

/** Finish the requests in flight, close connections, free all. NULL is allowed. */
void http_stop(struct http_server *s);

#endif
