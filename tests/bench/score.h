/* What has arrived: receipts against the corpus, or a consumer's own count. */
#ifndef BENCH_SCORE_H
#define BENCH_SCORE_H

#include "corpus.h"
#include "link.h"
#include "receipt.h"

/** Latest receipt of a device, kept to be verified after the clock has stopped. */
struct score_receipt {
    uint16_t len;
    uint8_t message[WIRE_RECEIPT_MAX];
};

struct score {
    const struct corpus *corpus;
    uint64_t start_ns;          /* of the run; times below count from it */
    uint32_t *sent_us;          /* of each message, when it was due; 0: not sent */
    uint32_t *took_us;          /* of each message, until covered; 0 when it is not */
    uint32_t *covered;          /* batches of each device */
    struct score_receipt *last; /* of each device */
    size_t from;                /* first message of this run */
    size_t sent;                /* messages sent once or more */
    size_t arrived;             /* covered by a receipt, or told by the consumer */
    size_t receipts, strange; /* strange: not to be read, or with another hash than the device's */
    uint64_t last_ns;         /* when something arrived last */
};

uint64_t score_now_ns(void);

/** @return EC_OK; EC_NO_MEMORY; `ret` to be given to score_done() in any case */
enum error_code score_init(const struct corpus *c, size_t from, struct score *ret) MUST_CHECK;
void score_done(struct score *s);

/** Message i of the corpus goes out; it was due at that time. */
void score_sent(struct score *s, size_t i, uint64_t due_ns);

/** A message came: for receipts, and for the count of a consumer. */
void score_receipt(void *context, const struct link_message *m);
void score_progress(void *context, const struct link_message *m);

/** 1 when message i of the corpus was sent and is not covered. */
int score_misses(const struct score *s, size_t i);

/** Receipts among the latest of each device that do not verify under the key. */
size_t score_unverified(const struct score *s, const uint8_t fleet_key[WIRE_KEY_LEN]);

/** Time from due to covered that a share of the messages did not exceed, in milliseconds. */
double score_latency_ms(struct score *s, double share);

#endif
