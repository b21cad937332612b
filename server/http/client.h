/* Whose address a request comes from, as limits count it. */
#ifndef BPTM_CLIENT_H
#define BPTM_CLIENT_H

#include <sys/socket.h>

enum { CLIENT_MAX = 64 };

/**
 * The address that limits are kept for: of IPv4 the whole of it, of IPv6 the network of 64 bits,
 * in which a caller may choose an address for each request.
 *
 * @param peer       who is connected
 * @param forwarded  value of X-Forwarded-For; NULL when it is absent
 * @param proxy      address whose word is taken: then the last address in `forwarded` counts, which
 *                   that proxy wrote itself; empty: nobody's
 * @param ret        numeric text; "-" when there is none
 */
void client_of(const struct sockaddr *peer, const char *forwarded, const char *proxy,
               char ret[CLIENT_MAX]);

/** @return 1 when `proxy` names the address that is connected */
int client_is_proxy(const struct sockaddr *peer, const char *proxy);

#endif
