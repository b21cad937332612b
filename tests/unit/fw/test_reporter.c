/* The reporter against a server that loses, lies and forgets. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "rig.h"

static struct rig rig;

static int setup(void **state)
{
    (void)state;
    rig_init(&rig);
    rig_run(&rig, 5000);
    return rig.node.journal.released == rig.node.journal.written ? 0 : -1;
}

/* Records that the switch has no part in. */
static void write_records(unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        scribe_field_work(&rig.node.scribe, 1, i, rig.now_ms - rig.boot_ms);
}

static void assert_all_receipted(void)
{
    assert_int_equal(rig.node.journal.released, rig.node.journal.written);
    assert_int_equal(rig.head, rig.node.journal.written);
    assert_int_equal(rig.bad_messages, 0);
}

static void test_first_contact(void **state)
{
    (void)state;
    assert_string_equal(rig_kinds(&rig, 1), "boot time_set");
    assert_all_receipted();
    assert_int_equal(rig.link.online, 1);
    assert_int_equal(rig.link.session, (1 << 16) + 1);
    assert_true(rig.status_count >= 1);
    assert_int_equal(rig.status.state, TRANSFER_ON_UTILITY);
    assert_string_equal(rig.status.firmware, "test");
}

/* In quiet times a record goes out alone, and at once. */
static void test_quiet(void **state)
{
    (void)state;
    for (int i = 0; i < 5; i++) {
        unsigned before = rig.message_count;

        write_records(1);
        rig_run(&rig, 1000);
        assert_int_equal(rig.message_count, before + 1);
        assert_int_equal(rig.messages[before].count, 1);
        assert_true(rig.messages[before].at_ms + 700 <= rig.now_ms);
    }
    assert_all_receipted();
}

/* A backlog drains in full batches, none above the limits. */
static void test_backlog(void **state)
{
    unsigned before = rig.message_count;

    (void)state;
    rig.network = 0;
    rig_run(&rig, 1000);
    write_records(150);
    rig_run(&rig, 60000);
    assert_int_equal(rig.message_count, before);
    rig.network = 1;
    rig_run(&rig, 600000);
    assert_all_receipted();
    assert_int_equal(rig.message_count, before + 3);
    assert_int_equal(rig.messages[before].count, WIRE_BATCH_RECORDS_MAX);
    assert_int_equal(rig.messages[before + 1].count, WIRE_BATCH_RECORDS_MAX);
}

/* Lost receipts: the same bytes again, ever more slowly, until one gets through. */
static void test_lost_receipts(void **state)
{
    unsigned first = rig.message_count;
    uint64_t longest = 0;

    (void)state;
    rig.server = RIG_SILENT;
    write_records(1);
    rig_run(&rig, 10000);
    write_records(3); /* written meanwhile: they do not change what is repeated */
    rig_run(&rig, 3600000);
    assert_in_range(rig.message_count - first, 10, 30);
    for (unsigned i = first + 1; i < rig.message_count; i++) {
        uint64_t apart = rig.messages[i].at_ms - rig.messages[i - 1].at_ms;

        assert_int_equal(rig.messages[i].crc, rig.messages[first].crc);
        assert_true(apart >= REPORTER_TIMEOUT_MS / 2);
        longest = apart > longest ? apart : longest;
    }
    assert_true(longest > REPORTER_TIMEOUT_MAX_MS / 2);
    assert_true(longest < REPORTER_TIMEOUT_MAX_MS * 2);
    assert_true(rig.node.journal.released < rig.node.journal.written);
    rig.server = RIG_ANSWERS;
    rig_run(&rig, REPORTER_TIMEOUT_MAX_MS * 2);
    assert_all_receipted();
}

/* A lost PUBACK alone: sent again with DUP after a while, at no other cost. */
static void test_lost_puback(void **state)
{
    unsigned first = rig.message_count;

    (void)state;
    rig.no_puback = 1;
    rig.server = RIG_SILENT;
    write_records(1);
    rig_run(&rig, 25000);
    rig.server = RIG_ANSWERS;
    rig.no_puback = 0;
    rig_run(&rig, 30000);
    assert_true(rig.message_count >= first + 2);
    assert_true(rig.messages[first + 1].dup);
    assert_int_equal(rig.messages[first + 1].crc, rig.messages[first].crc);
    assert_all_receipted();
}

/* What cannot be believed changes nothing. */
static void test_bad_receipts(void **state)
{
    static const struct {
        enum rig_server server;
        enum reporter_verdict verdict;
    } rows[] = {
        {RIG_WRONG_HASH, REPORTER_WRONG_HASH},     {RIG_AHEAD, REPORTER_WRONG_HASH},
        {RIG_WRONG_DEVICE, REPORTER_WRONG_DEVICE}, {RIG_FOREIGN, REPORTER_FOREIGN},
        {RIG_GARBAGE, REPORTER_MALFORMED},         {RIG_OLD_EPOCH, REPORTER_OLD_EPOCH},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        uint64_t released = rig.node.journal.released;
        uint32_t counted = rig.node.reporter.verdicts[rows[i].verdict];

        rig.server = rows[i].server;
        write_records(1);
        rig_run(&rig, 4000);
        assert_int_equal(rig.node.journal.released, released);
        assert_int_equal(rig.node.reporter.verdicts[rows[i].verdict], counted + 1);
        rig.server = RIG_ANSWERS;
        rig_run(&rig, 20000);
        assert_all_receipted();
    }
}

/* The mark survives a restart: nothing is sent twice. */
static void test_restart(void **state)
{
    unsigned before;

    (void)state;
    write_records(10);
    rig_run(&rig, 10000);
    assert_all_receipted();
    before = rig.message_count;
    rig_boot(&rig, RECORD_CAUSE_WATCHDOG);
    rig_run(&rig, 10000);
    assert_int_equal(rig.messages[before].first_seq, 13);
    assert_all_receipted();
    assert_int_equal(rig.link.session, (2 << 16) + 1);
}

/* ---- the server forgets ---- */

static void test_new_epoch(void **state)
{
    (void)state;
    write_records(30);
    rig_run(&rig, 20000);
    assert_all_receipted();
    rig_server_forgets(&rig, 12); /* restored from a backup */
    rig.epoch = 2;
    write_records(1);
    rig_run(&rig, 20000);
    assert_all_receipted();
    assert_int_equal(rig.node.journal.epoch, 2);
    rig.server = RIG_OLD_EPOCH; /* the lost server comes back: not listened to */
    write_records(1);
    rig_run(&rig, 3000);
    assert_int_equal(rig.node.journal.released, rig.node.journal.written - 1);
}

/* Without a new epoch: the server misses records that it once receipted, and says so. */
static void test_resend_from(void **state)
{
    (void)state;
    write_records(10);
    rig_run(&rig, 10000);
    rig_server_forgets(&rig, 5);
    write_records(1);
    rig_run(&rig, 10000);
    assert_all_receipted();
    for (uint64_t seq = 1; seq <= rig.head; seq++)
        assert_true(rig.records[seq].stored);
}

/* The ring runs over while nobody listens: the loss is declared, and the chain goes on. */
static void test_overflow(void **state)
{
    uint64_t declared;

    (void)state;
    rig.network = 0;
    for (int i = 0; i < 600; i++) {
        write_records(1);
        rig_run(&rig, 50);
    }
    rig.network = 1;
    rig_run(&rig, 600000);
    assert_all_receipted();
    declared = rig_last(&rig, RECORD_KIND_RECORDS_OVERWRITTEN);
    assert_true(declared > 0);
    for (uint64_t seq = 1; seq <= rig.head; seq++)
        assert_int_equal(rig.records[seq].stored || rig.records[seq].overwritten, 1);
    assert_true(rig.records[3].overwritten && !rig.records[3].stored);
    assert_int_equal(rig.node.reporter.unreadable, 0);
    /* the server loses even what it had before that: more is lost than was declared */
    rig_server_forgets(&rig, 0);
    rig.epoch = 2;
    write_records(1);
    rig_run(&rig, 300000);
    assert_all_receipted();
    assert_true(rig.records[1].overwritten && !rig.records[1].stored);
}

/* Restored so far back that the tail does not reach: what can be had is sent, the rest declared. */
static void test_epoch_below_tail(void **state)
{
    (void)state;
    for (int i = 0; i < 500; i++) {
        write_records(1);
        rig_run(&rig, 300);
    }
    rig_run(&rig, 5000);
    assert_all_receipted();
    assert_true(journal_first(&rig.node.journal) > 20);
    rig_server_forgets(&rig, 10);
    rig.epoch = 2;
    write_records(1);
    rig_run(&rig, 300000);
    assert_all_receipted();
    assert_true(rig.records[11].overwritten && !rig.records[11].stored);
    for (uint64_t seq = 11; seq <= rig.head; seq++)
        assert_int_equal(rig.records[seq].stored || rig.records[seq].overwritten, 1);
}

/* ---- pace and time ---- */

static void test_pace(void **state)
{
    unsigned first;

    (void)state;
    rig.pace_ms = 5000;
    write_records(1);
    rig_run(&rig, 1000);
    first = rig.message_count;
    for (int i = 0; i < 40; i++) {
        write_records(1);
        rig_run(&rig, 500);
    }
    assert_in_range(rig.message_count - first, 3, 5);
    for (unsigned i = first + 1; i < rig.message_count; i++)
        assert_true(rig.messages[i].at_ms - rig.messages[i - 1].at_ms >= 5000);
    rig.pace_ms = 0;
    rig_run(&rig, 10000);
    assert_all_receipted();
}

static void test_clock(void **state)
{
    (void)state;
    assert_int_equal(rig.records[1].record.quality, RECORD_QUALITY_NONE);
    assert_int_equal(rig.records[2].record.quality, RECORD_QUALITY_SYNCHRONISED);
    assert_int_equal(rig_field(&rig, 2, RECORD_KEY_NEW_UTC_MS),
                     clock_utc_ms(&rig.node.clock, rig.records[2].record.mono_ms));
    /* a server whose clock is an hour back: stepped, and journalled */
    rig.answer_ms = 3600000;
    write_records(1);
    rig_run(&rig, 2000);
    assert_string_equal(rig_kinds(&rig, 3), "field_work_start time_set");
    assert_in_range(rig_field(&rig, 4, RECORD_KEY_OLD_UTC_MS) -
                        rig_field(&rig, 4, RECORD_KEY_NEW_UTC_MS),
                    3599000, 3601000);
}

/* A receipt for a batch that was first sent long ago does not set the clock. */
static void test_late_receipt_sets_no_clock(void **state)
{
    int64_t utc_ms;

    (void)state;
    rig.server = RIG_SILENT;
    write_records(1);
    rig_run(&rig, 1000);
    utc_ms = rig.node.clock.offset_ms;
    rig.answer_ms = 3600000;
    rig_run(&rig, 11000);
    rig.server = RIG_ANSWERS;
    rig_run(&rig, 60000);
    assert_all_receipted();
    assert_int_equal(rig.node.clock.offset_ms, utc_ms);
}

/* ---- status ---- */

static void test_status(void **state)
{
    unsigned before;

    (void)state;
    rig_run(&rig, 1000);
    before = rig.status_count;
    rig_run(&rig, 3600000);
    assert_in_range(rig.status_count - before, 3600 / (300 * 5 / 4), 3600 / (300 * 3 / 4) + 1);
    before = rig.status_count;
    plant_generator_start(&rig.plant);
    rig_run(&rig, 6000);
    assert_in_range(rig.status_count - before, 1, 3);
    assert_int_equal(rig.status.leds[STATUS_LED_GENERATOR], STATUS_BLINK_SLOW);
    assert_int_equal(rig.status.receipted_through, rig.node.journal.released);
}

/* A change that comes and goes all the time does not flood the broker. */
static void test_status_rate(void **state)
{
    unsigned before = rig.status_count;

    (void)state;
    for (int i = 0; i < 120; i++) {
        node_field_work(&rig.node, i % 2 ? 0 : 60000, rig.now_ms - rig.boot_ms);
        rig_run(&rig, 500);
    }
    assert_in_range(rig.status_count - before, 10, 60000 / BEACON_APART_MS + 2);
}

static void test_good_bye(void **state)
{
    (void)state;
    node_leave(&rig.node, rig.now_ms - rig.boot_ms);
    rig_run(&rig, 1000);
    assert_int_equal(rig.link.online, 0);
    assert_int_equal(rig.node.mqtt.state, MQTT_STOPPED);
}

#define TEST(name) cmocka_unit_test_setup(name, setup)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_first_contact),
        TEST(test_quiet),
        TEST(test_backlog),
        TEST(test_lost_receipts),
        TEST(test_lost_puback),
        TEST(test_bad_receipts),
        TEST(test_restart),
        TEST(test_new_epoch),
        TEST(test_resend_from),
        TEST(test_overflow),
        TEST(test_epoch_below_tail),
        TEST(test_pace),
        TEST(test_clock),
        TEST(test_late_receipt_sets_no_clock),
        TEST(test_status),
        TEST(test_status_rate),
        TEST(test_good_bye),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
