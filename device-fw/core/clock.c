/* Setting and reading the device's clock. */
#include "clock.h"

#include <string.h>

void clock_init(struct clock *c)
{
    memset(c, 0, sizeof(*c));
}

int64_t clock_utc_ms(const struct clock *c, uint64_t mono_ms)
{
    return c->known ? c->offset_ms + (int64_t)mono_ms : 0;
}

enum record_quality clock_quality(const struct clock *c, uint64_t mono_ms)
{
    if (!c->known)
        return RECORD_QUALITY_NONE;
    return mono_ms - c->anchor_ms > CLOCK_TRUST_MS ? RECORD_QUALITY_ESTIMATED
                                                   : RECORD_QUALITY_SYNCHRONISED;
}

/* A crystal is good for 100 ppm; 1/4096 (244 ppm) of the age of the anchor allows for heat too. */
int clock_is_past(const struct clock *c, uint64_t utc_ms, uint64_t mono_ms)
{
    uint64_t slow_ms = (mono_ms - c->anchor_ms) >> 12;

    return c->known && (uint64_t)clock_utc_ms(c, mono_ms) + slow_ms > utc_ms;
}

int clock_anchor(struct clock *c, uint64_t server_ms, uint64_t sent_ms, uint64_t now_ms,
                 struct clock_step *ret)
{
    uint64_t round_trip_ms = now_ms - sent_ms;
    int64_t old_ms = clock_utc_ms(c, now_ms);
    int64_t new_ms = (int64_t)(server_ms + round_trip_ms / 2);
    int64_t step_ms = new_ms > old_ms ? new_ms - old_ms : old_ms - new_ms;
    int had = c->known;

    /* A server without a plausible time (before 2020, or beyond what JSON carries) is no anchor. */
    if (round_trip_ms > CLOCK_ROUND_TRIP_MAX_MS || server_ms < UINT64_C(1577836800000) ||
        server_ms > UINT64_C(9007199254740991))
        return 0;
    c->anchor_ms = now_ms;
    if (had && step_ms <= (int64_t)(round_trip_ms / 2))
        return 0; /* the clock is inside what the receipt can tell: it confirms, no more */
    c->offset_ms = new_ms - (int64_t)now_ms;
    c->known = 1;
    if (had && step_ms <= CLOCK_STEP_MS)
        return 0;
    ret->old_utc_ms = old_ms;
    ret->new_utc_ms = new_ms;
    return 1;
}
