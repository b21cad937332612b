/* The machine: time, watchdog, lights, the console, why it was started, and how to start again. */
#ifndef BPTM_BOARD_H
#define BPTM_BOARD_H

#include <stdint.h>

#include "record.h"
#include "status.h"

enum {
    BOARD_TICK_MS = 10,       /* the main loop runs at least so often */
    BOARD_WATCHDOG_MS = 2000, /* without board_alive() an NMI, and after as long again a reset */
    BOARD_IRQ_FRONT_END = 2,  /* UART 1, a byte has come */
    BOARD_IRQ_ETHERNET = 13,
};

/** Start timer, tick, console and watchdog; call it first. */
void board_init(void);

/** Milliseconds since board_init(). */
uint64_t board_ms(void);

/** Cycles of the system clock, 25 MHz; wraps around. */
uint32_t board_cycles(void);

/** The main loop is well: the watchdog starts again. */
void board_alive(void);

/** Wait for an interrupt unless `pending` says that there is work; it is asked with interrupts
 *  held, so that none is missed. */
void board_sleep(int (*pending)(void));

/** Switch an interrupt on and off. */
void board_irq_enable(unsigned irq);
void board_irq_disable(unsigned irq);

/** Show the patterns now: UTILITY is bit 0 of the register of lights, GENERATOR bit 1; the board
 *  has no more. Blinks by the time. */
void board_lights(const uint8_t leds[STATUS_LED_COUNT], uint64_t now_ms);

/** What this start followed, as it was noted before the reset; POWER_ON without a note. */
enum record_cause board_cause(void);

/** Note a cause and reset. Safe in any handler. */
_Noreturn void board_reset(enum record_cause cause);

/** Text, and a number in decimal, on the console. */
void board_say(const char *text);
void board_say_number(uint64_t n);

#endif
