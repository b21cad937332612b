/* MQTT 3.1.1 client (OASIS standard) as a protocol machine: bytes in, bytes out, no sockets. */
#ifndef BPTM_MQTT_H
#define BPTM_MQTT_H

#include <stddef.h>
#include <stdint.h>

#include "error.h"
#include "wire.h"

enum {
    MQTT_IN_MAX = 1536, /* a larger incoming packet is acknowledged and dropped, and counted */
    MQTT_OUT_MAX = WIRE_MESSAGE_MAX + 512, /* bytes waiting for the transport */
    MQTT_OUT_SPARE = 64,                   /* of these kept for acknowledgements and pings */
    MQTT_WINDOW = 4,                       /* QoS 1 messages without PUBACK */
    MQTT_OPEN_TIMEOUT_MS = 20000,          /* transport and CONNACK */
    MQTT_ACK_TIMEOUT_MS = 20000,           /* PUBACK, then once more with DUP */
    MQTT_PING_TIMEOUT_MS = 20000,
    MQTT_RETRY_MIN_MS = 1000, /* between two attempts to connect, doubling ... */
    MQTT_RETRY_MAX_MS = 300000,
    MQTT_TOPIC_MAX = 120, /* of an incoming message */
};

/** Borrowed for the life of the client. */
struct mqtt_config {
    const char *client_id;
    const char *user;
    const char *password;
    const char *filter; /* subscribed with QoS 1 after every connect */
    const char *will_topic;
    struct {
        uint8_t bytes[32];
        size_t len;
    } will; /* copied; retained, QoS 1 */
    uint16_t keepalive_s;
};

enum mqtt_state {
    MQTT_STOPPED,
    MQTT_WAITING, /* until retry_ms */
    MQTT_DIALING, /* the caller opens the transport */
    MQTT_OPENING, /* CONNECT sent */
    MQTT_UP,
    MQTT_LEAVING, /* DISCONNECT is in the output */
};

/** A QoS 1 message without PUBACK. Its payload is not kept: the owner makes it again. */
struct mqtt_flight {
    uint16_t id;   /* 0: free */
    uint8_t again; /* to be sent again, with DUP */
    uint8_t tries;
    uint64_t token; /* of the owner */
    uint64_t sent_ms;
};

struct mqtt {
    struct mqtt_config config;
    uint8_t state;
    uint8_t session_present;
    uint8_t ping_open;
    uint16_t next_id;
    uint32_t backoff_ms;
    uint64_t retry_ms; /* when WAITING ends; when DIALING or OPENING gives up */
    uint64_t sent_ms;  /* last byte queued */
    uint64_t ping_ms;
    struct mqtt_flight flights[MQTT_WINDOW];
    size_t out_len;
    size_t in_len;     /* bytes in `in`: fixed header and body, as far as they fit */
    size_t in_skip;    /* body bytes dropped because they do not fit */
    uint32_t oversize; /* packets dropped for their size */
    uint8_t in[MQTT_IN_MAX];
    uint8_t out[MQTT_OUT_MAX];
};

/** What a packet meant to the owner. */
enum mqtt_event_kind {
    MQTT_EVENT_NONE,
    MQTT_EVENT_CONNECTED,
    MQTT_EVENT_MESSAGE, /* already acknowledged */
    MQTT_EVENT_ACKED,   /* PUBACK for `token` */
    MQTT_EVENT_BROKEN,  /* protocol error or refusal: close the transport */
};

struct mqtt_event {
    enum mqtt_event_kind kind;
    char topic[MQTT_TOPIC_MAX + 1];
    const uint8_t *payload; /* inside the client, until the next call */
    size_t payload_len;
    uint64_t token;
};

/** What the caller is to do with the transport. */
enum mqtt_want { MQTT_WANT_NOTHING, MQTT_WANT_DIAL, MQTT_WANT_HANG_UP };

/** Waits delay_ms before the first attempt. */
void mqtt_init(struct mqtt *m, const struct mqtt_config *config, uint64_t now_ms,
               uint32_t delay_ms);

/** Time passes: dialing, pings, time-outs. MQTT_WANT_DIAL is said once; then the caller reports
 *  mqtt_opened() or mqtt_closed(). */
enum mqtt_want mqtt_step(struct mqtt *m, uint64_t now_ms);

/** The transport is open: CONNECT is queued. `will` is what the broker says if we vanish. */
void mqtt_opened(struct mqtt *m, const uint8_t *will, size_t will_len, uint64_t now_ms);

/** The transport is gone, or could not be opened: the next attempt is scheduled.
 *  @param random  32 random bits, for the jitter */
void mqtt_closed(struct mqtt *m, uint64_t now_ms, uint32_t random);

/**
 * Take bytes from the transport, at most to the end of one packet.
 * @param ret  always written
 * @return bytes taken; call again with the rest
 */
size_t mqtt_receive(struct mqtt *m, const uint8_t *at, size_t len, uint64_t now_ms,
                    struct mqtt_event *ret);

/** Bytes for the transport. */
const uint8_t *mqtt_output(const struct mqtt *m, size_t *ret_len);

/** The transport took this many of them. */
void mqtt_sent(struct mqtt *m, size_t len);

struct mqtt_message {
    const char *topic;
    const uint8_t *payload;
    size_t len;
    uint8_t qos; /* 0 or 1 */
    uint8_t retain;
    uint64_t token; /* QoS 1: comes back with MQTT_EVENT_ACKED */
};

/** Queue a message. A QoS 1 message whose token is in flight goes out again, with DUP.
 *  @return EC_OK; EC_QUEUE_FULL when the output or the window is full; EC_UNAVAILABLE when not
 *  connected */
enum error_code mqtt_publish(struct mqtt *m, const struct mqtt_message *message,
                             uint64_t now_ms) MUST_CHECK;

/** 1 and the token of the oldest message that has to go out again: make it again and publish it,
 *  or mqtt_forget() it. */
int mqtt_again(const struct mqtt *m, uint64_t *ret_token);

/** No PUBACK is awaited for a token any more. */
void mqtt_forget(struct mqtt *m, uint64_t token);

/** Queue DISCONNECT; the broker then drops the will. */
void mqtt_leave(struct mqtt *m, uint64_t now_ms);

/** 1 when connected. */
int mqtt_is_up(const struct mqtt *m);

#endif
