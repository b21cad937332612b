/* Reading and appending the units of the boot log, and moving to the other sector when one is full.
 */
#include "bootlog.h"

#include <string.h>

/* The test takes the check out, to see that its trial would notice. */
#ifndef BOOTLOG_CHECK
#define BOOTLOG_CHECK(condition) (condition)
#endif

static uint32_t unit_crc(uint32_t generation, uint32_t offset, const uint8_t word[4])
{
    uint8_t place[8];

    flash_put32(place, generation);
    flash_put32(place + 4, offset);
    return flash_crc(flash_crc(0, place, sizeof(place)), word, 4);
}

/* ---- facts ---- */

static uint32_t max32(uint32_t a, uint32_t b)
{
    return a > b ? a : b;
}

static void take(struct bootlog_facts *f, uint32_t kind, uint32_t version)
{
    switch (kind) {
    case BOOTLOG_TRY:
        f->tries = version == f->tried ? f->tries + 1 : 1;
        f->tried = version;
        break;
    case BOOTLOG_CONFIRM:
        f->confirmed = max32(f->confirmed, version);
        break;
    case BOOTLOG_BAD:
        f->bad = max32(f->bad, version);
        break;
    case BOOTLOG_TOLD_CONFIRM:
        f->told_confirm = version;
        break;
    case BOOTLOG_TOLD_BAD:
        f->told_bad = version;
        break;
    default:
        break;
    }
}

/* ---- mount ---- */

static uint32_t sector_generation(const struct flash *flash, uint32_t sector)
{
    uint8_t unit[FLASH_UNIT];

    if (flash_read(flash, sector * flash->sector_len, unit, sizeof(unit)) != 0 ||
        !BOOTLOG_CHECK(flash_get32(unit + 4) == unit_crc(0, 0, unit)) ||
        flash_is_blank(unit, sizeof(unit)))
        return 0;
    return flash_get32(unit);
}

/* All of the sector is looked at: a unit that a power cut hit may read blank, with good ones behind
 * it. */
static enum error_code walk(struct bootlog *log)
{
    uint32_t start = log->sector * log->flash.sector_len;
    uint32_t end = FLASH_UNIT;

    for (uint32_t at = FLASH_UNIT; at < log->flash.sector_len; at += FLASH_UNIT) {
        uint8_t unit[FLASH_UNIT];

        if (flash_read(&log->flash, start + at, unit, sizeof(unit)) != 0)
            return EC_FLASH;
        if (flash_is_blank(unit, sizeof(unit)))
            continue;
        end = at + FLASH_UNIT;
        if (BOOTLOG_CHECK(flash_get32(unit + 4) == unit_crc(log->generation, at, unit)))
            take(&log->facts, unit[0], flash_get32(unit) >> 8);
    }
    log->offset =
        end + FLASH_UNIT; /* a cut may have begun one unit although it still reads blank */
    return EC_OK;
}

static enum error_code write_unit(struct bootlog *log, uint32_t kind, uint32_t version)
{
    for (int i = 0; i < BOOTLOG_TRIES && log->offset < log->flash.sector_len; i++) {
        uint32_t at = log->offset;
        uint8_t unit[FLASH_UNIT];

        log->offset += FLASH_UNIT;
        flash_put32(unit, version << 8 | kind);
        flash_put32(unit + 4, unit_crc(log->generation, at, unit));
        if (flash_program_checked(&log->flash, log->sector * log->flash.sector_len + at, unit,
                                  sizeof(unit)) == 0)
            return EC_OK;
    }
    return EC_FLASH;
}

/* The facts as units; repeated tries as often as they happened. */
static enum error_code write_facts(struct bootlog *log)
{
    const struct bootlog_facts *f = &log->facts;
    const struct {
        uint32_t kind, version, times;
    } units[] = {
        {BOOTLOG_CONFIRM, f->confirmed, 1},         {BOOTLOG_BAD, f->bad, 1},
        {BOOTLOG_TOLD_CONFIRM, f->told_confirm, 1}, {BOOTLOG_TOLD_BAD, f->told_bad, 1},
        {BOOTLOG_TRY, f->tried, f->tries},
    };

    for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
        for (uint32_t k = 0; k < units[i].times && k < BOOTLOG_TRIALS; k++)
            if (units[i].version != 0 && write_unit(log, units[i].kind, units[i].version) != EC_OK)
                return EC_FLASH;
    return EC_OK;
}

static enum error_code open_sector(struct bootlog *log, uint32_t sector, uint32_t generation)
{
    struct bootlog next = *log;
    uint8_t unit[FLASH_UNIT];

    next.sector = sector;
    next.generation = generation;
    next.offset = FLASH_UNIT;
    flash_put32(unit, generation);
    flash_put32(unit + 4, unit_crc(0, 0, unit));
    if (flash_erase(&next.flash, sector) != 0 || write_facts(&next) != EC_OK ||
        flash_program_checked(&next.flash, sector * next.flash.sector_len, unit, sizeof(unit)) != 0)
        return EC_FLASH;
    *log = next;
    return EC_OK;
}

enum error_code bootlog_mount(struct bootlog *log, const struct flash *flash)
{
    uint32_t generations[BOOTLOG_SECTORS];

    if (flash->sector_count != BOOTLOG_SECTORS || flash->sector_len < 32 * FLASH_UNIT)
        return EC_CONFIG;
    memset(log, 0, sizeof(*log));
    log->flash = *flash;
    for (uint32_t s = 0; s < BOOTLOG_SECTORS; s++)
        generations[s] = sector_generation(flash, s);
    log->sector = generations[1] > generations[0];
    log->generation = generations[log->sector];
    return log->generation != 0 ? walk(log) : open_sector(log, 0, 1);
}

enum error_code bootlog_append(struct bootlog *log, enum bootlog_kind kind, uint32_t version)
{
    if (write_unit(log, kind, version) != EC_OK &&
        (open_sector(log, log->sector ^ 1, log->generation + 1) != EC_OK ||
         write_unit(log, kind, version) != EC_OK))
        return EC_FLASH;
    take(&log->facts, kind, version);
    return EC_OK;
}
