/* The boot log: what became of each firmware version that was tried, in two sectors of flash. */
#ifndef BPTM_BOOTLOG_H
#define BPTM_BOOTLOG_H

#include "error.h"
#include "flash.h"

enum {
    BOOTLOG_SECTORS = 2,
    BOOTLOG_TRIALS = 3, /* starts that a new version gets to prove itself */
    BOOTLOG_TRIES = 4,  /* places tried for one unit when the flash refuses */
};

/*
 * A sector is a row of units of FLASH_UNIT bytes, numbers little-endian:
 *
 *   unit 0  generation u32, CRC u32; written last when the log moves to a new sector
 *   others  kind u8, version u24, CRC u32 over generation, offset, kind and version
 *
 * What is torn, old or elsewhere does not read as a unit. When a sector is full its facts are
 * written into the other one, which counts as soon as its unit 0 is whole.
 */
enum bootlog_kind {
    BOOTLOG_TRY = 1,      /* the loader starts a version that is not confirmed */
    BOOTLOG_CONFIRM,      /* the server has receipted a record of this version */
    BOOTLOG_BAD,          /* the loader gave it up */
    BOOTLOG_TOLD_CONFIRM, /* the journal holds a record of the confirmation ... */
    BOOTLOG_TOLD_BAD,     /* ... of the roll-back */
    BOOTLOG_KIND_COUNT
};

/** What the log says; a version of 0: none. */
struct bootlog_facts {
    uint32_t confirmed; /* highest version confirmed: nothing older may run */
    uint32_t bad;       /* highest version given up */
    uint32_t tried;     /* version of the last trial ... */
    uint32_t tries;     /* ... and how many starts it had */
    uint32_t told_confirm;
    uint32_t told_bad;
};

struct bootlog {
    struct flash flash;
    uint32_t sector;
    uint32_t generation;
    uint32_t offset; /* of the next unit */
    struct bootlog_facts facts;
};

/**
 * Read the log; format it when there is none.
 * @param flash  area of BOOTLOG_SECTORS sectors; copied
 * @return EC_OK; EC_FLASH; EC_CONFIG for an area that does not fit
 */
enum error_code bootlog_mount(struct bootlog *log, const struct flash *flash) MUST_CHECK;

/** Append. On EC_OK it is in flash, read back, and in the facts. @return EC_OK; EC_FLASH */
enum error_code bootlog_append(struct bootlog *log, enum bootlog_kind kind,
                               uint32_t version) MUST_CHECK;

#endif
