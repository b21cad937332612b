/* The note outlives a reset and is gone with the power. */
#include "reset.h"

#include <stdint.h>

#include "layout.h"

#define SCB_AIRCR   (*(volatile uint32_t *)0xe000ed0cu)
#define AIRCR_RESET 0x05fa0004u
#define NOTE_MAGIC  0x42505452u /* "RTPB" */

static volatile uint32_t *note(void)
{
    return (volatile uint32_t *)(uintptr_t)LAYOUT_NOTE_BASE;
}

enum record_cause reset_take_cause(void)
{
    volatile uint32_t *n = note();
    int whole = n[0] == NOTE_MAGIC && n[1] == ~n[2];
    enum record_cause found = whole ? (enum record_cause)n[1] : RECORD_CAUSE_POWER_ON;

    n[0] = 0;
    return found;
}

_Noreturn void reset_because(enum record_cause cause)
{
    volatile uint32_t *n = note();

    n[1] = cause;
    n[2] = ~(uint32_t)cause;
    n[0] = NOTE_MAGIC;
    __asm__ volatile("dsb" ::: "memory");
    SCB_AIRCR = AIRCR_RESET;
    for (;;) {
    }
}
