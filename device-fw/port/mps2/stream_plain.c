/* Plain TCP: the journal is signed, but the password of the broker is readable on the way. */
#include "net.h"
#include "stream.h"

static const char *broker;

enum error_code stream_init(const struct settings *s)
{
    broker = s->broker;
    return *broker != '\0' ? EC_OK : EC_CONFIG;
}

int stream_open(void)
{
    return net_tcp_open(broker);
}

enum stream_state stream_step(void)
{
    static const enum stream_state of[] = {
        [NET_TCP_CLOSED] = STREAM_CLOSED,
        [NET_TCP_OPENING] = STREAM_OPENING,
        [NET_TCP_OPEN] = STREAM_OPEN,
    };

    return of[net_tcp_state()];
}

size_t stream_send(const uint8_t *at, size_t len)
{
    return net_tcp_send(at, len);
}

size_t stream_receive(uint8_t *to, size_t cap)
{
    return net_tcp_receive(to, cap);
}

void stream_close(void)
{
    net_tcp_close();
}
