/* The bench: a scripted broker, a small server with a real chain, and simulated time. */
#include "rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "batch.h"
#include "chain.h"
#include "topic.h"

static const uint64_t epoch_start_ms = UINT64_C(1795180261000);

/* ---- server ---- */

static void sign_receipt(struct rig *r, const struct receipt *receipt, uint8_t *ret,
                         size_t *ret_len)
{
    uint8_t payload[WIRE_RECEIPT_MAX], aad[WIRE_AAD_MAX], seed[WIRE_SEED_LEN] = {99};
    static uint8_t scratch[WIRE_SCRATCH_LEN];
    struct cose_key other, *key = &r->fleet;
    size_t len, aad_len = cose_aad(COSE_RECEIPT, r->settings.device, aad);

    if (r->server == RIG_FOREIGN) {
        cose_key_init(&other, seed);
        key = &other;
    }
    assert_int_equal(receipt_encode(receipt, payload, sizeof(payload), &len), EC_OK);
    assert_int_equal(cose_sign(key, (struct span){aad, aad_len}, (struct span){payload, len},
                               scratch, ret, WIRE_RECEIPT_MAX, ret_len),
                     EC_OK);
}

static size_t make_receipt(struct rig *r, uint64_t batch_first, uint8_t ret[WIRE_RECEIPT_MAX])
{
    struct receipt receipt = {.through_seq = r->head,
                              .server_ms = epoch_start_ms + r->now_ms - r->answer_ms,
                              .epoch = r->epoch,
                              .pace_ms = r->pace_ms};
    size_t len;

    strcpy(receipt.device, r->settings.device);
    memcpy(receipt.head_hash, r->records[r->head].hash, WIRE_HASH_LEN);
    if (batch_first > r->head + 1)
        receipt.resend_from = r->head + 1;
    if (r->server == RIG_WRONG_HASH)
        receipt.head_hash[5] ^= 1;
    if (r->server == RIG_WRONG_DEVICE)
        receipt.device[strlen(receipt.device) - 1] ^= 1;
    if (r->server == RIG_OLD_EPOCH)
        receipt.epoch--;
    if (r->server == RIG_AHEAD)
        receipt.through_seq += 1000;
    sign_receipt(r, &receipt, ret, &len);
    if (r->server == RIG_GARBAGE)
        memset(ret, 0x5a, len);
    return len;
}

static void declare_overwritten(struct rig *r, const struct record *record)
{
    uint64_t from, to;

    if (record->kind != RECORD_KIND_RECORDS_OVERWRITTEN)
        return;
    assert_true(record_get_uint(record, RECORD_KEY_FROM_SEQ, &from));
    assert_true(record_get_uint(record, RECORD_KEY_TO_SEQ, &to));
    assert_true(from <= to && to < record->seq && to < RIG_RECORDS_MAX);
    for (uint64_t seq = from; seq <= to; seq++)
        r->records[seq].overwritten = 1;
}

/* Same seq: the same hash, for ever. */
static void store(struct rig *r, const struct batch *b)
{
    static uint8_t hashes[WIRE_BATCH_RECORDS_MAX][WIRE_HASH_LEN];

    batch_hashes(b, hashes);
    if (b->first_seq == 1 || r->records[b->first_seq - 1].stored)
        assert_memory_equal(b->prev_hash, r->records[b->first_seq - 1].hash, WIRE_HASH_LEN);
    for (size_t i = 0; i < b->count; i++) {
        struct rig_record *rec = &r->records[b->first_seq + i];
        struct cbor_reader reader;

        assert_true(b->first_seq + i < RIG_RECORDS_MAX);
        if (rec->stored)
            assert_memory_equal(rec->hash, hashes[i], WIRE_HASH_LEN);
        memcpy(rec->bytes, b->records[i].at, b->records[i].len);
        memcpy(rec->hash, hashes[i], WIRE_HASH_LEN);
        cbor_reader_init(&reader, rec->bytes, b->records[i].len);
        assert_int_equal(record_decode(&reader, &rec->record), EC_OK);
        rec->stored = 1;
        declare_overwritten(r, &rec->record);
    }
    for (uint64_t seq = r->head + 1; seq < RIG_RECORDS_MAX; seq++) {
        if (r->records[seq].stored)
            r->head = seq;
        else if (!r->records[seq].overwritten)
            break;
    }
}

static int verify(struct rig *r, enum cose_purpose purpose, const uint8_t *at, size_t len,
                  struct span *ret)
{
    static uint8_t scratch[WIRE_SCRATCH_LEN];
    uint8_t aad[WIRE_AAD_MAX];
    size_t aad_len = cose_aad(purpose, r->settings.device, aad);
    struct cose_sign1 msg;

    if (cose_decode(at, len, &msg) != EC_OK ||
        cose_verify(&msg, (struct span){aad, aad_len}, r->node.key.public_key, scratch) != EC_OK) {
        r->bad_messages++;
        return 0;
    }
    *ret = msg.payload;
    return 1;
}

/* ---- broker ---- */

static void down(struct rig *r, const char *topic, const uint8_t *payload, size_t len)
{
    uint8_t packet[WIRE_COMMAND_MAX + 128];
    size_t topic_len = strlen(topic);
    size_t body = 2 + topic_len + 2 + len, at = 0;

    packet[at++] = 0x32;
    packet[at++] = (uint8_t)(body % 128 | 128);
    packet[at++] = (uint8_t)(body / 128);
    packet[at++] = 0;
    packet[at++] = (uint8_t)topic_len;
    memcpy(packet + at, topic, topic_len);
    at += topic_len;
    packet[at++] = 1;
    packet[at++] = 1;
    memcpy(packet + at, payload, len);
    at += len;
    assert_true(node_receive(&r->node, packet, at, r->now_ms - r->boot_ms, r->random));
}

static void on_journal(struct rig *r, const uint8_t *at, size_t len, int dup)
{
    static struct batch b;
    uint8_t receipt[WIRE_RECEIPT_MAX];
    struct span payload;

    assert_true(len <= WIRE_MESSAGE_MAX);
    if (r->server == RIG_DEAF || !verify(r, COSE_JOURNAL, at, len, &payload))
        return;
    assert_int_equal(batch_decode(payload, &b), EC_OK);
    assert_int_equal(b.written_through >= b.first_seq + b.count - 1, 1);
    if (r->message_count < RIG_MESSAGES_MAX)
        r->messages[r->message_count++] = (struct rig_message){
            b.first_seq, b.count, len, flash_crc(0, at, (uint32_t)len), r->now_ms, dup};
    store(r, &b);
    if (r->server == RIG_SILENT)
        return;
    down(r, r->node.topic_receipt, receipt, make_receipt(r, b.first_seq, receipt));
}

static void on_request(struct rig *r, const uint8_t *at, size_t len)
{
    struct firmware_request request;
    struct span payload;

    if (!verify(r, COSE_FIRMWARE, at, len, &payload))
        return;
    assert_int_equal(firmware_request_decode(payload, &request), EC_OK);
    if (r->on_request != NULL)
        r->on_request(r, &request);
}

static void on_publish(struct rig *r, const uint8_t *at, size_t len, unsigned flags)
{
    size_t topic_len = (size_t)at[0] << 8 | at[1];
    size_t head = 2 + topic_len + (flags & 2 ? 2 : 0);
    char topic[WIRE_TOPIC_MAX];
    uint8_t puback[4] = {0x40, 2};
    struct span payload;
    uint64_t now_ms = r->now_ms - r->boot_ms;

    assert_true(topic_len < sizeof(topic) && head <= len);
    memcpy(topic, at + 2, topic_len);
    topic[topic_len] = '\0';
    memcpy(puback + 2, at + 2 + topic_len, 2);
    if (flags & 2 && !r->no_puback)
        assert_true(node_receive(&r->node, puback, sizeof(puback), now_ms, r->random));
    if (strcmp(topic, r->node.topic_journal) == 0) {
        on_journal(r, at + head, len - head, (flags & 8) != 0);
    } else if (strcmp(topic, r->node.topic_status) == 0) {
        if (verify(r, COSE_STATUS, at + head, len - head, &payload)) {
            assert_int_equal(status_decode(payload, &r->status), EC_OK);
            r->status_count++;
        }
    } else if (strcmp(topic, r->node.topic_request) == 0) {
        on_request(r, at + head, len - head);
    } else {
        assert_string_equal(topic, r->node.topic_link);
        assert_int_equal(status_link_decode((struct span){at + head, len - head}, &r->link), EC_OK);
    }
}

static void on_packet(struct rig *r, const uint8_t *at, size_t head, size_t len)
{
    uint64_t now_ms = r->now_ms - r->boot_ms;
    const uint8_t connack[] = {0x20, 2, 1, 0};
    uint8_t suback[] = {0x90, 3, at[head], at[head + 1], 1};
    const uint8_t pingresp[] = {0xd0, 0};

    switch (at[0] & 0xf0) {
    case 0x10:
        assert_true(node_receive(&r->node, connack, sizeof(connack), now_ms, r->random));
        break;
    case 0x80:
        assert_true(node_receive(&r->node, suback, sizeof(suback), now_ms, r->random));
        break;
    case 0x30:
        on_publish(r, at + head, len, at[0] & 15);
        break;
    case 0xc0:
        assert_true(node_receive(&r->node, pingresp, sizeof(pingresp), now_ms, r->random));
        break;
    default:
        break;
    }
}

/* Take the output packet by packet; what is answered may queue more. */
static void serve(struct rig *r)
{
    static uint8_t copy[MQTT_OUT_MAX + 2];
    size_t len;

    while (r->open) {
        const uint8_t *at = mqtt_output(&r->node.mqtt, &len);
        size_t head = 1, body = 0;

        if (len == 0)
            return;
        memcpy(copy, at, len);
        do
            body |= (size_t)(copy[head] & 127) << (7 * (head - 1));
        while (copy[head++] >= 128);
        mqtt_sent(&r->node.mqtt, head + body);
        on_packet(r, copy, head, body);
    }
}

/* ---- commands ---- */

void rig_publish(struct rig *r, enum topic_leaf leaf, const uint8_t *at, size_t len)
{
    struct topic t = {.bucket = topic_bucket(r->settings.device), .leaf = leaf};
    char text[WIRE_TOPIC_MAX];

    strcpy(t.device, r->settings.device);
    assert_int_equal(topic_encode(r->settings.root, &t, text), EC_OK);
    assert_true(r->open);
    down(r, text, at, len);
}

void rig_publish_command(struct rig *r, const uint8_t *at, size_t len)
{
    rig_publish(r, TOPIC_DOWN_COMMAND, at, len);
}

size_t rig_sign_command(const struct rig *r, const struct command *c, const struct cose_key *key,
                        uint8_t ret[WIRE_COMMAND_MAX])
{
    static uint8_t scratch[WIRE_SCRATCH_LEN];
    uint8_t payload[WIRE_COMMAND_MAX], aad[WIRE_AAD_MAX];
    size_t len, aad_len = cose_aad(COSE_COMMAND, r->settings.device, aad);

    assert_int_equal(command_encode(c, payload, sizeof(payload), &len), EC_OK);
    assert_int_equal(cose_sign(key != NULL ? key : &r->fleet, (struct span){aad, aad_len},
                               (struct span){payload, len}, scratch, ret, WIRE_COMMAND_MAX, &len),
                     EC_OK);
    return len;
}

uint64_t rig_utc_ms(const struct rig *r)
{
    return epoch_start_ms + r->now_ms;
}

/* ---- time ---- */

static uint32_t next_random(struct rig *r)
{
    r->random = r->random * 1664525u + 1013904223u;
    return r->random;
}

static void hang_up(struct rig *r)
{
    r->open = 0;
    node_closed(&r->node, r->now_ms - r->boot_ms, next_random(r));
}

static void work(struct rig *r)
{
    uint64_t now_ms = r->now_ms - r->boot_ms;
    enum mqtt_want want = node_work(&r->node, now_ms, next_random(r));

    if (want == MQTT_WANT_HANG_UP || (r->open && !r->network) ||
        (want == MQTT_WANT_DIAL && !r->network)) {
        hang_up(r);
    } else if (want == MQTT_WANT_DIAL) {
        r->open = 1;
        node_opened(&r->node, now_ms);
    }
    serve(r);
}

static void step(struct rig *r)
{
    struct qual_sample sample;

    plant_sample(&r->plant, &sample);
    if (!r->frozen) {
        node_act(&r->node, &sample, r->now_ms - r->boot_ms, &r->out);
        r->both_commanded += r->out.command.utility && r->out.command.generator;
    }
    work(r);
    r->due_ms = r->now_ms + (r->period_ms != 0 ? (uint32_t)r->period_ms : r->out.sample_ms);
}

void rig_run(struct rig *r, uint32_t ms)
{
    uint64_t end_ms = r->now_ms + ms;

    while (r->now_ms < end_ms) {
        uint64_t next_ms = r->due_ms < end_ms ? r->due_ms : end_ms;

        while (r->now_ms < next_ms) {
            uint32_t dt_ms = next_ms - r->now_ms < 10 ? (uint32_t)(next_ms - r->now_ms) : 10;

            plant_step(&r->plant, r->out.command, 1, dt_ms);
            r->now_ms += dt_ms;
        }
        if (r->now_ms >= r->due_ms)
            step(r);
    }
}

/* ---- start ---- */

void rig_boot(struct rig *r, enum record_cause cause)
{
    const struct node_config config = {
        .settings = &r->settings,
        .journal = &r->flash.flash,
        .store = &r->store.flash,
        .update = r->update,
        .version = "test",
        .boot_cause = cause,
        .scratch = &r->scratch,
    };

    r->open = 0;
    for (int i = 0; i < 2; i++) /* the contactors fall to rest while the device is dark */
        plant_step(&r->plant, r->out.command, 0, 100);
    r->boot_ms = r->due_ms = r->now_ms;
    assert_int_equal(node_init(&r->node, &config, next_random(r)), EC_OK);
    r->out.command = transfer_command_of(&r->node.transfer);
}

void rig_init(struct rig *r)
{
    uint8_t seed[WIRE_SEED_LEN] = {1};

    memset(r, 0, sizeof(*r));
    flash_model_init(&r->flash, RIG_SECTOR_LEN, RIG_SECTORS);
    flash_model_init(&r->store, RIG_SECTOR_LEN, SETTINGS_SECTORS);
    cose_key_init(&r->fleet, seed);
    settings_init(&r->settings);
    strcpy(r->settings.device, "BPTM-TEST-1");
    memset(r->settings.seed, 5, WIRE_SEED_LEN);
    memcpy(r->settings.fleet_keys[0], r->fleet.public_key, WIRE_KEY_LEN);
    r->settings.fleet_key_count = 1;
    assert_int_equal(settings_store(&r->store.flash, &r->settings), EC_OK);
    plant_init(&r->plant, 42);
    r->network = 1;
    r->epoch = 1;
    r->random = 7;
    rig_boot(r, RECORD_CAUSE_POWER_ON);
    chain_start(r->settings.device, r->node.key.public_key, r->records[0].hash);
    r->records[0].stored = 1;
}

/* ---- what came of it ---- */

const char *rig_kinds(const struct rig *r, uint64_t from_seq)
{
    static char text[4096];
    size_t len = 0;

    text[0] = '\0';
    for (uint64_t seq = from_seq; seq <= r->head; seq++)
        len += (size_t)snprintf(
            text + len, sizeof(text) - len, "%s%s", len ? " " : "",
            r->records[seq].stored ? record_kind_name(r->records[seq].record.kind) : "overwritten");
    return text;
}

uint64_t rig_field(const struct rig *r, uint64_t seq, enum record_key key)
{
    uint64_t value = 0;

    assert_true(r->records[seq].stored);
    if (!record_get_uint(&r->records[seq].record, key, &value))
        fail_msg("record %u has no %s", (unsigned)seq, record_key_name(key));
    return value;
}

uint64_t rig_last(const struct rig *r, enum record_kind kind)
{
    for (uint64_t seq = r->head; seq > 0; seq--)
        if (r->records[seq].stored && r->records[seq].record.kind == kind)
            return seq;
    return 0;
}

void rig_server_forgets(struct rig *r, uint64_t head)
{
    for (uint64_t seq = head + 1; seq < RIG_RECORDS_MAX; seq++)
        r->records[seq].stored = r->records[seq].overwritten = 0;
    r->head = head;
}

void rig_to_generator(struct rig *r)
{
    rig_run(r, 2000);
    plant_utility(&r->plant, PLANT_UTILITY_OFF);
    plant_generator_start(&r->plant);
    rig_run(r, 9000);
    assert_int_equal(r->node.transfer.state, TRANSFER_ON_GENERATOR);
}
