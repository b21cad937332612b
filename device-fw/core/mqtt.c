/* The client: packets out, packets in, time-outs. */
#include "mqtt.h"

#include <string.h>

enum {
    CONNECT = 0x10,
    CONNACK = 0x20,
    PUBLISH = 0x30,
    PUBACK = 0x40,
    SUBSCRIBE = 0x82,
    SUBACK = 0x90,
    PINGREQ = 0xc0,
    PINGRESP = 0xd0,
    DISCONNECT = 0xe0,
    FLAG_DUP = 0x08,
    FLAG_QOS1 = 0x02,
    FLAG_RETAIN = 0x01,
    LENGTH_MAX = 4, /* bytes of a remaining length */
    TRIES_MAX = 3,  /* then the connection is taken for dead */
};

/* ---- output ---- */

/* A packet is put together at the end of the output and counted only when it is whole. */
struct packet {
    struct mqtt *m;
    size_t at;
};

static void put_byte(struct packet *p, unsigned v)
{
    p->m->out[p->at++] = (uint8_t)v;
}

static void put16(struct packet *p, unsigned v)
{
    put_byte(p, v >> 8);
    put_byte(p, v & 0xff);
}

static void put_bytes(struct packet *p, const void *at, size_t len)
{
    if (len > 0)
        memcpy(p->m->out + p->at, at, len);
    p->at += len;
}

static void put_field(struct packet *p, const void *at, size_t len)
{
    put16(p, (unsigned)len);
    put_bytes(p, at, len);
}

static void put_text(struct packet *p, const char *text)
{
    put_field(p, text, strlen(text));
}

/* @return 1 when header and body fit, leaving `spare` bytes */
static int begin(struct packet *p, struct mqtt *m, unsigned type, size_t body, size_t spare)
{
    if (1 + LENGTH_MAX + body + spare > MQTT_OUT_MAX - m->out_len)
        return 0;
    p->m = m;
    p->at = m->out_len;
    put_byte(p, type);
    do {
        put_byte(p, (unsigned)(body % 128) | (body >= 128 ? 128 : 0));
        body /= 128;
    } while (body > 0);
    return 1;
}

static void end(struct packet *p, uint64_t now_ms)
{
    p->m->out_len = p->at;
    p->m->sent_ms = now_ms;
}

static int send_short(struct mqtt *m, unsigned type, const uint8_t *body, size_t len,
                      uint64_t now_ms)
{
    struct packet p;

    if (!begin(&p, m, type, len, 0))
        return 0;
    put_bytes(&p, body, len);
    end(&p, now_ms);
    return 1;
}

static int send_connect(struct mqtt *m, uint64_t now_ms)
{
    const struct mqtt_config *c = &m->config;
    size_t body = 10 + 10 + strlen(c->client_id) + strlen(c->will_topic) + c->will.len +
                  strlen(c->user) + strlen(c->password);
    struct packet p;

    if (!begin(&p, m, CONNECT, body, 0))
        return 0;
    put_text(&p, "MQTT");
    put_byte(&p, 4);    /* protocol level of 3.1.1 */
    put_byte(&p, 0xec); /* user, password, will retained with QoS 1, session kept */
    put16(&p, c->keepalive_s);
    put_text(&p, c->client_id);
    put_text(&p, c->will_topic);
    put_field(&p, c->will.bytes, c->will.len);
    put_text(&p, c->user);
    put_text(&p, c->password);
    end(&p, now_ms);
    return 1;
}

static uint16_t take_id(struct mqtt *m)
{
    m->next_id++;
    if (m->next_id == 0)
        m->next_id = 1;
    return m->next_id;
}

static int send_subscribe(struct mqtt *m, uint64_t now_ms)
{
    struct packet p;

    if (!begin(&p, m, SUBSCRIBE, 2 + 2 + strlen(m->config.filter) + 1, 0))
        return 0;
    put16(&p, take_id(m));
    put_text(&p, m->config.filter);
    put_byte(&p, 1);
    end(&p, now_ms);
    return 1;
}

const uint8_t *mqtt_output(const struct mqtt *m, size_t *ret_len)
{
    *ret_len = m->out_len;
    return m->out;
}

void mqtt_sent(struct mqtt *m, size_t len)
{
    if (len > m->out_len)
        len = m->out_len;
    m->out_len -= len;
    memmove(m->out, m->out + len, m->out_len);
}

/* ---- messages out ---- */

static struct mqtt_flight *flight_of(struct mqtt *m, uint64_t token)
{
    for (int i = 0; i < MQTT_WINDOW; i++)
        if (m->flights[i].id != 0 && m->flights[i].token == token)
            return &m->flights[i];
    return NULL;
}

static struct mqtt_flight *free_flight(struct mqtt *m)
{
    for (int i = 0; i < MQTT_WINDOW; i++)
        if (m->flights[i].id == 0)
            return &m->flights[i];
    return NULL;
}

static int send_publish(struct mqtt *m, const struct mqtt_message *msg, uint16_t id, int dup,
                        uint64_t now_ms)
{
    size_t topic_len = strlen(msg->topic);
    unsigned flags =
        (msg->retain ? FLAG_RETAIN : 0) | (id != 0 ? FLAG_QOS1 : 0) | (dup ? FLAG_DUP : 0);
    struct packet p;

    if (!begin(&p, m, PUBLISH | flags, 2 + topic_len + (id != 0 ? 2 : 0) + msg->len,
               MQTT_OUT_SPARE))
        return 0;
    put_field(&p, msg->topic, topic_len);
    if (id != 0)
        put16(&p, id);
    put_bytes(&p, msg->payload, msg->len);
    end(&p, now_ms);
    return 1;
}

enum error_code mqtt_publish(struct mqtt *m, const struct mqtt_message *msg, uint64_t now_ms)
{
    struct mqtt_flight *f;
    uint16_t id;
    int dup;

    if (m->state != MQTT_UP)
        return EC_UNAVAILABLE;
    if (msg->qos == 0)
        return send_publish(m, msg, 0, 0, now_ms) ? EC_OK : EC_QUEUE_FULL;
    f = flight_of(m, msg->token);
    dup = f != NULL;
    if (f == NULL)
        f = free_flight(m);
    if (f == NULL)
        return EC_QUEUE_FULL;
    id = dup ? f->id : take_id(m);
    if (!send_publish(m, msg, id, dup, now_ms))
        return EC_QUEUE_FULL;
    f->id = id;
    f->token = msg->token;
    f->again = 0;
    f->tries++;
    f->sent_ms = now_ms;
    return EC_OK;
}

int mqtt_again(const struct mqtt *m, uint64_t *ret_token)
{
    const struct mqtt_flight *oldest = NULL;

    for (int i = 0; i < MQTT_WINDOW && m->state == MQTT_UP; i++) {
        const struct mqtt_flight *f = &m->flights[i];

        if (f->id != 0 && f->again && (oldest == NULL || f->sent_ms < oldest->sent_ms))
            oldest = f;
    }
    if (oldest == NULL)
        return 0;
    *ret_token = oldest->token;
    return 1;
}

void mqtt_forget(struct mqtt *m, uint64_t token)
{
    struct mqtt_flight *f = flight_of(m, token);

    if (f != NULL)
        memset(f, 0, sizeof(*f));
}

/* ---- packets in ---- */

static unsigned get16(const uint8_t *at)
{
    return (unsigned)at[0] << 8 | at[1];
}

static void on_connack(struct mqtt *m, const uint8_t *body, size_t len, uint64_t now_ms,
                       struct mqtt_event *ret)
{
    if (m->state != MQTT_OPENING || len != 2 || body[1] != 0 || !send_subscribe(m, now_ms)) {
        ret->kind = MQTT_EVENT_BROKEN;
        return;
    }
    m->state = MQTT_UP;
    m->session_present = body[0] & 1;
    for (int i = 0; i < MQTT_WINDOW; i++) {
        m->flights[i].again = m->flights[i].id != 0;
        m->flights[i].tries = 0;
    }
    ret->kind = MQTT_EVENT_CONNECTED;
}

/* The head of an oversize message is there: it can be acknowledged, so that the broker does not
 * offer it for ever. */
static void on_publish(struct mqtt *m, unsigned flags, const uint8_t *body, size_t len,
                       uint64_t now_ms, struct mqtt_event *ret)
{
    unsigned qos = flags >> 1 & 3;
    size_t topic_len = len >= 2 ? get16(body) : 0;
    size_t head = 2 + topic_len + (qos != 0 ? 2 : 0);

    if (len < 2 || qos > 1 || head > len) {
        ret->kind = MQTT_EVENT_BROKEN;
        return;
    }
    if (qos == 1 && !send_short(m, PUBACK, body + 2 + topic_len, 2, now_ms)) {
        ret->kind = MQTT_EVENT_BROKEN;
        return;
    }
    if (m->in_skip > 0 || topic_len > MQTT_TOPIC_MAX) {
        m->oversize++;
        return;
    }
    memcpy(ret->topic, body + 2, topic_len);
    ret->topic[topic_len] = '\0';
    ret->payload = body + head;
    ret->payload_len = len - head;
    ret->kind = MQTT_EVENT_MESSAGE;
}

static void on_puback(struct mqtt *m, const uint8_t *body, size_t len, struct mqtt_event *ret)
{
    if (len != 2) {
        ret->kind = MQTT_EVENT_BROKEN;
        return;
    }
    for (int i = 0; i < MQTT_WINDOW; i++) {
        struct mqtt_flight *f = &m->flights[i];

        if (f->id == 0 || f->id != get16(body))
            continue;
        ret->kind = MQTT_EVENT_ACKED;
        ret->token = f->token;
        memset(f, 0, sizeof(*f));
        return;
    }
}

static void on_packet(struct mqtt *m, size_t head, uint64_t now_ms, struct mqtt_event *ret)
{
    const uint8_t *body = m->in + head;
    size_t len = m->in_len - head;
    unsigned type = m->in[0] & 0xf0;

    if (m->state != MQTT_UP && m->state != MQTT_LEAVING && type != CONNACK) {
        ret->kind = MQTT_EVENT_BROKEN;
        return;
    }
    switch (type) {
    case CONNACK:
        on_connack(m, body, len, now_ms, ret);
        break;
    case PUBLISH:
        on_publish(m, m->in[0] & 0x0f, body, len, now_ms, ret);
        break;
    case PUBACK:
        on_puback(m, body, len, ret);
        break;
    case SUBACK:
        if (len != 3 || body[2] > 1)
            ret->kind = MQTT_EVENT_BROKEN;
        else
            m->backoff_ms = 0; /* only now the connection is of use */
        break;
    case PINGRESP:
        m->ping_open = 0;
        break;
    default:
        ret->kind = MQTT_EVENT_BROKEN;
    }
}

/* Length of the fixed header and of the body. @return 1; 0 when it is not complete; -1 when it is
 * malformed */
static int head_of(const struct mqtt *m, size_t *ret_head, size_t *ret_body)
{
    size_t body = 0;

    for (size_t i = 1; i <= LENGTH_MAX; i++) {
        if (i >= m->in_len)
            return 0;
        body |= (size_t)(m->in[i] & 127) << (7 * (i - 1));
        if (m->in[i] < 128) {
            *ret_head = i + 1;
            *ret_body = body;
            return 1;
        }
    }
    return -1;
}

size_t mqtt_receive(struct mqtt *m, const uint8_t *at, size_t len, uint64_t now_ms,
                    struct mqtt_event *ret)
{
    size_t taken = 0;
    size_t head = 0, body = 0;
    int known = 0;

    memset(ret, 0, sizeof(*ret));
    while (taken < len && (known = head_of(m, &head, &body)) == 0)
        m->in[m->in_len++] = at[taken++];
    if (known == 0)
        known = head_of(m, &head, &body);
    if (known < 0)
        ret->kind = MQTT_EVENT_BROKEN;
    if (known <= 0)
        return taken;
    while (m->in_len + m->in_skip < head + body && taken < len) {
        size_t want = head + body - m->in_len - m->in_skip;
        size_t room = MQTT_IN_MAX - m->in_len;
        size_t part = want < len - taken ? want : len - taken;
        size_t keep = part < room ? part : room;

        memcpy(m->in + m->in_len, at + taken, keep);
        m->in_len += keep;
        m->in_skip += part - keep;
        taken += part;
    }
    if (m->in_len + m->in_skip < head + body)
        return taken;
    on_packet(m, head, now_ms, ret);
    m->in_len = m->in_skip = 0;
    return taken;
}

/* ---- time and transport ---- */

/* Full jitter: after a regional outage a thousand devices must not come back as one. */
static uint32_t jittered(uint32_t span_ms, uint32_t random)
{
    return span_ms / 4 + random % (span_ms - span_ms / 4);
}

void mqtt_init(struct mqtt *m, const struct mqtt_config *config, uint64_t now_ms, uint32_t delay_ms)
{
    memset(m, 0, sizeof(*m));
    m->config = *config;
    m->state = MQTT_WAITING;
    m->retry_ms = now_ms + delay_ms;
}

static int ack_overdue(struct mqtt *m, uint64_t now_ms)
{
    for (int i = 0; i < MQTT_WINDOW; i++) {
        struct mqtt_flight *f = &m->flights[i];

        if (f->id == 0 || f->again || now_ms - f->sent_ms < MQTT_ACK_TIMEOUT_MS)
            continue;
        if (f->tries >= TRIES_MAX)
            return 1;
        f->again = 1;
    }
    return 0;
}

static enum mqtt_want keep_alive(struct mqtt *m, uint64_t now_ms)
{
    if (m->ping_open && now_ms - m->ping_ms >= MQTT_PING_TIMEOUT_MS)
        return MQTT_WANT_HANG_UP;
    if (!m->ping_open && now_ms - m->sent_ms >= m->config.keepalive_s * UINT64_C(750)) {
        if (!send_short(m, PINGREQ, NULL, 0, now_ms))
            return MQTT_WANT_HANG_UP;
        m->ping_open = 1;
        m->ping_ms = now_ms;
    }
    return ack_overdue(m, now_ms) ? MQTT_WANT_HANG_UP : MQTT_WANT_NOTHING;
}

enum mqtt_want mqtt_step(struct mqtt *m, uint64_t now_ms)
{
    switch (m->state) {
    case MQTT_WAITING:
        if (now_ms < m->retry_ms)
            return MQTT_WANT_NOTHING;
        m->state = MQTT_DIALING;
        m->retry_ms = now_ms + MQTT_OPEN_TIMEOUT_MS;
        return MQTT_WANT_DIAL;
    case MQTT_DIALING:
    case MQTT_OPENING:
        return now_ms >= m->retry_ms ? MQTT_WANT_HANG_UP : MQTT_WANT_NOTHING;
    case MQTT_UP:
        return keep_alive(m, now_ms);
    case MQTT_LEAVING:
        return m->out_len == 0 ? MQTT_WANT_HANG_UP : MQTT_WANT_NOTHING;
    default:
        return MQTT_WANT_NOTHING;
    }
}

void mqtt_opened(struct mqtt *m, const uint8_t *will, size_t will_len, uint64_t now_ms)
{
    if (m->state != MQTT_DIALING)
        return;
    m->config.will.len = will_len <= sizeof(m->config.will.bytes) ? will_len : 0;
    memcpy(m->config.will.bytes, will, m->config.will.len);
    m->out_len = m->in_len = m->in_skip = 0;
    m->ping_open = 0;
    m->state = MQTT_OPENING;
    m->retry_ms = now_ms + MQTT_OPEN_TIMEOUT_MS;
    (void)send_connect(m, now_ms); /* the output is empty: it fits */
}

void mqtt_closed(struct mqtt *m, uint64_t now_ms, uint32_t random)
{
    m->out_len = m->in_len = m->in_skip = 0;
    if (m->state == MQTT_STOPPED || m->state == MQTT_LEAVING) {
        m->state = MQTT_STOPPED;
        return;
    }
    m->backoff_ms = m->backoff_ms == 0                      ? MQTT_RETRY_MIN_MS
                    : m->backoff_ms > MQTT_RETRY_MAX_MS / 2 ? MQTT_RETRY_MAX_MS
                                                            : m->backoff_ms * 2;
    m->state = MQTT_WAITING;
    m->retry_ms = now_ms + jittered(m->backoff_ms, random);
}

void mqtt_leave(struct mqtt *m, uint64_t now_ms)
{
    if (m->state == MQTT_UP && send_short(m, DISCONNECT, NULL, 0, now_ms))
        m->state = MQTT_LEAVING;
    else
        m->state = MQTT_STOPPED;
}

int mqtt_is_up(const struct mqtt *m)
{
    return m->state == MQTT_UP;
}
