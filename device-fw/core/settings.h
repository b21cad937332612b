/* Settings of a device: identity, keys, timers; a checked CBOR blob in two slots of flash. */
#ifndef BPTM_SETTINGS_H
#define BPTM_SETTINGS_H

#include "cbor.h"
#include "error.h"
#include "flash.h"
#include "wire.h"

enum {
    SETTINGS_FLEET_KEYS_MAX = 2, /* the current one and the next */
    SETTINGS_ROOT_MAX = 31,
    SETTINGS_MODEL_MAX = 31,
    SETTINGS_BROKER_MAX = 63,
    SETTINGS_PSK_LEN = 32,
    SETTINGS_BLOB_MAX = 512, /* encoded */
    SETTINGS_SECTORS = 2,    /* slots; one is always whole */
};

/** What happens when the utility has returned and the generator still runs. */
enum settings_policy { SETTINGS_RETURNS = 0, SETTINGS_STAYS = 1 };

struct settings {
    char device[WIRE_DEVICE_MAX + 1];
    char root[SETTINGS_ROOT_MAX + 1]; /* of the topics */
    uint8_t seed[WIRE_SEED_LEN];      /* Ed25519 */
    uint8_t fleet_keys[SETTINGS_FLEET_KEYS_MAX][WIRE_KEY_LEN];
    uint32_t fleet_key_count;             /* 1..SETTINGS_FLEET_KEYS_MAX */
    char broker[SETTINGS_BROKER_MAX + 1]; /* "host:port"; empty: the port knows it otherwise */
    char password[WIRE_TEXT_MAX + 1];     /* of the broker */
    uint8_t psk[SETTINGS_PSK_LEN];        /* TLS; its identity is the device id */
    uint32_t psk_len;                     /* 0: none; SETTINGS_PSK_LEN */
    char model[SETTINGS_MODEL_MAX + 1];
    char hardware[SETTINGS_MODEL_MAX + 1]; /* revision */
    uint32_t fail_ms;
    uint32_t gen_ms;
    uint32_t return_ms;
    uint32_t dwell_ms;
    uint32_t ride_ms;
    uint32_t cool_ms;
    uint32_t policy;    /* enum settings_policy */
    uint32_t status_ms; /* between two status messages */
    uint32_t jitter_ms; /* the first connect after a start is spread over this */
};

/** A number among the settings: where it lies, its CBOR key, its hard limits and its default. */
struct settings_number {
    uint16_t offset; /* into struct settings */
    uint16_t key;
    uint32_t min;
    uint32_t max;
    uint32_t otherwise;
};

/** The table of numbers, in the order of setting.def; static. @return its length */
size_t settings_numbers(const struct settings_number **ret);

/** All numbers at their defaults, root "bptm/1", the rest empty. */
void settings_init(struct settings *s);

/** @return EC_OK; EC_CONFIG when the device id, a key count or a number is outside its limits */
enum error_code settings_check(const struct settings *s) MUST_CHECK;

/** As deterministic CBOR. @return EC_OK; EC_WIRE_BUFFER */
enum error_code settings_encode(const struct settings *s, uint8_t *buf, size_t cap,
                                size_t *ret_len) MUST_CHECK;

/** Unknown members are stepped over (newer firmware wrote them); missing numbers get their
 *  default. @param ret untouched on failure. @return EC_OK, EC_CONFIG or an EC_WIRE_ error */
enum error_code settings_decode(struct span blob, struct settings *ret) MUST_CHECK;

/** Change numbers by a map as the command `settings` carries it. Nothing but numbers can be named.
 *  @param s  untouched on failure. @return EC_OK; EC_CONFIG for another member or a number outside
 *  its limits; an EC_WIRE_ error */
enum error_code settings_change(struct settings *s, struct span argument) MUST_CHECK;

/** The newer whole slot of the two. @return EC_OK; EC_NOT_FOUND when none is whole; EC_FLASH */
enum error_code settings_load(const struct flash *area, struct settings *ret) MUST_CHECK;

/** Into the slot that is not the newest; the old settings stand until the new ones are whole.
 *  @return EC_OK; EC_FLASH; EC_CONFIG */
enum error_code settings_store(const struct flash *area, const struct settings *s) MUST_CHECK;

#endif
