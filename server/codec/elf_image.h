/* The bytes of a linked program as they lie in flash: the loadable segments of a 32-bit ELF file.
 */
#ifndef BPTM_ELF_IMAGE_H
#define BPTM_ELF_IMAGE_H

#include <stddef.h>
#include <stdint.h>

#include "error.h"

/** 1 when the file begins as an ELF file does. */
int elf_image_is(const uint8_t *at, size_t len);

/**
 * Lay the segments out by their load addresses, gaps filled with 0xff.
 * @param buf          `cap` bytes
 * @param ret_address  of the first byte
 * @return EC_OK; EC_WIRE_TYPE for another kind of file (only ELF32, little-endian); EC_WIRE_RANGE
 *         when a segment leaves the file or none is to be loaded; EC_WIRE_TOO_LARGE above cap
 */
enum error_code elf_image_flatten(const uint8_t *at, size_t len, uint8_t *buf, size_t cap,
                                  size_t *ret_len, uint32_t *ret_address) MUST_CHECK;

#endif
