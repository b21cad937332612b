/* A status: signed snapshot of a device, the payload of an `up/status` message; latest wins. */
#ifndef BPTM_STATUS_H
#define BPTM_STATUS_H

#include "cbor.h"
#include "wire.h"

enum status_led {
    STATUS_LED_UTILITY,
    STATUS_LED_GENERATOR,
    STATUS_LED_LOAD,
    STATUS_LED_FAULT,
    STATUS_LED_COUNT
};
enum status_pattern { STATUS_OFF = 0, STATUS_ON = 1, STATUS_BLINK_SLOW = 2, STATUS_BLINK_FAST = 3 };
enum { STATUS_CLOSED_UTILITY = 1, STATUS_CLOSED_GENERATOR = 2 };
enum status_mode { STATUS_MODE_NORMAL = 0, STATUS_MODE_FIELD_WORK = 1 };

/** One source as measured: legs in tenths of a volt, frequency in hundredths of a hertz. */
struct status_source {
    uint32_t l1_dv;
    uint32_t l2_dv;
    uint32_t freq_chz;
};

struct status {
    uint32_t boot;
    uint64_t mono_ms;
    int64_t utc_ms; /* 0 with quality none */
    uint8_t quality;
    uint8_t state; /* enum switch_state of the firmware, 0.. */
    uint8_t leds[STATUS_LED_COUNT];
    uint8_t contactors; /* STATUS_CLOSED_ bits */
    struct status_source utility;
    struct status_source generator;
    uint32_t load_da;
    uint8_t mode;
    char firmware[WIRE_TEXT_MAX + 1];
    uint64_t written_through;
    uint64_t receipted_through;
    uint32_t fill_permille; /* of the journal */
    uint8_t reset_cause;    /* enum record_cause */
    uint32_t faults;        /* bit n: fault cause 20 + n latched */
    uint64_t epoch;
};

/** Encode. @return EC_OK; EC_WIRE_RANGE for a value the CDDL does not allow; EC_WIRE_BUFFER */
enum error_code status_encode(const struct status *s, uint8_t *buf, size_t cap,
                              size_t *ret_len) MUST_CHECK;
/** Decode. @return EC_OK or an EC_WIRE_ error; `ret` untouched on failure and without borrows */
enum error_code status_decode(struct span payload, struct status *ret) MUST_CHECK;

/** `up/link`: {1: session, 2: online}; retained, not signed; also the last will. */
struct status_link {
    uint64_t session;
    int online;
};

/** Encode and decode, as for the status. */
enum error_code status_link_encode(const struct status_link *l, uint8_t *buf, size_t cap,
                                   size_t *ret_len) MUST_CHECK;
enum error_code status_link_decode(struct span payload, struct status_link *ret) MUST_CHECK;

#endif
