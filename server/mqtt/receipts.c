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

enum error_code receipts_sign(const struct receipts_terms *terms, const struct work_device *d,
                              const struct work_item *items, struct receipt_issued *ret)
{
    const char *serial = items[d->begin].message->topic.device;
    uint8_t payload[WIRE_RECEIPT_MAX], scratch[WIRE_SCRATCH_LEN], aad_bytes[WIRE_AAD_MAX];
    struct span aad = {aad_bytes, cose_aad(COSE_RECEIPT, serial, aad_bytes)};
    struct receipt r = {
        .through_seq = d->head.seq,
        .server_ms = (uint64_t)terms->now_ms,
        .epoch = terms->epoch,
        .pace_ms = terms->pace_ms,
        .resend_from = knows_epoch(d, items, terms->epoch) ? journal_resend_from(&d->head)
                                                           : journal_first_missing(&d->head),
    };
    size_t payload_len, message_len;
    enum error_code ec;

    memcpy(r.device, serial, strlen(serial) + 1);
    memcpy(r.head_hash, d->head.hash, WIRE_HASH_LEN);
    ec = receipt_encode(&r, payload, sizeof(payload), &payload_len);
    if (ec == EC_OK)
        ec = cose_sign(terms->key, aad, (struct span){payload, payload_len}, scratch, ret->message,
                       sizeof(ret->message), &message_len);
    if (ec != EC_OK)
        return ec;
    ret->device_id = d->device_id;
    ret->epoch = terms->epoch;
    ret->through_seq = d->head.seq;
    memcpy(ret->head_hash, d->head.hash, WIRE_HASH_LEN);
    ret->issued_ms = terms->now_ms;
    ret->message_len = message_len;
    return EC_OK;
}
