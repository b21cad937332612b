/* Every vector of api/vectors/ through the decoders, and back through the encoders. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "chain.h"
#include "command.h"
#include "receipt.h"
#include "status.h"
#include "support.h"
#include "topic.h"

static void each(const char *file, void (*check)(const json_t *vector))
{
    json_t *root = support_vectors(file);
    const json_t *vectors = support_member(root, "vectors");
    assert_true(json_array_size(vectors) > 0);
    for (size_t i = 0; i < json_array_size(vectors); i++) {
        print_message("  %s: %s\n", file, support_string(json_array_get(vectors, i), "name"));
        check(json_array_get(vectors, i));
    }
    json_decref(root);
}

static void assert_bytes(const json_t *v, const char *name, const uint8_t *at, size_t len)
{
    uint8_t want[WIRE_MESSAGE_MAX];
    struct span span = support_bytes(v, name, want, sizeof want);
    assert_int_equal(span.len, len);
    assert_memory_equal(span.at, at, len);
}

static void check_fields(const struct record *r, json_t *fields)
{
    const char *name;
    json_t *value;
    size_t i = 0;
    assert_int_equal(r->field_count, json_object_size(fields));
    json_object_foreach(fields, name, value)
    {
        const struct record_field *f = &r->fields[i++];
        assert_string_equal(record_key_name(f->key), name);
        if (json_is_integer(value)) {
            assert_int_equal(f->number, json_integer_value(value));
        } else {
            assert_int_equal(f->text.len, json_string_length(value));
            assert_memory_equal(f->text.at, json_string_value(value), f->text.len);
        }
    }
}

static void check_record(const json_t *v)
{
    uint8_t buf[WIRE_RECORD_MAX];
    uint8_t again[WIRE_RECORD_MAX];
    struct cbor_reader reader;
    struct record r;
    size_t len = 0;
    struct span cbor = support_bytes(v, "cbor", buf, sizeof buf);
    cbor_reader_init(&reader, cbor.at, cbor.len);
    assert_int_equal(record_decode(&reader, &r), EC_OK);
    assert_int_equal(cbor_reader_left(&reader), 0);
    assert_int_equal(r.seq, support_number(v, "seq"));
    assert_int_equal(r.boot, support_number(v, "boot"));
    assert_int_equal(r.mono_ms, support_number(v, "mono_ms"));
    assert_int_equal(r.utc_ms, json_integer_value(json_object_get(v, "utc_ms")));
    assert_int_equal(r.quality, support_number(v, "quality"));
    assert_int_equal(r.kind, support_number(v, "kind"));
    assert_string_equal(record_kind_name(r.kind), support_string(v, "name"));
    check_fields(&r, support_member(v, "fields"));
    assert_int_equal(record_encode(&r, again, sizeof again, &len), EC_OK);
    assert_bytes(v, "cbor", again, len);
}

static void test_records(void **state)
{
    (void)state;
    each("record.json", check_record);
}

static void test_chain(void **state)
{
    (void)state;
    struct cose_key device;
    uint8_t hash[WIRE_HASH_LEN];
    json_t *root = support_vectors("record.json");
    const json_t *vectors = support_member(root, "vectors");
    support_device_key(&device);
    chain_start(SUPPORT_DEVICE, device.public_key, hash);
    for (size_t i = 0; i < json_array_size(vectors); i++) {
        uint8_t buf[WIRE_RECORD_MAX];
        const json_t *v = json_array_get(vectors, i);
        struct span cbor = support_bytes(v, "cbor", buf, sizeof buf);
        chain_next(hash, cbor.at, cbor.len, hash);
        assert_bytes(v, "hash", hash, sizeof hash);
    }
    json_decref(root);
}

static void check_key(const json_t *v)
{
    struct cose_key key;
    uint8_t seed[WIRE_SEED_LEN];
    uint8_t hash[WIRE_HASH_LEN];
    if (json_object_get(v, "seed") == NULL) {
        support_device_key(&key);
        chain_start(support_string(v, "device"), key.public_key, hash);
        assert_bytes(v, "hash_0", hash, sizeof hash);
        return;
    }
    support_bytes(v, "seed", seed, sizeof seed);
    cose_key_init(&key, seed);
    assert_bytes(v, "public_key", key.public_key, sizeof key.public_key);
    assert_bytes(v, "kid", key.kid, sizeof key.kid);
}

static void test_keys(void **state)
{
    (void)state;
    each("keys.json", check_key);
}

/* Take a signed vector apart, verify it, and sign it again to the same bytes. */
static struct span open_signed(const json_t *v, enum cose_purpose purpose,
                               const struct cose_key *key, uint8_t msg[WIRE_MESSAGE_MAX])
{
    struct cose_sign1 parts;
    uint8_t aad[WIRE_AAD_MAX];
    uint8_t scratch[WIRE_SCRATCH_LEN];
    uint8_t again[WIRE_MESSAGE_MAX];
    const char *device = support_string(v, "device");
    struct span whole = support_bytes(v, "message", msg, WIRE_MESSAGE_MAX);
    struct span aad_span = {aad, cose_aad(purpose, device, aad)};
    assert_int_equal(aad_span.len, strlen(support_string(v, "aad")));
    assert_memory_equal(aad, support_string(v, "aad"), aad_span.len);
    assert_int_equal(cose_decode(whole.at, whole.len, &parts), EC_OK);
    assert_int_equal(cose_verify(&parts, aad_span, key->public_key, scratch), EC_OK);
    assert_int_equal(parts.kid.len, WIRE_KID_LEN);
    assert_memory_equal(parts.kid.at, key->kid, WIRE_KID_LEN);
    assert_bytes(v, "payload", parts.payload.at, parts.payload.len);
    size_t len = support_sign(purpose, key, device, parts.payload, again);
    assert_bytes(v, "message", again, len);
    return parts.payload;
}

static void check_batch(const json_t *v)
{
    struct cose_key key;
    uint8_t msg[WIRE_MESSAGE_MAX];
    uint8_t again[WIRE_MESSAGE_MAX];
    uint8_t hashes[WIRE_BATCH_RECORDS_MAX][WIRE_HASH_LEN];
    struct batch b;
    size_t len = 0;
    support_device_key(&key);
    struct span payload = open_signed(v, COSE_JOURNAL, &key, msg);
    assert_int_equal(batch_decode(payload, &b), EC_OK);
    assert_int_equal(b.first_seq, support_number(v, "first_seq"));
    assert_int_equal(b.count, support_number(v, "count"));
    assert_int_equal(b.written_through, support_number(v, "written_through"));
    assert_int_equal(b.epoch, support_number(v, "epoch"));
    assert_bytes(v, "prev_hash", b.prev_hash, sizeof b.prev_hash);
    batch_hashes(&b, hashes);
    assert_bytes(v, "head_hash", hashes[b.count - 1], WIRE_HASH_LEN);
    assert_int_equal(batch_encode(&b, again, sizeof again, &len), EC_OK);
    assert_bytes(v, "payload", again, len);
}

static void test_batches(void **state)
{
    (void)state;
    each("batch.json", check_batch);
}

static void check_receipt(const json_t *v)
{
    struct cose_key key;
    uint8_t msg[WIRE_MESSAGE_MAX];
    uint8_t again[WIRE_RECEIPT_MAX];
    struct receipt r;
    size_t len = 0;
    support_fleet_key(&key);
    struct span payload = open_signed(v, COSE_RECEIPT, &key, msg);
    assert_true(strlen(support_string(v, "message")) / 2 <= WIRE_RECEIPT_MAX);
    assert_int_equal(receipt_decode(payload, &r), EC_OK);
    assert_string_equal(r.device, support_string(v, "device"));
    assert_int_equal(r.through_seq, support_number(v, "through_seq"));
    assert_int_equal(r.server_ms, support_number(v, "server_ms"));
    assert_int_equal(r.epoch, support_number(v, "epoch"));
    assert_int_equal(r.resend_from, support_number(v, "resend_from"));
    assert_int_equal(r.pace_ms, support_number(v, "pace_ms"));
    assert_bytes(v, "head_hash", r.head_hash, sizeof r.head_hash);
    assert_int_equal(receipt_encode(&r, again, sizeof again, &len), EC_OK);
    assert_bytes(v, "payload", again, len);
}

static void test_receipts(void **state)
{
    (void)state;
    each("receipt.json", check_receipt);
}

static void check_command(const json_t *v)
{
    struct cose_key key;
    uint8_t msg[WIRE_MESSAGE_MAX], again[WIRE_COMMAND_MAX];
    struct command c;
    size_t len = 0;
    support_fleet_key(&key);
    struct span payload = open_signed(v, COSE_COMMAND, &key, msg);
    assert_true(strlen(support_string(v, "message")) / 2 <= WIRE_COMMAND_MAX);
    assert_int_equal(command_decode(payload, &c), EC_OK);
    assert_int_equal(c.counter, support_number(v, "counter"));
    assert_int_equal(c.expires_ms, support_number(v, "expires_ms"));
    assert_int_equal(c.code, support_number(v, "code"));
    assert_bytes(v, "argument", c.argument.at, c.argument.len);
    assert_int_equal(command_encode(&c, again, sizeof again, &len), EC_OK);
    assert_bytes(v, "payload", again, len);
}

static void test_commands(void **state)
{
    (void)state;
    each("command.json", check_command);
}

static void assert_numbers(const json_t *v, const char *name, const uint32_t want[3])
{
    const json_t *array = support_member(v, name);
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(json_integer_value(json_array_get(array, i)), want[i]);
}

static void check_status(const json_t *v)
{
    struct cose_key key;
    uint8_t msg[WIRE_MESSAGE_MAX];
    uint8_t again[WIRE_STATUS_MAX];
    struct status s;
    size_t len = 0;
    support_device_key(&key);
    struct span payload = open_signed(v, COSE_STATUS, &key, msg);
    assert_int_equal(status_decode(payload, &s), EC_OK);
    assert_int_equal(s.boot, support_number(v, "boot"));
    assert_int_equal(s.mono_ms, support_number(v, "mono_ms"));
    assert_int_equal(s.utc_ms, support_number(v, "utc_ms"));
    assert_int_equal(s.quality, support_number(v, "quality"));
    assert_int_equal(s.state, support_number(v, "state"));
    for (size_t i = 0; i < STATUS_LED_COUNT; i++)
        assert_int_equal(s.leds[i],
                         json_integer_value(json_array_get(support_member(v, "leds"), i)));
    assert_int_equal(s.contactors, support_number(v, "contactors"));
    assert_numbers(v, "utility",
                   (uint32_t[]){s.utility.l1_dv, s.utility.l2_dv, s.utility.freq_chz});
    assert_numbers(v, "generator",
                   (uint32_t[]){s.generator.l1_dv, s.generator.l2_dv, s.generator.freq_chz});
    assert_int_equal(s.load_da, support_number(v, "load_da"));
    assert_int_equal(s.mode, support_number(v, "mode"));
    assert_string_equal(s.firmware, support_string(v, "firmware"));
    assert_int_equal(s.written_through, support_number(v, "written_through"));
    assert_int_equal(s.receipted_through, support_number(v, "receipted_through"));
    assert_int_equal(s.fill_permille, support_number(v, "fill_permille"));
    assert_int_equal(s.reset_cause, support_number(v, "reset_cause"));
    assert_int_equal(s.faults, support_number(v, "faults"));
    assert_int_equal(s.epoch, support_number(v, "epoch"));
    assert_int_equal(status_encode(&s, again, sizeof again, &len), EC_OK);
    assert_bytes(v, "payload", again, len);
}

static void test_statuses(void **state)
{
    (void)state;
    each("status.json", check_status);
}

static void check_link(const json_t *v)
{
    uint8_t buf[64];
    uint8_t again[64];
    struct status_link l;
    size_t len = 0;
    assert_int_equal(status_link_decode(support_bytes(v, "payload", buf, sizeof buf), &l), EC_OK);
    assert_int_equal(l.session, support_number(v, "session"));
    assert_int_equal(l.online, json_is_true(support_member(v, "online")));
    assert_int_equal(status_link_encode(&l, again, sizeof again, &len), EC_OK);
    assert_bytes(v, "payload", again, len);
}

static void test_links(void **state)
{
    (void)state;
    each("link.json", check_link);
}

static void check_topic(const json_t *v)
{
    struct topic t;
    char again[WIRE_TOPIC_MAX];
    const char *text = support_string(v, "name");
    assert_int_equal(topic_decode(WIRE_PROTOCOL, text, &t), EC_OK);
    assert_string_equal(t.device, support_string(v, "device"));
    assert_int_equal(t.bucket, support_number(v, "bucket"));
    assert_int_equal(t.leaf, support_number(v, "leaf"));
    assert_int_equal(topic_encode(WIRE_PROTOCOL, &t, again), EC_OK);
    assert_string_equal(again, text);
}

static void test_topics(void **state)
{
    (void)state;
    each("topic.json", check_topic);
}

static enum error_code left_over(const struct cbor_reader *r, enum error_code ec)
{
    return ec == EC_OK && cbor_reader_left(r) != 0 ? EC_WIRE_TRAILING : ec;
}

static enum error_code as_item(struct span in)
{
    struct cbor_reader r;
    cbor_reader_init(&r, in.at, in.len);
    enum error_code ec = cbor_skip(&r);
    return left_over(&r, ec);
}

static enum error_code as_record(struct span in)
{
    struct cbor_reader r;
    struct record rec;
    cbor_reader_init(&r, in.at, in.len);
    enum error_code ec = record_decode(&r, &rec);
    return left_over(&r, ec);
}

static enum error_code as_batch(struct span in)
{
    struct batch b;
    return batch_decode(in, &b);
}

static enum error_code as_receipt(struct span in)
{
    struct receipt r;
    return receipt_decode(in, &r);
}

static enum error_code as_command(struct span in)
{
    struct command c;
    return command_decode(in, &c);
}

static enum error_code as_status(struct span in)
{
    struct status s;
    return status_decode(in, &s);
}

static enum error_code as_link(struct span in)
{
    struct status_link l;
    return status_link_decode(in, &l);
}

static enum error_code as_message(struct span in)
{
    struct cose_key key;
    struct batch b;
    support_device_key(&key);
    return support_accept(in.at, in.len, SUPPORT_DEVICE, &key, &b);
}

static const struct {
    const char *as;
    enum error_code (*decode)(struct span in);
} decoders[] = {
    {"item", as_item},       {"record", as_record}, {"batch", as_batch}, {"receipt", as_receipt},
    {"command", as_command}, {"status", as_status}, {"link", as_link},   {"message", as_message},
};

static void check_refused(const json_t *v)
{
    uint8_t buf[WIRE_MESSAGE_MAX];
    struct topic t;
    const char *as = support_string(v, "as");
    enum error_code ec = EC_OK;
    if (strcmp(as, "topic") == 0)
        ec = topic_decode(WIRE_PROTOCOL, support_string(v, "topic"), &t);
    for (size_t i = 0; i < sizeof decoders / sizeof *decoders; i++)
        if (strcmp(decoders[i].as, as) == 0)
            ec = decoders[i].decode(support_bytes(v, "hex", buf, sizeof buf));
    assert_string_equal(error_slug(ec), support_string(v, "error"));
}

static void test_refused(void **state)
{
    (void)state;
    each("refused.json", check_refused);
}

static void check_example(const json_t *v)
{
    struct cose_sign1 parts;
    uint8_t msg[256];
    uint8_t key[WIRE_KEY_LEN];
    uint8_t scratch[WIRE_SCRATCH_LEN];
    struct span message = support_bytes(v, "message", msg, sizeof msg);
    struct span no_aad = {NULL, 0};
    support_bytes(v, "public_key", key, sizeof key);
    assert_int_equal(cose_decode(message.at, message.len, &parts), EC_OK);
    assert_bytes(v, "kid", parts.kid.at, parts.kid.len);
    assert_bytes(v, "payload", parts.payload.at, parts.payload.len);
    assert_int_equal(cose_verify(&parts, no_aad, key, scratch), EC_OK);
    assert_bytes(v, "signed", scratch, strlen(support_string(v, "signed")) / 2);
}

static void test_working_group(void **state)
{
    (void)state;
    each("cose-wg-eddsa-sig-01.json", check_example);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_keys),          cmocka_unit_test(test_records),
        cmocka_unit_test(test_chain),         cmocka_unit_test(test_batches),
        cmocka_unit_test(test_receipts),      cmocka_unit_test(test_commands),
        cmocka_unit_test(test_statuses),      cmocka_unit_test(test_links),
        cmocka_unit_test(test_topics),        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_working_group),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
