/* A growing buffer with a ceiling. */
#include "base/bytes.h"

#include <stdlib.h>
#include <string.h>

enum { FIRST_CAP = 256 };

void bytes_init(struct bytes *b, size_t max)
{
    *b = (struct bytes){.max = max};
}

void bytes_done(struct bytes *b)
{
    free(b->at);
    *b = (struct bytes){.max = b->max};
}

void bytes_clear(struct bytes *b)
{
    b->len = 0;
    b->failed = 0;
}

static int grow(struct bytes *b, size_t need)
{
    size_t cap = b->cap ? b->cap : FIRST_CAP;
    uint8_t *at;

    if (need > b->max)
        return 0;
    while (cap < need)
        cap *= 2;
    if (cap > b->max)
        cap = b->max;
    at = realloc(b->at, cap);
    if (at == NULL)
        return 0;
    b->at = at;
    b->cap = cap;
    return 1;
}

uint8_t *bytes_extend(struct bytes *b, size_t len)
{
    if (b->failed || (len > b->cap - b->len && !grow(b, b->len + len))) {
        b->failed = 1;
        return NULL;
    }
    b->len += len;
    return b->at + b->len - len;
}

void bytes_put(struct bytes *b, const void *at, size_t len)
{
    uint8_t *to = len > 0 ? bytes_extend(b, len) : NULL;

    if (to != NULL)
        memcpy(to, at, len);
}

void bytes_set_u32(uint8_t *at, uint32_t value)
{
    for (int i = 0; i < 4; i++)
        at[i] = (uint8_t)(value >> (24 - 8 * i));
}

void bytes_set_u64(uint8_t *at, uint64_t value)
{
    bytes_set_u32(at, (uint32_t)(value >> 32));
    bytes_set_u32(at + 4, (uint32_t)value);
}

void bytes_put_u8(struct bytes *b, uint8_t value)
{
    bytes_put(b, &value, 1);
}

void bytes_put_u16(struct bytes *b, uint16_t value)
{
    uint8_t at[2] = {(uint8_t)(value >> 8), (uint8_t)value};

    bytes_put(b, at, sizeof(at));
}

void bytes_put_u32(struct bytes *b, uint32_t value)
{
    uint8_t *at = bytes_extend(b, 4);

    if (at != NULL)
        bytes_set_u32(at, value);
}

enum error_code bytes_check(const struct bytes *b)
{
    return b->failed ? EC_NO_MEMORY : EC_OK;
}
