/* Checks an evidence bundle from its first byte to its last. */
#include "verify/check.h"

#include <string.h>

#include "chain.h"
#include "cose.h"
#include "receipt.h"

/** All that one run needs. */
struct run {
    const uint8_t *base;
    const struct check_pins *pins;
    struct evidence_header header;
    struct ledger ledger;
    struct check_report report;
    struct check_failure failure;
    uint64_t last_first_seq;
    uint8_t scratch[WIRE_SCRATCH_LEN];
};

static enum error_code fail(struct run *run, enum error_code ec, const uint8_t *at,
                            const char *what)
{
    run->failure.offset = (size_t)(at - run->base);
    run->failure.what = what;
    return ec;
}

static int pinned(const uint8_t (*pins)[WIRE_KEY_LEN], size_t count,
                  const uint8_t key[WIRE_KEY_LEN])
{
    for (size_t i = 0; i < count; i++)
        if (memcmp(pins[i], key, WIRE_KEY_LEN) == 0)
            return 1;
    return count == 0;
}

static enum error_code check_pinned(struct run *run)
{
    const struct evidence_header *h = &run->header;
    const struct check_pins *pins = run->pins;
    for (size_t i = 0; i < h->key_count; i++)
        if (!pinned(pins->device, pins->device_count, h->keys[i].public_key))
            return fail(run, EC_DEVICE_KEY_UNKNOWN, run->base, "device key that is not pinned");
    for (size_t i = 0; i < h->fleet_count; i++)
        if (!pinned(pins->fleet, pins->fleet_count, h->fleet[i].public_key))
            return fail(run, EC_DEVICE_KEY_UNKNOWN, run->base, "fleet key that is not pinned");
    return EC_OK;
}

static enum error_code check_header(struct run *run, struct cbor_reader *r)
{
    uint8_t start[WIRE_HASH_LEN];
    enum error_code ec = evidence_decode_header(r, &run->header);
    if (ec != EC_OK)
        return fail(run, ec, r->at, "header");
    memcpy(run->report.device, run->header.device, sizeof run->report.device);
    run->report.exported_at_ms = run->header.exported_at_ms;
    ec = check_pinned(run);
    if (ec != EC_OK)
        return ec;
    chain_start(run->header.device, run->header.keys[0].public_key, start);
    ec = ledger_start(&run->ledger, start);
    return ec == EC_OK ? EC_OK : fail(run, ec, run->base, "header");
}

/* A key with this kid that was valid at the time; fleet keys are valid at any time. */
static const struct evidence_key *find_key(const struct evidence_key *keys, size_t count,
                                           struct span kid, int64_t at_ms)
{
    for (size_t i = 0; i < count; i++)
        if (kid.len == WIRE_KID_LEN && memcmp(keys[i].kid, kid.at, WIRE_KID_LEN) == 0 &&
            at_ms >= keys[i].from_ms && at_ms < keys[i].to_ms)
            return &keys[i];
    return NULL;
}

/* Take the message of an item apart and verify it; the payload is then what the signer meant. */
static enum error_code open_message(struct run *run, const struct evidence_item *item,
                                    struct span *ret_payload)
{
    const struct evidence_header *h = &run->header;
    int is_batch = item->type == EVIDENCE_BATCH;
    uint8_t aad[WIRE_AAD_MAX];
    struct cose_sign1 parts;
    enum error_code ec = cose_decode(item->message.at, item->message.len, &parts);
    if (ec != EC_OK)
        return fail(run, ec, item->message.at, "signed message");
    const struct evidence_key *key =
        is_batch ? find_key(h->keys, h->key_count, parts.kid, item->received_ms)
                 : find_key(h->fleet, h->fleet_count, parts.kid, 0);
    if (key == NULL)
        return fail(run, EC_DEVICE_KEY_UNKNOWN, item->message.at, "kid of the signed message");
    enum cose_purpose purpose = is_batch ? COSE_JOURNAL : COSE_RECEIPT;
    struct span aad_span = {aad, cose_aad(purpose, h->device, aad)};
    ec = cose_verify(&parts, aad_span, key->public_key, run->scratch);
    if (ec != EC_OK)
        return fail(run, ec, item->message.at, "signature of the message");
    *ret_payload = parts.payload;
    return EC_OK;
}

static enum error_code check_batch(struct run *run, struct span payload)
{
    struct batch b;
    size_t fresh = 0;
    size_t bad = 0;
    enum error_code ec = batch_decode(payload, &b);
    if (ec != EC_OK)
        return fail(run, ec, payload.at, "batch");
    if (b.first_seq < run->last_first_seq)
        return fail(run, EC_WIRE_SEQUENCE, payload.at, "order of the batches");
    ec = ledger_add(&run->ledger, &b, &fresh, &bad);
    if (ec == EC_JOURNAL_FORK && bad < b.count)
        return fail(run, ec, b.records[bad].at, "record of the batch");
    if (ec == EC_JOURNAL_FORK)
        return fail(run, ec, payload.at, "prev_hash of the batch");
    if (ec != EC_OK)
        return fail(run, ec, payload.at, "batch");
    run->last_first_seq = b.first_seq;
    run->report.batches++;
    run->report.records += fresh;
    run->report.duplicates += b.count - fresh;
    if (b.written_through > run->report.claimed_seq)
        run->report.claimed_seq = b.written_through;
    return EC_OK;
}

static int has_undeclared_gap(const struct ledger *l, uint64_t through)
{
    struct range gaps[LIMIT_RANGES];
    size_t count = ledger_gaps(l, through, gaps, LIMIT_RANGES);
    for (size_t i = 0; i < count; i++)
        if (!ledger_declared(l, &gaps[i]))
            return 1;
    return 0;
}

/* The server signed that it had committed everything up to here: then everything is here. */
static enum error_code check_receipt(struct run *run, struct span payload)
{
    struct receipt r;
    enum error_code ec = receipt_decode(payload, &r);
    if (ec != EC_OK)
        return fail(run, ec, payload.at, "receipt");
    if (strcmp(r.device, run->header.device) != 0)
        return fail(run, EC_DEVICE_UNKNOWN, payload.at, "device of the receipt");
    const uint8_t *hash = ledger_hash(&run->ledger, r.through_seq);
    if (hash == NULL || has_undeclared_gap(&run->ledger, r.through_seq))
        return fail(run, EC_JOURNAL_GAP, payload.at, "records that the receipt covers");
    if (memcmp(hash, r.head_hash, WIRE_HASH_LEN) != 0)
        return fail(run, EC_JOURNAL_FORK, payload.at, "head_hash of the receipt");
    run->report.receipts++;
    if (r.through_seq > run->report.receipted_through)
        run->report.receipted_through = r.through_seq;
    return EC_OK;
}

static enum error_code check_item(struct run *run, struct cbor_reader *r)
{
    struct evidence_item item;
    struct span payload;
    enum error_code ec = evidence_decode_item(r, &item);
    if (ec != EC_OK)
        return fail(run, ec, r->at, "item");
    ec = open_message(run, &item, &payload);
    if (ec != EC_OK)
        return ec;
    return item.type == EVIDENCE_BATCH ? check_batch(run, payload) : check_receipt(run, payload);
}

static void sum_up(struct run *run)
{
    struct check_report *report = &run->report;
    report->first_seq = ledger_first(&run->ledger);
    report->last_seq = ledger_last(&run->ledger);
    report->gap_count = ledger_gaps(&run->ledger, report->last_seq, report->gaps, LIMIT_RANGES);
    for (size_t i = 0; i < report->gap_count; i++)
        report->gap_declared[i] = (uint8_t)ledger_declared(&run->ledger, &report->gaps[i]);
}

enum error_code check_bundle(struct span bundle, const struct check_pins *pins,
                             struct check_report *ret, struct check_failure *ret_failure)
{
    struct run run;
    struct cbor_reader r;
    memset(&run, 0, sizeof run);
    run.base = bundle.at;
    run.pins = pins;
    cbor_reader_init(&r, bundle.at, bundle.len);
    enum error_code ec = check_header(&run, &r);
    while (ec == EC_OK && cbor_reader_left(&r) > 0) {
        run.failure.item++;
        ec = check_item(&run, &r);
    }
    if (ec == EC_OK) {
        sum_up(&run);
        *ret = run.report;
    } else {
        *ret_failure = run.failure;
    }
    ledger_done(&run.ledger);
    return ec;
}
