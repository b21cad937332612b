/* Encoding of sector headers and entries, and the checks that make torn ones invisible. */
#include "journal_entry.h"

#include <string.h>

/* The power-cut test replaces this, to show that it would notice a missing check. */
#ifndef JOURNAL_ENTRY_CHECK
#define JOURNAL_ENTRY_CHECK(condition) (condition)
#endif

enum {
    HEADER_MAGIC = 0x4a505442, /* "BTPJ" */
    HEADER_FORMAT = 2,
    HEADER_BODY = JOURNAL_HEADER_LEN - FLASH_UNIT,
};

static uint32_t padded(uint32_t len)
{
    return (len + FLASH_UNIT - 1) / FLASH_UNIT * FLASH_UNIT;
}

static void put_trailer(uint8_t at[FLASH_UNIT], uint32_t crc)
{
    flash_put32(at, crc);
    flash_put32(at + 4, ~crc);
}

static int trailer_fits(const uint8_t at[FLASH_UNIT], uint32_t crc)
{
    return JOURNAL_ENTRY_CHECK(flash_get32(at) == crc) &&
           JOURNAL_ENTRY_CHECK(flash_get32(at + 4) == ~crc);
}

int journal_header_read(const struct flash *f, uint32_t sector, struct journal_header *ret)
{
    uint8_t b[JOURNAL_HEADER_LEN];

    if (flash_read(f, sector * f->sector_len, b, sizeof(b)) != 0 ||
        flash_get32(b) != HEADER_MAGIC || flash_get32(b + 68) != HEADER_FORMAT ||
        !trailer_fits(b + HEADER_BODY, flash_crc(0, b, HEADER_BODY)))
        return -1;
    ret->generation = flash_get32(b + 4);
    ret->base_seq = flash_get64(b + 8);
    memcpy(ret->hash, b + 16, WIRE_HASH_LEN);
    ret->released = flash_get64(b + 48);
    ret->epoch = flash_get64(b + 56);
    ret->note = flash_get32(b + 64);
    ret->counter = flash_get64(b + 72);
    return 0;
}

int journal_header_write(const struct flash *f, uint32_t sector, const struct journal_header *h)
{
    uint8_t b[JOURNAL_HEADER_LEN];

    flash_put32(b, HEADER_MAGIC);
    flash_put32(b + 4, h->generation);
    flash_put64(b + 8, h->base_seq);
    memcpy(b + 16, h->hash, WIRE_HASH_LEN);
    flash_put64(b + 48, h->released);
    flash_put64(b + 56, h->epoch);
    flash_put32(b + 64, h->note);
    flash_put32(b + 68, HEADER_FORMAT);
    flash_put64(b + 72, h->counter);
    put_trailer(b + HEADER_BODY, flash_crc(0, b, HEADER_BODY));
    return flash_program_checked(f, sector * f->sector_len, b, sizeof(b));
}

uint32_t journal_entry_len(uint32_t payload_len)
{
    return FLASH_UNIT + padded(payload_len) + FLASH_UNIT;
}

/* The CRC binds an entry to its place: the same bytes elsewhere, or from an earlier use of the
 * sector, do not pass. */
static uint32_t entry_crc(uint32_t generation, uint32_t offset, const uint8_t *bytes, uint32_t len)
{
    uint8_t where[8];

    flash_put32(where, generation);
    flash_put32(where + 4, offset);
    return flash_crc(flash_crc(0, where, sizeof(where)), bytes, len);
}

uint32_t journal_entry_read(const struct flash *f, uint32_t sector, uint32_t generation,
                            uint32_t offset, struct journal_entry *ret)
{
    uint8_t b[JOURNAL_ENTRY_MAX];
    uint32_t at = sector * f->sector_len + offset;
    uint32_t len;

    if (offset + 3 * FLASH_UNIT > f->sector_len || flash_read(f, at, b, FLASH_UNIT) != 0 ||
        (b[0] ^ b[1]) != 0xff || (b[2] ^ b[3]) != 0xff ||
        (b[2] != JOURNAL_ENTRY_RECORD && b[2] != JOURNAL_ENTRY_MARK))
        return 0;
    len = journal_entry_len(b[0] + 1u);
    if (offset + len > f->sector_len || flash_read(f, at, b, len) != 0 ||
        !trailer_fits(b + len - FLASH_UNIT, entry_crc(generation, offset, b, len - FLASH_UNIT)))
        return 0;
    ret->type = b[2];
    ret->len = b[0] + 1u;
    ret->seq32 = flash_get32(b + 4);
    memcpy(ret->payload, b + FLASH_UNIT, ret->len);
    return len;
}

int journal_entry_write(const struct flash *f, uint32_t sector, uint32_t generation,
                        uint32_t offset, const struct journal_entry *e)
{
    uint8_t b[JOURNAL_ENTRY_MAX] = {0};
    uint32_t len = journal_entry_len(e->len);

    b[0] = (uint8_t)(e->len - 1);
    b[1] = (uint8_t)~b[0];
    b[2] = e->type;
    b[3] = (uint8_t)~b[2];
    flash_put32(b + 4, e->seq32);
    memcpy(b + FLASH_UNIT, e->payload, e->len);
    put_trailer(b + len - FLASH_UNIT, entry_crc(generation, offset, b, len - FLASH_UNIT));
    return flash_program_checked(f, sector * f->sector_len + offset, b, len);
}
