/* What lwIP has to know of compiler and machine. */
#ifndef BPTM_LWIP_CC_H
#define BPTM_LWIP_CC_H

#include <stdint.h>
#include <stdlib.h>

#include "board.h"
#include "entropy.h"

#define BYTE_ORDER LITTLE_ENDIAN

/* A broken promise inside lwIP is not survived: start again, the journal is safe. */
#define LWIP_PLATFORM_DIAG(x)
#define LWIP_PLATFORM_ASSERT(x) board_reset(RECORD_CAUSE_SOFTWARE_RESET)
#define LWIP_RAND()             entropy_word()

#endif
