/* Slots by the layout of the flash. */
#include "slots.h"

#include "firmware_keys.h"
#include "layout.h"
#include "nvm.h"

static struct flash area(uint32_t offset, uint32_t len)
{
    const struct flash whole = nvm_flash();

    return flash_area(&whole, offset / LAYOUT_SECTOR, len / LAYOUT_SECTOR);
}

struct update_port slots_port(void)
{
    return (struct update_port){
        .log = area(LAYOUT_BOOT_LOG, LAYOUT_BOOT_LOG_LEN),
        .progress = area(LAYOUT_UPDATE, LAYOUT_UPDATE_LEN),
        .slots = {{area(LAYOUT_SLOT_A, LAYOUT_SLOT_LEN), LAYOUT_FLASH_BASE + LAYOUT_SLOT_A},
                  {area(LAYOUT_SLOT_B, LAYOUT_SLOT_LEN), LAYOUT_FLASH_BASE + LAYOUT_SLOT_B}},
        .terms = {LAYOUT_HARDWARE, firmware_keys, firmware_key_count},
    };
}
