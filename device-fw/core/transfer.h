/* The transfer switch: an ordered rule table over qualified inputs; the first match wins. */
#ifndef BPTM_TRANSFER_H
#define BPTM_TRANSFER_H

#include <stdint.h>

#include "record.h"

/** States, as they stand in a status message. */
enum transfer_state {
    TRANSFER_START,           /* contacts not judged yet; contactors at rest */
    TRANSFER_ON_UTILITY,      /* utility contactor proven closed */
    TRANSFER_OPEN,            /* both commanded open; waiting for proof and dead time */
    TRANSFER_CLOSE_UTILITY,   /* utility contactor commanded, not proven */
    TRANSFER_CLOSE_GENERATOR, /* generator contactor commanded, not proven */
    TRANSFER_ON_GENERATOR,    /* generator contactor proven closed */
    TRANSFER_FAULT_OPEN,      /* a contact cannot be trusted; both commanded open */
    TRANSFER_FAULT_UTILITY,   /* a contact cannot be trusted; resting on the utility */
    TRANSFER_STATE_COUNT
};

/** Faults that latch are numbered by their cause: bit n of `faults` is record cause 20 + n. */
#define TRANSFER_FAULT(cause) (UINT32_C(1) << ((cause)-RECORD_CAUSE_NO_OPEN))
enum { TRANSFER_FAULT_COUNT = RECORD_CAUSE_OVERLOAD_LOCKOUT - RECORD_CAUSE_NO_OPEN + 1 };

/** Qualified inputs, 0 or 1. */
struct transfer_input {
    uint8_t utility_failed;    /* out of its window for T_fail */
    uint8_t utility_returned;  /* in its window for T_return without a break */
    uint8_t generator_present; /* in its window, debounced */
    uint8_t generator_ready;   /* in its window for T_gen without a break */
    uint8_t generator_gone;    /* stopped, dangerous, or out of its window for too long */
    uint8_t generator_live;    /* a voltage is there, good or not */
    uint8_t generator_uneven;  /* legs apart for long: open neutral */
    uint8_t utility_closed;    /* feedback, debounced */
    uint8_t generator_closed;  /* feedback, debounced */
    uint8_t load_live;         /* voltage behind the contactors */
    uint8_t follows;           /* the utility side shows the generator */
    uint8_t tripped;           /* overload: tripped and cooling down */
    uint8_t locked_out;        /* overload: too many trips */
    uint8_t field_work;        /* no new transfer to the generator */
    uint8_t reset;             /* service reset of latched contact faults */
};

/** Times in milliseconds, and the policy of the model. */
struct transfer_config {
    uint16_t dwell_ms; /* dead time: both proven open before one closes */
    uint16_t start_ms; /* contacts are judged this long after a start */
    uint16_t open_ms;  /* feedback closed although both are commanded open: stuck */
    uint16_t close_ms; /* feedback open since the command to close: stuck */
    uint16_t lost_ms;  /* feedback open of a contactor that was proven closed */
    uint16_t both_ms;  /* both feedbacks closed */
    uint16_t weld_ms;  /* load voltage with both contactors proven open */
    uint8_t stays;     /* 0: returns by itself; 1: stays until the generator stops */
};

/** What the contactors are to be. Without power the hardware rests with the utility closed. */
struct transfer_command {
    uint8_t utility;
    uint8_t generator;
};

struct transfer {
    uint8_t state;     /* enum transfer_state */
    uint8_t cause;     /* enum record_cause: why the generator was left last; 0 none yet */
    uint32_t faults;   /* TRANSFER_FAULT bits */
    uint16_t start_ms; /* in START for */
    uint16_t open_ms;  /* proven open for; 0 not proven, 1 just proven */
    uint16_t wrong_ms; /* feedback other than the state wants for */
    uint16_t both_ms;  /* both feedbacks closed for */
};

/** START, with the faults that were latched before the power went (0: none). */
void transfer_init(struct transfer *t, uint32_t faults);

/**
 * One step: ages, latches, at most one change of state, commands.
 *
 * @param dt_ms  time since the last step; the caller bounds it, so that what nobody saw does not
 *               count as dead time
 * @return the commands of the state after the step; never both
 *
 * Source: the safety rules in device-fw/README.md.
 */
struct transfer_command transfer_step(struct transfer *t, const struct transfer_config *config,
                                      const struct transfer_input *in, uint32_t dt_ms);

/** Commands of a state. */
struct transfer_command transfer_command_of(const struct transfer *t);

/** Faults that take the switch out of service (contacts), as against those that only block
 *  transfers to the generator. */
uint32_t transfer_contact_faults(const struct transfer *t);

/** 1 while the switch is between two resting states: sample fast. */
int transfer_moving(const struct transfer *t);

/** Name of a state, lower case ("on_utility"); static storage. */
const char *transfer_state_name(unsigned state);

#endif
