/* The framing of an evidence bundle: header and items, bytes to structs and back. */
#include "codec/evidence.h"

#include <string.h>

#include "cose.h"
#include "topic.h"

enum {
    KEY_FORMAT = 1,
    KEY_DEVICE = 2,
    KEY_DEVICE_KEYS = 3,
    KEY_FLEET_KEYS = 4,
    KEY_EXPORTED_AT = 5,
    HEADER_COUNT = 5,
    BATCH_COUNT = 3,
    RECEIPT_COUNT = 2,
};

static int period_valid(const struct evidence_key *key)
{
    return key->from_ms >= 0 && key->from_ms < INT64_MAX && key->from_ms <= key->to_ms;
}

static enum error_code check_header(const struct evidence_header *h)
{
    if (!topic_device_valid(h->device, strnlen(h->device, sizeof h->device)))
        return EC_WIRE_RANGE;
    if (h->key_count < 1 || h->key_count > EVIDENCE_KEYS_MAX || h->fleet_count > EVIDENCE_KEYS_MAX)
        return EC_WIRE_RANGE;
    for (size_t i = 0; i < h->key_count; i++)
        if (!period_valid(&h->keys[i]) || (i > 0 && h->keys[i].from_ms < h->keys[i - 1].from_ms))
            return EC_WIRE_RANGE;
    return h->exported_at_ms < 0 || h->exported_at_ms == INT64_MAX ? EC_WIRE_RANGE : EC_OK;
}

static void write_key(struct cbor_writer *w, const struct evidence_key *key, int with_period)
{
    uint8_t kid[WIRE_KID_LEN];
    cose_kid(key->public_key, kid);
    cbor_write_array(w, with_period ? 4 : 2);
    cbor_write_bstr(w, kid, sizeof kid);
    cbor_write_bstr(w, key->public_key, sizeof key->public_key);
    if (!with_period)
        return;
    cbor_write_int(w, key->from_ms);
    if (key->to_ms == INT64_MAX)
        cbor_write_null(w);
    else
        cbor_write_int(w, key->to_ms);
}

enum error_code evidence_encode_header(const struct evidence_header *h, uint8_t *buf, size_t cap,
                                       size_t *ret_len)
{
    enum error_code ec = check_header(h);
    if (ec != EC_OK)
        return ec;
    struct cbor_writer w;
    cbor_writer_init(&w, buf, cap);
    cbor_write_map(&w, HEADER_COUNT);
    cbor_write_uint(&w, KEY_FORMAT);
    cbor_write_tstr(&w, EVIDENCE_FORMAT, strlen(EVIDENCE_FORMAT));
    cbor_write_uint(&w, KEY_DEVICE);
    cbor_write_tstr(&w, h->device, strlen(h->device));
    cbor_write_uint(&w, KEY_DEVICE_KEYS);
    cbor_write_array(&w, h->key_count);
    for (size_t i = 0; i < h->key_count; i++)
        write_key(&w, &h->keys[i], 1);
    cbor_write_uint(&w, KEY_FLEET_KEYS);
    cbor_write_array(&w, h->fleet_count);
    for (size_t i = 0; i < h->fleet_count; i++)
        write_key(&w, &h->fleet[i], 0);
    cbor_write_uint(&w, KEY_EXPORTED_AT);
    cbor_write_int(&w, h->exported_at_ms);
    return cbor_writer_done(&w, ret_len);
}

enum error_code evidence_encode_item(const struct evidence_item *item, uint8_t *buf, size_t cap,
                                     size_t *ret_len)
{
    struct cbor_writer w;
    if (item->received_ms < 0 || item->received_ms == INT64_MAX || item->message.len == 0)
        return EC_WIRE_RANGE;
    if (item->message.len > WIRE_MESSAGE_MAX)
        return EC_WIRE_TOO_LARGE;
    cbor_writer_init(&w, buf, cap);
    cbor_write_array(&w, item->type == EVIDENCE_BATCH ? BATCH_COUNT : RECEIPT_COUNT);
    cbor_write_uint(&w, item->type);
    if (item->type == EVIDENCE_BATCH)
        cbor_write_int(&w, item->received_ms);
    cbor_write_bstr(&w, item->message.at, item->message.len);
    return cbor_writer_done(&w, ret_len);
}

static enum error_code read_time(struct cbor_reader *r, int64_t *ret)
{
    struct cbor_reader start = *r;
    uint64_t ms;
    enum error_code ec = cbor_read_uint(r, &ms);
    if (ec != EC_OK)
        return ec;
    if (ms >= INT64_MAX) {
        *r = start;
        return EC_WIRE_RANGE;
    }
    *ret = (int64_t)ms;
    return EC_OK;
}

/* Bytes of one length; the reader stays at the item when they are not. */
static enum error_code read_exactly(struct cbor_reader *r, size_t len, uint8_t *ret)
{
    struct cbor_reader start = *r;
    struct span bytes;
    enum error_code ec = cbor_read_bstr(r, &bytes);
    if (ec != EC_OK)
        return ec;
    if (bytes.len != len) {
        *r = start;
        return EC_WIRE_RANGE;
    }
    memcpy(ret, bytes.at, len);
    return EC_OK;
}

static enum error_code read_count(struct cbor_reader *r, size_t least, size_t most, size_t *ret)
{
    struct cbor_reader start = *r;
    size_t count;
    enum error_code ec = cbor_read_array(r, &count);
    if (ec != EC_OK)
        return ec;
    if (count < least || count > most) {
        *r = start;
        return EC_WIRE_RANGE;
    }
    *ret = count;
    return EC_OK;
}

static enum error_code read_period(struct cbor_reader *r, struct evidence_key *key)
{
    enum error_code ec = read_time(r, &key->from_ms);
    if (ec != EC_OK)
        return ec;
    key->to_ms = INT64_MAX;
    return cbor_read_null(r) == EC_OK ? EC_OK : read_time(r, &key->to_ms);
}

/* The kid stands before its key, and must be the one that the key has. */
static enum error_code read_key(struct cbor_reader *r, int with_period, struct evidence_key *key)
{
    struct cbor_reader start = *r;
    uint8_t kid[WIRE_KID_LEN];
    size_t members = with_period ? 4 : 2;
    enum error_code ec = read_count(r, members, members, &members);
    if (ec == EC_OK)
        ec = read_exactly(r, sizeof key->kid, key->kid);
    if (ec == EC_OK)
        ec = read_exactly(r, sizeof key->public_key, key->public_key);
    key->to_ms = INT64_MAX;
    if (ec == EC_OK && with_period)
        ec = read_period(r, key);
    if (ec != EC_OK)
        return ec;
    cose_kid(key->public_key, kid);
    if (memcmp(kid, key->kid, sizeof kid) != 0 || !period_valid(key)) {
        *r = start;
        return EC_WIRE_RANGE;
    }
    return EC_OK;
}

static enum error_code read_keys(struct cbor_reader *r, int of_device, struct evidence_key *keys,
                                 size_t *ret_count)
{
    size_t count = 0;
    enum error_code ec = read_count(r, of_device ? 1 : 0, EVIDENCE_KEYS_MAX, &count);
    for (size_t i = 0; i < count && ec == EC_OK; i++) {
        struct cbor_reader start = *r;
        ec = read_key(r, of_device, &keys[i]);
        if (ec == EC_OK && i > 0 && keys[i].from_ms < keys[i - 1].from_ms) {
            *r = start;
            ec = EC_WIRE_RANGE;
        }
    }
    if (ec == EC_OK)
        *ret_count = count;
    return ec;
}

static enum error_code read_format(struct cbor_reader *r)
{
    struct cbor_reader start = *r;
    struct span text = {NULL, 0};
    enum error_code ec = cbor_read_tstr(r, &text);
    if (ec != EC_OK)
        return ec;
    if (text.len == strlen(EVIDENCE_FORMAT) && memcmp(text.at, EVIDENCE_FORMAT, text.len) == 0)
        return EC_OK;
    *r = start;
    return EC_WIRE_RANGE;
}

static enum error_code read_device(struct cbor_reader *r, struct evidence_header *h)
{
    struct cbor_reader start = *r;
    struct span text = {NULL, 0};
    enum error_code ec = cbor_read_tstr(r, &text);
    if (ec != EC_OK)
        return ec;
    if (!topic_device_valid((const char *)text.at, text.len)) {
        *r = start;
        return EC_WIRE_RANGE;
    }
    memcpy(h->device, text.at, text.len);
    return EC_OK;
}

static enum error_code read_header_member(struct cbor_reader *r, uint64_t key,
                                          struct evidence_header *h)
{
    switch (key) {
    case KEY_FORMAT:
        return read_format(r);
    case KEY_DEVICE:
        return read_device(r, h);
    case KEY_DEVICE_KEYS:
        return read_keys(r, 1, h->keys, &h->key_count);
    case KEY_FLEET_KEYS:
        return read_keys(r, 0, h->fleet, &h->fleet_count);
    case KEY_EXPORTED_AT:
        return read_time(r, &h->exported_at_ms);
    default:
        return EC_WIRE_RANGE;
    }
}

/* Every member is required and keys ascend, so the n-th key is n. */
enum error_code evidence_decode_header(struct cbor_reader *r, struct evidence_header *ret)
{
    struct cbor_reader start = *r;
    struct evidence_header h;
    size_t count = 0;
    memset(&h, 0, sizeof h);
    enum error_code ec = cbor_read_map(r, &count);
    if (ec == EC_OK && count != HEADER_COUNT) {
        *r = start;
        ec = count < HEADER_COUNT ? EC_WIRE_MISSING : EC_WIRE_RANGE;
    }
    for (uint64_t want = 1; want <= HEADER_COUNT && ec == EC_OK; want++) {
        uint64_t key = 0;
        start = *r;
        ec = cbor_read_uint(r, &key);
        if (ec == EC_OK && key != want) {
            *r = start;
            ec = key < want ? EC_WIRE_NOT_CANONICAL : EC_WIRE_MISSING;
        }
        if (ec == EC_OK)
            ec = read_header_member(r, key, &h);
    }
    if (ec == EC_OK)
        *ret = h;
    return ec;
}

static enum error_code read_message(struct cbor_reader *r, struct span *ret)
{
    struct cbor_reader start = *r;
    struct span message;
    enum error_code ec = cbor_read_bstr(r, &message);
    if (ec != EC_OK)
        return ec;
    if (message.len == 0 || message.len > WIRE_MESSAGE_MAX) {
        *r = start;
        return message.len == 0 ? EC_WIRE_RANGE : EC_WIRE_TOO_LARGE;
    }
    *ret = message;
    return EC_OK;
}

enum error_code evidence_decode_item(struct cbor_reader *r, struct evidence_item *ret)
{
    struct cbor_reader start = *r;
    struct evidence_item item = {.received_ms = 0};
    size_t count = 0;
    uint64_t type = 0;
    enum error_code ec = read_count(r, RECEIPT_COUNT, BATCH_COUNT, &count);
    if (ec == EC_OK)
        ec = cbor_read_uint(r, &type);
    if (ec != EC_OK)
        return ec;
    if (type != (count == BATCH_COUNT ? EVIDENCE_BATCH : EVIDENCE_RECEIPT)) {
        *r = start;
        return EC_WIRE_RANGE;
    }
    item.type = (enum evidence_type)type;
    if (item.type == EVIDENCE_BATCH)
        ec = read_time(r, &item.received_ms);
    if (ec == EC_OK)
        ec = read_message(r, &item.message);
    if (ec == EC_OK)
        *ret = item;
    return ec;
}
