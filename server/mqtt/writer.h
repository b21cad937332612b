/* The one writer: groups messages into transactions, and only after a commit signs receipts. */
#ifndef BPTM_WRITER_H
#define BPTM_WRITER_H

#include "base/config.h"
#include "cose.h"
#include "mqtt/group.h"
#include "mqtt/keys.h"
#include "mqtt/queue.h"

/** What the writer works with; everything is borrowed and outlives it. */
struct writer_env {
    const struct config *config;
    const struct cose_key *key; /* of the fleet: signs receipts */
    struct keys *keys;
    struct queue *received;   /* looked at only for its depth */
    struct queue *understood; /* what it takes from */
    struct tally *tally;
    void *broker;
    /** Hand a message to the broker. @return 0 when it could not take it: the device asks again */
    int (*publish)(void *broker, const char *topic, const uint8_t *at, size_t len, int qos);
    /** Messages may come (1) or must not (0): the writer does or does not hold the lease. */
    void (*allow)(void *broker, int allowed);
    int (*is_connected)(void *broker);
};

struct writer;

/** Start the thread. @return EC_OK; EC_NO_MEMORY; EC_IO when there is no thread to be had */
enum error_code writer_start(const struct writer_env *env, struct writer **ret) MUST_CHECK;

/** Did the thread come round within the last `within_ms`? */
int writer_is_alive(struct writer *w, int64_t within_ms);

/**
 * Finish: what is in the (closed) queue is committed and receipted, within LIMIT_INGEST_STOP_MS of
 * `asked_ms` (monotonic) when the database allows; then the lease is given back.
 */
void writer_stop(struct writer *w, int64_t asked_ms);

#endif
