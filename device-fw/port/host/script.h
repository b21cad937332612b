/* A script: what happens to which homes at which simulated time, read from a file before the start.
 */
#ifndef BPTM_SCRIPT_H
#define BPTM_SCRIPT_H

#include <stddef.h>
#include <stdint.h>

#include "error.h"

enum {
    SCRIPT_LINES_MAX = 10000,
    SCRIPT_LINE_MAX = 128,
    SCRIPT_CIRCUITS_MAX = 1000,
    SCRIPT_NAME_MAX = 31,
    SCRIPT_STEPS_MAX = 2000000, /* a line for one home each */
    SCRIPT_TIME_MAX_S = 10 * 365 * 86400,
};

struct fleet;

/** One line for one home. */
struct script_step {
    uint64_t at_ms;
    uint32_t home; /* from 1 */
    uint32_t line;
};

struct script_circuit {
    char name[SCRIPT_NAME_MAX + 1];
    uint32_t from, to; /* homes, from 1, inclusive */
};

/** All zero: an empty script. */
struct script {
    struct script_step *steps; /* in order of time */
    size_t count, room, next;
    char (*lines)[SCRIPT_LINE_MAX]; /* what to do, as on the control socket without the home */
    size_t line_count;
    struct script_circuit *circuits;
    size_t circuit_count;
};

/**
 * Read a script: see the manual. The delays of a spread follow from `seed`. Logs what is wrong,
 * with its line.
 * @return EC_OK; EC_IO; EC_CONFIG; EC_NO_MEMORY
 */
enum error_code script_load(struct script *s, const char *path, unsigned homes,
                            uint64_t seed) MUST_CHECK;

/** Accepts a zeroed script. */
void script_done(struct script *s);

/** When the next step is due; UINT64_MAX: none is left. */
uint64_t script_due_ms(const struct script *s);

/** Do what is due. What a home could not do is logged. */
void script_run(struct script *s, struct fleet *f, uint64_t now_ms);

#endif
