/* Qualification: raw samples become booleans that have lasted, with the time since when. */
#ifndef BPTM_QUAL_H
#define BPTM_QUAL_H

#include <stdint.h>

#include "status.h"
#include "transfer.h"

/** One sample as the metering front end delivers it. */
struct qual_sample {
    struct status_source utility;   /* on the utility side of the utility contactor */
    struct status_source generator; /* at the inlet */
    uint32_t load_dv;               /* behind the contactors, the higher leg */
    uint32_t load_da;               /* the higher leg */
    uint8_t contacts;               /* STATUS_CLOSED_ bits, feedback of the auxiliary contacts */
};

/** What is judged; one debounced bit each. */
enum qual_id {
    QUAL_UTILITY_GOOD,     /* both legs and the frequency inside the utility's window */
    QUAL_GENERATOR_GOOD,   /* the same for the generator's window, and legs even */
    QUAL_GENERATOR_LIVE,   /* a voltage worth the name on any leg */
    QUAL_GENERATOR_UNEVEN, /* live, but the legs are far apart: open neutral */
    QUAL_GENERATOR_HIGH,   /* a leg so high that it harms appliances */
    QUAL_LOAD_LIVE,        /* voltage behind the contactors */
    QUAL_UTILITY_CLOSED,   /* feedback of the utility contactor */
    QUAL_GENERATOR_CLOSED, /* feedback of the generator contactor */
    QUAL_FOLLOWS,          /* the utility side shows the generator's voltage and frequency */
    QUAL_COUNT
};

/**
 * A boolean on two levels. `raw` is the last sample; one differing sample restarts its age, so
 * raw_since_ms measures what must be unbroken (T_fail, T_gen, T_return). `value` is debounced:
 * it changes when raw has differed over at least two samples and the debounce time, and
 * since_ms is then the first of these samples. Which limits of a window hold follows `value`: after
 * one bad sample a voltage at the edge is as good as it was.
 */
struct qual_bit {
    uint8_t raw;
    uint8_t value;
    uint64_t raw_since_ms;
    uint64_t since_ms;
};

/** Times of the judgement, from the settings. */
struct qual_timers {
    uint32_t fail_ms;   /* utility out of window before a transfer */
    uint32_t gen_ms;    /* generator in window before a transfer */
    uint32_t return_ms; /* utility in window before the return */
    uint32_t ride_ms;   /* generator may leave its window this long (motor start) */
};

struct qual {
    struct qual_bit bits[QUAL_COUNT];
    struct qual_sample sample; /* the last one */
    uint64_t last_ms;
};

enum {
    QUAL_GAP_MS = 1000, /* without a sample this long nothing counts as unbroken */
    QUAL_RATED_DA = 300 /* 30 A */
};

/** All bits 0 since now. */
void qual_init(struct qual *q, uint64_t now_ms);

/** Take one sample. After a gap above QUAL_GAP_MS every age starts again. */
void qual_step(struct qual *q, const struct qual_sample *sample, uint64_t now_ms);

/** 1 when the raw bit has been `value` without a break for at least ms. */
int qual_lasted(const struct qual *q, enum qual_id id, int value, uint32_t ms, uint64_t now_ms);

/** Debounced value. */
int qual_is(const struct qual *q, enum qual_id id);

/** Milliseconds that the debounced value has lasted. */
uint64_t qual_age_ms(const struct qual *q, enum qual_id id, uint64_t now_ms);

/** 1 while a bit is between raw and debounced: sample fast until it is decided. */
int qual_unsettled(const struct qual *q);

/** What the switch is told; the fields that do not come from samples are left as they are. */
void qual_judge(const struct qual *q, const struct qual_timers *timers, uint64_t now_ms,
                struct transfer_input *ret);

#endif
