/* What the tests of the ingest share. */
#include "ingest_rig.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include <sodium.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "chain.h"
#include "mqtt/receipts.h"
#include "mqtt/verify.h"
#include "store/device.h"

struct db *rig_owner, *rig_mqtt;
struct keys *rig_keys;
struct group *rig_group;

static const char mqtt_conninfo[] = "user=bptm_mqtt";
static struct cose_key fleet_key;

static struct db *open_as(const char *conninfo)
{
    char note[DB_NOTE_MAX] = "";
    struct db *db = NULL;

    if (db_open(conninfo, "test", &db, note) != EC_OK)
        fail_msg("%s: %s", conninfo, note);
    return db;
}

int rig_open(void)
{
    static const uint8_t seed[WIRE_SEED_LEN] = {9};

    if (getenv("PGHOST") == NULL)
        return 0;
    if (sodium_init() < 0)
        return 0;
    cose_key_init(&fleet_key, seed);
    rig_owner = open_as("user=bptm_owner");
    rig_mqtt = open_as(mqtt_conninfo);
    assert_int_equal(keys_new(mqtt_conninfo, &rig_keys), EC_OK);
    assert_int_equal(group_new(RIG_GROUP, RIG_PER_DEVICE, &rig_group), EC_OK);
    rig_script("insert into fleet.device_model (model, maker, return_policy, led_colours)"
               " values ('TEST', 'test', 'automatic', '{}') on conflict do nothing");
    return 1;
}

void rig_close(void)
{
    db_close(rig_owner);
    db_close(rig_mqtt);
    keys_free(rig_keys);
    group_free(rig_group);
}

/* -- devices --------------------------------------------------------------------------------- */

static enum error_code register_body(struct db *db, void *context)
{
    struct rig_device *d = context;
    struct device_new new_device = {
        .serial = d->serial, .model = "TEST", .hardware_revision = "test"};
    int created;

    memcpy(new_device.public_key, d->key.public_key, WIRE_KEY_LEN);
    return device_register(db, &new_device, &d->device_id, &created);
}

void rig_register(struct rig_device *d)
{
    assert_int_equal(db_transact(rig_owner, register_body, d), EC_OK);
}

struct rig_device *rig_device_new(int is_stranger)
{
    struct rig_device *d = calloc(1, sizeof(*d));
    uint8_t seed[WIRE_SEED_LEN];

    assert_non_null(d);
    randombytes_buf(seed, sizeof(seed));
    cose_key_init(&d->key, seed);
    snprintf(d->serial, sizeof(d->serial), "T%08X%08X", randombytes_random(), randombytes_random());
    chain_start(d->serial, d->key.public_key, d->hash[0]);
    d->epoch = (uint64_t)rig_number("select max(epoch) from fleet.receipt_epoch", 0);
    if (!is_stranger)
        rig_register(d);
    return d;
}

void rig_write(struct rig_device *d, struct record *rec)
{
    size_t n = ++d->written;

    rec->seq = n;
    if (rec->boot == 0) {
        rec->boot = 1;
        rec->mono_ms = n * 1000;
        rec->quality = RECORD_QUALITY_SYNCHRONISED;
        rec->utc_ms = 1800000000000 + (int64_t)n * 1000;
    }
    assert_int_equal(record_encode(rec, d->record[n], WIRE_RECORD_MAX, &d->len[n]), EC_OK);
    chain_next(d->hash[n - 1], d->record[n], d->len[n], d->hash[n]);
}

void rig_write_to(struct rig_device *d, uint64_t last)
{
    while (d->written < last) {
        struct record rec = {.kind = RECORD_KIND_UTILITY_LOST};

        record_add_uint(&rec, RECORD_KEY_SINCE_MS, 100);
        rig_write(d, &rec);
    }
}

static size_t sign(const struct rig_device *d, enum cose_purpose purpose, const uint8_t *payload,
                   size_t len, uint8_t ret[WIRE_MESSAGE_MAX])
{
    uint8_t scratch[WIRE_SCRATCH_LEN], aad_bytes[WIRE_AAD_MAX];
    struct span aad = {aad_bytes, cose_aad(purpose, d->serial, aad_bytes)};
    size_t ret_len;

    assert_int_equal(cose_sign(&d->key, aad, (struct span){payload, len}, scratch, ret,
                               WIRE_MESSAGE_MAX, &ret_len),
                     EC_OK);
    return ret_len;
}

size_t rig_batch(const struct rig_device *d, uint64_t first, uint64_t last,
                 uint8_t ret[WIRE_MESSAGE_MAX])
{
    struct batch b = {.first_seq = first,
                      .written_through = d->written,
                      .epoch = d->epoch,
                      .count = last - first + 1};
    uint8_t payload[WIRE_MESSAGE_MAX];
    size_t len;

    memcpy(b.prev_hash, d->hash[first - 1], WIRE_HASH_LEN);
    for (uint64_t seq = first; seq <= last; seq++)
        b.records[seq - first] = (struct span){d->record[seq], d->len[seq]};
    assert_int_equal(batch_encode(&b, payload, sizeof(payload), &len), EC_OK);
    return sign(d, COSE_JOURNAL, payload, len, ret);
}

/* -- messages -------------------------------------------------------------------------------- */

struct message *rig_message(const char *serial, enum topic_leaf leaf, const uint8_t *at, size_t len)
{
    struct topic topic = {.bucket = topic_bucket(serial), .leaf = leaf};
    uint8_t scratch[WIRE_SCRATCH_LEN];
    char text[WIRE_TOPIC_MAX];
    struct message *m;

    memcpy(topic.device, serial, strlen(serial) + 1);
    assert_int_equal(topic_encode("bptm/1", &topic, text), EC_OK);
    assert_int_equal(message_new("bptm/1", text, at, len, clock_utc_ms(), &m), EC_OK);
    assert_int_equal(verify_message(rig_keys, m, scratch), EC_OK);
    return m;
}

struct message *rig_send(const struct rig_device *d, uint64_t first, uint64_t last)
{
    uint8_t bytes[WIRE_MESSAGE_MAX];
    size_t len = rig_batch(d, first, last, bytes);

    return rig_message(d->serial, TOPIC_UP_JOURNAL, bytes, len);
}

enum error_code rig_commit(struct message **list, size_t n)
{
    static struct message *held[RIG_GROUP];
    static size_t held_count;
    enum error_code ec = group_commit(rig_group, rig_mqtt, NULL, list, n);

    /* The group's results borrow the messages: they live until the next commit. */
    for (size_t i = 0; i < held_count; i++)
        message_free(held[i]);
    for (size_t i = 0; i < n; i++)
        held[i] = list[i];
    held_count = n;
    return ec;
}

void rig_deliver(const struct rig_device *d, uint64_t first, uint64_t last)
{
    struct message *m = rig_send(d, first, last);

    assert_int_equal(m->kind, MESSAGE_JOURNAL);
    assert_int_equal(rig_commit(&m, 1), EC_OK);
}

struct receipt rig_receipt(const struct rig_device *d)
{
    struct receipts_terms terms = {&fleet_key, clock_utc_ms(), group_epoch(rig_group), 0};
    size_t devices, items, i = 0;
    const struct work_device *list = work_devices(group_work(rig_group), &devices);
    const struct work_item *all = work_items(group_work(rig_group), &items);
    uint8_t scratch[WIRE_SCRATCH_LEN], aad_bytes[WIRE_AAD_MAX];
    struct span aad = {aad_bytes, cose_aad(COSE_RECEIPT, d->serial, aad_bytes)};
    struct receipts_subject subject;
    struct receipt_issued issued;
    struct cose_sign1 sign1;
    struct receipt r;

    while (i < devices && list[i].device_id != d->device_id)
        i++;
    assert_true(i < devices && list[i].is_touched);
    subject = receipts_of_work(&list[i], all, terms.epoch);
    assert_int_equal(receipts_sign(&terms, &subject, &issued), EC_OK);
    assert_int_equal(cose_decode(issued.message, issued.message_len, &sign1), EC_OK);
    assert_int_equal(cose_verify(&sign1, aad, fleet_key.public_key, scratch), EC_OK);
    assert_int_equal(receipt_decode(sign1.payload, &r), EC_OK);
    assert_string_equal(r.device, d->serial);
    return r;
}

/* -- looking --------------------------------------------------------------------------------- */

const char *rig_text(const char *sql, int64_t device_id)
{
    static char text[512];
    struct db_param params[] = {db_int(device_id)};
    struct db_result *r = NULL;
    size_t n = strstr(sql, "$1") ? 1 : 0;

    if (db_run(rig_owner, sql, params, n, &r) != EC_OK)
        fail_msg("%s: %s", sql, db_note(rig_owner));
    snprintf(text, sizeof(text), "%s",
             db_rows(r) > 0 && db_get_text(r, 0, 0) ? db_get_text(r, 0, 0) : "");
    db_result_free(r);
    return text;
}

int64_t rig_number(const char *sql, int64_t device_id)
{
    return strtoll(rig_text(sql, device_id), NULL, 10);
}

void rig_script(const char *sql)
{
    if (db_run_script(rig_owner, sql) != EC_OK)
        fail_msg("%s: %s", sql, db_note(rig_owner));
}

/* -- a running writer ------------------------------------------------------------------------ */

struct rig_writer {
    struct config config;
    struct queue *received, *understood;
    struct tally *tally;
    struct writer *writer;
    atomic_int receipts, is_allowed;
};

static int publish(void *context, const char *topic, const uint8_t *at, size_t len, int qos)
{
    struct rig_writer *w = context;

    (void)at;
    assert_true(len > 0 && qos == 0 && strstr(topic, "/down/receipt") != NULL);
    atomic_fetch_add(&w->receipts, 1);
    return 1;
}

static void allow(void *context, int allowed)
{
    atomic_store(&((struct rig_writer *)context)->is_allowed, allowed);
}

static int is_connected(void *context)
{
    return context != NULL;
}

struct rig_writer *rig_writer_start(void)
{
    struct rig_writer *w = calloc(1, sizeof(*w));
    struct writer_env env;

    assert_non_null(w);
    config_init(&w->config);
    memcpy(w->config.database_mqtt, mqtt_conninfo, sizeof(mqtt_conninfo));
    w->config.quarantine_per_device = RIG_PER_DEVICE;
    assert_int_equal(queue_new(64, &w->received), EC_OK);
    assert_int_equal(queue_new(512, &w->understood), EC_OK);
    assert_int_equal(tally_new(&w->tally), EC_OK);
    env = (struct writer_env){&w->config, &fleet_key, rig_keys, w->received, w->understood,
                              w->tally,   w,          publish,  allow,       is_connected};
    assert_int_equal(writer_start(&env, &w->writer), EC_OK);
    for (int i = 0; i < 400 && !atomic_load(&w->is_allowed); i++)
        clock_sleep_ms(50);
    assert_true(atomic_load(&w->is_allowed));
    return w;
}

void rig_writer_put(struct rig_writer *w, struct message *m)
{
    assert_true(queue_put(w->understood, m, 1000));
}

void rig_writer_wait(struct rig_writer *w, int receipts)
{
    for (int i = 0; i < 400 && atomic_load(&w->receipts) < receipts; i++)
        clock_sleep_ms(50);
    assert_true(atomic_load(&w->receipts) >= receipts);
}

int rig_writer_stop(struct rig_writer *w)
{
    void *m;
    int receipts;

    queue_close(w->received);
    queue_close(w->understood);
    writer_stop(w->writer, clock_mono_ms());
    while (queue_take(w->received, &m, 1, 0, 0) > 0)
        message_free(m);
    receipts = atomic_load(&w->receipts);
    queue_free(w->received);
    queue_free(w->understood);
    tally_free(w->tally);
    free(w);
    return receipts;
}
