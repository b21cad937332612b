/* Counts receipts as a device does: what is covered by a hash that is the device's own. */
#include "score.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

/* bptm/1/{bucket}/{device}/down/receipt: the device ends so far before the end. */
enum { TAIL_LEN = sizeof("/down/receipt") - 1, DIGITS_MAX = 10 };

uint64_t score_now_ns(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

enum error_code score_init(const struct corpus *c, size_t from, struct score *ret)
{
    *ret = (struct score){
        .corpus = c,
        .from = from,
        .start_ns = score_now_ns(),
        .sent_us = calloc(c->count, sizeof(*ret->sent_us)),
        .took_us = calloc(c->count, sizeof(*ret->took_us)),
        .covered = calloc(c->shape.devices, sizeof(*ret->covered)),
        .last = calloc(c->shape.devices, sizeof(*ret->last)),
    };
    ret->last_ns = ret->start_ns;
    if (ret->sent_us == NULL || ret->took_us == NULL || ret->covered == NULL || ret->last == NULL)
        return EC_NO_MEMORY;
    /* What earlier runs sent is covered. */
    for (uint32_t d = 0; d < c->shape.devices; d++)
        ret->covered[d] = (uint32_t)((from + c->shape.devices - 1 - d) / c->shape.devices);
    return EC_OK;
}

void score_done(struct score *s)
{
    free(s->sent_us);
    free(s->took_us);
    free(s->covered);
    free(s->last);
    *s = (struct score){0};
}

/* From 1, because 0 says never. */
static uint32_t since_start_us(const struct score *s, uint64_t at_ns)
{
    return (uint32_t)((at_ns - s->start_ns) / 1000) + 1;
}

void score_sent(struct score *s, size_t i, uint64_t due_ns)
{
    s->sent_us[i] = since_start_us(s, due_ns);
    s->sent++;
}

int score_misses(const struct score *s, size_t i)
{
    return s->sent_us[i] != 0 &&
           s->covered[i % s->corpus->shape.devices] <= i / s->corpus->shape.devices;
}

/* Batches of a device up to `through` are covered now. */
static void cover(struct score *s, uint32_t device, uint32_t through)
{
    uint64_t now_ns = score_now_ns();

    for (uint32_t b = s->covered[device]; b < through; b++) {
        size_t i = (size_t)b * s->corpus->shape.devices + device;
        uint32_t took = since_start_us(s, now_ns) - s->sent_us[i];
        s->took_us[i] = took == 0 ? 1 : took;
        s->arrived++;
    }
    s->covered[device] = through;
    s->last_ns = now_ns;
}

static enum error_code read_receipt(const struct link_message *m, struct receipt *ret)
{
    struct cose_sign1 msg;
    enum error_code ec = cose_decode(m->payload, m->len, &msg);

    return ec == EC_OK ? receipt_decode(msg.payload, ret) : ec;
}

/* A receipt must end with a batch of the corpus and carry the hash that the chain has there. */
static int is_own(const struct score *s, uint32_t device, const struct receipt *r)
{
    const struct corpus_shape *shape = &s->corpus->shape;
    uint64_t batches = r->through_seq / shape->per_batch;
    size_t i = (size_t)(batches - 1) * shape->devices + device;

    if (batches == 0)
        return r->through_seq == 0;
    return r->through_seq % shape->per_batch == 0 && batches <= shape->batches &&
           (i < s->from || s->sent_us[i] != 0) &&
           memcmp(r->head_hash, s->corpus->messages[i].hash, WIRE_HASH_LEN) == 0;
}

void score_receipt(void *context, const struct link_message *m)
{
    struct score *s = context;
    uint32_t device = CORPUS_DEVICES_MAX;
    struct receipt r;

    s->receipts++;
    if (m->topic_len > TAIL_LEN + CORPUS_SERIAL_LEN)
        device = corpus_device(m->topic + m->topic_len - TAIL_LEN - CORPUS_SERIAL_LEN);
    if (device >= s->corpus->shape.devices || m->len > WIRE_RECEIPT_MAX ||
        read_receipt(m, &r) != EC_OK || corpus_device(r.device) != device ||
        !is_own(s, device, &r)) {
        s->strange++;
        return;
    }
    s->last[device].len = (uint16_t)m->len;
    memcpy(s->last[device].message, m->payload, m->len);
    if (r.through_seq / s->corpus->shape.per_batch > s->covered[device])
        cover(s, device, (uint32_t)(r.through_seq / s->corpus->shape.per_batch));
}

/* The consumer tells how many records it has committed. */
void score_progress(void *context, const struct link_message *m)
{
    struct score *s = context;
    size_t records = 0;

    for (size_t i = 0; i < m->len && i < DIGITS_MAX; i++)
        records = records * 10 + (size_t)(m->payload[i] - '0');
    if (records / s->corpus->shape.per_batch <= s->arrived)
        return;
    s->arrived = records / s->corpus->shape.per_batch;
    s->last_ns = score_now_ns();
}

static int verifies(const struct score_receipt *r, uint32_t device,
                    const uint8_t fleet_key[WIRE_KEY_LEN])
{
    uint8_t aad_bytes[WIRE_AAD_MAX], scratch[WIRE_SCRATCH_LEN];
    char serial[CORPUS_SERIAL_LEN + 1];
    struct cose_sign1 msg;

    corpus_serial(device, serial);
    struct span aad = {aad_bytes, cose_aad(COSE_RECEIPT, serial, aad_bytes)};
    return cose_decode(r->message, r->len, &msg) == EC_OK &&
           cose_verify(&msg, aad, fleet_key, scratch) == EC_OK;
}

size_t score_unverified(const struct score *s, const uint8_t fleet_key[WIRE_KEY_LEN])
{
    size_t bad = 0;

    for (uint32_t d = 0; d < s->corpus->shape.devices; d++)
        if (s->last[d].len != 0)
            bad += !verifies(&s->last[d], d, fleet_key);
    return bad;
}

static int by_value(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

    return (x > y) - (x < y);
}

double score_latency_ms(struct score *s, double share)
{
    size_t n = 0;
    uint32_t *list = calloc(s->sent + 1, sizeof(*list));
    double ms = 0;

    if (list == NULL)
        return -1;
    for (size_t i = s->from; i < s->corpus->count; i++)
        if (s->took_us[i] != 0)
            list[n++] = s->took_us[i];
    qsort(list, n, sizeof(*list), by_value);
    if (n > 0)
        ms = list[(size_t)(share * (double)(n - 1))] / 1000.0;
    free(list);
    return ms;
}
