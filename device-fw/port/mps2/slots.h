/* The two slots of the machine, as loader and core know them. */
#ifndef BPTM_SLOTS_H
#define BPTM_SLOTS_H

#include "update.h"

/** Boot log, progress, slots, hardware and keys; `running` and `version` are left at 0. */
struct update_port slots_port(void);

#endif
