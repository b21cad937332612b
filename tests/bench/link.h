/* An MQTT 3.1.1 connection that publishes as fast as the socket takes it, and costs little itself.
 */
#ifndef BENCH_LINK_H
#define BENCH_LINK_H

#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"

enum { LINK_OUT_MAX = 256 << 10, LINK_IN_MAX = 1 << 20 };

struct link {
    int fd;
    struct bytes out; /* not written yet, from out_at */
    size_t out_at;
    uint8_t *in; /* LINK_IN_MAX bytes */
    size_t in_len;
    uint16_t last_id;
    uint64_t published, acknowledged;
};

/** A message that came: borrowed for the call. */
struct link_message {
    const char *topic; /* not NUL-terminated */
    size_t topic_len;
    const uint8_t *payload;
    size_t len;
};

typedef void (*link_receive)(void *context, const struct link_message *m);

/**
 * Connect to the broker on loopback with a clean session; the user is the client id too.
 * @param ret  to be given to link_close(), also after a failure
 * @return EC_OK; EC_IO; EC_NO_MEMORY
 */
enum error_code link_open(uint16_t port, const char *user, const char *password,
                          struct link *ret) MUST_CHECK;
void link_close(struct link *l);

/** Subscribe at QoS 1 and wait for the grant. @return EC_OK; EC_IO when it is refused */
enum error_code link_subscribe(struct link *l, const char *filter) MUST_CHECK;

/** 1 while a publication still fits into the buffer. */
int link_has_room(const struct link *l);

/** Queue a publication at QoS 1. link_flush() sends it. */
void link_publish(struct link *l, const char *topic, const uint8_t *payload, size_t len);

/** Write what the socket takes now. @return EC_OK; EC_IO */
enum error_code link_flush(struct link *l) MUST_CHECK;

/** Read what is there; acknowledges and hands over each message. @return EC_OK; EC_IO */
enum error_code link_read(struct link *l, link_receive receive, void *context) MUST_CHECK;

/** 1 when bytes wait to be written. */
int link_wants_write(const struct link *l);

#endif
