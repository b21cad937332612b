/* The network: lwIP on the Ethernet controller, an address by DHCP, and one TCP connection. */
#ifndef BPTM_NET_H
#define BPTM_NET_H

#include <stddef.h>
#include <stdint.h>

/** Start; the address comes later. */
void net_init(void);

/** Take frames that wait, and let lwIP's timers run. */
void net_step(void);

/** 1 when a frame waits. */
int net_pending(void);

/** 1 when there is an address. */
int net_is_up(void);

enum net_tcp_state { NET_TCP_CLOSED, NET_TCP_OPENING, NET_TCP_OPEN };

/** Open the connection to "host:port", a name or an IPv4 address. @return 0; -1 when that cannot
 *  be: no address yet, or no such place */
int net_tcp_open(const char *place);

enum net_tcp_state net_tcp_state(void);

/** Give bytes to send. @return how many were taken, at most len */
size_t net_tcp_send(const uint8_t *at, size_t len);

/** Take bytes that have come. @return how many, at most cap */
size_t net_tcp_receive(uint8_t *to, size_t cap);

/** End the connection: what was sent still goes out, what came and was not taken is dropped. */
void net_tcp_close(void);

#endif
