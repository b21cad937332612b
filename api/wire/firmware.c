/* Firmware over the air: offers, requests, chunks. */
#include "firmware.h"

#include <string.h>

#include "member.h"

enum { KEY_MANIFESTS = 1, KEY_ID = 1, KEY_INDEX = 2, KEY_BYTES = 3, CHUNK_KEYS = 3 };

/* ---- offer ---- */

static int manifests_len_valid(size_t len)
{
    return len > 0 && len % MANIFEST_LEN == 0 && len / MANIFEST_LEN <= FIRMWARE_IMAGES_MAX;
}

enum error_code firmware_argument_encode(struct span manifests, uint8_t *buf, size_t cap,
                                         size_t *ret_len)
{
    struct cbor_writer w;

    if (!manifests_len_valid(manifests.len))
        return EC_WIRE_RANGE;
    cbor_writer_init(&w, buf, cap);
    cbor_write_map(&w, 1);
    cbor_write_uint(&w, KEY_MANIFESTS);
    cbor_write_bstr(&w, manifests.at, manifests.len);
    return cbor_writer_done(&w, ret_len);
}

/* A key that must stand here. */
static enum error_code read_key(struct cbor_reader *r, uint64_t want)
{
    uint64_t key;
    enum error_code ec = cbor_read_uint(r, &key);

    return ec == EC_OK && key != want ? EC_WIRE_MISSING : ec;
}

static enum error_code read_map(struct cbor_reader *r, struct span payload, size_t want)
{
    size_t count;
    enum error_code ec;

    cbor_reader_init(r, payload.at, payload.len);
    ec = cbor_read_map(r, &count);
    if (ec == EC_OK && count != want)
        ec = count < want ? EC_WIRE_MISSING : EC_WIRE_RANGE;
    return ec;
}

enum error_code firmware_argument_decode(struct span argument, struct span *ret)
{
    struct cbor_reader r;
    struct span manifests;
    enum error_code ec = read_map(&r, argument, 1);

    if (ec == EC_OK)
        ec = read_key(&r, KEY_MANIFESTS);
    if (ec == EC_OK)
        ec = cbor_read_bstr(&r, &manifests);
    if (ec != EC_OK)
        return ec;
    if (cbor_reader_left(&r) != 0)
        return EC_WIRE_TRAILING;
    if (!manifests_len_valid(manifests.len))
        return EC_WIRE_RANGE;
    *ret = manifests;
    return EC_OK;
}

/* ---- request ---- */

#define AT(field) MEMBER_AT(struct firmware_request, field)
static const struct member members[] = {
    {1, MEMBER_BYTES, AT(id)},
    {2, MEMBER_UINT, AT(state), .max = FIRMWARE_STATE_COUNT - 1},
    {3, MEMBER_UINT, AT(first), .max = FIRMWARE_CHUNKS_MAX - 1},
    {4, MEMBER_UINT, AT(count), .max = FIRMWARE_WINDOW},
};
enum { MEMBER_COUNT = sizeof members / sizeof *members };
#define ALL (MEMBER_BIT(1) | MEMBER_BIT(2) | MEMBER_BIT(3) | MEMBER_BIT(4))

/* Chunks are wanted exactly while loading. */
static int request_valid(const struct firmware_request *r)
{
    return r->state == FIRMWARE_LOADING ? r->count > 0 && r->first > 0
                                        : r->count == 0 && r->first == 0;
}

enum error_code firmware_request_encode(const struct firmware_request *r, uint8_t *buf, size_t cap,
                                        size_t *ret_len)
{
    return request_valid(r) ? member_encode(members, MEMBER_COUNT, r, ALL, buf, cap, ret_len)
                            : EC_WIRE_RANGE;
}

enum error_code firmware_request_decode(struct span payload, struct firmware_request *ret)
{
    struct firmware_request r;
    uint32_t present;
    enum error_code ec = member_decode(payload, members, MEMBER_COUNT, &r, &present);

    if (ec == EC_OK && !request_valid(&r))
        ec = EC_WIRE_RANGE;
    if (ec == EC_OK)
        *ret = r;
    return ec;
}

/* ---- chunk ---- */

static int chunk_valid(uint64_t index, size_t len)
{
    return index > 0 && index < FIRMWARE_CHUNKS_MAX && len > 0 && len <= FIRMWARE_CHUNK_LEN &&
           len % MANIFEST_SIZE_UNIT == 0;
}

enum error_code firmware_chunk_encode(const struct firmware_chunk *c, uint8_t *buf, size_t cap,
                                      size_t *ret_len)
{
    struct cbor_writer w;

    if (!chunk_valid(c->index, c->bytes.len))
        return EC_WIRE_RANGE;
    cbor_writer_init(&w, buf, cap);
    cbor_write_map(&w, CHUNK_KEYS);
    cbor_write_uint(&w, KEY_ID);
    cbor_write_bstr(&w, c->id, sizeof c->id);
    cbor_write_uint(&w, KEY_INDEX);
    cbor_write_uint(&w, c->index);
    cbor_write_uint(&w, KEY_BYTES);
    cbor_write_bstr(&w, c->bytes.at, c->bytes.len);
    return cbor_writer_done(&w, ret_len);
}

enum error_code firmware_chunk_decode(struct span payload, struct firmware_chunk *ret)
{
    struct cbor_reader r;
    struct span id = {NULL, 0}, bytes = {NULL, 0};
    uint64_t index = 0;
    enum error_code ec = read_map(&r, payload, CHUNK_KEYS);

    if (ec == EC_OK)
        ec = read_key(&r, KEY_ID);
    if (ec == EC_OK)
        ec = cbor_read_bstr(&r, &id);
    if (ec == EC_OK)
        ec = read_key(&r, KEY_INDEX);
    if (ec == EC_OK)
        ec = cbor_read_uint(&r, &index);
    if (ec == EC_OK)
        ec = read_key(&r, KEY_BYTES);
    if (ec == EC_OK)
        ec = cbor_read_bstr(&r, &bytes);
    if (ec != EC_OK)
        return ec;
    if (cbor_reader_left(&r) != 0)
        return EC_WIRE_TRAILING;
    if (id.len != sizeof ret->id || !chunk_valid(index, bytes.len))
        return EC_WIRE_RANGE;
    memcpy(ret->id, id.at, sizeof ret->id);
    ret->index = (uint32_t)index;
    ret->bytes = bytes;
    return EC_OK;
}
