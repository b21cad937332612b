/* The connection to the MQTT broker: one thread, a persistent session, reading only while there is
 * room for what comes. */
#ifndef BPTM_BROKER_H
#define BPTM_BROKER_H

#include "base/config.h"
#include "mqtt/queue.h"
#include "mqtt/tally.h"

struct broker;

/**
 * Start the thread; it connects once broker_allow() says so, and again with back-off whenever the
 * connection is lost. Messages under {root}/+/+/up/# are put into `received`.
 * @return EC_OK; EC_CONFIG for a file that cannot be used (logged); EC_NO_MEMORY; EC_IO
 */
enum error_code broker_start(const struct config *config, struct queue *received,
                             struct tally *tally, struct broker **ret) MUST_CHECK;

void broker_allow(void *broker, int allowed);
int broker_is_connected(void *broker);

/** Publish; copied. @return 0 without a connection, or when LIMIT_MQTT_OUTGOING wait */
int broker_publish(void *broker, const char *topic, const uint8_t *at, size_t len, int qos);

/** Did the loop come round within the last `within_ms`? */
int broker_is_alive(struct broker *b, int64_t within_ms);

/** Take no more messages; what is published is still sent. */
void broker_stop_reading(struct broker *b);

/** Send what is waiting until `until_ms` (monotonic) at most, disconnect, free. Accepts NULL. */
void broker_stop(struct broker *b, int64_t until_ms);

#endif
