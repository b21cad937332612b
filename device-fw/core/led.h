/* The four lights of the device, from the state of the switch and its sources. */
#ifndef BPTM_LED_H
#define BPTM_LED_H

#include <stdint.h>

#include "status.h"

/** What the lights show. */
struct led_view {
    uint8_t state; /* enum transfer_state */
    uint32_t faults;
    uint8_t utility_present;
    uint8_t generator_present; /* in its window */
    uint8_t generator_live;
    uint8_t tripped; /* overload, cooling down */
    uint32_t load_da;
    uint8_t identify;  /* 1: all fast, so that somebody finds the device */
    uint8_t lamp_test; /* 1: all on, so that somebody sees a dead one */
};

/**
 * Patterns, enum status_pattern each.
 *
 *            on                      slow blink                  fast blink
 * UTILITY    present and serving     present, not serving yet
 * GENERATOR  serving (GEN. PWR ON)   good, not serving:          running, but not acceptable
 *                                    may be shut down
 * LOAD       above 30 A                                          tripped
 * FAULT      contact fault           transfers blocked           backfeed
 */
void led_show(const struct led_view *view, uint8_t ret[STATUS_LED_COUNT]);

#endif
