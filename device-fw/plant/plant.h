/* A house around the device: utility, generator, load, two contactors; a pure step function. */
#ifndef BPTM_PLANT_H
#define BPTM_PLANT_H

#include <stdint.h>

#include "qual.h"
#include "transfer.h"

enum plant_utility { PLANT_UTILITY_OFF, PLANT_UTILITY_ON, PLANT_UTILITY_SAG };

enum plant_generator {
    PLANT_GENERATOR_OFF,
    PLANT_GENERATOR_STARTING,
    PLANT_GENERATOR_RUNNING,
    PLANT_GENERATOR_SAG, /* runs, but below its window */
    PLANT_GENERATOR_STOPPING,
};

enum { PLANT_UTILITY_SIDE, PLANT_GENERATOR_SIDE };

/* COIL: the auxiliary contact moves with the coil, even when the main contact is welded. */
enum plant_feedback {
    PLANT_FEEDBACK_TRUE,
    PLANT_FEEDBACK_OPEN,
    PLANT_FEEDBACK_CLOSED,
    PLANT_FEEDBACK_COIL
};

enum {
    PLANT_START_MS = 2000, /* from the pull of the cord to nominal voltage */
    PLANT_STOP_MS = 800,
    PLANT_LOAD_MAX_DA = 2000,
};

struct plant_contactor {
    uint8_t closed;
    uint8_t welded;     /* stays closed whatever is commanded */
    uint8_t jammed;     /* stays open whatever is commanded */
    uint8_t feedback;   /* enum plant_feedback */
    uint8_t coil;       /* last command */
    uint32_t moving_ms; /* left until it is where it goes; 0: it rests */
};

struct plant {
    uint8_t utility;   /* enum plant_utility */
    uint8_t generator; /* enum plant_generator */
    uint8_t interlock; /* 1: mechanics keep a contactor open while the other is closed */
    uint8_t neutral_open;
    uint32_t generator_ms; /* in this generator state */
    uint32_t load_da;      /* drawn when there is voltage */
    uint32_t travel_ms;    /* of a contactor */
    struct plant_contactor contactors[2];
    uint32_t both_closed_ms; /* ever: must stay 0 */
    uint32_t noise;          /* state of the noise generator */
};

/** Utility on, generator off, contactors at rest, 12 A drawn. */
void plant_init(struct plant *p, uint32_t seed);

/** dt_ms pass with these commands. Without power to the device the contactors go to rest: utility
 *  closed, generator open. */
void plant_step(struct plant *p, struct transfer_command command, int powered, uint32_t dt_ms);

/** What the metering front end measures now, with a little noise. */
void plant_sample(struct plant *p, struct qual_sample *ret);

void plant_utility(struct plant *p, enum plant_utility state);
void plant_generator_start(struct plant *p);
void plant_generator_stop(struct plant *p);
void plant_generator_sag(struct plant *p);

#endif
