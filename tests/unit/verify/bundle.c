/* Builds evidence bundles out of the story of the vectors, good ones and bad ones. */
#include "bundle.h"

#include <stdlib.h>
#include <string.h>

#include "chain.h"

static void must(int good)
{
    if (!good)
        abort();
}

void bundle_put_raw(struct bundle *b, const uint8_t *at, size_t len)
{
    must(b->len + len <= sizeof b->bytes && b->count < BUNDLE_PARTS_MAX);
    memcpy(b->bytes + b->len, at, len);
    b->len += len;
    b->ends[b->count++] = b->len;
}

void bundle_fill_header(struct evidence_header *ret)
{
    struct cose_key key;
    memset(ret, 0, sizeof *ret);
    memcpy(ret->device, SUPPORT_DEVICE, sizeof SUPPORT_DEVICE);
    support_device_key(&key);
    memcpy(ret->keys[0].public_key, key.public_key, WIRE_KEY_LEN);
    ret->keys[0].from_ms = BUNDLE_T0_MS;
    ret->keys[0].to_ms = INT64_MAX;
    ret->key_count = 1;
    support_fleet_key(&key);
    memcpy(ret->fleet[0].public_key, key.public_key, WIRE_KEY_LEN);
    ret->fleet_count = 1;
    ret->exported_at_ms = BUNDLE_T0_MS + 1000000;
}

void bundle_put_header(struct bundle *b, const struct evidence_header *h)
{
    uint8_t buf[EVIDENCE_HEADER_MAX];
    size_t len = 0;
    must(evidence_encode_header(h, buf, sizeof buf, &len) == EC_OK);
    bundle_put_raw(b, buf, len);
}

void bundle_hash(uint64_t seq, uint8_t ret[WIRE_HASH_LEN])
{
    struct cose_key key;
    support_device_key(&key);
    chain_start(SUPPORT_DEVICE, key.public_key, ret);
    for (uint64_t i = 0; i < seq; i++) {
        uint8_t record[WIRE_RECORD_MAX];
        size_t len = vectors_story_encode(i, record);
        chain_next(ret, record, len, ret);
    }
}

void bundle_fill_batch(uint64_t first, size_t count, struct batch *ret,
                       uint8_t (*buf)[WIRE_RECORD_MAX])
{
    memset(ret, 0, sizeof *ret);
    ret->first_seq = first;
    ret->count = count;
    ret->written_through = VECTORS_STORY_COUNT;
    ret->epoch = 1;
    bundle_hash(first - 1, ret->prev_hash);
    for (size_t i = 0; i < count; i++)
        ret->records[i] = (struct span){buf[i], vectors_story_encode(first - 1 + i, buf[i])};
}

static void put_item(struct bundle *b, enum evidence_type type, int64_t received_ms,
                     enum cose_purpose purpose, const struct cose_key *key, struct span payload)
{
    uint8_t msg[WIRE_MESSAGE_MAX];
    uint8_t buf[EVIDENCE_ITEM_MAX];
    size_t len = support_sign(purpose, key, SUPPORT_DEVICE, payload, msg);
    struct evidence_item item = {.type = type, .received_ms = received_ms, .message = {msg, len}};
    must(evidence_encode_item(&item, buf, sizeof buf, &len) == EC_OK);
    bundle_put_raw(b, buf, len);
}

void bundle_put_batch(struct bundle *b, const struct batch *batch, const struct cose_key *key)
{
    uint8_t payload[WIRE_MESSAGE_MAX];
    size_t len = 0;
    must(batch_encode(batch, payload, sizeof payload, &len) == EC_OK);
    put_item(b, EVIDENCE_BATCH, BUNDLE_T0_MS + (int64_t)batch->first_seq, COSE_JOURNAL, key,
             (struct span){payload, len});
}

void bundle_put_story(struct bundle *b, uint64_t first, size_t count)
{
    uint8_t records[VECTORS_STORY_COUNT][WIRE_RECORD_MAX];
    struct batch batch;
    struct cose_key key;
    support_device_key(&key);
    bundle_fill_batch(first, count, &batch, records);
    bundle_put_batch(b, &batch, &key);
}

void bundle_put_signed_receipt(struct bundle *b, const struct receipt *r)
{
    uint8_t payload[WIRE_RECEIPT_MAX];
    struct cose_key key;
    size_t len = 0;
    support_fleet_key(&key);
    must(receipt_encode(r, payload, sizeof payload, &len) == EC_OK);
    put_item(b, EVIDENCE_RECEIPT, 0, COSE_RECEIPT, &key, (struct span){payload, len});
}

void bundle_put_receipt(struct bundle *b, uint64_t through_seq)
{
    struct receipt r = {.device = SUPPORT_DEVICE, .through_seq = through_seq, .epoch = 1};
    bundle_hash(through_seq, r.head_hash);
    bundle_put_signed_receipt(b, &r);
}
