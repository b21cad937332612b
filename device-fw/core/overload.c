/* The heat model of the overload trip. */
#include "overload.h"

#include <string.h>

/* 9,000 A^2 s in tenths of an ampere and milliseconds. */
#define HEAT_TRIP UINT64_C(900000000)

void overload_init(struct overload *o)
{
    memset(o, 0, sizeof(*o));
}

static void warm(struct overload *o, uint32_t load_da, uint32_t dt_ms)
{
    const uint64_t rated = (uint64_t)OVERLOAD_RATED_DA * OVERLOAD_RATED_DA;
    uint64_t da = load_da < OVERLOAD_CURRENT_MAX ? load_da : OVERLOAD_CURRENT_MAX;
    uint64_t square = da * da;

    if (square > rated) {
        o->heat += (square - rated) * dt_ms;
    } else {
        uint64_t fall = (rated - square) * dt_ms;

        o->heat = o->heat > fall ? o->heat - fall : 0;
    }
}

int overload_step(struct overload *o, uint32_t load_da, int carrying, int live, uint32_t cool_ms,
                  uint32_t dt_ms)
{
    o->cooling_ms = o->cooling_ms > dt_ms ? o->cooling_ms - dt_ms : 0;
    if (!live)
        o->trips = 0;
    warm(o, carrying ? load_da : 0, dt_ms);
    if (!carrying || o->heat < HEAT_TRIP)
        return 0;
    o->heat = 0; /* the cool-down takes its place */
    o->cooling_ms = cool_ms;
    o->trips++;
    o->trip_da = load_da;
    return 1;
}

int overload_tripped(const struct overload *o)
{
    return o->cooling_ms > 0;
}

int overload_locked_out(const struct overload *o)
{
    return o->trips >= OVERLOAD_TRIPS_MAX;
}
