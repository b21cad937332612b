/* The public keys that sign firmware, as the build was told; the same in loader and image. */
#ifndef BPTM_FIRMWARE_KEYS_H
#define BPTM_FIRMWARE_KEYS_H

#include <stdint.h>

#include "wire.h"

extern const uint8_t firmware_keys[][WIRE_KEY_LEN];
extern const uint32_t firmware_key_count; /* 0: nothing can be started by the loader, nor loaded */

#endif
