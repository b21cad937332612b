/* The thread that sends devices the chunks of firmware that they ask for, apart from the ingest. */
#ifndef BPTM_DELIVER_H
#define BPTM_DELIVER_H

#include "base/config.h"
#include "mqtt/message.h"
#include "mqtt/tally.h"

struct deliver;

/** What it works with; borrowed, and outlives it. */
struct deliver_env {
    const struct config *config;
    struct tally *tally;
    void *broker;
    int (*publish)(void *broker, const char *topic, const uint8_t *at, size_t len, int qos);
};

/** Start the thread; it connects to the database when there is something to do.
 *  @return EC_OK; EC_NO_MEMORY; EC_IO */
enum error_code deliver_start(const struct deliver_env *env, struct deliver **ret) MUST_CHECK;

/** Hand a message of kind MESSAGE_FIRMWARE over, from any thread; it is freed here. When
 *  LIMIT_FIRMWARE_QUEUE requests are waiting it is dropped, and the device asks again. */
void deliver_want(struct deliver *d, struct message *m);

/** Forget what is waiting. Accepts NULL. */
void deliver_stop(struct deliver *d);

#endif
