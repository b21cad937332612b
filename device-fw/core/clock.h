/* What the device knows of the time: anchors from verified receipts, and how far to trust them. */
#ifndef BPTM_CLOCK_H
#define BPTM_CLOCK_H

#include <stdint.h>

#include "record.h"

enum {
    CLOCK_STEP_MS = 2000,              /* a larger correction is journalled */
    CLOCK_ROUND_TRIP_MAX_MS = 10000,   /* a receipt that took longer says too little */
    CLOCK_TRUST_MS = 24 * 3600 * 1000, /* without an anchor this long: estimated */
};

struct clock {
    int64_t offset_ms;  /* UTC minus milliseconds since the start */
    uint64_t anchor_ms; /* since the start, of the last anchor */
    uint8_t known;
};

/** What an anchor changed. */
struct clock_step {
    int64_t old_utc_ms; /* 0: there was no clock */
    int64_t new_utc_ms;
};

/** No clock. */
void clock_init(struct clock *c);

/** UTC of a moment since the start; 0 when there is no clock. */
int64_t clock_utc_ms(const struct clock *c, uint64_t mono_ms);

enum record_quality clock_quality(const struct clock *c, uint64_t mono_ms);

/**
 * Whether a moment has passed, as far as the clock can tell: one without a fresh anchor may be
 * slow, and what may have passed has passed.
 * @return 1 or 0; 0 without a clock, see clock_quality()
 */
int clock_is_past(const struct clock *c, uint64_t utc_ms, uint64_t mono_ms);

/**
 * Take the server's time from the receipt that answers a batch. It was read between sending and
 * now, so the middle is off by half the round trip at most; a clock that is no further off than
 * that stays as it is.
 *
 * @param sent_ms  when the batch was first sent, since the start
 * @param ret      what to journal, when the result is 1
 * @return 1 when the clock was set first or stepped by more than CLOCK_STEP_MS; 0 otherwise
 */
int clock_anchor(struct clock *c, uint64_t server_ms, uint64_t sent_ms, uint64_t now_ms,
                 struct clock_step *ret);

#endif
