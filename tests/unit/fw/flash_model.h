/* Flash in memory that keeps the rules of a part with error correction, and can lose its power. */
#ifndef FLASH_MODEL_H
#define FLASH_MODEL_H

#include "flash.h"

enum { FLASH_MODEL_MAX = 32 * 1024, FLASH_MODEL_UNITS = FLASH_MODEL_MAX / FLASH_UNIT };

/** What the unit or sector looks like that the power cut hits. */
enum flash_tear {
    TEAR_UNTOUCHED,
    TEAR_TOUCHED, /* reads as before (blank), but refuses to be programmed */
    TEAR_PARTIAL, /* some bits programmed; half a sector erased */
    TEAR_GARBAGE,
    TEAR_COMPLETE, /* done, but nobody was told */
    TEAR_COUNT
};

enum flash_unit_state { UNIT_ERASED, UNIT_PROGRAMMED, UNIT_TOUCHED };

struct flash_model {
    struct flash flash; /* its ctx is this struct */
    uint8_t bytes[FLASH_MODEL_MAX];
    uint8_t units[FLASH_MODEL_UNITS]; /* enum flash_unit_state */
    unsigned operations;              /* units programmed and sectors erased, ever */
    unsigned cut_at;                  /* the operation that the power cut hits; 0: none */
    enum flash_tear tear;
    int dark;         /* without power every operation fails */
    unsigned twice;   /* units programmed that held data: must stay 0 */
    unsigned refused; /* units that refused because a cut had touched them */
    uint32_t bad_at;  /* a unit that never takes data; 0: none */
    uint32_t random;
};

void flash_model_init(struct flash_model *m, uint32_t sector_len, uint32_t sectors);

/** A copy is a part of its own. */
void flash_model_copy(struct flash_model *to, const struct flash_model *from);

/** The power comes back; the next cut is `operations_from_now` operations away (0: none). */
void flash_model_power(struct flash_model *m, unsigned operations_from_now, enum flash_tear tear);

#endif
