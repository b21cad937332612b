/* Signs what a commit has earned. */
#include "mqtt/receipts.h"

#include <string.h>

#include "receipt.h"

/* A device that knows another epoch may have erased what a restored database lost. */
static int knows_epoch(const struct work_device *d, const struct work_item *items, uint64_t epoch)
{
    for (size_t i = d->begin; i < d->end; i++)
        if (!items[i].is_refused && items[i].message->journal->batch.epoch != epoch)
            return 0;
    return 1;
}

struct receipts_subject receipts_of_work(const struct work_device *d, const struct work_item *items,
                                         uint64_t epoch)
{
    return (struct receipts_subject){
        .device_id = d->device_id,
        .serial = items[d->begin].message->topic.device,
        .head = d->head,
        .knows_epoch = knows_epoch(d, items, epoch),
    };
}

enum error_code receipts_sign(const struct receipts_terms *terms, const struct receipts_subject *s,
                              struct receipt_issued *ret)
{
    uint8_t payload[WIRE_RECEIPT_MAX], scratch[WIRE_SCRATCH_LEN], aad_bytes[WIRE_AAD_MAX];
    struct span aad = {aad_bytes, cose_aad(COSE_RECEIPT, s->serial, aad_bytes)};
    struct receipt r = {
        .through_seq = s->head->seq,
        .server_ms = (uint64_t)terms->now_ms,
        .epoch = terms->epoch,
        .pace_ms = terms->pace_ms,
        .resend_from =
            s->knows_epoch ? journal_resend_from(s->head) : journal_first_missing(s->head),
    };
    size_t payload_len, message_len;
    enum error_code ec;

    memcpy(r.device, s->serial, strlen(s->serial) + 1);
    memcpy(r.head_hash, s->head->hash, WIRE_HASH_LEN);
    ec = receipt_encode(&r, payload, sizeof(payload), &payload_len);
    if (ec == EC_OK)
        ec = cose_sign(terms->key, aad, (struct span){payload, payload_len}, scratch, ret->message,
                       sizeof(ret->message), &message_len);
    if (ec != EC_OK)
        return ec;
    ret->device_id = s->device_id;
    ret->epoch = terms->epoch;
    ret->through_seq = s->head->seq;
    memcpy(ret->head_hash, s->head->hash, WIRE_HASH_LEN);
    ret->issued_ms = terms->now_ms;
    ret->message_len = message_len;
    return EC_OK;
}
