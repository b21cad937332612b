/* MQTT 3.1.1 packets over a non-blocking socket. */
#include "link.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    CONNECT = 0x10,
    CONNACK = 0x20,
    PUBLISH_QOS1 = 0x32,
    PUBLISH = 0x30,
    PUBACK = 0x40,
    SUBSCRIBE = 0x82,
    SUBACK = 0x90,
    DISCONNECT = 0xE0,
    TYPE_MASK = 0xF0,
    QOS_MASK = 0x06,
    CONNECT_FLAGS = 0xC2, /* user, password, clean session */
    ANSWER_MS = 10000,
    ANSWER_MAX = 16,
    REFUSED = 0x80,
};

struct packet {
    uint8_t type;
    const uint8_t *body;
    size_t len, size; /* of the body; of the whole */
};

/* -- writing --------------------------------------------------------------------------------- */

static void put_head(struct bytes *b, uint8_t type, size_t len)
{
    bytes_put_u8(b, type);
    do {
        bytes_put_u8(b, (uint8_t)((len & 127) | (len > 127 ? 128 : 0)));
        len >>= 7;
    } while (len > 0);
}

static void put_text(struct bytes *b, const char *text)
{
    bytes_put_u16(b, (uint16_t)strlen(text));
    bytes_put(b, text, strlen(text));
}

static uint16_t next_id(struct link *l)
{
    l->last_id = (uint16_t)(l->last_id == UINT16_MAX ? 1 : l->last_id + 1);
    return l->last_id;
}

int link_has_room(const struct link *l)
{
    return l->out.len - l->out_at < LINK_OUT_MAX / 2;
}

int link_wants_write(const struct link *l)
{
    return l->out.len > l->out_at;
}

void link_publish(struct link *l, const char *topic, const uint8_t *payload, size_t len)
{
    put_head(&l->out, PUBLISH_QOS1, 2 + strlen(topic) + 2 + len);
    put_text(&l->out, topic);
    bytes_put_u16(&l->out, next_id(l));
    bytes_put(&l->out, payload, len);
    l->published++;
}

enum error_code link_flush(struct link *l)
{
    if (l->out.failed)
        return EC_NO_MEMORY;
    while (l->out.len > l->out_at) {
        ssize_t n = send(l->fd, l->out.at + l->out_at, l->out.len - l->out_at, MSG_NOSIGNAL);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return errno == EAGAIN ? EC_OK : EC_IO;
        l->out_at += (size_t)n;
    }
    bytes_clear(&l->out);
    l->out_at = 0;
    return EC_OK;
}

/* -- reading --------------------------------------------------------------------------------- */

/* @return 1 when a whole packet lies there */
static int first_packet(const uint8_t *at, size_t len, struct packet *ret)
{
    size_t body = 0;

    for (size_t n = 1; n < 5 && n < len; n++) {
        body |= (size_t)(at[n] & 127) << (7 * (n - 1));
        if (at[n] < 128) {
            *ret = (struct packet){at[0], at + n + 1, body, n + 1 + body};
            return ret->size <= len;
        }
    }
    return 0;
}

static void take_publish(struct link *l, const struct packet *p, link_receive receive,
                         void *context)
{
    struct link_message m = {.topic = (const char *)p->body + 2};
    size_t at;

    if (p->len < 2)
        return;
    m.topic_len = (size_t)(p->body[0] << 8 | p->body[1]);
    at = 2 + m.topic_len + ((p->type & QOS_MASK) != 0 ? 2 : 0);
    if (at > p->len)
        return;
    m.payload = p->body + at;
    m.len = p->len - at;
    if ((p->type & QOS_MASK) != 0) {
        put_head(&l->out, PUBACK, 2);
        bytes_put(&l->out, p->body + at - 2, 2);
    }
    receive(context, &m);
}

enum error_code link_read(struct link *l, link_receive receive, void *context)
{
    ssize_t n = recv(l->fd, l->in + l->in_len, LINK_IN_MAX - l->in_len, 0);
    struct packet p;
    size_t at = 0;

    if (n < 0)
        return errno == EAGAIN || errno == EINTR ? EC_OK : EC_IO;
    if (n == 0)
        return EC_IO;
    l->in_len += (size_t)n;
    while (first_packet(l->in + at, l->in_len - at, &p)) {
        if ((p.type & TYPE_MASK) == PUBLISH)
            take_publish(l, &p, receive, context);
        l->acknowledged += p.type == PUBACK;
        at += p.size;
    }
    memmove(l->in, l->in + at, l->in_len - at);
    l->in_len -= at;
    return l->in_len == LINK_IN_MAX ? EC_IO : EC_OK;
}

/* -- opening, with blocking reads ------------------------------------------------------------ */

/* The answer of a type; what comes before it is left out. @return its length, or 0 */
static size_t wait_answer(struct link *l, uint8_t type, uint8_t ret[ANSWER_MAX])
{
    struct pollfd fd = {.fd = l->fd, .events = POLLIN};
    struct packet p;

    while (poll(&fd, 1, ANSWER_MS) == 1) {
        ssize_t n = recv(l->fd, l->in + l->in_len, LINK_IN_MAX - l->in_len, 0);
        if (n <= 0)
            return 0;
        l->in_len += (size_t)n;
        while (first_packet(l->in, l->in_len, &p)) {
            size_t len = p.len < ANSWER_MAX ? p.len : ANSWER_MAX;
            int is_it = p.type == type;
            memcpy(ret, p.body, len);
            memmove(l->in, l->in + p.size, l->in_len - p.size);
            l->in_len -= p.size;
            if (is_it)
                return len;
        }
    }
    return 0;
}

static enum error_code connect_socket(struct link *l, uint16_t port)
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(port)};
    int yes = 1;

    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    l->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (l->fd < 0 || connect(l->fd, (struct sockaddr *)&to, sizeof(to)) != 0 ||
        setsockopt(l->fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes)) != 0 ||
        fcntl(l->fd, F_SETFL, O_NONBLOCK) != 0)
        return EC_IO;
    return EC_OK;
}

enum error_code link_open(uint16_t port, const char *user, const char *password, struct link *ret)
{
    uint8_t answer[ANSWER_MAX];

    *ret = (struct link){.fd = -1, .in = malloc(LINK_IN_MAX)};
    bytes_init(&ret->out, 2 * LINK_OUT_MAX);
    if (ret->in == NULL)
        return EC_NO_MEMORY;
    enum error_code ec = connect_socket(ret, port);
    if (ec != EC_OK)
        return ec;
    put_head(&ret->out, CONNECT, 10 + 2 + strlen(user) + 2 + strlen(user) + 2 + strlen(password));
    put_text(&ret->out, "MQTT");
    bytes_put_u8(&ret->out, 4);
    bytes_put_u8(&ret->out, CONNECT_FLAGS);
    bytes_put_u16(&ret->out, 0); /* no keep-alive */
    put_text(&ret->out, user);
    put_text(&ret->out, user);
    put_text(&ret->out, password);
    ec = link_flush(ret);
    if (ec == EC_OK && (wait_answer(ret, CONNACK, answer) != 2 || answer[1] != 0))
        ec = EC_IO;
    return ec;
}

enum error_code link_subscribe(struct link *l, const char *filter)
{
    uint8_t answer[ANSWER_MAX];

    put_head(&l->out, SUBSCRIBE, 2 + 2 + strlen(filter) + 1);
    bytes_put_u16(&l->out, next_id(l));
    put_text(&l->out, filter);
    bytes_put_u8(&l->out, 1);
    enum error_code ec = link_flush(l);
    if (ec == EC_OK && (wait_answer(l, SUBACK, answer) != 3 || answer[2] == REFUSED))
        ec = EC_IO;
    return ec;
}

void link_close(struct link *l)
{
    const uint8_t bye[2] = {DISCONNECT, 0};

    if (l->fd >= 0) {
        (void)!send(l->fd, bye, sizeof(bye), MSG_NOSIGNAL);
        close(l->fd);
    }
    free(l->in);
    bytes_done(&l->out);
    *l = (struct link){.fd = -1};
}
