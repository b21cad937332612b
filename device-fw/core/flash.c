/* Areas of a flash, checked programming, and the byte order and checksum of what lies in it. */
#include "flash.h"

#include <string.h>

struct flash flash_area(const struct flash *whole, uint32_t first, uint32_t count)
{
    struct flash area = *whole;

    area.first_sector = whole->first_sector + first;
    area.sector_count = count;
    return area;
}

static int inside(const struct flash *f, uint32_t at, uint32_t len)
{
    uint64_t size = (uint64_t)f->sector_len * f->sector_count;

    return at <= size && len <= size - at;
}

int flash_read(const struct flash *f, uint32_t at, void *buf, uint32_t len)
{
    if (!inside(f, at, len))
        return -1;
    return f->read(f->ctx, f->first_sector * f->sector_len + at, buf, len);
}

int flash_program(const struct flash *f, uint32_t at, const void *buf, uint32_t len)
{
    if (!inside(f, at, len) || at % FLASH_UNIT != 0 || len % FLASH_UNIT != 0)
        return -1;
    return f->program(f->ctx, f->first_sector * f->sector_len + at, buf, len);
}

int flash_erase(const struct flash *f, uint32_t sector)
{
    if (sector >= f->sector_count)
        return -1;
    return f->erase(f->ctx, f->first_sector + sector);
}

int flash_program_checked(const struct flash *f, uint32_t at, const uint8_t *buf, uint32_t len)
{
    uint8_t back[FLASH_UNIT * 8];

    if (flash_program(f, at, buf, len) != 0)
        return -1;
    for (uint32_t done = 0; done < len;) {
        uint32_t part = len - done < sizeof(back) ? len - done : (uint32_t)sizeof(back);

        if (flash_read(f, at + done, back, part) != 0 || memcmp(back, buf + done, part) != 0)
            return -1;
        done += part;
    }
    return 0;
}

int flash_is_blank(const uint8_t *buf, uint32_t len)
{
    for (uint32_t i = 0; i < len; i++)
        if (buf[i] != FLASH_BLANK)
            return 0;
    return 1;
}

void flash_put32(uint8_t *at, uint32_t v)
{
    for (int i = 0; i < 4; i++)
        at[i] = (uint8_t)(v >> (8 * i));
}

void flash_put64(uint8_t *at, uint64_t v)
{
    flash_put32(at, (uint32_t)v);
    flash_put32(at + 4, (uint32_t)(v >> 32));
}

uint32_t flash_get32(const uint8_t *at)
{
    return (uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

uint64_t flash_get64(const uint8_t *at)
{
    return flash_get32(at) | (uint64_t)flash_get32(at + 4) << 32;
}

/* One nibble at a time: 64 bytes of table instead of 1 KiB, and fast enough for records. */
uint32_t flash_crc(uint32_t crc, const uint8_t *at, uint32_t len)
{
    static const uint32_t table[16] = {
        0x00000000, 0x1db71064, 0x3b6e20c8, 0x26d930ac, 0x76dc4190, 0x6b6b51f4,
        0x4db26158, 0x5005713c, 0xedb88320, 0xf00f9344, 0xd6d6a3e8, 0xcb61b38c,
        0x9b64c2b0, 0x86d3d2d4, 0xa00ae278, 0xbdbdf21c,
    };

    crc = ~crc;
    for (uint32_t i = 0; i < len; i++) {
        crc ^= at[i];
        crc = crc >> 4 ^ table[crc & 15];
        crc = crc >> 4 ^ table[crc & 15];
    }
    return ~crc;
}
