/* The journal without power cuts: what it keeps, what it gives up, and how it says so. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "chain.h"
#include "flash_model.h"
#include "journal.h"
#include "journal_entry.h"

enum { SECTOR_LEN = 1024, SECTORS = 4, LEN = 40 };

static const uint8_t start_hash[WIRE_HASH_LEN] = {9, 8, 7};
static struct flash_model model;
static struct journal journal;

static int setup(void **state)
{
    (void)state;
    flash_model_init(&model, SECTOR_LEN, SECTORS);
    return journal_mount(&journal, &model.flash, start_hash) == EC_OK ? 0 : -1;
}

static void append(unsigned count)
{
    uint8_t record[LEN];

    for (unsigned i = 0; i < count; i++) {
        memset(record, (int)(journal.written + 1), sizeof(record));
        assert_int_equal(journal_append(&journal, record, sizeof(record)), EC_OK);
    }
}

static void remount(void)
{
    struct journal before = journal;

    assert_int_equal(journal_mount(&journal, &model.flash, start_hash), EC_OK);
    assert_int_equal(journal.written, before.written);
    assert_memory_equal(journal.head_hash, before.head_hash, WIRE_HASH_LEN);
}

static void check_record(uint64_t seq)
{
    uint8_t record[WIRE_RECORD_MAX], want[LEN];
    size_t len;

    memset(want, (int)seq, sizeof(want));
    assert_int_equal(journal_read(&journal, seq, record, &len), EC_OK);
    assert_int_equal(len, LEN);
    assert_memory_equal(record, want, LEN);
}

static void test_new(void **state)
{
    uint8_t hash[WIRE_HASH_LEN], record[WIRE_RECORD_MAX];
    size_t len;

    (void)state;
    assert_int_equal(journal.written, 0);
    assert_int_equal(journal_first(&journal), 1);
    assert_int_equal(journal_hash(&journal, 0, hash), EC_OK);
    assert_memory_equal(hash, start_hash, WIRE_HASH_LEN);
    assert_int_equal(journal_read(&journal, 1, record, &len), EC_NOT_FOUND);
    assert_int_equal(journal_fill_permille(&journal), 0);
}

static void test_append_and_read(void **state)
{
    uint8_t hash[WIRE_HASH_LEN], chained[WIRE_HASH_LEN], record[LEN];

    (void)state;
    append(30);
    memcpy(chained, start_hash, sizeof(chained));
    for (int round = 0; round < 2; round++) {
        for (uint64_t seq = 30; seq >= 1; seq--)
            check_record(seq);
        remount();
    }
    for (uint64_t seq = 1; seq <= 30; seq++) {
        memset(record, (int)seq, sizeof(record));
        chain_next(chained, record, sizeof(record), chained);
        assert_int_equal(journal_hash(&journal, seq, hash), EC_OK);
        assert_memory_equal(hash, chained, WIRE_HASH_LEN);
    }
}

static void test_sizes(void **state)
{
    uint8_t record[WIRE_RECORD_MAX + 1] = {0}, back[WIRE_RECORD_MAX];
    size_t len;

    (void)state;
    assert_int_equal(journal_append(&journal, record, 0), EC_WIRE_TOO_LARGE);
    assert_int_equal(journal_append(&journal, record, WIRE_RECORD_MAX + 1), EC_WIRE_TOO_LARGE);
    for (size_t n = 1; n <= WIRE_RECORD_MAX; n += 51) {
        memset(record, (int)n, n);
        assert_int_equal(journal_append(&journal, record, n), EC_OK);
        assert_int_equal(journal_read(&journal, journal.written, back, &len), EC_OK);
        assert_int_equal(len, n);
        assert_memory_equal(back, record, n);
    }
}

/* Receipted records stay readable until the space is needed, and are then no loss. */
static void test_ring_released(void **state)
{
    uint64_t from, to;

    (void)state;
    for (int i = 0; i < 200; i++) {
        append(1);
        assert_int_equal(journal_release(&journal, journal.written, 1), EC_OK);
        assert_false(journal_lost(&journal, &from, &to));
    }
    assert_true(journal_first(&journal) > 100);
    assert_true(journal_first(&journal) < 190);
    check_record(journal_first(&journal));
    remount();
    assert_int_equal(journal.released, 200);
    assert_int_equal(journal.epoch, 1);
    assert_false(journal_lost(&journal, &from, &to));
}

static void test_ring_overflow(void **state)
{
    uint64_t from = 0, to = 0;

    (void)state;
    append(5);
    assert_int_equal(journal_release(&journal, 3, 1), EC_OK);
    append(100);
    assert_true(journal_lost(&journal, &from, &to));
    assert_int_equal(from, 4);
    assert_int_equal(to, journal_first(&journal) - 1);
    assert_true(journal_fill_permille(&journal) > 600);
    remount();
    assert_true(journal_lost(&journal, &from, &to));
    assert_int_equal(from, 4);
    assert_int_equal(journal_release(&journal, to, 1), EC_OK); /* receipted after all */
    assert_false(journal_lost(&journal, &from, &to));
    remount();
    assert_false(journal_lost(&journal, &from, &to));
}

static void test_release(void **state)
{
    (void)state;
    append(10);
    assert_int_equal(journal_release(&journal, 11, 1), EC_WIRE_RANGE);
    assert_int_equal(journal_release(&journal, 8, 2), EC_OK);
    assert_int_equal(journal_release(&journal, 4, 2), EC_OK); /* late: changes nothing */
    assert_int_equal(journal_release(&journal, 9, 1), EC_OK); /* old epoch: changes nothing */
    remount();
    assert_int_equal(journal.released, 8);
    assert_int_equal(journal_release(&journal, 4, 3), EC_OK); /* the server was restored */
    remount();
    assert_int_equal(journal.released, 4);
    assert_int_equal(journal.epoch, 3);
    check_record(5);
}

/* A record never waits for an erase: the sector ahead is erased before it is needed. */
static void test_erase_ahead(void **state)
{
    (void)state;
    append(1);
    assert_int_equal(journal_idle(&journal), 1);
    assert_int_equal(journal_idle(&journal), 0);
    for (int i = 0; i < 100; i++) {
        uint32_t sector = journal.current;
        unsigned before = model.operations;

        append(1);
        if (sector != journal.current) /* header and entry, no erase */
            assert_true(model.operations - before <= JOURNAL_HEADER_LEN / FLASH_UNIT + 7);
        journal_idle(&journal);
    }
}

/* Debts are erased ahead only when the space will be needed soon. */
static void test_erase_ahead_of_debts(void **state)
{
    uint64_t from, to;

    (void)state;
    while (journal.used < SECTORS - 1 || journal.offset > SECTOR_LEN / 4) {
        append(1);
        journal_idle(&journal);
    }
    while (!(journal.used == SECTORS - 1 && journal.current == SECTORS - 1)) {
        append(1);
        journal_idle(&journal);
        if (journal_lost(&journal, &from, &to))
            break;
    }
    assert_true(journal_lost(&journal, &from, &to));
    assert_true(journal.offset > SECTOR_LEN / 2);
}

static void test_note(void **state)
{
    (void)state;
    journal.note = 0x1234;
    append(2);
    remount();
    assert_int_equal(journal.note, 0); /* of the opening of the sector */
    journal.note = 0x1234;
    append(40);
    remount();
    assert_int_equal(journal.note, 0x1234);
    assert_true(journal_sector_base(&journal) > 1);
}

static void test_bad_unit(void **state)
{
    (void)state;
    append(2);
    model.bad_at = journal.current * SECTOR_LEN + journal.offset + 16;
    append(20);
    for (uint64_t seq = 1; seq <= 22; seq++)
        check_record(seq);
    remount();
    for (uint64_t seq = 1; seq <= 22; seq++)
        check_record(seq);
    assert_int_equal(model.twice, 0);
}

/* A header that does not take is tried again after another erase, never on top. */
static void test_bad_header(void **state)
{
    uint8_t record[LEN] = {0};
    int refused = 0;

    (void)state;
    append(1);
    model.bad_at = SECTOR_LEN + 2 * FLASH_UNIT;
    for (int i = 0; i < 20; i++)
        refused += journal_append(&journal, record, sizeof(record)) == EC_FLASH;
    assert_true(refused > 0);
    model.bad_at = 0;
    append(5);
    check_record(journal.written);
    assert_int_equal(journal.current, 1);
    assert_int_equal(model.twice, 0);
    remount();
}

static void test_dead_flash(void **state)
{
    uint8_t record[LEN] = {0};
    struct journal j;

    (void)state;
    append(3);
    model.dark = 1;
    assert_int_equal(journal_append(&journal, record, sizeof(record)), EC_FLASH);
    assert_int_equal(journal.written, 3);
    assert_int_equal(journal_mount(&j, &model.flash, start_hash), EC_FLASH);
}

static void test_geometry(void **state)
{
    struct flash small = flash_area(&model.flash, 0, 2);
    struct journal j;

    (void)state;
    assert_int_equal(journal_mount(&j, &small, start_hash), EC_CONFIG);
    small.sector_count = JOURNAL_SECTORS_MAX + 1;
    assert_int_equal(journal_mount(&j, &small, start_hash), EC_CONFIG);
}

/* Every flipped bit in the last entry makes it vanish; the records before it stay. */
static void test_flipped_bits(void **state)
{
    uint32_t at, end;

    (void)state;
    append(3);
    at = journal.offset;
    append(1);
    end = journal.offset;
    for (uint32_t i = at * 8; i < end * 8; i++) {
        struct journal j;

        model.bytes[i / 8] ^= (uint8_t)(1 << i % 8);
        assert_int_equal(journal_mount(&j, &model.flash, start_hash), EC_OK);
        assert_int_equal(j.written, 3);
        model.bytes[i / 8] ^= (uint8_t)(1 << i % 8);
    }
    remount();
}

/* Bytes of an earlier turn of the ring, at their very place, do not pass for entries of this
 * one. */
static void test_old_bytes(void **state)
{
    enum { HEADER = JOURNAL_HEADER_LEN, ENTRY = 56, PER_SECTOR = (SECTOR_LEN - HEADER) / ENTRY };
    uint8_t old[SECTOR_LEN];

    (void)state;
    append(PER_SECTOR);
    memcpy(old, model.bytes, sizeof(old));
    append(PER_SECTOR * (SECTORS - 1) + 3);
    assert_int_equal(journal.sectors[0].generation, SECTORS + 1);
    assert_int_equal(journal.offset, HEADER + 3 * ENTRY);
    memcpy(model.bytes + journal.offset, old + journal.offset, ENTRY);
    remount();
}

#define TEST(name) cmocka_unit_test_setup(name, setup)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_new),         TEST(test_append_and_read),      TEST(test_sizes),
        TEST(test_release),     TEST(test_ring_released),        TEST(test_ring_overflow),
        TEST(test_erase_ahead), TEST(test_erase_ahead_of_debts), TEST(test_note),
        TEST(test_bad_unit),    TEST(test_bad_header),           TEST(test_dead_flash),
        TEST(test_geometry),    TEST(test_flipped_bits),         TEST(test_old_bytes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
