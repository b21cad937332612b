/* Overload: an inverse-time trip above 30 A, with cool-down and a lock-out after several trips. */
#ifndef BPTM_OVERLOAD_H
#define BPTM_OVERLOAD_H

#include <stdint.h>

enum {
    OVERLOAD_RATED_DA = 300,
    OVERLOAD_TRIPS_MAX = 3,     /* then locked out until the generator has stopped */
    OVERLOAD_CURRENT_MAX = 5000 /* 500 A: a reading above it counts as this */
};

/**
 * Heat is the integral of (i^2 - rated^2) dt above 30 A, and falls the same way below. Trip times
 * from cold: 36 A in 22.7 s, 45 A in 8 s, 60 A in 3.3 s, 90 A in 1.25 s.
 */
struct overload {
    uint64_t heat;       /* da^2 ms */
    uint32_t cooling_ms; /* left of the cool-down; 0: not tripped */
    uint32_t trips;      /* since the generator was last stopped */
    uint32_t trip_da;    /* current at the last trip */
};

void overload_init(struct overload *o);

/**
 * @param carrying  1 when the generator carries the load: only then it can be overloaded
 * @param live      1 while the generator has voltage; its end resets the count
 * @param cool_ms   cool-down after a trip
 * @return 1 when this step tripped
 */
int overload_step(struct overload *o, uint32_t load_da, int carrying, int live, uint32_t cool_ms,
                  uint32_t dt_ms);

/** 1 after a trip until the cool-down has passed. */
int overload_tripped(const struct overload *o);

/** 1 after OVERLOAD_TRIPS_MAX trips until the generator has stopped. */
int overload_locked_out(const struct overload *o);

#endif
