/* Writers of the vectors that every decoder must accept. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "chain.h"
#include "command.h"
#include "receipt.h"
#include "status.h"
#include "support.h"
#include "topic.h"
#include "vectors.h"

void vectors_put_hex(FILE *out, const char *name, const uint8_t *at, size_t len)
{
    fprintf(out, ", \"%s\": \"", name);
    for (size_t i = 0; i < len; i++)
        fprintf(out, "%02x", at[i]);
    fputc('"', out);
}

static void begin(FILE *out, const char *about)
{
    fprintf(out, "{\n  \"about\": \"%s\",\n  \"vectors\": [", about);
}

static void item(FILE *out, size_t index, const char *name)
{
    fprintf(out, "%s\n    {\"name\": \"%s\"", index == 0 ? "" : ",", name);
}

static void end(FILE *out)
{
    fputs("\n  ]\n}\n", out);
}

static void must(enum error_code ec)
{
    if (ec != EC_OK)
        abort();
}

static void write_key(FILE *out, size_t index, const char *name, const struct cose_key *key)
{
    item(out, index, name);
    vectors_put_hex(out, "seed", key->secret, WIRE_SEED_LEN);
    vectors_put_hex(out, "public_key", key->public_key, WIRE_KEY_LEN);
    vectors_put_hex(out, "kid", key->kid, WIRE_KID_LEN);
    fputc('}', out);
}

void vectors_write_keys(FILE *out)
{
    struct cose_key device;
    struct cose_key fleet;
    uint8_t start[WIRE_HASH_LEN];
    support_device_key(&device);
    support_fleet_key(&fleet);
    chain_start(SUPPORT_DEVICE, device.public_key, start);
    begin(out, "keys of the other files: never use them for anything else; hash[0] of the device");
    write_key(out, 0, "device", &device);
    write_key(out, 1, "fleet", &fleet);
    fprintf(out, ",\n    {\"name\": \"chain\", \"device\": \"%s\"", SUPPORT_DEVICE);
    vectors_put_hex(out, "hash_0", start, sizeof start);
    fputc('}', out);
    end(out);
}

static void write_fields(FILE *out, const struct record *r)
{
    fputs(", \"fields\": {", out);
    for (size_t i = 0; i < r->field_count; i++) {
        const struct record_field *f = &r->fields[i];
        fprintf(out, "%s\"%s\": ", i == 0 ? "" : ", ", record_key_name(f->key));
        if (f->type == CBOR_UINT)
            fprintf(out, "%" PRIu64, f->number);
        else
            fprintf(out, "\"%.*s\"", (int)f->text.len, (const char *)f->text.at);
    }
    fputc('}', out);
}

/* hash[seq] of the story for every seq from 0. */
static void story_hashes(uint8_t (*ret)[WIRE_HASH_LEN])
{
    struct cose_key device;
    support_device_key(&device);
    chain_start(SUPPORT_DEVICE, device.public_key, ret[0]);
    for (size_t i = 0; i < VECTORS_STORY_COUNT; i++) {
        uint8_t buf[WIRE_RECORD_MAX];
        size_t len = vectors_story_encode(i, buf);
        chain_next(ret[i], buf, len, ret[i + 1]);
    }
}

void vectors_write_records(FILE *out)
{
    uint8_t hashes[VECTORS_STORY_COUNT + 1][WIRE_HASH_LEN];
    story_hashes(hashes);
    begin(out, "one record of every kind, chained from hash_0 of keys.json; hash is hash[seq]");
    for (size_t i = 0; i < VECTORS_STORY_COUNT; i++) {
        uint8_t buf[WIRE_RECORD_MAX];
        struct record r;
        size_t len = vectors_story_encode(i, buf);
        vectors_story(i, &r);
        item(out, i, record_kind_name(r.kind));
        fprintf(out, ", \"seq\": %" PRIu64 ", \"boot\": %" PRIu32 ", \"mono_ms\": %" PRIu64, r.seq,
                r.boot, r.mono_ms);
        if (r.quality != RECORD_QUALITY_NONE)
            fprintf(out, ", \"utc_ms\": %" PRId64, r.utc_ms);
        fprintf(out, ", \"quality\": %u, \"kind\": %u", r.quality, r.kind);
        write_fields(out, &r);
        vectors_put_hex(out, "cbor", buf, len);
        vectors_put_hex(out, "hash", hashes[r.seq], WIRE_HASH_LEN);
        fputc('}', out);
    }
    end(out);
}

void vectors_put_signed(FILE *out, enum cose_purpose purpose, const struct cose_key *key,
                        struct span payload)
{
    uint8_t msg[WIRE_MESSAGE_MAX];
    uint8_t aad[WIRE_AAD_MAX];
    size_t aad_len = cose_aad(purpose, SUPPORT_DEVICE, aad);
    size_t len = support_sign(purpose, key, SUPPORT_DEVICE, payload, msg);
    fprintf(out, ", \"device\": \"%s\", \"aad\": \"%.*s\"", SUPPORT_DEVICE, (int)aad_len, aad);
    vectors_put_hex(out, "payload", payload.at, payload.len);
    vectors_put_hex(out, "message", msg, len);
}

static void write_batch(FILE *out, size_t index, const char *name, size_t first, size_t count)
{
    uint8_t hashes[VECTORS_STORY_COUNT + 1][WIRE_HASH_LEN];
    uint8_t records[VECTORS_STORY_COUNT][WIRE_RECORD_MAX];
    uint8_t payload[WIRE_MESSAGE_MAX];
    struct cose_key device;
    struct batch b = {.first_seq = first, .count = count, .written_through = 22, .epoch = 1};
    size_t len = 0;
    story_hashes(hashes);
    support_device_key(&device);
    memcpy(b.prev_hash, hashes[first - 1], WIRE_HASH_LEN);
    for (size_t i = 0; i < count; i++)
        b.records[i] = (struct span){records[i], vectors_story_encode(first - 1 + i, records[i])};
    must(batch_encode(&b, payload, sizeof payload, &len));

    item(out, index, name);
    fprintf(out, ", \"first_seq\": %zu, \"count\": %zu, \"written_through\": %" PRIu64, first,
            count, b.written_through);
    fprintf(out, ", \"epoch\": %" PRIu64, b.epoch);
    vectors_put_hex(out, "prev_hash", b.prev_hash, WIRE_HASH_LEN);
    vectors_put_hex(out, "head_hash", hashes[first + count - 1], WIRE_HASH_LEN);
    vectors_put_signed(out, COSE_JOURNAL, &device, (struct span){payload, len});
    fputc('}', out);
}

void vectors_write_batches(FILE *out)
{
    begin(out,
          "records of record.json, signed by the device; head_hash is that of the last record");
    write_batch(out, 0, "one record", 1, 1);
    write_batch(out, 1, "three records", 5, 3);
    write_batch(out, 2, "the whole story", 1, VECTORS_STORY_COUNT);
    end(out);
}

void vectors_write_receipts(FILE *out)
{
    static const struct {
        const char *name;
        uint64_t through_seq, resend_from;
        uint32_t pace_ms;
    } rows[] = {
        {"nothing yet", 0, 1, 0},
        {"plain", 7, 0, 0},
        {"resend and pace", 4, 5, 30000},
    };
    uint8_t hashes[VECTORS_STORY_COUNT + 1][WIRE_HASH_LEN];
    struct cose_key fleet;
    story_hashes(hashes);
    support_fleet_key(&fleet);
    begin(out, "receipts for the chain of record.json, signed by the fleet");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct receipt r = {.device = SUPPORT_DEVICE,
                            .through_seq = rows[i].through_seq,
                            .server_ms = 1767229335000,
                            .epoch = 1,
                            .resend_from = rows[i].resend_from,
                            .pace_ms = rows[i].pace_ms};
        uint8_t payload[WIRE_RECEIPT_MAX];
        size_t len = 0;
        memcpy(r.head_hash, hashes[r.through_seq], WIRE_HASH_LEN);
        must(receipt_encode(&r, payload, sizeof payload, &len));
        item(out, i, rows[i].name);
        fprintf(out, ", \"through_seq\": %" PRIu64 ", \"server_ms\": %" PRIu64, r.through_seq,
                r.server_ms);
        fprintf(out,
                ", \"epoch\": %" PRIu64 ", \"resend_from\": %" PRIu64 ", \"pace_ms\": %" PRIu32,
                r.epoch, r.resend_from, r.pace_ms);
        vectors_put_hex(out, "head_hash", r.head_hash, WIRE_HASH_LEN);
        vectors_put_signed(out, COSE_RECEIPT, &fleet, (struct span){payload, len});
        fputc('}', out);
    }
    end(out);
}

/* Arguments of commands, each with the bytes it takes. */
static struct span argument_of(uint32_t code, uint8_t buf[64])
{
    const struct command_settings numbers = {.present = 1 << 2 | 1 << 6,
                                             .values = {[2] = 60000, [6] = 1}};
    size_t len = 0;
    if (code == COMMAND_IDENTIFY || code == COMMAND_FIELD_WORK)
        must(command_duration_encode(code == COMMAND_IDENTIFY ? 3000 : 3600000, buf, 64, &len));
    if (code == COMMAND_SETTINGS)
        must(command_settings_encode(&numbers, buf, 64, &len));
    return (struct span){buf, len};
}

void vectors_write_commands(FILE *out)
{
    static const struct {
        const char *name;
        uint32_t code;
    } rows[] = {
        {"read", COMMAND_READ},
        {"identify for 3 s", COMMAND_IDENTIFY},
        {"return after 60 s, stay until the generator stops", COMMAND_SETTINGS},
        {"field work for an hour", COMMAND_FIELD_WORK},
        {"self-test", COMMAND_SELF_TEST},
        {"what every device must refuse: it could switch power", COMMAND_SWITCHING},
    };
    struct cose_key fleet;
    support_fleet_key(&fleet);
    begin(out, "commands to the device, signed by the fleet");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        uint8_t argument[64], payload[WIRE_COMMAND_MAX];
        struct command c = {.counter = 1767229335000 + i,
                            .expires_ms = 1767232935000,
                            .code = rows[i].code,
                            .argument = argument_of(rows[i].code, argument)};
        size_t len = 0;
        must(command_encode(&c, payload, sizeof payload, &len));
        item(out, i, rows[i].name);
        fprintf(out, ", \"counter\": %" PRIu64 ", \"expires_ms\": %" PRIu64 ", \"code\": %" PRIu32,
                c.counter, c.expires_ms, c.code);
        vectors_put_hex(out, "argument", c.argument.at, c.argument.len);
        vectors_put_signed(out, COSE_COMMAND, &fleet, (struct span){payload, len});
        fputc('}', out);
    }
    end(out);
}

static const struct status statuses[] = {
    {.boot = 1,
     .mono_ms = 300000,
     .leds = {STATUS_ON, STATUS_OFF, STATUS_OFF, STATUS_OFF},
     .contactors = STATUS_CLOSED_UTILITY,
     .utility = {1201, 1199, 6000},
     .firmware = "0.1.0",
     .written_through = 1,
     .reset_cause = RECORD_CAUSE_POWER_ON},
    {.boot = 1,
     .mono_ms = 3900000,
     .utc_ms = 1767229500000,
     .quality = RECORD_QUALITY_SYNCHRONISED,
     .state = 2,
     .leds = {STATUS_OFF, STATUS_ON, STATUS_BLINK_SLOW, STATUS_BLINK_FAST},
     .contactors = STATUS_CLOSED_GENERATOR,
     .utility = {0, 3, 0},
     .generator = {1209, 1207, 6008},
     .load_da = 187,
     .mode = STATUS_MODE_FIELD_WORK,
     .firmware = "0.1.0",
     .written_through = 8,
     .receipted_through = 7,
     .fill_permille = 3,
     .reset_cause = RECORD_CAUSE_WATCHDOG,
     .faults = 1u << 5,
     .epoch = 1},
};

static void write_status_members(FILE *out, const struct status *s)
{
    fprintf(out, ", \"boot\": %" PRIu32 ", \"mono_ms\": %" PRIu64 ", \"utc_ms\": %" PRId64, s->boot,
            s->mono_ms, s->utc_ms);
    fprintf(out, ", \"quality\": %u, \"state\": %u, \"leds\": [%u, %u, %u, %u]", s->quality,
            s->state, s->leds[0], s->leds[1], s->leds[2], s->leds[3]);
    fprintf(out, ", \"contactors\": %u, \"utility\": [%" PRIu32 ", %" PRIu32 ", %" PRIu32 "]",
            s->contactors, s->utility.l1_dv, s->utility.l2_dv, s->utility.freq_chz);
    fprintf(out, ", \"generator\": [%" PRIu32 ", %" PRIu32 ", %" PRIu32 "]", s->generator.l1_dv,
            s->generator.l2_dv, s->generator.freq_chz);
    fprintf(out, ", \"load_da\": %" PRIu32 ", \"mode\": %u, \"firmware\": \"%s\"", s->load_da,
            s->mode, s->firmware);
    fprintf(out, ", \"written_through\": %" PRIu64 ", \"receipted_through\": %" PRIu64,
            s->written_through, s->receipted_through);
    fprintf(out, ", \"fill_permille\": %" PRIu32 ", \"reset_cause\": %u, \"faults\": %" PRIu32,
            s->fill_permille, s->reset_cause, s->faults);
    fprintf(out, ", \"epoch\": %" PRIu64, s->epoch);
}

void vectors_write_statuses(FILE *out)
{
    struct cose_key device;
    support_device_key(&device);
    begin(out, "status messages, signed by the device; utc_ms 0 with quality 0 is not on the wire");
    for (size_t i = 0; i < sizeof statuses / sizeof *statuses; i++) {
        uint8_t payload[WIRE_STATUS_MAX];
        size_t len = 0;
        must(status_encode(&statuses[i], payload, sizeof payload, &len));
        item(out, i, i == 0 ? "after power-on, no clock" : "on the generator");
        write_status_members(out, &statuses[i]);
        vectors_put_signed(out, COSE_STATUS, &device, (struct span){payload, len});
        fputc('}', out);
    }
    end(out);
}

void vectors_write_links(FILE *out)
{
    static const struct status_link rows[] = {{0, 0}, {1767225604000, 1}};
    begin(out, "link messages; the payload is the message");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        uint8_t payload[WIRE_RECEIPT_MAX];
        size_t len = 0;
        must(status_link_encode(&rows[i], payload, sizeof payload, &len));
        item(out, i, rows[i].online ? "online" : "offline");
        fprintf(out, ", \"session\": %" PRIu64 ", \"online\": %s", rows[i].session,
                rows[i].online ? "true" : "false");
        vectors_put_hex(out, "payload", payload, len);
        fputc('}', out);
    }
    end(out);
}

void vectors_write_topics(FILE *out)
{
    static const char *const devices[] = {SUPPORT_DEVICE, "ABC", "0-0", "ZZZZZZZZZZZZZZZZZZZZZZZZ"};
    size_t index = 0;
    begin(out, "topics below the root bptm/1; leaf is the index in enum topic_leaf");
    for (size_t i = 0; i < sizeof devices / sizeof *devices; i++) {
        struct topic t = {.bucket = topic_bucket(devices[i])};
        memcpy(t.device, devices[i], strlen(devices[i]));
        for (int leaf = 0; leaf < TOPIC_LEAF_COUNT; leaf++) {
            char text[WIRE_TOPIC_MAX];
            t.leaf = (enum topic_leaf)leaf;
            must(topic_encode(WIRE_PROTOCOL, &t, text));
            item(out, index++, text);
            fprintf(out, ", \"device\": \"%s\", \"bucket\": %u, \"leaf\": %d}", t.device, t.bucket,
                    leaf);
        }
    }
    end(out);
}
