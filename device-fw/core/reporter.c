/* Making batches, waiting for receipts, and judging them. */
#include "reporter.h"

#include <string.h>

#include "batch.h"
#include "order.h"

static uint64_t max64(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

/* Half of the time is fixed, half is random. */
static uint32_t timeout_ms(uint32_t tries, uint32_t random)
{
    uint32_t ms = REPORTER_TIMEOUT_MS;

    while (tries-- > 0 && ms < REPORTER_TIMEOUT_MAX_MS)
        ms *= 2;
    if (ms > REPORTER_TIMEOUT_MAX_MS)
        ms = REPORTER_TIMEOUT_MAX_MS;
    return ms / 2 + random % ms;
}

void reporter_init(struct reporter *r, const struct journal *journal)
{
    memset(r, 0, sizeof(*r));
    r->next_seq = max64(journal->released + 1, journal_first(journal));
}

/* ---- batches ---- */

/* Collect up to `most` records from first on; fewer when the bytes are full or one does not read.
 */
static void collect(const struct reporter_context *c, uint64_t first, uint32_t most,
                    struct batch *ret)
{
    uint8_t record[WIRE_RECORD_MAX];
    size_t used = 0, len;

    ret->first_seq = first;
    ret->count = 0;
    while (ret->count < most &&
           journal_read(c->journal, first + ret->count, record, &len) == EC_OK &&
           used + len <= REPORTER_RECORDS_MAX) {
        memcpy(c->scratch->records + used, record, len);
        ret->records[ret->count] = (struct span){c->scratch->records + used, len};
        ret->count++;
        used += len;
    }
}

static enum error_code sign(const struct reporter_context *c, const struct batch *b,
                            size_t *ret_len)
{
    uint8_t aad[WIRE_AAD_MAX];
    size_t aad_len = cose_aad(COSE_JOURNAL, c->settings->device, aad);
    size_t len;
    enum error_code ec = batch_encode(b, c->scratch->payload, sizeof(c->scratch->payload), &len);

    if (ec != EC_OK)
        return ec;
    return cose_sign(c->key, (struct span){aad, aad_len}, (struct span){c->scratch->payload, len},
                     c->scratch->signing, c->scratch->message, sizeof(c->scratch->message),
                     ret_len);
}

/* Make and publish the batch that r describes. */
static enum error_code publish(struct reporter *r, const struct reporter_context *c,
                               uint64_t now_ms)
{
    struct batch b;
    struct mqtt_message m = {.topic = c->topic, .qos = 1, .token = r->first_seq};
    enum error_code ec;

    collect(c, r->first_seq, r->count, &b);
    if (b.count != r->count)
        return EC_NOT_FOUND;
    b.written_through = r->written;
    b.epoch = r->epoch;
    ec = journal_hash(c->journal, r->first_seq - 1, b.prev_hash);
    if (ec == EC_OK)
        ec = sign(c, &b, &m.len);
    m.payload = c->scratch->message;
    if (ec == EC_OK)
        ec = mqtt_publish(c->mqtt, &m, now_ms);
    if (ec == EC_OK)
        r->batches++;
    return ec;
}

static void drop_flight(struct reporter *r, const struct reporter_context *c)
{
    if (r->count > 0)
        mqtt_forget(c->mqtt, r->first_seq);
    r->count = 0;
    r->tries = 0;
}

static void repeat(struct reporter *r, const struct reporter_context *c, uint64_t now_ms,
                   uint32_t random)
{
    enum error_code ec = publish(r, c, now_ms);

    if (ec == EC_NOT_FOUND) { /* the ring has gone over it */
        drop_flight(r, c);
        r->next_seq = max64(c->journal->released + 1, journal_first(c->journal));
        return;
    }
    if (ec == EC_OK)
        r->repeats++;
    if (r->tries < UINT8_MAX)
        r->tries++;
    r->due_ms = now_ms + timeout_ms(r->tries, random);
}

/* All is sent but not all is receipted, because the server misses what is lost here: the record
 * that declares the loss may have gone astray, so begin again some time. Without a clock (receipts
 * came too late to tell the time) the last record is sent again for the sake of its receipt. */
static void begin_again(struct reporter *r, const struct reporter_context *c, uint64_t now_ms,
                        uint32_t random)
{
    int all = c->journal->released >= c->journal->written;

    if (all && c->clock->known) {
        r->rounds = 0;
    } else if (r->next_seq > c->journal->written && now_ms >= r->round_ms) {
        r->next_seq = max64(c->journal->released + !all, journal_first(c->journal));
        if (r->rounds < UINT8_MAX)
            r->rounds++;
        r->round_ms = now_ms + timeout_ms(r->rounds, random);
    }
}

static void send_next(struct reporter *r, const struct reporter_context *c, uint64_t now_ms,
                      uint32_t random)
{
    struct batch b;
    enum error_code ec;

    r->next_seq = max64(r->next_seq, journal_first(c->journal));
    if (r->next_seq > c->journal->written)
        return;
    collect(c, r->next_seq, WIRE_BATCH_RECORDS_MAX, &b);
    if (b.count == 0) {
        r->unreadable++;
        r->next_seq++;
        return;
    }
    r->first_seq = r->next_seq;
    r->count = (uint32_t)b.count;
    r->written = c->journal->written;
    r->epoch = c->journal->epoch;
    ec = publish(r, c, now_ms);
    if (ec != EC_OK) {
        r->count = 0;
        r->due_ms = now_ms + 100 + random % 900;
        return;
    }
    r->tries = 0;
    r->first_sent_ms = now_ms;
    r->due_ms = now_ms + timeout_ms(0, random);
}

void reporter_step(struct reporter *r, const struct reporter_context *c, uint64_t now_ms,
                   uint32_t random)
{
    if (!mqtt_is_up(c->mqtt) || now_ms < r->due_ms)
        return;
    if (r->count > 0) {
        repeat(r, c, now_ms, random);
        return;
    }
    begin_again(r, c, now_ms, random);
    send_next(r, c, now_ms, random);
}

void reporter_connected(struct reporter *r, uint64_t now_ms, uint32_t random)
{
    r->due_ms = r->count > 0 ? now_ms + 1000 + random % 2000 : now_ms;
}

void reporter_again(struct reporter *r, const struct reporter_context *c, uint64_t token,
                    uint64_t now_ms)
{
    if (r->count == 0 || token != r->first_seq) {
        mqtt_forget(c->mqtt, token);
        return;
    }
    switch (publish(r, c, now_ms)) {
    case EC_OK:
        r->repeats++;
        break;
    case EC_QUEUE_FULL:
        break; /* asked again when there is room */
    default:
        mqtt_forget(c->mqtt, token);
    }
}

/* ---- receipts ---- */

/* A receipt below everything that is stored cannot be checked; it erases nothing, so it may tell
 * where the server stands. */
static int hash_fits(const struct reporter_context *c, const struct receipt *receipt)
{
    uint8_t hash[WIRE_HASH_LEN];

    if (receipt->through_seq > c->journal->written)
        return 0;
    if (receipt->through_seq + 1 < journal_first(c->journal))
        return 1;
    return journal_hash(c->journal, receipt->through_seq, hash) == EC_OK &&
           memcmp(hash, receipt->head_hash, sizeof(hash)) == 0;
}

static enum reporter_verdict judge(const struct reporter_context *c, struct span message,
                                   struct receipt *ret)
{
    struct cose_sign1 msg;

    if (cose_decode(message.at, message.len, &msg) != EC_OK)
        return REPORTER_MALFORMED;
    if (!order_is_fleets(c->settings, COSE_RECEIPT, &msg, c->scratch->signing))
        return REPORTER_FOREIGN;
    if (receipt_decode(msg.payload, ret) != EC_OK)
        return REPORTER_MALFORMED;
    if (strcmp(ret->device, c->settings->device) != 0)
        return REPORTER_WRONG_DEVICE;
    if (ret->epoch < c->journal->epoch)
        return REPORTER_OLD_EPOCH;
    return hash_fits(c, ret) ? REPORTER_ACCEPTED : REPORTER_WRONG_HASH;
}

/* Where to go on when the batch in flight is not covered. */
static void follow(struct reporter *r, const struct reporter_context *c,
                   const struct receipt *receipt, int new_epoch, uint64_t now_ms)
{
    uint64_t missing = receipt->resend_from != 0 ? receipt->resend_from : receipt->through_seq + 1;
    uint64_t first = journal_first(c->journal);

    if (missing < first && r->count > 0 && !new_epoch) {
        /* What the server misses is gone; what was sent is there, so go on to what declares it. */
        r->next_seq = r->first_seq + r->count;
        r->round_ms = now_ms + timeout_ms(r->rounds, (uint32_t)now_ms);
        drop_flight(r, c);
        return;
    }
    if (new_epoch || (receipt->resend_from != 0 && r->count > 0 && missing < r->first_seq)) {
        drop_flight(r, c);
        r->next_seq = max64(missing, first);
    }
}

static void apply(struct reporter *r, const struct reporter_context *c,
                  const struct receipt *receipt, uint64_t now_ms)
{
    int new_epoch = receipt->epoch > c->journal->epoch;
    int answered = r->count > 0 && receipt->through_seq + 1 >= r->first_seq + r->count;

    /* A mark that does not reach the flash only means that records are sent once more. */
    if (journal_release(c->journal, receipt->through_seq, receipt->epoch) != EC_OK)
        r->unreadable++;
    r->pace_ms = receipt->pace_ms;
    if (answered) {
        r->next_seq = r->first_seq + r->count;
        drop_flight(r, c);
    } else {
        follow(r, c, receipt, new_epoch, now_ms);
    }
    r->next_seq = max64(r->next_seq, receipt->through_seq + 1);
    if (r->count == 0)
        r->due_ms = now_ms + r->pace_ms;
}

enum reporter_verdict reporter_receipt(struct reporter *r, const struct reporter_context *c,
                                       struct span message, uint64_t now_ms, int *ret_stepped,
                                       struct clock_step *ret_step)
{
    struct receipt receipt;
    enum reporter_verdict verdict = judge(c, message, &receipt);

    *ret_stepped = 0;
    r->verdicts[verdict]++;
    if (verdict != REPORTER_ACCEPTED)
        return verdict;
    /* Only the answer to what is in flight tells the time: it was made after the sending. */
    if (r->count > 0 && receipt.through_seq + 1 >= r->first_seq + r->count)
        *ret_stepped =
            clock_anchor(c->clock, receipt.server_ms, r->first_sent_ms, now_ms, ret_step);
    apply(r, c, &receipt, now_ms);
    return REPORTER_ACCEPTED;
}
