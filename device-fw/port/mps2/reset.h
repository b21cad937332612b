/* Why the machine was reset: a note in the first bytes of the RAM, which start-up code leaves
 * alone. */
#ifndef BPTM_RESET_H
#define BPTM_RESET_H

#include "record.h"

/** Note a cause and reset. Safe in any handler. */
_Noreturn void reset_because(enum record_cause cause);

/** The cause that was noted before this start, and forget it; POWER_ON without a note. */
enum record_cause reset_take_cause(void);

#endif
