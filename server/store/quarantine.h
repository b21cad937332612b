/* Messages that cannot be believed: kept for a look, bounded per device and in all. */
#ifndef BPTM_QUARANTINE_H
#define BPTM_QUARANTINE_H

#include "store/db.h"

struct quarantine_message {
    const char *serial; /* as the topic claims; NULL when the topic has none */
    int bucket;         /* 0 without a serial */
    const char *topic;  /* valid UTF-8 */
    const char *reason; /* slug of an error */
    size_t size;        /* of the whole message */
    const uint8_t *payload;
    size_t payload_len; /* what is kept of it, at most LIMIT_QUARANTINE_PAYLOAD */
    int64_t received_ms;
};

/**
 * Keep a message. When its device then has more than `per_device` of them, the oldest go; messages
 * without a serial share one such place.
 * @param ret_dropped  how many went
 */
enum error_code quarantine_put(struct db *db, const struct quarantine_message *m,
                               uint32_t per_device, uint64_t *ret_dropped) MUST_CHECK;

/** Drop the oldest of all beyond `total`. @param ret_dropped how many went */
enum error_code quarantine_trim(struct db *db, uint32_t total, uint64_t *ret_dropped) MUST_CHECK;

/**
 * Take out, oldest first, messages that were refused because their device was not registered, and
 * whose device is registered by now. Each is borrowed for the call of `visit` and gone afterwards:
 * what matters of it, its device sends again.
 * @param most  at most so many
 */
typedef void (*quarantine_visit)(void *context, const struct quarantine_message *m);
enum error_code quarantine_take(struct db *db, uint32_t most, quarantine_visit visit,
                                void *context) MUST_CHECK;

#endif
