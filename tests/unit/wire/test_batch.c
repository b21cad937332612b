/* Batches: limits, and what happens to a signed batch that was touched on its way. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "support.h"
#include "vectors.h"

/** A batch of the first records of the story, with the memory it borrows. */
struct story {
    uint8_t records[VECTORS_STORY_COUNT][WIRE_RECORD_MAX];
    struct batch batch;
};

static void make(size_t count, struct story *ret)
{
    ret->batch =
        (struct batch){.first_seq = 1, .count = count, .written_through = count, .epoch = 1};
    for (size_t i = 0; i < count; i++)
        ret->batch.records[i] =
            (struct span){ret->records[i], vectors_story_encode(i, ret->records[i])};
}

static size_t make_signed(size_t count, const struct cose_key *key, uint8_t msg[WIRE_MESSAGE_MAX])
{
    struct story s;
    uint8_t payload[WIRE_MESSAGE_MAX];
    size_t len = 0;
    make(count, &s);
    assert_int_equal(batch_encode(&s.batch, payload, sizeof payload, &len), EC_OK);
    return support_sign(COSE_JOURNAL, key, SUPPORT_DEVICE, (struct span){payload, len}, msg);
}

static void test_encode_limits(void **state)
{
    (void)state;
    static const struct {
        size_t count;
        uint64_t first_seq, written_through, epoch;
        enum error_code error;
    } rows[] = {
        {1, 1, 1, 0, EC_OK},
        {0, 1, 1, 0, EC_WIRE_RANGE},
        {WIRE_BATCH_RECORDS_MAX + 1, 1, 100, 0, EC_WIRE_RANGE},
        {1, 0, 1, 0, EC_WIRE_RANGE},
        {2, 1, 1, 0, EC_WIRE_RANGE},
        {1, (uint64_t)INT64_MAX + 1, UINT64_MAX, 0, EC_WIRE_RANGE},
        {2, INT64_MAX, INT64_MAX, 0, EC_WIRE_RANGE},
        {1, 1, (uint64_t)INT64_MAX + 1, 0, EC_WIRE_RANGE},
        {1, 1, 1, (uint64_t)INT64_MAX + 1, EC_WIRE_RANGE},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct story s;
        uint8_t buf[WIRE_MESSAGE_MAX];
        size_t len = 77;
        make(2, &s);
        s.batch.count = rows[i].count;
        s.batch.first_seq = rows[i].first_seq;
        s.batch.written_through = rows[i].written_through;
        s.batch.epoch = rows[i].epoch;
        assert_int_equal(batch_encode(&s.batch, buf, sizeof buf, &len), rows[i].error);
        assert_true(rows[i].error == EC_OK || len == 77);
    }
}

static void test_encode_needs_room(void **state)
{
    (void)state;
    struct story s;
    uint8_t buf[WIRE_MESSAGE_MAX];
    size_t whole = 0;
    make(3, &s);
    assert_int_equal(batch_encode(&s.batch, buf, sizeof buf, &whole), EC_OK);
    for (size_t cap = 0; cap < whole; cap++) {
        size_t len = 0;
        assert_int_equal(batch_encode(&s.batch, buf, cap, &len), EC_WIRE_BUFFER);
    }
}

static void test_full_batch(void **state)
{
    (void)state;
    uint8_t records[WIRE_BATCH_RECORDS_MAX][32];
    uint8_t payload[WIRE_MESSAGE_MAX];
    struct batch in = {.first_seq = 1000, .count = WIRE_BATCH_RECORDS_MAX, .written_through = 2000};
    struct batch out;
    size_t len = 0;
    for (size_t i = 0; i < in.count; i++) {
        struct record r = {.seq = 1000 + i, .boot = 1, .kind = RECORD_KIND_FIELD_WORK_END};
        assert_int_equal(record_encode(&r, records[i], sizeof records[i], &len), EC_OK);
        in.records[i] = (struct span){records[i], len};
    }
    assert_int_equal(batch_encode(&in, payload, sizeof payload, &len), EC_OK);
    assert_int_equal(batch_decode((struct span){payload, len}, &out), EC_OK);
    assert_int_equal(out.count, WIRE_BATCH_RECORDS_MAX);
    assert_memory_equal(out.records[63].at, records[63], out.records[63].len);
}

static void test_every_flipped_bit_is_refused(void **state)
{
    (void)state;
    struct cose_key key;
    uint8_t msg[WIRE_MESSAGE_MAX];
    struct batch b;
    support_device_key(&key);
    size_t len = make_signed(3, &key, msg);
    assert_int_equal(support_accept(msg, len, SUPPORT_DEVICE, &key, &b), EC_OK);
    for (size_t bit = 0; bit < len * 8; bit++) {
        msg[bit / 8] ^= (uint8_t)(1 << bit % 8);
        if (support_accept(msg, len, SUPPORT_DEVICE, &key, &b) == EC_OK)
            fail_msg("bit %zu of byte %zu flipped and accepted", bit % 8, bit / 8);
        msg[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
}

/* The payload alone, as if the signature were good: the decoder itself must stay in bounds. */
static void test_every_truncation_is_refused(void **state)
{
    (void)state;
    struct cose_key key;
    uint8_t msg[WIRE_MESSAGE_MAX];
    struct cose_sign1 parts;
    struct batch b = {.count = 77};
    support_device_key(&key);
    size_t len = make_signed(3, &key, msg);
    assert_int_equal(cose_decode(msg, len, &parts), EC_OK);
    for (size_t cut = 0; cut < len; cut++)
        assert_int_not_equal(support_accept(msg, cut, SUPPORT_DEVICE, &key, &b), EC_OK);
    for (size_t cut = 0; cut < parts.payload.len; cut++)
        assert_int_not_equal(batch_decode((struct span){parts.payload.at, cut}, &b), EC_OK);
    assert_int_equal(b.count, 77);
}

static void test_mutants_are_refused_or_canonical(void **state)
{
    (void)state;
    struct story s;
    uint8_t good[WIRE_MESSAGE_MAX];
    size_t len = 0;
    uint64_t seed = 3;
    make(3, &s);
    assert_int_equal(batch_encode(&s.batch, good, sizeof good, &len), EC_OK);
    for (int round = 0; round < 100000; round++) {
        uint8_t buf[WIRE_MESSAGE_MAX];
        uint8_t again[WIRE_MESSAGE_MAX];
        size_t again_len = 0;
        struct batch b;
        memcpy(buf, good, len);
        for (uint64_t i = 0, n = 1 + support_random(&seed) % 3; i < n; i++)
            buf[support_random(&seed) % len] = (uint8_t)support_random(&seed);
        if (batch_decode((struct span){buf, len}, &b) != EC_OK)
            continue;
        assert_int_equal(batch_encode(&b, again, sizeof again, &again_len), EC_OK);
        assert_int_equal(again_len, len);
        assert_memory_equal(again, buf, len);
    }
}

static void test_random_bytes(void **state)
{
    (void)state;
    uint64_t seed = 9;
    struct cose_key key;
    struct batch b;
    support_device_key(&key);
    for (int round = 0; round < 100000; round++) {
        uint8_t buf[64];
        size_t len = support_random(&seed) % sizeof buf;
        for (size_t i = 0; i < len; i++)
            buf[i] = (uint8_t)support_random(&seed);
        assert_int_not_equal(support_accept(buf, len, SUPPORT_DEVICE, &key, &b), EC_OK);
        assert_int_not_equal(batch_decode((struct span){buf, len}, &b), EC_OK);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_encode_limits),
        cmocka_unit_test(test_encode_needs_room),
        cmocka_unit_test(test_full_batch),
        cmocka_unit_test(test_every_flipped_bit_is_refused),
        cmocka_unit_test(test_every_truncation_is_refused),
        cmocka_unit_test(test_mutants_are_refused_or_canonical),
        cmocka_unit_test(test_random_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
