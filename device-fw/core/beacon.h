/* The beacon: status snapshots now and then and after a change, and the retained link message. */
#ifndef BPTM_BEACON_H
#define BPTM_BEACON_H

#include "cose.h"
#include "mqtt.h"
#include "settings.h"
#include "status.h"

enum {
    BEACON_SOON_MS = 300,   /* a change settles this long before it is told ... */
    BEACON_APART_MS = 3000, /* ... and two snapshots are this far apart */
    BEACON_LINK_LEN = 16,   /* encoded link message, at most */
};
#define BEACON_LINK_TOKEN UINT64_MAX /* of the link message towards MQTT */

struct beacon {
    uint64_t due_ms;  /* of the next status */
    uint64_t sent_ms; /* of the last one */
    uint32_t shown;   /* digest of what the last one showed */
    uint64_t session; /* this connection: boot number and count of connections */
    uint8_t link_due;
    uint8_t online; /* what the link message is to say */
};

/** What the beacon works with; borrowed for the call. */
struct beacon_context {
    struct mqtt *mqtt;
    const struct settings *settings;
    const struct cose_key *key;
    const char *topic_status;
    const char *topic_link;
    uint8_t *message; /* WIRE_STATUS_MAX bytes */
    uint8_t *signing; /* WIRE_SCRATCH_LEN bytes */
};

void beacon_init(struct beacon *b, uint32_t boot);

/** A status is to be sent at once, connected or as soon as it is. */
void beacon_soon(struct beacon *b, uint64_t now_ms);

/** The next connection gets a new session number. @return length of its last will in `ret` */
size_t beacon_will(struct beacon *b, uint8_t ret[BEACON_LINK_LEN]);

/** Connected: say so, and show a status soon. */
void beacon_connected(struct beacon *b, uint64_t now_ms);

/** Publish what is due. @param status as it is now */
void beacon_step(struct beacon *b, const struct beacon_context *c, const struct status *status,
                 uint64_t now_ms, uint32_t random);

/** Publish the link message, again or for the first time. `online` 0 says good-bye. */
void beacon_link(struct beacon *b, const struct beacon_context *c, int online, uint64_t now_ms);

#endif
