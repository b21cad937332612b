/* The two clocks: UTC for stamps, monotonic for waiting. */
#ifndef BPTM_CLOCK_H
#define BPTM_CLOCK_H

#include <stdint.h>
#include <time.h>

/** UTC in milliseconds since 1970. */
int64_t clock_utc_ms(void);

/** Milliseconds of a clock that never jumps; for time-outs and intervals. */
int64_t clock_mono_ms(void);

/** A point of the monotonic clock as pthread_cond_timedwait() wants it (CLOCK_MONOTONIC). */
struct timespec clock_timespec(int64_t mono_ms);

/** Sleep; a signal may end it early. */
void clock_sleep_ms(int64_t ms);

#endif
