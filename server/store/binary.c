/* PostgreSQL's binary forms: values of COPY rows, and arrays as statement parameters. */
#include "store/binary.h"

/* 2000-01-01 UTC, where PostgreSQL counts from, in milliseconds since 1970 */
static const int64_t epoch_ms = 946684800000;

void binary_null(struct bytes *b)
{
    bytes_put_u32(b, UINT32_MAX);
}

void binary_int2(struct bytes *b, int16_t value)
{
    bytes_put_u32(b, 2);
    bytes_put_u16(b, (uint16_t)value);
}

void binary_int4(struct bytes *b, int32_t value)
{
    uint8_t *at = bytes_extend(b, 8);

    if (at == NULL)
        return;
    bytes_set_u32(at, 4);
    bytes_set_u32(at + 4, (uint32_t)value);
}

void binary_int8(struct bytes *b, int64_t value)
{
    uint8_t *at = bytes_extend(b, 12);

    if (at == NULL)
        return;
    bytes_set_u32(at, 8);
    bytes_set_u64(at + 4, (uint64_t)value);
}

void binary_bool(struct bytes *b, int value)
{
    bytes_put_u32(b, 1);
    bytes_put_u8(b, value != 0);
}

uint64_t binary_time_value(int64_t utc_ms)
{
    return (uint64_t)((utc_ms - epoch_ms) * 1000);
}

void binary_time(struct bytes *b, int64_t utc_ms)
{
    if (utc_ms == BINARY_NO_TIME)
        binary_null(b);
    else
        binary_int8(b, (int64_t)binary_time_value(utc_ms));
}

void binary_bytes(struct bytes *b, const void *at, size_t len)
{
    bytes_put_u32(b, (uint32_t)len);
    bytes_put(b, at, len);
}

void binary_array(struct bytes *b, enum binary_type type, size_t n)
{
    bytes_clear(b);
    bytes_put_u32(b, 1); /* dimensions */
    bytes_put_u32(b, 1); /* nulls may be in it */
    bytes_put_u32(b, (uint32_t)type);
    bytes_put_u32(b, (uint32_t)n);
    bytes_put_u32(b, 1); /* first index */
}

struct db_param binary_param(const struct bytes *b)
{
    return db_bytes(b->at, b->len);
}
