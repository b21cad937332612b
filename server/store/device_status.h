/* The latest signed snapshot of each device, and what the broker says of its connection. */
#ifndef BPTM_DEVICE_STATUS_H
#define BPTM_DEVICE_STATUS_H

#include "status.h"
#include "store/db.h"

struct device_status {
    int64_t device_id;
    int64_t received_ms;
    struct status status; /* as decoded */
};

/** Store those newer than what is stored, by (boot, mono_ms); any order, repeats are fine. */
enum error_code device_status_put(struct db *db, const struct device_status *const *list,
                                  size_t n) MUST_CHECK;

struct device_link {
    int64_t device_id;
    int64_t received_ms;
    struct status_link link;
};

/** Store the newest of each device, by session and time of receipt; any order, repeats are fine. */
enum error_code device_link_put(struct db *db, const struct device_link *const *list,
                                size_t n) MUST_CHECK;

#endif
