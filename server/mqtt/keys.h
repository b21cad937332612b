/* Keys of devices in memory: bounded, filled from the database when they are first needed. */
#ifndef BPTM_KEYS_H
#define BPTM_KEYS_H

#include "store/device_key.h"

struct keys;

/** `conninfo` must stay until keys_free(); the connection is made when it is first needed.
 *  @return EC_OK; EC_NO_MEMORY */
enum error_code keys_new(const char *conninfo, struct keys **ret) MUST_CHECK;
void keys_free(struct keys *k);

/**
 * Keys of a device as they are known, or loaded. That a device is unknown is remembered for
 * LIMIT_KEYS_REFRESH_MS only. From any thread.
 * @return EC_OK with device_id 0 for an unknown device; EC_DATABASE when that cannot be told now
 */
enum error_code keys_get(struct keys *k, const char *serial, struct device_keys *ret) MUST_CHECK;

/**
 * Load again, for a message that does not verify: at most once in LIMIT_KEYS_REFRESH_MS for a
 * device and LIMIT_KEYS_REFRESH_PER_S for all; beyond that as keys_get().
 */
enum error_code keys_refresh(struct keys *k, const char *serial,
                             struct device_keys *ret) MUST_CHECK;

/** Forget a device whose keys turned out to be old. */
void keys_forget(struct keys *k, const char *serial);

#endif
