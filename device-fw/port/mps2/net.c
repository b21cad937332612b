/* lwIP's raw API: callbacks note what happened, the main loop pulls. */
#include "net.h"

#include <lwip/dhcp.h>
#include <lwip/dns.h>
#include <lwip/etharp.h>
#include <lwip/init.h>
#include <lwip/sys.h>
#include <lwip/tcp.h>
#include <lwip/timeouts.h>
#include <netif/ethernet.h>
#include <string.h>

#include "board.h"
#include "ethernet.h"

enum { HOST_MAX = 64 };

static struct netif interface;

static struct {
    struct tcp_pcb *pcb;
    struct pbuf *in;  /* came and was not taken yet */
    size_t in_offset; /* taken of the first of them */
    uint16_t port;
    uint8_t state; /* enum net_tcp_state */
    uint8_t ended; /* the other side sends no more */
} conn;

u32_t sys_now(void)
{
    return (u32_t)board_ms();
}

/* ---- frames ---- */

static err_t send_frame(struct netif *n, struct pbuf *p)
{
    static uint8_t frame[ETHERNET_FRAME_MAX];

    (void)n;
    if (p->tot_len > sizeof(frame))
        return ERR_BUF;
    pbuf_copy_partial(p, frame, p->tot_len, 0);
    return ethernet_send(frame, p->tot_len) == 0 ? ERR_OK : ERR_MEM;
}

static err_t start_interface(struct netif *n)
{
    n->name[0] = 'e';
    n->name[1] = 'n';
    n->mtu = 1500;
    n->hwaddr_len = ETHERNET_MAC_LEN;
    n->flags = NETIF_FLAG_BROADCAST | NETIF_FLAG_ETHARP | NETIF_FLAG_ETHERNET | NETIF_FLAG_LINK_UP;
    n->output = etharp_output;
    n->linkoutput = send_frame;
    ethernet_init(n->hwaddr);
    return ERR_OK;
}

static void take_frame(size_t len)
{
    static uint8_t frame[ETHERNET_FRAME_MAX];
    struct pbuf *p = pbuf_alloc(PBUF_RAW, (u16_t)len, PBUF_POOL);

    if (p == NULL) {
        ethernet_drop(len); /* it will be sent again */
        return;
    }
    ethernet_take(frame, len);
    pbuf_take(p, frame, (u16_t)len);
    if (interface.input(p, &interface) != ERR_OK)
        pbuf_free(p);
}

void net_init(void)
{
    lwip_init();
    netif_add_noaddr(&interface, NULL, start_interface, ethernet_input);
    netif_set_default(&interface);
    netif_set_up(&interface);
    dhcp_start(&interface);
}

void net_step(void)
{
    size_t len;

    while ((len = ethernet_waiting()) != 0)
        take_frame(len);
    ethernet_rearm();
    sys_check_timeouts();
}

int net_pending(void)
{
    return ethernet_pending();
}

int net_is_up(void)
{
    return dhcp_supplied_address(&interface);
}

/* ---- the connection ---- */

static void forget(void)
{
    if (conn.in != NULL)
        pbuf_free(conn.in);
    memset(&conn, 0, sizeof(conn));
}

/* lwIP has freed the pcb already. */
static void on_error(void *arg, err_t err)
{
    (void)arg;
    (void)err;
    conn.pcb = NULL;
    forget();
}

static err_t on_receive(void *arg, struct tcp_pcb *pcb, struct pbuf *p, err_t err)
{
    (void)arg;
    (void)pcb;
    (void)err;
    if (p == NULL)
        conn.ended = 1;
    else if (conn.in == NULL)
        conn.in = p;
    else
        pbuf_cat(conn.in, p);
    return ERR_OK;
}

static err_t on_connect(void *arg, struct tcp_pcb *pcb, err_t err)
{
    (void)arg;
    (void)err;
    tcp_nagle_disable(pcb);
    conn.state = NET_TCP_OPEN;
    return ERR_OK;
}

static void connect_to(const ip_addr_t *address)
{
    conn.pcb = tcp_new();
    if (conn.pcb == NULL) {
        forget();
        return;
    }
    tcp_err(conn.pcb, on_error);
    tcp_recv(conn.pcb, on_receive);
    if (tcp_connect(conn.pcb, address, conn.port, on_connect) != ERR_OK)
        net_tcp_close();
}

static void on_name(const char *name, const ip_addr_t *address, void *arg)
{
    (void)name;
    (void)arg;
    if (conn.state != NET_TCP_OPENING || conn.pcb != NULL)
        return; /* nobody waits for it any more */
    if (address == NULL)
        forget();
    else
        connect_to(address);
}

/* "host:port" -> its two parts. @return 1; 0 when it is not of that form */
static int take_apart(const char *place, char host[HOST_MAX], uint16_t *ret_port)
{
    const char *colon = strrchr(place, ':');
    uint32_t port = 0;

    if (colon == NULL || colon == place || colon - place >= HOST_MAX)
        return 0;
    for (const char *at = colon + 1; *at != '\0'; at++) {
        if (*at < '0' || *at > '9' || port > UINT16_MAX)
            return 0;
        port = port * 10 + (uint32_t)(*at - '0');
    }
    if (port == 0 || port > UINT16_MAX)
        return 0;
    memcpy(host, place, (size_t)(colon - place));
    host[colon - place] = '\0';
    *ret_port = (uint16_t)port;
    return 1;
}

int net_tcp_open(const char *place)
{
    char host[HOST_MAX];
    ip_addr_t address;
    err_t err;

    net_tcp_close();
    if (!net_is_up() || !take_apart(place, host, &conn.port))
        return -1;
    conn.state = NET_TCP_OPENING;
    err = dns_gethostbyname(host, &address, on_name, NULL);
    if (err == ERR_OK)
        connect_to(&address);
    else if (err != ERR_INPROGRESS)
        forget();
    return conn.state == NET_TCP_CLOSED ? -1 : 0;
}

/* What came before the end may still be taken. */
enum net_tcp_state net_tcp_state(void)
{
    if (conn.ended && conn.in == NULL)
        net_tcp_close();
    return (enum net_tcp_state)conn.state;
}

size_t net_tcp_send(const uint8_t *at, size_t len)
{
    size_t part = len;

    if (conn.state != NET_TCP_OPEN || conn.pcb == NULL)
        return 0;
    if (part > tcp_sndbuf(conn.pcb))
        part = tcp_sndbuf(conn.pcb);
    if (part == 0 || tcp_write(conn.pcb, at, (u16_t)part, TCP_WRITE_FLAG_COPY) != ERR_OK)
        return 0;
    tcp_output(conn.pcb);
    return part;
}

size_t net_tcp_receive(uint8_t *to, size_t cap)
{
    size_t done = 0;

    while (conn.in != NULL && done < cap) {
        struct pbuf *first = conn.in;
        size_t part = first->len - conn.in_offset;

        if (part > cap - done)
            part = cap - done;
        memcpy(to + done, (const uint8_t *)first->payload + conn.in_offset, part);
        done += part;
        conn.in_offset += part;
        if (conn.in_offset < first->len)
            break;
        conn.in = first->next;
        if (conn.in != NULL)
            pbuf_ref(conn.in);
        pbuf_free(first);
        conn.in_offset = 0;
    }
    if (done > 0 && conn.pcb != NULL)
        tcp_recved(conn.pcb, (u16_t)done);
    return done;
}

void net_tcp_close(void)
{
    struct tcp_pcb *pcb = conn.pcb;

    if (pcb != NULL) {
        tcp_arg(pcb, NULL);
        tcp_err(pcb, NULL);
        tcp_recv(pcb, NULL);
        tcp_setprio(pcb, TCP_PRIO_MIN); /* what still waits for its end makes room for a new one */
        if (tcp_close(pcb) != ERR_OK)
            tcp_abort(pcb);
    }
    forget();
}
