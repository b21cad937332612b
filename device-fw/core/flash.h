/* Raw flash as the core sees it: sectors that are erased, units that are programmed once. */
#ifndef BPTM_FLASH_H
#define BPTM_FLASH_H

#include <stdint.h>

enum {
    FLASH_UNIT = 8, /* bytes programmed at once, once per erase (works on flash with ECC) */
    FLASH_BLANK = 0xff,
};

/**
 * A flash, or an area of one, behind three functions. Offsets count from the start of the flash;
 * `first_sector` shifts an area, so that journal and settings cannot reach each other.
 *
 * read     any offset and length inside. 0, or -1 when the part reports an error.
 * program  offset and length are multiples of FLASH_UNIT; units are programmed in ascending order.
 *          0, or -1 when the part refused a unit (not erased, or worn); units before it are
 *          programmed.
 * erase    the whole sector reads FLASH_BLANK afterwards. 0, or -1.
 *
 * When the power fails inside program or erase, the units before the one at work are done, the
 * one at work may read as anything (even blank), and those after it are untouched.
 */
struct flash {
    void *ctx;
    uint32_t sector_len;   /* bytes; a multiple of FLASH_UNIT */
    uint32_t sector_count; /* of this area */
    uint32_t first_sector;
    int (*read)(void *ctx, uint32_t at, void *buf, uint32_t len);
    int (*program)(void *ctx, uint32_t at, const void *buf, uint32_t len);
    int (*erase)(void *ctx, uint32_t sector);
};

/** An area of `count` sectors from `first` on. Borrows nothing but ctx. */
struct flash flash_area(const struct flash *whole, uint32_t first, uint32_t count);

/** The three operations with offsets and sectors that count from the start of the area.
 *  -1 when the range leaves the area. */
int flash_read(const struct flash *f, uint32_t at, void *buf, uint32_t len);
int flash_program(const struct flash *f, uint32_t at, const void *buf, uint32_t len);
int flash_erase(const struct flash *f, uint32_t sector);

/** Program and read back. 0 only when every byte reads as written. */
int flash_program_checked(const struct flash *f, uint32_t at, const uint8_t *buf, uint32_t len);

/** 1 when all bytes read FLASH_BLANK. */
int flash_is_blank(const uint8_t *buf, uint32_t len);

/** Little-endian numbers, as everything in flash is stored. */
void flash_put32(uint8_t *at, uint32_t v);
void flash_put64(uint8_t *at, uint64_t v);
uint32_t flash_get32(const uint8_t *at);
uint64_t flash_get64(const uint8_t *at);

/** CRC-32 (IEEE 802.3, reflected); start with 0, chain by passing the last result. */
uint32_t flash_crc(uint32_t crc, const uint8_t *at, uint32_t len);

#endif
