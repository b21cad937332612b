/* Memory-mapped flash at LAYOUT_FLASH_BASE. */
#include "nvm.h"

#include <string.h>

#include "layout.h"

static volatile uint32_t *words(uint32_t at)
{
    return (volatile uint32_t *)(uintptr_t)(LAYOUT_FLASH_BASE + at);
}

static int part_read(void *ctx, uint32_t at, void *buf, uint32_t len)
{
    (void)ctx;
    memcpy(buf, (const void *)(uintptr_t)(LAYOUT_FLASH_BASE + at), len);
    return 0;
}

static int part_program(void *ctx, uint32_t at, const void *buf, uint32_t len)
{
    const uint8_t *from = buf;

    (void)ctx;
    for (uint32_t done = 0; done < len; done += FLASH_UNIT) {
        volatile uint32_t *unit = words(at + done);

        if (unit[0] != UINT32_MAX || unit[1] != UINT32_MAX)
            return -1;
        unit[0] = flash_get32(from + done);
        unit[1] = flash_get32(from + done + 4);
    }
    return 0;
}

static int part_erase(void *ctx, uint32_t sector)
{
    volatile uint32_t *at = words(sector * LAYOUT_SECTOR);

    (void)ctx;
    for (uint32_t i = 0; i < LAYOUT_SECTOR / sizeof(*at); i++)
        at[i] = UINT32_MAX;
    return 0;
}

struct flash nvm_flash(void)
{
    return (struct flash){
        .sector_len = LAYOUT_SECTOR,
        .sector_count = LAYOUT_FLASH_SIZE / LAYOUT_SECTOR,
        .read = part_read,
        .program = part_program,
        .erase = part_erase,
    };
}
