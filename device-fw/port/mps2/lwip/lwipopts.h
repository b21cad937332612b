/* lwIP without an operating system: one TCP connection, DHCP, DNS, IPv4, all memory in pools. */
#ifndef BPTM_LWIPOPTS_H
#define BPTM_LWIPOPTS_H

#define NO_SYS                    1
#define SYS_LIGHTWEIGHT_PROT      0 /* interrupts never call lwIP */
#define LWIP_NETCONN              0
#define LWIP_SOCKET               0
#define LWIP_RAW                  0
#define LWIP_DHCP                 1
#define LWIP_DNS                  1
#define DNS_TABLE_SIZE            1
#define DNS_MAX_NAME_LENGTH       64
#define LWIP_STATS                0
#define LWIP_NETIF_HOSTNAME       0
#define LWIP_NETIF_TX_SINGLE_PBUF 0
#define LWIP_TCP_KEEPALIVE        0 /* MQTT has its own */
#define LWIP_NOASSERT_ON_ERROR    1
#define IP_FRAG                   0
#define IP_REASSEMBLY             0
#define ARP_QUEUEING              0
#define DHCP_DOES_ARP_CHECK       0
#define LWIP_DHCP_GET_NTP_SRV     0

#define MEM_ALIGNMENT           4
#define MEM_SIZE                16384
#define PBUF_POOL_SIZE          8
#define PBUF_POOL_BUFSIZE       1536
#define MEMP_NUM_PBUF           16
#define MEMP_NUM_TCP_PCB        4 /* the one in use, and those that wait for their end */
#define MEMP_NUM_TCP_PCB_LISTEN 1
#define MEMP_NUM_TCP_SEG        16
#define MEMP_NUM_UDP_PCB        3

#define TCP_MSS            1460
#define TCP_WND            (4 * TCP_MSS)
#define TCP_SND_BUF        (4 * TCP_MSS)
#define TCP_SND_QUEUELEN   16
#define TCP_LISTEN_BACKLOG 0

#endif
