/* What the network may tell a device, and all that it refuses: every outcome is in the journal. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "rig.h"
#include "selftest.h"

static struct rig rig;
static uint64_t from;    /* seq of the first record after the start */
static uint64_t counter; /* of the last command */

static int setup(void **state)
{
    (void)state;
    rig_init(&rig);
    rig_run(&rig, 60000);
    from = rig.node.journal.written + 1;
    counter = 0;
    return rig.node.transfer.state == TRANSFER_ON_UTILITY ? 0 : -1;
}

static int teardown(void **state)
{
    (void)state;
    return rig.both_commanded == 0 && rig.flash.twice == 0 && rig.store.twice == 0 ? 0 : -1;
}

static void expect_kinds(const char *kinds)
{
    rig_run(&rig, 1000);
    assert_string_equal(rig_kinds(&rig, from), kinds);
}

static struct command command_of(uint32_t code, struct span argument)
{
    return (struct command){++counter, rig_utc_ms(&rig) + 60000, code, argument};
}

/* Sign with a key (NULL: the fleet's) and deliver. */
static void deliver(const struct command *c, const struct cose_key *key)
{
    uint8_t message[WIRE_COMMAND_MAX];

    rig_publish_command(&rig, message, rig_sign_command(&rig, c, key, message));
}

static void tell(uint32_t code, struct span argument)
{
    struct command c = command_of(code, argument);

    deliver(&c, NULL);
}

static struct span duration(uint32_t ms)
{
    static uint8_t bytes[16];
    size_t len;

    assert_int_equal(command_duration_encode(ms, bytes, sizeof(bytes), &len), EC_OK);
    return (struct span){bytes, len};
}

/* {key: value}, whether the server would say so or not. */
static struct span number(uint64_t key, uint64_t value)
{
    static uint8_t bytes[24];
    struct cbor_writer w;
    size_t len;

    cbor_writer_init(&w, bytes, sizeof(bytes));
    cbor_write_map(&w, 1);
    cbor_write_uint(&w, key);
    cbor_write_uint(&w, value);
    assert_int_equal(cbor_writer_done(&w, &len), EC_OK);
    return (struct span){bytes, len};
}

static const struct span none;

static void assert_last(enum record_kind kind, uint64_t cause, uint64_t used, uint64_t code)
{
    uint64_t seq, value;

    rig_run(&rig, 1000);
    seq = rig_last(&rig, kind);
    assert_int_equal(seq, rig.head);
    if (cause != 0)
        assert_int_equal(rig_field(&rig, seq, RECORD_KEY_CAUSE), cause);
    if (used != 0) {
        assert_int_equal(rig_field(&rig, seq, RECORD_KEY_COUNTER), used);
        assert_int_equal(rig_field(&rig, seq, RECORD_KEY_COMMAND), code);
    } else {
        assert_false(record_get_uint(&rig.records[seq].record, RECORD_KEY_COUNTER, &value));
    }
}

static void assert_done(uint64_t code)
{
    assert_last(RECORD_KIND_COMMAND_DONE, 0, counter, code);
}

static void assert_refused(enum record_cause cause, uint64_t code)
{
    assert_last(RECORD_KIND_COMMAND_REFUSED, cause, counter, code);
}

/* ---- what is done ---- */

static void test_read(void **state)
{
    unsigned before;

    (void)state;
    rig_run(&rig, 10000);
    before = rig.status_count;
    tell(COMMAND_READ, none);
    rig_run(&rig, 300);
    assert_int_equal(rig.status_count, before + 1);
    assert_done(COMMAND_READ);
}

static void test_identify(void **state)
{
    (void)state;
    tell(COMMAND_IDENTIFY, duration(3000));
    rig_run(&rig, 500);
    assert_int_equal(rig.out.leds[STATUS_LED_FAULT], STATUS_BLINK_FAST);
    assert_done(COMMAND_IDENTIFY);
    rig_run(&rig, 3000);
    assert_int_equal(rig.out.leds[STATUS_LED_FAULT], STATUS_OFF);
    tell(COMMAND_IDENTIFY, duration(COMMAND_IDENTIFY_MAX_MS + 1));
    assert_refused(RECORD_CAUSE_OUT_OF_LIMITS, COMMAND_IDENTIFY);
    tell(COMMAND_IDENTIFY, none);
    assert_refused(RECORD_CAUSE_OUT_OF_LIMITS, COMMAND_IDENTIFY);
}

static void test_field_work(void **state)
{
    (void)state;
    tell(COMMAND_FIELD_WORK, duration(60000));
    rig_run(&rig, 1000);
    assert_int_equal(rig.status.mode, STATUS_MODE_FIELD_WORK);
    tell(COMMAND_FIELD_WORK, duration(0));
    expect_kinds("field_work_start command_done field_work_end command_done");
}

static void test_settings(void **state)
{
    struct settings stored;

    (void)state;
    tell(COMMAND_SETTINGS, number(18, 77000));
    expect_kinds("config_applied command_done");
    assert_int_equal(rig.node.settings.return_ms, 77000);
    assert_int_equal(rig.node.timers.return_ms, 77000);
    assert_int_equal(settings_load(&rig.store.flash, &stored), EC_OK);
    assert_int_equal(stored.return_ms, 77000);
    assert_string_equal(stored.device, rig.settings.device);
    assert_memory_equal(stored.seed, rig.settings.seed, sizeof(stored.seed));
}

/* Every number, one below and one above its hard limits; and nothing but numbers. */
static void test_settings_limits(void **state)
{
    const struct settings_number *numbers;
    size_t count = settings_numbers(&numbers);

    (void)state;
    for (size_t i = 0; i < count; i++) {
        tell(COMMAND_SETTINGS, number(numbers[i].key, (uint64_t)numbers[i].max + 1));
        assert_refused(RECORD_CAUSE_OUT_OF_LIMITS, COMMAND_SETTINGS);
        if (numbers[i].min > 0) {
            tell(COMMAND_SETTINGS, number(numbers[i].key, numbers[i].min - 1));
            assert_refused(RECORD_CAUSE_OUT_OF_LIMITS, COMMAND_SETTINGS);
        }
    }
    /* who the device is, and whom it trusts */
    for (uint64_t key = 1; key < numbers[0].key; key++) {
        tell(COMMAND_SETTINGS, number(key, 1));
        assert_refused(RECORD_CAUSE_OUT_OF_LIMITS, COMMAND_SETTINGS);
    }
    assert_memory_equal(&rig.node.settings, &rig.settings, sizeof(rig.settings));
}

/* A shorter timer would switch at once, so that none changes while something is waited for. */
static void test_settings_at_rest_only(void **state)
{
    (void)state;
    plant_utility(&rig.plant, PLANT_UTILITY_OFF);
    rig_run(&rig, 2000);
    tell(COMMAND_SETTINGS, number(16, 1000));
    assert_refused(RECORD_CAUSE_NOT_AT_REST, COMMAND_SETTINGS);
    plant_generator_start(&rig.plant);
    rig_run(&rig, 15000);
    assert_int_equal(rig.node.transfer.state, TRANSFER_ON_GENERATOR);
    plant_utility(&rig.plant, PLANT_UTILITY_ON);
    rig_run(&rig, 3000);
    tell(COMMAND_SETTINGS, number(18, 1000));
    rig_run(&rig, 500);
    assert_int_equal(rig.node.transfer.state, TRANSFER_ON_GENERATOR);
    assert_refused(RECORD_CAUSE_NOT_AT_REST, COMMAND_SETTINGS);
}

static void test_settings_not_stored(void **state)
{
    (void)state;
    flash_model_power(&rig.store, 1, TEAR_UNTOUCHED); /* the flash is gone for good */
    tell(COMMAND_SETTINGS, number(18, 77000));
    assert_refused(RECORD_CAUSE_NOT_STORED, COMMAND_SETTINGS);
    assert_int_equal(rig.node.settings.return_ms, rig.settings.return_ms);
    flash_model_power(&rig.store, 0, TEAR_UNTOUCHED);
}

/* ---- the self-test ---- */

static void test_self_test(void **state)
{
    (void)state;
    tell(COMMAND_SELF_TEST, none);
    rig_run(&rig, 500);
    for (int i = 0; i < STATUS_LED_COUNT; i++)
        assert_int_equal(rig.out.leds[i], STATUS_ON);
    expect_kinds("self_test command_done");
    assert_int_equal(rig_field(&rig, from, RECORD_KEY_RESULT), 0);
    assert_int_equal(rig.node.transfer.state, TRANSFER_ON_UTILITY);
    rig_run(&rig, 5000);
    assert_int_equal(rig.out.leds[STATUS_LED_FAULT], STATUS_OFF);
}

static uint32_t self_test(void)
{
    return node_self_test(&rig.node, rig.now_ms - rig.boot_ms);
}

/* Each test finds what it is for. */
static void test_self_test_fails(void **state)
{
    (void)state;
    rig.node.input.utility_closed = 0;
    assert_int_equal(self_test(), SELFTEST_CONTACTS);
    rig.node.input.utility_closed = rig.node.input.generator_closed = 1;
    assert_int_equal(self_test(), SELFTEST_CONTACTS);
    rig_run(&rig, 1000);
    rig.frozen = 1;
    rig_run(&rig, 3000);
    assert_int_equal(self_test(), SELFTEST_SAMPLES);
    rig.frozen = 0;
    rig_run(&rig, 1000);
    rig.node.journal.head_hash[3] ^= 1;
    assert_int_equal(self_test(), SELFTEST_JOURNAL);
    rig.node.journal.head_hash[3] ^= 1;
    memset(rig.store.bytes, 0, sizeof(rig.store.bytes));
    assert_int_equal(self_test(), SELFTEST_JOURNAL | SELFTEST_SETTINGS); /* the head was wrong */
    rig.node.key.public_key[0] ^= 1;
    assert_true(self_test() & SELFTEST_SIGNATURE);
    rig.node.key.public_key[0] ^= 1;
}

/* ---- what is refused ---- */

static void test_replayed(void **state)
{
    struct command c = command_of(COMMAND_READ, none);
    uint64_t first;

    (void)state;
    deliver(&c, NULL);
    assert_done(COMMAND_READ);
    deliver(&c, NULL);
    assert_refused(RECORD_CAUSE_REPLAYED, COMMAND_READ);
    first = rig.head;
    for (int i = 0; i < 1000; i++) /* anybody can repeat a message: it must not flush the journal */
        deliver(&c, NULL);
    rig_run(&rig, 8000);
    assert_int_equal(rig.head, first);
    rig_run(&rig, 4000);
    assert_int_equal(rig.head, first + 1);
    assert_int_equal(rig_field(&rig, rig.head, RECORD_KEY_COUNT), 1000);
    counter = 0;
    tell(COMMAND_IDENTIFY, duration(1000)); /* another one with a used counter */
    rig_run(&rig, 15000);
    assert_int_equal(rig.node.identify_ms, 0);
}

static void test_expired(void **state)
{
    struct command c = command_of(COMMAND_IDENTIFY, duration(3000));

    (void)state;
    c.expires_ms = rig_utc_ms(&rig) - 1;
    deliver(&c, NULL);
    assert_refused(RECORD_CAUSE_EXPIRED, COMMAND_IDENTIFY);
    assert_int_equal(rig.node.identify_ms, 0);
    deliver(&c, NULL); /* its counter is used up */
    assert_refused(RECORD_CAUSE_REPLAYED, COMMAND_IDENTIFY);
}

/* A clock that has not been set for long may be slow: what may have expired has. */
static void test_expired_by_an_old_clock(void **state)
{
    struct command c;

    (void)state;
    rig.server = RIG_DEAF; /* no receipt, no anchor */
    rig_run(&rig, 100000000);
    c = command_of(COMMAND_IDENTIFY, duration(3000));
    c.expires_ms = rig_utc_ms(&rig) + 10000; /* 1/4096 of the time is 24 s */
    deliver(&c, NULL);
    rig.server = RIG_ANSWERS;
    rig_run(&rig, 400000);
    assert_last(RECORD_KIND_COMMAND_REFUSED, RECORD_CAUSE_EXPIRED, counter, COMMAND_IDENTIFY);
}

/* Without a clock nobody can tell: it is set aside, uses up nothing, and the server repeats it. */
static void test_without_a_clock(void **state)
{
    struct command c = command_of(COMMAND_READ, none);

    (void)state;
    rig.server = RIG_DEAF;
    rig_boot(&rig, RECORD_CAUSE_POWER_ON);
    rig_run(&rig, 5000);
    from = rig.node.journal.written;
    deliver(&c, NULL);
    rig_run(&rig, 1000);
    assert_int_equal(rig.node.later, 1);
    assert_int_equal(rig.node.journal.written, from);
    rig.server = RIG_ANSWERS;
    rig_run(&rig, 30000);
    deliver(&c, NULL);
    assert_done(COMMAND_READ);
}

static void test_foreign(void **state)
{
    uint8_t seed[WIRE_SEED_LEN] = {9}, message[WIRE_COMMAND_MAX];
    struct command c = command_of(COMMAND_IDENTIFY, duration(3000));
    struct rig other = rig;
    struct cose_key key;
    size_t len;

    (void)state;
    c.counter = 1000000; /* what cannot be believed uses up nothing */
    cose_key_init(&key, seed);
    deliver(&c, &key);
    assert_last(RECORD_KIND_COMMAND_REFUSED, RECORD_CAUSE_FOREIGN_SIGNATURE, 0, 0);
    rig_run(&rig, 10000);
    strcpy(other.settings.device, "BPTM-TEST-2"); /* meant for a neighbour */
    rig_publish_command(&rig, message, rig_sign_command(&other, &c, NULL, message));
    rig_publish_command(&rig, (const uint8_t *)"junk", 4);
    len = rig_sign_command(&rig, &c, NULL, message);
    message[len - 1] ^= 1;
    rig_publish_command(&rig, message, len);
    assert_last(RECORD_KIND_COMMAND_REFUSED, RECORD_CAUSE_FOREIGN_SIGNATURE, 0, 0);
    assert_int_equal(rig_field(&rig, rig.head, RECORD_KEY_COUNT), 3);
    assert_int_equal(rig.node.identify_ms, 0);
    tell(COMMAND_READ, none);
    assert_done(COMMAND_READ);
}

/* No code that could mean a contactor is ever carried out, and the switch does not move. */
static void test_switching(void **state)
{
    (void)state;
    for (uint32_t code = COMMAND_SWITCHING; code <= COMMAND_CODE_MAX; code++) {
        tell(code, none);
        assert_refused(RECORD_CAUSE_SWITCHING, code);
        assert_int_equal(rig.node.transfer.state, TRANSFER_ON_UTILITY);
    }
    tell(COMMAND_FIRMWARE + 1, none);
    assert_refused(RECORD_CAUSE_UNSUPPORTED, COMMAND_FIRMWARE + 1);
}

/* ---- the counter ---- */

/* It outlives restarts, and the ring going over the records that said it. */
static void test_counter_survives(void **state)
{
    struct command c;

    (void)state;
    counter = 4711;
    c = command_of(COMMAND_READ, none);
    deliver(&c, NULL);
    assert_done(COMMAND_READ);
    rig_boot(&rig, RECORD_CAUSE_POWER_ON);
    assert_int_equal(rig.node.journal.counter, 4712);
    for (int i = 0; i < 400; i++) {
        node_field_work(&rig.node, i % 2 ? 0 : 60000, rig.now_ms - rig.boot_ms);
        rig_run(&rig, 100);
    }
    assert_true(journal_first(&rig.node.journal) > rig_last(&rig, RECORD_KIND_COMMAND_DONE));
    for (int i = 0; i < 2; i++) {
        rig_boot(&rig, RECORD_CAUSE_POWER_ON);
        assert_int_equal(rig.node.journal.counter, 4712);
        rig_run(&rig, 20000);
        deliver(&c, NULL);
        assert_last(RECORD_KIND_COMMAND_REFUSED, RECORD_CAUSE_REPLAYED, 4712, COMMAND_READ);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_read),
        TEST(test_identify),
        TEST(test_field_work),
        TEST(test_settings),
        TEST(test_settings_limits),
        TEST(test_settings_at_rest_only),
        TEST(test_settings_not_stored),
        TEST(test_self_test),
        TEST(test_self_test_fails),
        TEST(test_replayed),
        TEST(test_expired),
        TEST(test_expired_by_an_old_clock),
        TEST(test_without_a_clock),
        TEST(test_foreign),
        TEST(test_switching),
        TEST(test_counter_survives),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
