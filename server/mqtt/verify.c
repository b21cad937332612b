/* From received bytes to a verified batch, status or link; or to a reason for quarantine. */
#include "mqtt/verify.h"

#include <stdlib.h>
#include <string.h>

#include "batch.h"
#include "cose.h"

enum { ROWS_MAX = 512 * 1024 };

/* -- the signature --------------------------------------------------------------------------- */

/* Try the keys that the message names, or all when it names none. */
static enum error_code try_keys(const struct device_keys *keys, const struct cose_sign1 *sign1,
                                struct span aad, uint8_t *scratch, uint8_t ret_kid[WIRE_KID_LEN])
{
    enum error_code ec = EC_DEVICE_KEY_UNKNOWN;

    for (size_t i = 0; i < keys->count; i++) {
        const struct device_key *k = &keys->at[i];

        if (sign1->kid.len != 0 &&
            (sign1->kid.len != WIRE_KID_LEN || memcmp(sign1->kid.at, k->kid, WIRE_KID_LEN) != 0))
            continue;
        ec = cose_verify(sign1, aad, k->public_key, scratch);
        if (ec == EC_OK) {
            memcpy(ret_kid, k->kid, WIRE_KID_LEN);
            return k->is_retired ? EC_DEVICE_KEY_RETIRED : EC_OK;
        }
    }
    return ec;
}

static enum error_code check_signature(struct keys *keys, struct message *m,
                                       enum cose_purpose purpose, uint8_t *scratch,
                                       struct cose_sign1 *ret, struct device_keys *ret_keys)
{
    uint8_t aad_bytes[WIRE_AAD_MAX];
    struct span aad = {aad_bytes, cose_aad(purpose, m->topic.device, aad_bytes)};
    enum error_code ec = cose_decode(m->payload, m->len, ret);

    if (ec == EC_OK)
        ec = keys_get(keys, m->topic.device, ret_keys);
    if (ec != EC_OK)
        return ec;
    if (ret_keys->device_id == 0)
        return EC_DEVICE_UNKNOWN;
    ec = try_keys(ret_keys, ret, aad, scratch, m->kid);
    if (ec != EC_DEVICE_KEY_UNKNOWN && ec != EC_COSE_SIGNATURE)
        return ec;
    /* The device may have a new key since its keys were loaded. */
    if (keys_refresh(keys, m->topic.device, ret_keys) != EC_OK)
        return EC_DATABASE;
    return ret_keys->device_id == 0 ? EC_DEVICE_UNKNOWN
                                    : try_keys(ret_keys, ret, aad, scratch, m->kid);
}

/* -- the journal ----------------------------------------------------------------------------- */

static void note_overwrite(struct message_journal *j, const struct record *rec)
{
    struct journal_overwrite *o = &j->overwrites[j->batch.arrival.overwrite_count];

    if (rec->kind != RECORD_KIND_RECORDS_OVERWRITTEN ||
        !record_get_uint(rec, RECORD_KEY_FROM_SEQ, &o->lost.from) ||
        !record_get_uint(rec, RECORD_KEY_TO_SEQ, &o->lost.to))
        return;
    o->seq = rec->seq;
    j->batch.arrival.overwrite_count++;
}

static enum error_code make_rows(struct message_journal *j, const struct batch *b)
{
    struct journal_batch *out = &j->batch;
    enum error_code ec = EC_OK;

    for (size_t i = 0; i < b->count && ec == EC_OK; i++) {
        struct cbor_reader r;
        struct record rec;

        cbor_reader_init(&r, b->records[i].at, b->records[i].len);
        ec = record_decode(&r, &rec);
        if (ec != EC_OK)
            break;
        note_overwrite(j, &rec);
        out->has_outcome |=
            rec.kind == RECORD_KIND_COMMAND_DONE || rec.kind == RECORD_KIND_COMMAND_REFUSED;
        ec = journal_row_encode(out->device_id, out->received_ms, &rec, j->hashes[i],
                                &out->row_bytes, &j->rows[i]);
    }
    return ec;
}

static struct message_journal *journal_new(size_t records)
{
    struct message_journal *j = malloc(
        sizeof(*j) + records * (sizeof(*j->rows) + sizeof(*j->overwrites) + sizeof(*j->hashes)));

    if (j == NULL)
        return NULL;
    j->rows = (struct journal_row *)(j + 1);
    j->overwrites = (struct journal_overwrite *)(j->rows + records);
    j->hashes = (uint8_t(*)[WIRE_HASH_LEN])(j->overwrites + records);
    return j;
}

/* Fill in a batch that borrows from its message. */
static enum error_code fill_journal(struct message *m, int64_t device_id, const struct batch *b,
                                    struct message_journal *j)
{
    memset(&j->batch, 0, sizeof(j->batch));
    memcpy(j->prev_hash, b->prev_hash, WIRE_HASH_LEN);
    batch_hashes(b, j->hashes);
    j->batch = (struct journal_batch){
        .device_id = device_id,
        .received_ms = m->received_ms,
        .epoch = b->epoch,
        .arrival =
            {
                .first_seq = b->first_seq,
                .count = b->count,
                .prev_hash = j->prev_hash,
                .hashes = (const uint8_t(*)[WIRE_HASH_LEN])j->hashes,
                .written_through = b->written_through,
                .overwrites = j->overwrites,
            },
        .rows = j->rows,
        .message = m->payload,
        .message_len = m->len,
    };
    memcpy(j->batch.kid, m->kid, WIRE_KID_LEN);
    bytes_init(&j->batch.row_bytes, ROWS_MAX);
    return make_rows(j, b);
}

static enum error_code understand_journal(struct keys *keys, struct message *m, uint8_t *scratch)
{
    struct cose_sign1 sign1;
    struct device_keys device;
    struct batch b;
    struct message_journal *j;
    enum error_code ec = check_signature(keys, m, COSE_JOURNAL, scratch, &sign1, &device);

    if (ec == EC_OK)
        ec = batch_decode(sign1.payload, &b);
    /* the last number of all has none after it, and the sets could not hold it */
    if (ec == EC_OK && b.first_seq + b.count - 1 >= INT64_MAX)
        ec = EC_WIRE_RANGE;
    if (ec != EC_OK)
        return ec;
    j = journal_new(b.count);
    if (j == NULL)
        return EC_NO_MEMORY;
    ec = fill_journal(m, device.device_id, &b, j);
    if (ec != EC_OK) {
        bytes_done(&j->batch.row_bytes);
        free(j);
        return ec;
    }
    m->journal = j;
    m->kind = MESSAGE_JOURNAL;
    return EC_OK;
}

/* -- status and link ------------------------------------------------------------------------- */

static enum error_code understand_status(struct keys *keys, struct message *m, uint8_t *scratch)
{
    struct cose_sign1 sign1;
    struct device_keys device;
    struct device_status *s;
    enum error_code ec = check_signature(keys, m, COSE_STATUS, scratch, &sign1, &device);

    if (ec != EC_OK)
        return ec;
    s = calloc(1, sizeof(*s));
    if (s == NULL)
        return EC_NO_MEMORY;
    ec = status_decode(sign1.payload, &s->status);
    if (ec != EC_OK) {
        free(s);
        return ec;
    }
    s->device_id = device.device_id;
    s->received_ms = m->received_ms;
    m->status = s;
    m->kind = MESSAGE_STATUS;
    return EC_OK;
}

/* The broker's word alone stands behind a link: the topic says which device. */
static enum error_code understand_link(struct keys *keys, struct message *m, uint8_t *scratch)
{
    struct span payload = {m->payload, m->len};
    struct device_keys device;
    struct device_link link = {.received_ms = m->received_ms};
    enum error_code ec = status_link_decode(payload, &link.link);

    (void)scratch;
    if (ec == EC_OK)
        ec = keys_get(keys, m->topic.device, &device);
    if (ec != EC_OK)
        return ec;
    if (device.device_id == 0)
        return EC_DEVICE_UNKNOWN;
    link.device_id = device.device_id;
    m->link = link;
    m->kind = MESSAGE_LINK;
    return EC_OK;
}

/* -- firmware -------------------------------------------------------------------------------- */

static enum error_code understand_firmware(struct keys *keys, struct message *m, uint8_t *scratch)
{
    struct cose_sign1 sign1;
    struct device_keys device;
    struct firmware_wanted *w;
    enum error_code ec = check_signature(keys, m, COSE_FIRMWARE, scratch, &sign1, &device);

    if (ec != EC_OK)
        return ec;
    w = calloc(1, sizeof(*w));
    if (w == NULL)
        return EC_NO_MEMORY;
    ec = firmware_request_decode(sign1.payload, &w->request);
    if (ec != EC_OK) {
        free(w);
        return ec;
    }
    w->device_id = device.device_id;
    w->now_ms = m->received_ms;
    memcpy(w->kid, m->kid, WIRE_KID_LEN);
    m->firmware = w;
    m->kind = MESSAGE_FIRMWARE;
    return EC_OK;
}

static enum error_code (*const by_leaf[TOPIC_LEAF_COUNT])(struct keys *, struct message *,
                                                          uint8_t *) = {
    [TOPIC_UP_JOURNAL] = understand_journal,
    [TOPIC_UP_STATUS] = understand_status,
    [TOPIC_UP_LINK] = understand_link,
    [TOPIC_UP_FIRMWARE] = understand_firmware,
};

enum error_code verify_message(struct keys *keys, struct message *m, uint8_t *scratch)
{
    enum error_code ec = EC_TOPIC_INVALID;

    if (m->kind != MESSAGE_RECEIVED)
        return EC_OK;
    if (by_leaf[m->topic.leaf] != NULL)
        ec = by_leaf[m->topic.leaf](keys, m, scratch);
    if (ec == EC_OK || ec == EC_DATABASE || ec == EC_NO_MEMORY)
        return ec;
    message_refuse(m, ec);
    return EC_OK;
}
