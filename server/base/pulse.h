/* A sign of life of a loop, for the watchdog of the service manager. */
#ifndef BPTM_PULSE_H
#define BPTM_PULSE_H

#include <stdatomic.h>
#include <stdint.h>

#include "base/clock.h"

/** When a loop last came round; zeroed it is as old as the clock. */
struct pulse {
    _Atomic int64_t at_ms; /* monotonic */
};

/** The loop goes on: called at its start and at every turn, by its own thread. */
static inline void pulse_beat(struct pulse *p)
{
    atomic_store_explicit(&p->at_ms, clock_mono_ms(), memory_order_relaxed);
}

/** @return 1 when it came round within the last `within_ms` milliseconds. Thread-safe. */
static inline int pulse_is_fresh(struct pulse *p, int64_t within_ms)
{
    return clock_mono_ms() - atomic_load_explicit(&p->at_ms, memory_order_relaxed) <= within_ms;
}

#endif
