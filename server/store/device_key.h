/* The keys of a device, by its serial number. */
#ifndef BPTM_DEVICE_KEY_H
#define BPTM_DEVICE_KEY_H

#include "base/limits.h"
#include "store/db.h"
#include "wire.h"

struct device_key {
    uint8_t kid[WIRE_KID_LEN];
    uint8_t public_key[WIRE_KEY_LEN];
    int is_retired; /* it has ended: what it signs now is not believed */
};

struct device_keys {
    int64_t device_id; /* 0: not registered, or retired */
    size_t count;      /* valid ones first, newest first, at most LIMIT_KEYS_PER_DEVICE */
    struct device_key at[LIMIT_KEYS_PER_DEVICE];
};

/** Load; a device that is not registered is EC_OK with device_id 0. */
enum error_code device_key_load(struct db *db, const char *serial,
                                struct device_keys *ret) MUST_CHECK;

#endif
