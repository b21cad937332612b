/* Commands on their way: signed and sent while they are open, closed by the journals that come in.
 */
#ifndef BPTM_COMMANDS_H
#define BPTM_COMMANDS_H

#include "cose.h"
#include "mqtt/work.h"

/** What sending needs; borrowed for the call. */
struct commands_sender {
    const struct cose_key *key; /* of the fleet */
    const char *root;           /* of the topics */
    void *broker;
    int (*publish)(void *broker, const char *topic, const uint8_t *at, size_t len, int qos);
};

/**
 * Sign and send what is due, at most LIMIT_COMMANDS_PER_TICK. What the broker does not take stays
 * due. @param ret_sent  how many were handed over
 * @return EC_OK; EC_NO_MEMORY; a database error
 */
enum error_code commands_send(struct db *db, const struct commands_sender *s, int64_t now_ms,
                              size_t *ret_sent) MUST_CHECK;

/** Inside the transaction that has stored a group: close what its new records tell of. */
enum error_code commands_close(struct db *db, const struct work *work) MUST_CHECK;

#endif
