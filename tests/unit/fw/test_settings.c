/* Settings: limits, the blob, the two slots, and a power cut at every operation of storing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "flash_model.h"
#include "settings.h"

static struct flash_model model;

static struct settings sample(void)
{
    struct settings s;

    settings_init(&s);
    strcpy(s.device, "BPTM-SIM-00042");
    strcpy(s.password, "secret");
    strcpy(s.model, "BPTM-REF-1");
    strcpy(s.hardware, "A2");
    memset(s.seed, 7, sizeof(s.seed));
    memset(s.fleet_keys, 9, sizeof(s.fleet_keys));
    s.fleet_key_count = 2;
    return s;
}

static int setup(void **state)
{
    (void)state;
    flash_model_init(&model, 1024, SETTINGS_SECTORS);
    return 0;
}

static void test_defaults(void **state)
{
    struct settings s;

    (void)state;
    settings_init(&s);
    assert_string_equal(s.root, "bptm/1");
    assert_int_equal(s.fail_ms, 5000);
    assert_int_equal(s.gen_ms, 5000);
    assert_int_equal(s.return_ms, 10000);
    assert_int_equal(s.dwell_ms, 300);
    assert_int_equal(s.policy, SETTINGS_RETURNS);
}

static void test_blob(void **state)
{
    struct settings s = sample(), back;
    uint8_t blob[SETTINGS_BLOB_MAX];
    size_t len;

    (void)state;
    s.return_ms = 300000;
    s.policy = SETTINGS_STAYS;
    strcpy(s.broker, "broker.example:8883");
    memset(s.psk, 5, sizeof(s.psk));
    s.psk_len = sizeof(s.psk);
    assert_int_equal(settings_encode(&s, blob, sizeof(blob), &len), EC_OK);
    memset(&back, 0xaa, sizeof(back));
    assert_int_equal(settings_decode((struct span){blob, len}, &back), EC_OK);
    assert_string_equal(back.device, s.device);
    assert_string_equal(back.password, s.password);
    assert_string_equal(back.hardware, s.hardware);
    assert_memory_equal(back.seed, s.seed, sizeof(s.seed));
    assert_memory_equal(back.fleet_keys, s.fleet_keys, sizeof(s.fleet_keys));
    assert_int_equal(back.fleet_key_count, 2);
    assert_string_equal(back.broker, s.broker);
    assert_memory_equal(back.psk, s.psk, sizeof(s.psk));
    assert_int_equal(back.psk_len, SETTINGS_PSK_LEN);
    assert_int_equal(back.return_ms, 300000);
    assert_int_equal(back.policy, SETTINGS_STAYS);
    assert_int_equal(settings_encode(&s, blob, len - 1, &len), EC_WIRE_BUFFER);
}

/* The largest settings fit the blob. */
static void test_largest(void **state)
{
    struct settings s = sample();
    const struct settings_number *numbers;
    size_t count = settings_numbers(&numbers), len;
    uint8_t blob[SETTINGS_BLOB_MAX];

    (void)state;
    memset(s.device, 'A', WIRE_DEVICE_MAX);
    memset(s.root, 'a', SETTINGS_ROOT_MAX);
    memset(s.password, 'a', WIRE_TEXT_MAX);
    memset(s.model, 'a', SETTINGS_MODEL_MAX);
    memset(s.hardware, 'a', SETTINGS_MODEL_MAX);
    memset(s.broker, 'a', SETTINGS_BROKER_MAX);
    s.psk_len = SETTINGS_PSK_LEN;
    for (size_t i = 0; i < count; i++)
        *(uint32_t *)((char *)&s + numbers[i].offset) = numbers[i].max;
    assert_int_equal(settings_check(&s), EC_OK);
    assert_int_equal(settings_encode(&s, blob, sizeof(blob), &len), EC_OK);
}

/* Nothing may leave the hard limits, whoever wrote it. */
static void test_hard_limits(void **state)
{
    const struct settings_number *numbers;
    size_t count = settings_numbers(&numbers);

    (void)state;
    for (size_t i = 0; i < count; i++) {
        const uint64_t tries[] = {numbers[i].min, numbers[i].max, (uint64_t)numbers[i].min - 1,
                                  (uint64_t)numbers[i].max + 1};

        for (int t = 0; t < 4; t++) {
            struct settings s = sample(), back;
            uint8_t blob[SETTINGS_BLOB_MAX];
            size_t len;

            if (tries[t] > UINT32_MAX)
                continue; /* 0 - 1 */
            *(uint32_t *)((char *)&s + numbers[i].offset) = (uint32_t)tries[t];
            assert_int_equal(settings_encode(&s, blob, sizeof(blob), &len), EC_OK);
            assert_int_equal(settings_decode((struct span){blob, len}, &back),
                             t < 2 ? EC_OK : EC_CONFIG);
            assert_int_equal(settings_store(&model.flash, &s), t < 2 ? EC_OK : EC_CONFIG);
        }
        assert_in_range(numbers[i].otherwise, numbers[i].min, numbers[i].max);
    }
}

static void test_bad_settings(void **state)
{
    struct settings s = sample();

    (void)state;
    s.device[0] = 'b';
    assert_int_equal(settings_check(&s), EC_CONFIG);
    s = sample();
    s.fleet_key_count = 0;
    assert_int_equal(settings_check(&s), EC_CONFIG);
    s = sample();
    s.root[0] = '\0';
    assert_int_equal(settings_check(&s), EC_CONFIG);
}

/* Every cut-off blob is refused, and so is one with bytes behind it. */
static void test_truncated(void **state)
{
    struct settings s = sample(), back = {.device = "UNTOUCHED"};
    uint8_t blob[SETTINGS_BLOB_MAX] = {0};
    size_t len;

    (void)state;
    assert_int_equal(settings_encode(&s, blob, sizeof(blob), &len), EC_OK);
    for (size_t n = 0; n < len; n++)
        assert_int_not_equal(settings_decode((struct span){blob, n}, &back), EC_OK);
    assert_int_equal(settings_decode((struct span){blob, len + 1}, &back), EC_WIRE_TRAILING);
    assert_string_equal(back.device, "UNTOUCHED");
}

/* A member that newer firmware wrote is stepped over; a number that older firmware did not know
 * has its default. */
static void test_other_versions(void **state)
{
    static const uint8_t key[64];
    struct cbor_writer w;
    struct settings back;
    uint8_t blob[256];
    size_t len;

    (void)state;
    cbor_writer_init(&w, blob, sizeof(blob));
    cbor_write_map(&w, 6);
    cbor_write_uint(&w, 1);
    cbor_write_tstr(&w, "ABC-1", 5);
    cbor_write_uint(&w, 2);
    cbor_write_tstr(&w, "x/1", 3);
    cbor_write_uint(&w, 6);
    cbor_write_bstr(&w, key, 32);
    cbor_write_uint(&w, 7);
    cbor_write_bstr(&w, key, 32);
    cbor_write_uint(&w, 16);
    cbor_write_uint(&w, 7000);
    cbor_write_uint(&w, 999);
    cbor_write_array(&w, 2);
    cbor_write_uint(&w, 1);
    cbor_write_tstr(&w, "new", 3);
    assert_int_equal(cbor_writer_done(&w, &len), EC_OK);
    assert_int_equal(settings_decode((struct span){blob, len}, &back), EC_OK);
    assert_int_equal(back.fail_ms, 7000);
    assert_int_equal(back.gen_ms, 5000);
    assert_string_equal(back.root, "x/1");
}

static void test_slots(void **state)
{
    struct settings s = sample(), back;

    (void)state;
    assert_int_equal(settings_load(&model.flash, &back), EC_NOT_FOUND);
    for (uint32_t i = 0; i < 5; i++) {
        s.return_ms = 20000 + i;
        assert_int_equal(settings_store(&model.flash, &s), EC_OK);
        assert_int_equal(settings_load(&model.flash, &back), EC_OK);
        assert_int_equal(back.return_ms, 20000 + i);
    }
    model.bytes[40] ^= 1; /* the newest slot is damaged: the one before stands in */
    assert_int_equal(settings_load(&model.flash, &back), EC_OK);
    assert_int_equal(back.return_ms, 20003);
    model.bytes[1024 + 40] ^= 1;
    assert_int_equal(settings_load(&model.flash, &back), EC_NOT_FOUND);
}

/* After a cut there are the old settings or the new ones, and storing works again. */
static void test_power_cuts(void **state)
{
    unsigned cuts = 0;

    (void)state;
    for (unsigned at = 1;; at++)
        for (int tear = 0; tear < TEAR_COUNT; tear++) {
            struct settings s = sample(), back;

            setup(state);
            s.return_ms = 11111;
            assert_int_equal(settings_store(&model.flash, &s), EC_OK);
            assert_int_equal(settings_store(&model.flash, &s), EC_OK);
            flash_model_power(&model, at, (enum flash_tear)tear);
            s.return_ms = 22222;
            if (settings_store(&model.flash, &s) == EC_OK && !model.dark) {
                print_message("%u cuts\n", cuts);
                assert_true(cuts > 100);
                return;
            }
            flash_model_power(&model, 0, TEAR_UNTOUCHED);
            assert_int_equal(settings_load(&model.flash, &back), EC_OK);
            assert_true(back.return_ms == 11111 || back.return_ms == 22222);
            s.return_ms = 33333;
            assert_int_equal(settings_store(&model.flash, &s), EC_OK);
            assert_int_equal(settings_load(&model.flash, &back), EC_OK);
            assert_int_equal(back.return_ms, 33333);
            assert_int_equal(model.twice, 0);
            cuts++;
        }
}

#define TEST(name) cmocka_unit_test_setup(name, setup)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_defaults),       TEST(test_blob),         TEST(test_largest),
        TEST(test_hard_limits),    TEST(test_bad_settings), TEST(test_truncated),
        TEST(test_other_versions), TEST(test_slots),        TEST(test_power_cuts),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
