/* Addresses that a caller of the API may make the server connect to: public ones only. */
#ifndef BPTM_PUBLIC_ADDRESS_H
#define BPTM_PUBLIC_ADDRESS_H

#include <sys/socket.h>

enum { PUBLIC_ADDRESS_MAX = 64 };

/**
 * Is this an address of the public Internet? Refused are loopback, private (RFC 1918, 6598, 4193),
 * link-local, multicast, broadcast, documentation, benchmark and reserved ranges, and every IPv6
 * address that stands for an IPv4 one (mapped, compatible, NAT64, 6to4, Teredo), whatever it stands
 * for. Ask it for the socket that is opened (libcurl: CURLOPT_OPENSOCKETFUNCTION).
 */
int public_address_is(const struct sockaddr *address);

/**
 * Is it within one of these networks? Their list is text such as "10.0.0.0/8 fd00::/8", separated
 * by spaces; an address alone is a network of one.
 */
int public_address_within(const struct sockaddr *address, const char *networks);

/** Has such a list its form? An empty one has. */
int public_address_networks(const char *networks);

#endif
