/* Random numbers. THIS MACHINE HAS NO SOURCE OF ENTROPY: what this gives is fit for QEMU only. */
#ifndef BPTM_ENTROPY_H
#define BPTM_ENTROPY_H

#include <stddef.h>
#include <stdint.h>

#include "wire.h"

/**
 * Start a generator of SHA-256 over a device's secret, its number of starts and the timer. It does
 * not repeat from start to start as long as the journal counts them, and who does not know the
 * secret cannot guess it; but it takes in nothing unforeseeable. A product uses the random number
 * generator of its part here, and its TLS has to be judged anew.
 */
void entropy_init(const uint8_t seed[WIRE_SEED_LEN], uint32_t boot);

/** Fill a buffer. */
void entropy_fill(uint8_t *to, size_t len);

/** 32 random bits, for jitter and port numbers. */
uint32_t entropy_word(void);

#endif
