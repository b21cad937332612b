/* Addresses that a caller of the API may make the server connect to: public ones only. */
#ifndef BPTM_PUBLIC_ADDRESS_H
#define BPTM_PUBLIC_ADDRESS_H

#include <netdb.h>
#include <sys/socket.h>

#include "error.h"

enum { PUBLIC_ADDRESS_MAX = 64 };

/**
 * Is this an address of the public Internet? Refused are loopback, private (RFC 1918, 6598, 4193),
 * link-local, multicast, broadcast, documentation, benchmark and reserved ranges, and every IPv6
 * address that stands for an IPv4 one (mapped, compatible, NAT64, 6to4, Teredo), whatever it stands
 * for. Ask it again for the socket that is opened (libcurl: CURLOPT_OPENSOCKETFUNCTION).
 */
int public_address_is(const struct sockaddr *address);

/**
 * Is it within one of these networks? Their list is text such as "10.0.0.0/8 fd00::/8", separated
 * by spaces; an address alone is a network of one.
 */
int public_address_within(const struct sockaddr *address, const char *networks);

/** Has such a list its form? An empty one has. */
int public_address_networks(const char *networks);

/**
 * Resolve a host and insist that all its addresses are public, so that a name that answers now with
 * this and now with that is refused whole.
 *
 * @param host  a name or a literal address, IPv6 with or without brackets; 1..253 bytes
 * @param ret   the address to connect to and no other, as numeric text ("203.0.113.7",
 *              "2001:db8::1"); resolving the name again would undo the check
 * @return EC_OK; EC_FIELDS_INVALID when an address is not public or the host has no form;
 *         EC_UNAVAILABLE when it cannot be resolved now
 */
enum error_code public_address_resolve(const char *host, char ret[PUBLIC_ADDRESS_MAX]) MUST_CHECK;

#endif
