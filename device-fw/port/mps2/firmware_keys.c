/* The keys, from the build: KEYS is an initialiser, KEY_COUNT how many it has. */
#include "firmware_keys.h"

const uint8_t firmware_keys[][WIRE_KEY_LEN] = {KEYS};
const uint32_t firmware_key_count = KEY_COUNT;
