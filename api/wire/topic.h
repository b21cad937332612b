/* Topics: bptm/1/{bucket}/{device}/up/... and .../down/... */
#ifndef BPTM_TOPIC_H
#define BPTM_TOPIC_H

#include <stddef.h>
#include <stdint.h>

#include "error.h"
#include "wire.h"

enum topic_leaf {
    TOPIC_UP_JOURNAL,
    TOPIC_UP_STATUS,
    TOPIC_UP_LINK,
    TOPIC_DOWN_RECEIPT,
    TOPIC_DOWN_COMMAND,
    TOPIC_DOWN_CONFIG,
    TOPIC_DOWN_FIRMWARE,
    TOPIC_UP_FIRMWARE,
    TOPIC_LEAF_COUNT
};

struct topic {
    uint16_t bucket; /* 0..WIRE_BUCKET_COUNT-1 */
    char device[WIRE_DEVICE_MAX + 1];
    enum topic_leaf leaf;
};

/** Bucket of a device: first two bytes of SHA-256(device id), big endian, modulo 1024. */
uint16_t topic_bucket(const char *device);

/** @return 1 when the text is a device id: [A-Z0-9][A-Z0-9-]{2,23} */
int topic_device_valid(const char *device, size_t len);

/**
 * Take a topic apart. `root` is "bptm/1" unless provisioned otherwise. The bucket must be the
 * device's own.
 * @return EC_OK; EC_TOPIC_INVALID with `ret` untouched
 */
enum error_code topic_decode(const char *root, const char *topic, struct topic *ret) MUST_CHECK;

/**
 * Write a topic, NUL-terminated.
 * @return EC_OK; EC_TOPIC_INVALID for a leaf or bucket out of range; EC_WIRE_BUFFER for a root too
 *         long; `ret` untouched on failure
 */
enum error_code topic_encode(const char *root, const struct topic *t,
                             char ret[WIRE_TOPIC_MAX]) MUST_CHECK;

#endif
