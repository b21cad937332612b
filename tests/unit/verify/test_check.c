/* What makes an evidence bundle good or bad, and which byte is blamed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "bundle.h"
#include "verify/check.h"

static const struct check_pins no_pins;

static struct bundle bundle;

static void start(void)
{
    struct evidence_header h;
    memset(&bundle, 0, sizeof bundle);
    bundle_fill_header(&h);
    bundle_put_header(&bundle, &h);
}

static enum error_code check(const struct check_pins *pins, struct check_report *ret,
                             struct check_failure *ret_failure)
{
    return check_bundle((struct span){bundle.bytes, bundle.len}, pins, ret, ret_failure);
}

static struct check_report check_good(void)
{
    struct check_report report;
    struct check_failure failure = {.what = ""};
    enum error_code ec = check(&no_pins, &report, &failure);
    if (ec != EC_OK)
        fail_msg("%s in item %zu, %s", error_slug(ec), failure.item, failure.what);
    return report;
}

static struct check_failure check_bad(enum error_code want)
{
    struct check_report report;
    struct check_failure failure = {.what = ""};
    enum error_code ec = check(&no_pins, &report, &failure);
    if (ec != want)
        fail_msg("%s in item %zu, %s", error_slug(ec), failure.item, failure.what);
    assert_true(failure.offset < bundle.ends[failure.item]);
    assert_true(failure.item == 0 || failure.offset >= bundle.ends[failure.item - 1]);
    return failure;
}

static void test_whole_story(void **state)
{
    (void)state;
    start();
    bundle_put_story(&bundle, 1, 3);
    bundle_put_receipt(&bundle, 3);
    bundle_put_story(&bundle, 4, 7);
    bundle_put_story(&bundle, 8, 5);
    bundle_put_story(&bundle, 13, 10);
    bundle_put_receipt(&bundle, 12);
    bundle_put_receipt(&bundle, 22);
    struct check_report r = check_good();
    assert_string_equal(r.device, SUPPORT_DEVICE);
    assert_int_equal(r.exported_at_ms, BUNDLE_T0_MS + 1000000);
    assert_int_equal(r.batches, 4);
    assert_int_equal(r.records, 22);
    assert_int_equal(r.duplicates, 3);
    assert_int_equal(r.first_seq, 1);
    assert_int_equal(r.last_seq, 22);
    assert_int_equal(r.claimed_seq, 22);
    assert_int_equal(r.receipts, 3);
    assert_int_equal(r.receipted_through, 22);
    assert_int_equal(r.gap_count, 0);
}

static void test_header_alone(void **state)
{
    (void)state;
    start();
    struct check_report r = check_good();
    assert_int_equal(r.records, 0);
    assert_int_equal(r.first_seq, 0);
    bundle_put_receipt(&bundle, 0); /* a server that has nothing says so with hash[0] */
    check_good();
}

static void test_part_of_a_chain(void **state)
{
    (void)state;
    start();
    bundle_put_story(&bundle, 5, 4);
    bundle_put_receipt(&bundle, 4); /* where the part begins: its prev_hash */
    bundle_put_receipt(&bundle, 8);
    struct check_report r = check_good();
    assert_int_equal(r.first_seq, 5);
    assert_int_equal(r.receipts, 2);
}

static void test_gaps_are_listed(void **state)
{
    (void)state;
    start();
    bundle_put_story(&bundle, 1, 2);
    bundle_put_story(&bundle, 5, 1);
    bundle_put_receipt(&bundle, 2);
    struct check_report r = check_good();
    assert_int_equal(r.gap_count, 1);
    assert_int_equal(r.gaps[0].from, 3);
    assert_int_equal(r.gaps[0].to, 4);
    assert_int_equal(r.gap_declared[0], 0);
}

/* Record 22 of the story declares 5..9. */
static void test_declared_gap_may_be_receipted(void **state)
{
    (void)state;
    start();
    bundle_put_story(&bundle, 1, 4);
    bundle_put_story(&bundle, 10, 13);
    bundle_put_receipt(&bundle, 22);
    struct check_report r = check_good();
    assert_int_equal(r.gap_count, 1);
    assert_int_equal(r.gap_declared[0], 1);
    assert_int_equal(r.receipted_through, 22);
}

static void test_gap_wider_than_declared(void **state)
{
    (void)state;
    start();
    bundle_put_story(&bundle, 1, 3);
    bundle_put_story(&bundle, 10, 13);
    assert_int_equal(check_good().gap_declared[0], 0);
    bundle_put_receipt(&bundle, 22);
    assert_int_equal(check_bad(EC_JOURNAL_GAP).item, 3);
}

static void test_gap_longer_than_declared(void **state)
{
    (void)state;
    start();
    bundle_put_story(&bundle, 1, 4);
    bundle_put_story(&bundle, 11, 12);
    bundle_put_receipt(&bundle, 22);
    assert_int_equal(check_bad(EC_JOURNAL_GAP).item, 3);
}

/* Record 10 after a gap from 5 to 9, declaring what it likes. */
static void put_declaration(uint64_t from, uint64_t to)
{
    uint8_t buf[WIRE_RECORD_MAX];
    struct record r = {.seq = 10, .boot = 1, .kind = RECORD_KIND_RECORDS_OVERWRITTEN};
    struct batch batch = {.first_seq = 10, .count = 1, .written_through = 10};
    struct cose_key key;
    size_t len = 0;
    record_add_uint(&r, RECORD_KEY_FROM_SEQ, from);
    record_add_uint(&r, RECORD_KEY_TO_SEQ, to);
    assert_int_equal(record_encode(&r, buf, sizeof buf, &len), EC_OK);
    batch.records[0] = (struct span){buf, len};
    support_device_key(&key);
    bundle_put_batch(&bundle, &batch, &key);
}

static void test_declarations_that_cannot_be(void **state)
{
    (void)state;
    static const struct {
        uint64_t from, to;
        int declared;
    } rows[] = {{5, 9, 1}, {1, 9, 1}, {5, 10, 0}, {0, 9, 0}, {9, 5, 0}, {6, 9, 0}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        start();
        bundle_put_story(&bundle, 1, 4);
        put_declaration(rows[i].from, rows[i].to);
        assert_int_equal(check_good().gap_declared[0], rows[i].declared);
    }
}

static void test_key_change(void **state)
{
    (void)state;
    struct evidence_header h;
    struct cose_key second;
    struct batch batch;
    uint8_t records[8][WIRE_RECORD_MAX];
    memset(&bundle, 0, sizeof bundle);
    bundle_fill_header(&h);
    support_fleet_key(&second); /* any other key */
    h.keys[0].to_ms = BUNDLE_T0_MS + 5;
    memcpy(h.keys[1].public_key, second.public_key, WIRE_KEY_LEN);
    h.keys[1].from_ms = BUNDLE_T0_MS + 5;
    h.keys[1].to_ms = INT64_MAX;
    h.key_count = 2;
    bundle_put_header(&bundle, &h);
    bundle_put_story(&bundle, 1, 4);
    bundle_fill_batch(5, 2, &batch, records);
    bundle_put_batch(&bundle, &batch, &second);
    check_good();
    bundle_put_story(&bundle, 7, 1); /* by the first key, which is not valid any more */
    assert_int_equal(check_bad(EC_DEVICE_KEY_UNKNOWN).item, 3);
}

static void test_receipt_before_its_batch(void **state)
{
    (void)state;
    start();
    bundle_put_receipt(&bundle, 3);
    bundle_put_story(&bundle, 1, 3);
    assert_int_equal(check_bad(EC_JOURNAL_GAP).item, 1);
}

static void test_receipt_above_the_bundle(void **state)
{
    (void)state;
    start();
    bundle_put_story(&bundle, 1, 3);
    bundle_put_receipt(&bundle, 4);
    assert_int_equal(check_bad(EC_JOURNAL_GAP).item, 2);
}

static void test_receipt_with_another_hash(void **state)
{
    (void)state;
    struct receipt r = {.device = SUPPORT_DEVICE, .through_seq = 3};
    start();
    bundle_put_story(&bundle, 1, 3);
    bundle_hash(2, r.head_hash);
    bundle_put_signed_receipt(&bundle, &r);
    assert_string_equal(check_bad(EC_JOURNAL_FORK).what, "head_hash of the receipt");
}

static void test_receipt_for_another_device(void **state)
{
    (void)state;
    struct receipt r = {.device = "BPTM-000043", .through_seq = 3};
    start();
    bundle_put_story(&bundle, 1, 3);
    bundle_hash(3, r.head_hash);
    bundle_put_signed_receipt(&bundle, &r);
    assert_int_equal(check_bad(EC_DEVICE_UNKNOWN).item, 2);
}

static void test_batches_out_of_order(void **state)
{
    (void)state;
    start();
    bundle_put_story(&bundle, 4, 3);
    bundle_put_story(&bundle, 1, 3);
    assert_int_equal(check_bad(EC_WIRE_SEQUENCE).item, 2);
}

/* A device that wrote two histories: signed twice, and only the chain tells. */
static void put_other_history(uint64_t first, size_t count, size_t changed, int other_prev)
{
    uint8_t records[8][WIRE_RECORD_MAX];
    struct batch batch;
    struct cose_key key;
    struct record r;
    support_device_key(&key);
    bundle_fill_batch(first, count, &batch, records);
    if (changed < count) {
        vectors_story(first - 1 + changed, &r);
        r.mono_ms++;
        assert_int_equal(
            record_encode(&r, records[changed], WIRE_RECORD_MAX, &batch.records[changed].len),
            EC_OK);
    }
    batch.prev_hash[31] ^= (uint8_t)other_prev;
    bundle_put_batch(&bundle, &batch, &key);
}

static void test_fork_in_an_overlap(void **state)
{
    (void)state;
    uint8_t record[WIRE_RECORD_MAX];
    start();
    bundle_put_story(&bundle, 1, 5);
    put_other_history(2, 4, 2, 0);
    struct check_failure f = check_bad(EC_JOURNAL_FORK);
    assert_string_equal(f.what, "record of the batch");
    size_t len = vectors_story_encode(3, record);
    assert_memory_equal(bundle.bytes + f.offset, record, 5); /* map, seq 4, boot */
    assert_int_not_equal(memcmp(bundle.bytes + f.offset, record, len), 0);
}

static void test_break_between_batches(void **state)
{
    (void)state;
    start();
    bundle_put_story(&bundle, 1, 3);
    put_other_history(4, 2, 99, 1);
    assert_string_equal(check_bad(EC_JOURNAL_FORK).what, "prev_hash of the batch");
}

static void test_chain_that_began_elsewhere(void **state)
{
    (void)state;
    start();
    put_other_history(1, 2, 99, 1);
    assert_string_equal(check_bad(EC_JOURNAL_FORK).what, "prev_hash of the batch");
}

static void test_pins(void **state)
{
    (void)state;
    struct check_report report;
    struct check_failure failure;
    struct check_pins pins = {.device_count = 1, .fleet_count = 1};
    struct cose_key device;
    struct cose_key fleet;
    support_device_key(&device);
    support_fleet_key(&fleet);
    memcpy(pins.device[0], device.public_key, WIRE_KEY_LEN);
    memcpy(pins.fleet[0], fleet.public_key, WIRE_KEY_LEN);
    start();
    bundle_put_story(&bundle, 1, 3);
    bundle_put_receipt(&bundle, 3);
    assert_int_equal(check(&pins, &report, &failure), EC_OK);
    memcpy(pins.fleet[0], device.public_key, WIRE_KEY_LEN);
    assert_int_equal(check(&pins, &report, &failure), EC_DEVICE_KEY_UNKNOWN);
    assert_string_equal(failure.what, "fleet key that is not pinned");
    pins.device[0][0] ^= 1;
    assert_int_equal(check(&pins, &report, &failure), EC_DEVICE_KEY_UNKNOWN);
    assert_string_equal(failure.what, "device key that is not pinned");
    assert_int_equal(failure.item, 0);
}

static void test_bad_framing(void **state)
{
    (void)state;
    static const struct {
        const char *hex;
        enum error_code error;
    } rows[] = {
        {"80", EC_WIRE_RANGE},
        {"820341 00", EC_WIRE_RANGE},
        {"83 02 00 4100", EC_WIRE_RANGE},
        {"82 01 4100", EC_WIRE_RANGE},
        {"a0", EC_WIRE_TYPE},
        {"83 01 20 4100", EC_WIRE_TYPE},
        {"82 02 6161", EC_WIRE_TYPE},
        {"82 02 4200", EC_WIRE_TRUNCATED},
        {"82 02 40", EC_WIRE_RANGE},
        {"83 01 1b7fffffffffffffff 4100", EC_WIRE_RANGE},
        {"9f 02 4100 ff", EC_WIRE_NOT_CANONICAL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        uint8_t buf[32];
        start();
        bundle_put_raw(&bundle, buf, support_unhex(rows[i].hex, buf, sizeof buf));
        assert_int_equal(check_bad(rows[i].error).item, 1);
    }
}

static size_t part_of(size_t offset)
{
    size_t part = 0;
    while (offset >= bundle.ends[part])
        part++;
    return part;
}

/* Only what the exporter says without a signature may differ: the times. */
static void assert_only_times_differ(const struct bundle *good)
{
    struct cbor_reader r[2];
    struct evidence_header h[2];
    cbor_reader_init(&r[0], good->bytes, good->len);
    cbor_reader_init(&r[1], bundle.bytes, bundle.len);
    for (size_t i = 0; i < 2; i++)
        assert_int_equal(evidence_decode_header(&r[i], &h[i]), EC_OK);
    assert_string_equal(h[0].device, h[1].device);
    assert_int_equal(h[0].key_count, h[1].key_count);
    assert_memory_equal(h[0].keys[0].public_key, h[1].keys[0].public_key, WIRE_KEY_LEN);
    assert_memory_equal(h[0].fleet[0].public_key, h[1].fleet[0].public_key, WIRE_KEY_LEN);
    while (cbor_reader_left(&r[0]) > 0) {
        struct evidence_item item[2];
        for (size_t i = 0; i < 2; i++)
            assert_int_equal(evidence_decode_item(&r[i], &item[i]), EC_OK);
        assert_int_equal(item[0].message.len, item[1].message.len);
        assert_memory_equal(item[0].message.at, item[1].message.at, item[0].message.len);
    }
    assert_int_equal(cbor_reader_left(&r[1]), 0);
}

static void test_every_flipped_bit(void **state)
{
    (void)state;
    static struct bundle good;
    size_t passed = 0;
    start();
    bundle_put_story(&bundle, 1, 2);
    bundle_put_story(&bundle, 3, 1);
    bundle_put_receipt(&bundle, 3);
    good = bundle;
    for (size_t bit = 0; bit < bundle.len * 8; bit++) {
        struct check_report report;
        struct check_failure f;
        size_t part = part_of(bit / 8);
        bundle.bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
        if (check(&no_pins, &report, &f) == EC_OK) {
            assert_only_times_differ(&good);
            passed++;
        } else if (f.offset >= bundle.ends[part] && (part > 0 || f.item > 1)) {
            /* a device id or a time in the header shows only where a message does not verify */
            fail_msg("byte %zu flipped, byte %zu blamed", bit / 8, f.offset);
        }
        bundle.bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    assert_in_range(passed, 1, 8 * 8 * 4); /* four times of eight bytes */
}

static void test_every_truncation(void **state)
{
    (void)state;
    start();
    bundle_put_story(&bundle, 1, 2);
    bundle_put_receipt(&bundle, 2);
    size_t whole = bundle.len;
    for (bundle.len = 0; bundle.len < whole; bundle.len++) {
        struct check_report report;
        struct check_failure f = {.what = ""};
        int between = bundle.len == bundle.ends[0] || bundle.len == bundle.ends[1];
        enum error_code ec = check(&no_pins, &report, &f);
        assert_int_equal(ec, between ? EC_OK : EC_WIRE_TRUNCATED);
        assert_true(f.offset <= bundle.len);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_whole_story),
        cmocka_unit_test(test_header_alone),
        cmocka_unit_test(test_part_of_a_chain),
        cmocka_unit_test(test_gaps_are_listed),
        cmocka_unit_test(test_declared_gap_may_be_receipted),
        cmocka_unit_test(test_gap_wider_than_declared),
        cmocka_unit_test(test_gap_longer_than_declared),
        cmocka_unit_test(test_declarations_that_cannot_be),
        cmocka_unit_test(test_key_change),
        cmocka_unit_test(test_receipt_before_its_batch),
        cmocka_unit_test(test_receipt_above_the_bundle),
        cmocka_unit_test(test_receipt_with_another_hash),
        cmocka_unit_test(test_receipt_for_another_device),
        cmocka_unit_test(test_batches_out_of_order),
        cmocka_unit_test(test_fork_in_an_overlap),
        cmocka_unit_test(test_break_between_batches),
        cmocka_unit_test(test_chain_that_began_elsewhere),
        cmocka_unit_test(test_pins),
        cmocka_unit_test(test_bad_framing),
        cmocka_unit_test(test_every_flipped_bit),
        cmocka_unit_test(test_every_truncation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
