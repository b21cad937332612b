/* A command: what the fleet's operator tells a device. */
#include "command.h"

#include "member.h"

enum { KEY_COUNTER = 1, KEY_EXPIRES = 2, KEY_CODE = 3, KEY_ARGUMENT = 4, KEYS_MIN = 3 };

static int in_range(const struct command *c)
{
    return c->counter >= 1 && c->counter <= INT64_MAX && c->expires_ms <= INT64_MAX &&
           c->code >= 1 && c->code <= COMMAND_CODE_MAX;
}

enum error_code command_encode(const struct command *c, uint8_t *buf, size_t cap, size_t *ret_len)
{
    struct cbor_writer w;

    if (!in_range(c))
        return EC_WIRE_RANGE;
    cbor_writer_init(&w, buf, cap);
    cbor_write_map(&w, KEYS_MIN + (c->argument.len != 0));
    cbor_write_uint(&w, KEY_COUNTER);
    cbor_write_uint(&w, c->counter);
    cbor_write_uint(&w, KEY_EXPIRES);
    cbor_write_uint(&w, c->expires_ms);
    cbor_write_uint(&w, KEY_CODE);
    cbor_write_uint(&w, c->code);
    if (c->argument.len != 0) {
        cbor_write_uint(&w, KEY_ARGUMENT);
        cbor_write_raw(&w, c->argument.at, c->argument.len);
    }
    return cbor_writer_done(&w, ret_len);
}

/* The three numbers stand first, in this order: deterministic encoding leaves no other. */
static enum error_code read_number(struct cbor_reader *r, uint64_t want, uint64_t *ret)
{
    uint64_t key;
    enum error_code ec = cbor_read_uint(r, &key);

    if (ec == EC_OK && key != want)
        ec = EC_WIRE_MISSING;
    return ec == EC_OK ? cbor_read_uint(r, ret) : ec;
}

static enum error_code read_argument(struct cbor_reader *r, struct span *ret)
{
    uint64_t key;
    enum error_code ec = cbor_read_uint(r, &key);

    if (ec == EC_OK && key != KEY_ARGUMENT)
        ec = EC_WIRE_RANGE;
    if (ec == EC_OK && cbor_peek(r) != CBOR_MAP)
        ec = EC_WIRE_TYPE;
    ret->at = r->at;
    if (ec == EC_OK)
        ec = cbor_skip(r);
    ret->len = (size_t)(r->at - ret->at);
    return ec;
}

enum error_code command_decode(struct span payload, struct command *ret)
{
    struct command c = {0};
    struct cbor_reader r;
    size_t count = 0;
    uint64_t code = 0;
    enum error_code ec;

    cbor_reader_init(&r, payload.at, payload.len);
    ec = cbor_read_map(&r, &count);
    if (ec == EC_OK && count != KEYS_MIN && count != KEYS_MIN + 1)
        ec = count < KEYS_MIN ? EC_WIRE_MISSING : EC_WIRE_RANGE;
    if (ec == EC_OK)
        ec = read_number(&r, KEY_COUNTER, &c.counter);
    if (ec == EC_OK)
        ec = read_number(&r, KEY_EXPIRES, &c.expires_ms);
    if (ec == EC_OK)
        ec = read_number(&r, KEY_CODE, &code);
    if (ec == EC_OK && count > KEYS_MIN)
        ec = read_argument(&r, &c.argument);
    if (ec != EC_OK)
        return ec;
    if (cbor_reader_left(&r) != 0)
        return EC_WIRE_TRAILING;
    c.code = code <= COMMAND_CODE_MAX ? (uint32_t)code : 0;
    if (!in_range(&c))
        return EC_WIRE_RANGE;
    *ret = c;
    return EC_OK;
}

/* ---- arguments ---- */

static const struct member duration = {1, MEMBER_UINT, .size = sizeof(uint32_t),
                                       .max = COMMAND_FIELD_WORK_MAX_MS};

enum error_code command_duration_encode(uint32_t duration_ms, uint8_t *buf, size_t cap,
                                        size_t *ret_len)
{
    return member_encode(&duration, 1, &duration_ms, MEMBER_BIT(1), buf, cap, ret_len);
}

enum error_code command_duration_decode(struct span argument, uint32_t *ret)
{
    uint32_t value, present;
    enum error_code ec = member_decode(argument, &duration, 1, &value, &present);

    if (ec == EC_OK)
        *ret = value;
    return ec;
}
