/* Two devices at home, a stranger, and a broker between them and the server. */
#include "home.h"

#include <mosquitto.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../store/ingest_rig.h"
#include "base/clock.h"
#include "status.h"

enum { HOMES = 2, WAIT_MS = 20000, RESEND_MS = 300 };

struct home {
    struct mosquitto *mosq;
    const char *root; /* of topics */
    const struct cose_key *server;
    struct rig_device *devices[HOMES], *other, *stranger;
    struct receipt latest[HOMES];
    unsigned receipts[HOMES];
    int is_subscribed;
    char problem[256]; /* "" while none */
};

static void complain(struct home *h, const char *what, const struct rig_device *d, uint64_t n)
{
    if (h->problem[0] == '\0')
        snprintf(h->problem, sizeof(h->problem), "%s (%s, %llu)", what, d->serial,
                 (unsigned long long)n);
}

/* -- receipts -------------------------------------------------------------------------------- */

/* What a receipt says must be committed by now, whoever looks. */
static void check_receipt(struct home *h, size_t i, const struct receipt *r)
{
    const struct rig_device *d = h->devices[i];

    if (r->through_seq > d->written ||
        memcmp(r->head_hash, d->hash[r->through_seq], WIRE_HASH_LEN) != 0)
        complain(h, "a receipt for another chain", d, r->through_seq);
    else if ((uint64_t)rig_number("select head_seq from fleet.journal_head where device_id = $1",
                                  d->device_id) < r->through_seq)
        complain(h, "a receipt for what is not committed", d, r->through_seq);
    h->latest[i] = *r;
    h->receipts[i]++;
}

static void on_message(struct mosquitto *mosq, void *context, const struct mosquitto_message *m)
{
    struct home *h = context;
    uint8_t scratch[WIRE_SCRATCH_LEN], aad_bytes[WIRE_AAD_MAX];
    struct cose_sign1 sign1;
    struct receipt r;
    struct topic t;

    (void)mosq;
    if (topic_decode(h->root, m->topic, &t) != EC_OK)
        return;
    for (size_t i = 0; i < HOMES; i++) {
        struct span aad = {aad_bytes, cose_aad(COSE_RECEIPT, t.device, aad_bytes)};

        if (strcmp(h->devices[i]->serial, t.device) != 0)
            continue;
        if (cose_decode(m->payload, (size_t)m->payloadlen, &sign1) != EC_OK ||
            cose_verify(&sign1, aad, h->server->public_key, scratch) != EC_OK ||
            receipt_decode(sign1.payload, &r) != EC_OK || strcmp(r.device, t.device) != 0)
            complain(h, "a receipt that does not verify", h->devices[i], 0);
        else
            check_receipt(h, i, &r);
    }
}

static void on_subscribe(struct mosquitto *mosq, void *context, int mid, int n, const int *granted)
{
    struct home *h = context;

    (void)mosq;
    (void)mid;
    h->is_subscribed = n == 1 && granted[0] <= 1;
}

/* -- coming and going ------------------------------------------------------------------------ */

static void serve(struct home *h, int wait_ms)
{
    if (mosquitto_loop(h->mosq, wait_ms, 1) != MOSQ_ERR_SUCCESS) {
        fprintf(stderr, "nth: the broker is gone\n");
        exit(1);
    }
}

struct home *home_new(int port, const char *root, const struct cose_key *server)
{
    struct home *h = calloc(1, sizeof(*h));
    char filter[WIRE_TOPIC_MAX];

    mosquitto_lib_init();
    h->root = root;
    h->server = server;
    snprintf(filter, sizeof(filter), "%s/+/+/down/receipt", root);
    h->mosq = mosquitto_new(NULL, true, h);
    mosquitto_int_option(h->mosq, MOSQ_OPT_TCP_NODELAY, 1);
    mosquitto_message_callback_set(h->mosq, on_message);
    mosquitto_subscribe_callback_set(h->mosq, on_subscribe);
    if (mosquitto_connect(h->mosq, "127.0.0.1", port, 60) != MOSQ_ERR_SUCCESS ||
        mosquitto_subscribe(h->mosq, NULL, filter, 1) != MOSQ_ERR_SUCCESS) {
        fprintf(stderr, "nth: no broker on port %d\n", port);
        exit(1);
    }
    while (!h->is_subscribed)
        serve(h, 100);
    return h;
}

static void move_out(struct home *h)
{
    for (size_t i = 0; i < HOMES; i++)
        free(h->devices[i]);
    free(h->other);
    free(h->stranger);
}

void home_free(struct home *h)
{
    mosquitto_disconnect(h->mosq);
    mosquitto_destroy(h->mosq);
    mosquitto_lib_cleanup();
    move_out(h);
    free(h);
}

void home_move_in(struct home *h)
{
    struct record overwritten = {.kind = RECORD_KIND_RECORDS_OVERWRITTEN};
    struct record another = {.kind = RECORD_KIND_GENERATOR_ABSENT};

    move_out(h);
    memset(h->receipts, 0, sizeof(h->receipts));
    h->problem[0] = '\0';
    for (size_t i = 0; i < HOMES; i++)
        h->devices[i] = rig_device_new(0);
    h->stranger = rig_device_new(1);
    rig_write_to(h->stranger, 1);
    rig_write_to(h->devices[0], 11);
    record_add_uint(&overwritten, RECORD_KEY_FROM_SEQ, 11);
    record_add_uint(&overwritten, RECORD_KEY_TO_SEQ, 11);
    rig_write(h->devices[0], &overwritten);
    rig_write_to(h->devices[1], 1);
    h->other = malloc(sizeof(*h->other));
    memcpy(h->other, h->devices[1], sizeof(*h->other));
    rig_write(h->other, &another);
    rig_write_to(h->devices[1], 3);
}

/* -- sending --------------------------------------------------------------------------------- */

static void publish(struct home *h, const struct rig_device *d, enum topic_leaf leaf,
                    const uint8_t *at, size_t len)
{
    struct topic topic = {.bucket = topic_bucket(d->serial), .leaf = leaf};
    char text[WIRE_TOPIC_MAX];

    memcpy(topic.device, d->serial, sizeof(d->serial));
    if (topic_encode(h->root, &topic, text) != EC_OK ||
        mosquitto_publish(h->mosq, NULL, text, (int)len, at, 1, false) != MOSQ_ERR_SUCCESS)
        complain(h, "cannot be published", d, 0);
}

static void send_batch(struct home *h, const struct rig_device *d, uint64_t first, uint64_t last)
{
    uint8_t bytes[WIRE_MESSAGE_MAX];

    publish(h, d, TOPIC_UP_JOURNAL, bytes, rig_batch(d, first, last, bytes));
}

static void send_link(struct home *h, const struct rig_device *d)
{
    struct status_link l = {1, 1};
    uint8_t bytes[32];
    size_t len;

    if (status_link_encode(&l, bytes, sizeof(bytes), &len) == EC_OK)
        publish(h, d, TOPIC_UP_LINK, bytes, len);
}

static void send_status(struct home *h, const struct rig_device *d, uint64_t epoch)
{
    struct status s = {
        .boot = 1, .mono_ms = 1, .firmware = "1", .written_through = d->written, .epoch = epoch};
    uint8_t payload[WIRE_STATUS_MAX], bytes[WIRE_STATUS_MAX], scratch[WIRE_SCRATCH_LEN];
    uint8_t aad_bytes[WIRE_AAD_MAX];
    struct span aad = {aad_bytes, cose_aad(COSE_STATUS, d->serial, aad_bytes)};
    size_t len;

    if (status_encode(&s, payload, sizeof(payload), &len) == EC_OK &&
        cose_sign(&d->key, aad, (struct span){payload, len}, scratch, bytes, sizeof(bytes), &len) ==
            EC_OK)
        publish(h, d, TOPIC_UP_STATUS, bytes, len);
    else
        complain(h, "no status", d, epoch);
}

/* What is sent until a newer receipt says this; first 0 is a status of an old epoch. */
struct step {
    size_t device;
    uint64_t first, last, through, resend_from;
};

static const struct step steps[] = {
    {0, 1, 4, 4, 0},  {1, 1, 1, 1, 0},    {0, 8, 10, 4, 5}, {1, 2, 3, 3, 0},
    {0, 5, 7, 10, 0}, {0, 12, 12, 12, 0}, {1, 0, 0, 3, 0},
};

static int is_answered(const struct home *h, const struct step *s, unsigned before)
{
    const struct receipt *r = &h->latest[s->device];

    return h->receipts[s->device] > before && r->through_seq == s->through &&
           (r->resend_from == s->resend_from || s->first == 0);
}

static void send_step(struct home *h, const struct step *s)
{
    const struct rig_device *d = h->devices[s->device];

    if (s->first == 0)
        send_status(h, d, d->epoch - 1);
    else
        send_batch(h, d, s->first, s->last);
}

static void take_step(struct home *h, const struct step *s)
{
    unsigned before = h->receipts[s->device];
    int64_t until_ms = clock_mono_ms() + WAIT_MS, next_ms = 0;

    while (!is_answered(h, s, before) && h->problem[0] == '\0') {
        if (clock_mono_ms() >= next_ms) {
            send_step(h, s);
            next_ms = clock_mono_ms() + RESEND_MS;
        }
        serve(h, 20);
        if (clock_mono_ms() > until_ms)
            complain(h, "no receipt in time", h->devices[s->device], s->last);
    }
}

const char *home_live(struct home *h)
{
    send_batch(h, h->stranger, 1, 1);
    send_link(h, h->devices[0]);
    send_status(h, h->devices[1], h->devices[1]->epoch);
    for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
        take_step(h, &steps[i]);
        if (i == 3)
            send_batch(h, h->other, 2, 2);
    }
    return h->problem[0] ? h->problem : NULL;
}

/* -- what must be true ----------------------------------------------------------------------- */

static void hash_of(const struct rig_device *d, uint64_t without, char ret[65])
{
    crypto_hash_sha256_state state;
    uint8_t hash[crypto_hash_sha256_BYTES];

    crypto_hash_sha256_init(&state);
    for (uint64_t seq = 1; seq <= d->written; seq++)
        if (seq != without)
            crypto_hash_sha256_update(&state, d->hash[seq], WIRE_HASH_LEN);
    crypto_hash_sha256_final(&state, hash);
    sodium_bin2hex(ret, 65, hash, sizeof(hash));
}

struct truth {
    const char *what, *sql;
    int64_t wanted[HOMES];
};

static const struct truth truths[] = {
    {"records", "select count(*) from fleet.journal_record where device_id = $1", {11, 3}},
    {"head", "select head_seq from fleet.journal_head where device_id = $1", {12, 3}},
    {"stored", "select stored from fleet.journal_head where device_id = $1", {11, 3}},
    {"records in batches",
     "select sum(last_seq - first_seq + 1) from fleet.journal_batch where device_id = $1",
     {11, 3}},
    {"gaps", "select count(*) from fleet.journal_gap where device_id = $1", {2, 0}},
    {"open gaps",
     "select count(*) from fleet.journal_gap where device_id = $1 and closed_at is null",
     {0, 0}},
    {"overwritten",
     "select (overwritten = '{[11,12)}')::int from fleet.journal_head where device_id = $1",
     {1, 0}},
    {"doubled forks",
     "select greatest(count(*) - 1, 0) from fleet.journal_fork where device_id = $1",
     {0, 0}},
    {"unaccounted", "select unaccounted from analytics.loss_ledger where device_id = $1", {0, 0}},
    {"receipts above the head",
     "select count(*) from fleet.receipt r join fleet.journal_head h using (device_id)"
     " where device_id = $1 and r.through_seq > h.head_seq",
     {0, 0}},
};

static const char records_sql[] =
    "select encode(sha256(string_agg(hash, ''::bytea order by seq)), 'hex')"
    " from fleet.journal_record where device_id = $1";

const char *home_check(struct home *h)
{
    for (size_t i = 0; i < HOMES; i++) {
        const struct rig_device *d = h->devices[i];
        char hash[65];

        for (size_t k = 0; k < sizeof(truths) / sizeof(truths[0]); k++) {
            int64_t is = rig_number(truths[k].sql, d->device_id);

            if (is != truths[k].wanted[i])
                complain(h, truths[k].what, d, (uint64_t)is);
        }
        hash_of(d, i == 0 ? 11 : 0, hash);
        if (strcmp(rig_text(records_sql, d->device_id), hash) != 0)
            complain(h, "other records", d, 0);
    }
    return h->problem[0] ? h->problem : NULL;
}
