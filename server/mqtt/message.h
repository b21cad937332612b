/* A message on its way: as it was received, then as it was understood. */
#ifndef BPTM_MESSAGE_H
#define BPTM_MESSAGE_H

#include "base/limits.h"
#include "store/device_status.h"
#include "store/firmware_image.h"
#include "store/journal_write.h"
#include "topic.h"
#include "wire.h"

enum message_kind {
    MESSAGE_RECEIVED, /* not looked at yet */
    MESSAGE_JOURNAL,
    MESSAGE_STATUS,
    MESSAGE_LINK,
    MESSAGE_FIRMWARE, /* for deliver.h, not for the writer */
    MESSAGE_REFUSED   /* for quarantine, under `reason` */
};

/** A verified batch and the memory that its parts borrow from: one piece, as large as its records
 *  ask for. */
struct message_journal {
    struct journal_batch batch;
    uint8_t prev_hash[WIRE_HASH_LEN];
    struct journal_row *rows; /* one for each record, as in the next two */
    struct journal_overwrite *overwrites;
    uint8_t (*hashes)[WIRE_HASH_LEN];
};

struct message {
    enum message_kind kind;
    enum error_code reason;
    int64_t received_ms;
    uint8_t kid[WIRE_KID_LEN]; /* of the key that verified a journal or status message */
    struct topic topic;        /* device "" when the topic is not one of the protocol */
    union {
        struct message_journal *journal; /* owned */
        struct device_status *status;    /* owned */
        struct device_link link;
        struct firmware_wanted *firmware; /* owned */
    };
    size_t size;      /* of the whole message */
    size_t len;       /* of `payload`: all, or LIMIT_QUARANTINE_PAYLOAD of a larger one */
    char *topic_text; /* inside the message's own memory */
    uint8_t payload[];
};

/**
 * Copy what came from the broker. The topic text is made printable and cut to
 * LIMIT_MQTT_TOPIC_LEN bytes for quarantine; `topic` is taken apart from the original.
 * @return EC_OK; EC_NO_MEMORY
 */
enum error_code message_new(const char *root, const char *topic, const void *payload, size_t size,
                            int64_t received_ms, struct message **ret) MUST_CHECK;
void message_free(struct message *m);

/** It cannot be believed: from now on it is for quarantine. Frees what was understood of it. */
void message_refuse(struct message *m, enum error_code reason);

#endif
