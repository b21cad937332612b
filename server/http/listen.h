/* The socket that the REST server listens on. */
#ifndef BPTM_LISTEN_H
#define BPTM_LISTEN_H

#include "base/config.h"
#include "error.h"

/**
 * Listen at c->http_address and c->http_port.
 * @param ret  does not block; the caller closes it
 * @return EC_OK; EC_IO, and why is logged
 */
enum error_code listen_open(const struct config *c, int *ret) MUST_CHECK;

/** The port of a socket that listens. */
unsigned listen_port(int socket);

/** Write the port into a file, whole or not at all. @return EC_OK, also when no path is set; EC_IO
 */
enum error_code listen_tell(const char *path, unsigned port) MUST_CHECK;

#endif
