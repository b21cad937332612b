/* The journal part of bptmd: from the broker to the database, and receipts back. */
#ifndef BPTM_MQTT_H
#define BPTM_MQTT_H

#include "base/config.h"

struct mqtt_part;

/**
 * Start the threads. Neither the broker nor the database need be there yet.
 * @param config  must stay until mqtt_stop()
 * @return EC_OK; EC_CONFIG or EC_IO for a key or password file that cannot be used (logged);
 *         EC_NO_MEMORY
 */
enum error_code mqtt_start(const struct config *config, struct mqtt_part **ret) MUST_CHECK;

/** Did the broker's loop and the writer both come round within the last `within_ms`? Thread-safe.
 */
int mqtt_is_alive(struct mqtt_part *part, int64_t within_ms);

/** Take no more, commit and receipt what is in flight within LIMIT_INGEST_STOP_MS, disconnect. */
void mqtt_stop(struct mqtt_part *part);

#endif
