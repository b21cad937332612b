/* Programming, erasing and tearing. */
#include "flash_model.h"

#include <string.h>

static uint32_t next(struct flash_model *m)
{
    m->random = m->random * 1664525u + 1013904223u;
    return m->random >> 8;
}

static int model_read(void *ctx, uint32_t at, void *buf, uint32_t len)
{
    const struct flash_model *m = ctx;

    if (m->dark)
        return -1;
    memcpy(buf, m->bytes + at, len);
    return 0;
}

/* @return 1 when the power fails in this operation */
static int cut(struct flash_model *m)
{
    m->operations++;
    m->dark = m->operations == m->cut_at;
    return m->dark;
}

static void tear_unit(struct flash_model *m, uint32_t at, const uint8_t *data)
{
    uint8_t *to = m->bytes + at;

    if (m->tear == TEAR_UNTOUCHED)
        return;
    m->units[at / FLASH_UNIT] = m->tear == TEAR_COMPLETE ? UNIT_PROGRAMMED : UNIT_TOUCHED;
    for (int i = 0; i < FLASH_UNIT; i++) {
        if (m->tear == TEAR_PARTIAL)
            to[i] &= (uint8_t)(data[i] | next(m));
        else if (m->tear == TEAR_GARBAGE)
            to[i] = (uint8_t)next(m);
        else if (m->tear == TEAR_COMPLETE)
            to[i] = data[i];
    }
}

static int program_unit(struct flash_model *m, uint32_t at, const uint8_t *data)
{
    uint8_t *state = &m->units[at / FLASH_UNIT];

    if (*state == UNIT_PROGRAMMED)
        m->twice++;
    if (*state == UNIT_TOUCHED)
        m->refused++;
    if (*state != UNIT_ERASED || (m->bad_at != 0 && at == m->bad_at))
        return -1;
    if (cut(m)) {
        tear_unit(m, at, data);
        return -1;
    }
    memcpy(m->bytes + at, data, FLASH_UNIT);
    *state = UNIT_PROGRAMMED;
    return 0;
}

static int model_program(void *ctx, uint32_t at, const void *buf, uint32_t len)
{
    struct flash_model *m = ctx;

    for (uint32_t i = 0; i < len; i += FLASH_UNIT)
        if (m->dark || program_unit(m, at + i, (const uint8_t *)buf + i) != 0)
            return -1;
    return 0;
}

static void set_sector(struct flash_model *m, uint32_t at, uint32_t len, uint8_t value,
                       enum flash_unit_state state)
{
    memset(m->bytes + at, value, len);
    memset(m->units + at / FLASH_UNIT, state, len / FLASH_UNIT);
}

static void tear_sector(struct flash_model *m, uint32_t at, uint32_t len)
{
    switch (m->tear) {
    case TEAR_TOUCHED: /* reads blank, but is not */
        set_sector(m, at, len, FLASH_BLANK, UNIT_TOUCHED);
        break;
    case TEAR_PARTIAL:
        set_sector(m, at, len / 2, FLASH_BLANK, UNIT_TOUCHED);
        break;
    case TEAR_GARBAGE:
        for (uint32_t i = len / 4; i < len; i++)
            m->bytes[at + i] = (uint8_t)next(m);
        memset(m->units + at / FLASH_UNIT, UNIT_TOUCHED, len / FLASH_UNIT);
        break;
    case TEAR_COMPLETE:
        set_sector(m, at, len, FLASH_BLANK, UNIT_ERASED);
        break;
    default:
        break;
    }
}

static int model_erase(void *ctx, uint32_t sector)
{
    struct flash_model *m = ctx;
    uint32_t len = m->flash.sector_len;

    if (m->dark)
        return -1;
    if (cut(m)) {
        tear_sector(m, sector * len, len);
        return -1;
    }
    set_sector(m, sector * len, len, FLASH_BLANK, UNIT_ERASED);
    return 0;
}

void flash_model_init(struct flash_model *m, uint32_t sector_len, uint32_t sectors)
{
    memset(m, 0, sizeof(*m));
    m->flash = (struct flash){m, sector_len, sectors, 0, model_read, model_program, model_erase};
    m->random = 1;
    set_sector(m, 0, FLASH_MODEL_MAX, FLASH_BLANK, UNIT_ERASED);
}

void flash_model_copy(struct flash_model *to, const struct flash_model *from)
{
    *to = *from;
    to->flash.ctx = to;
}

void flash_model_power(struct flash_model *m, unsigned operations_from_now, enum flash_tear tear)
{
    m->dark = 0;
    m->cut_at = operations_from_now != 0 ? m->operations + operations_from_now : 0;
    m->tear = tear;
}
