/* The flash of the machine: a memory that a file of the host backs, under the rules of NOR flash.
 */
#ifndef BPTM_NVM_H
#define BPTM_NVM_H

#include "flash.h"

/**
 * The whole part, for flash_area(). QEMU keeps its content when it is killed, but would let any
 * byte be written at any time; here a unit that is not blank is refused, and only whole sectors
 * are erased, as a part with error correction does.
 */
struct flash nvm_flash(void);

#endif
