/* A whole device takes an update: command, chunks, restart, trial, receipt; and when it does not.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>
#include <string.h>

#include "node_update.h"
#include "rig.h"

enum {
    SECTOR_LEN = 2 * FIRMWARE_CHUNK_LEN,
    SLOT_SECTORS = 4,
    AREA_PROGRESS = 2,
    AREA_A = 3,
    AREA_B = AREA_A + SLOT_SECTORS,
    SECTORS = AREA_B + SLOT_SECTORS,
    ADDRESS_A = 0x1000,
    ADDRESS_B = 0x3000,
    IMAGE_LEN = 3200,
    V1 = 0x010000,
    V2 = 0x010100,
    MINUTE = 60000,
};

static struct rig r;
static struct flash_model slots;
static struct update_port port;
static struct cose_key firmware_key;
static uint8_t slot[MANIFEST_SPACE + IMAGE_LEN]; /* what the server has: V2 for slot B */
static unsigned requests, staged_requests;
static int is_silent;

static void on_request(struct rig *rig, const struct firmware_request *request)
{
    requests++;
    staged_requests += request->state == FIRMWARE_STAGED;
    for (uint32_t i = 0; i < request->count && !is_silent; i++) {
        size_t at = (size_t)(request->first + i) * FIRMWARE_CHUNK_LEN, left = sizeof(slot) - at;
        struct firmware_chunk c = {.index = request->first + i};
        uint8_t buf[FIRMWARE_CHUNK_MAX];
        size_t len;

        memcpy(c.id, request->id, sizeof(c.id));
        c.bytes =
            (struct span){slot + at, left < FIRMWARE_CHUNK_LEN ? left : (size_t)FIRMWARE_CHUNK_LEN};
        assert_int_equal(firmware_chunk_encode(&c, buf, sizeof(buf), &len), EC_OK);
        rig_publish(rig, TOPIC_DOWN_FIRMWARE, buf, len);
    }
}

static void set_port(uint32_t running, uint32_t version)
{
    const struct flash *f = &slots.flash;

    port = (struct update_port){
        .log = flash_area(f, 0, BOOTLOG_SECTORS),
        .progress = flash_area(f, AREA_PROGRESS, UPDATE_PROGRESS_SECTORS),
        .slots = {{flash_area(f, AREA_A, SLOT_SECTORS), ADDRESS_A},
                  {flash_area(f, AREA_B, SLOT_SECTORS), ADDRESS_B}},
        .terms = {"test-board", (const uint8_t(*)[WIRE_KEY_LEN])firmware_key.public_key, 1},
        .running = running,
        .version = version,
    };
}

static void make_image(uint32_t version, uint32_t address)
{
    struct manifest m = {
        .version = version, .size = IMAGE_LEN, .address = address, .hardware = "test-board"};

    for (int i = 0; i < IMAGE_LEN; i++)
        slot[MANIFEST_SPACE + i] = (uint8_t)(i * 3 + i / 256);
    crypto_hash_sha512(m.sha512, slot + MANIFEST_SPACE, IMAGE_LEN);
    assert_int_equal(manifest_sign(&firmware_key, &m, slot), EC_OK);
}

/* The loader: which slot starts now. */
static void reboot(void)
{
    struct bootsel_images images = {{0}};
    struct bootlog log;

    for (uint32_t s = 0; s < BOOTSEL_SLOTS; s++) {
        struct manifest m;

        if (bootsel_check(&port.slots[s], &port.terms, &m) == EC_OK)
            images.versions[s] = m.version;
    }
    assert_int_equal(bootlog_mount(&log, &port.log), EC_OK);
    struct bootsel_choice c = bootsel_run(&images, &log);
    assert_int_not_equal(c.action, BOOTSEL_HALT);
    set_port(c.slot, images.versions[c.slot]);
    rig_boot(&r, RECORD_CAUSE_SOFTWARE_RESET);
}

static int set_up(void **state)
{
    static const uint8_t seed[WIRE_SEED_LEN] = {7};

    (void)state;
    cose_key_init(&firmware_key, seed);
    requests = staged_requests = 0;
    is_silent = 0;
    flash_model_init(&slots, SECTOR_LEN, SECTORS);
    set_port(0, V1);
    make_image(V1, ADDRESS_A);
    assert_int_equal(flash_program(&port.slots[0].flash, 0, slot, MANIFEST_LEN), 0);
    assert_int_equal(
        flash_program(&port.slots[0].flash, MANIFEST_SPACE, slot + MANIFEST_SPACE, IMAGE_LEN), 0);
    make_image(V2, ADDRESS_B);
    rig_init(&r);
    r.update = &port;
    r.on_request = on_request;
    reboot();
    rig_run(&r, MINUTE);
    return 0;
}

static void offer(uint64_t counter)
{
    uint8_t argument[FIRMWARE_ARGUMENT_MAX], message[WIRE_COMMAND_MAX];
    struct command c = {
        .counter = counter, .expires_ms = rig_utc_ms(&r) + 3600000, .code = COMMAND_FIRMWARE};
    size_t len;

    assert_int_equal(firmware_argument_encode((struct span){slot, MANIFEST_LEN}, argument,
                                              sizeof(argument), &len),
                     EC_OK);
    c.argument = (struct span){argument, len};
    len = rig_sign_command(&r, &c, NULL, message);
    rig_publish_command(&r, message, len);
}

static void test_good(void **state)
{
    (void)state;
    uint64_t from;

    assert_int_not_equal(rig_last(&r, RECORD_KIND_FIRMWARE_CONFIRMED), 0); /* the factory image */
    from = r.head + 1;
    offer(1);
    rig_run(&r, MINUTE);
    assert_string_equal(rig_kinds(&r, from), "command_done firmware_staged");
    assert_true(staged_requests >= 1);
    assert_true(node_wants_restart(&r.node, r.now_ms - r.boot_ms));
    from = r.head + 1;
    r.server = RIG_SILENT; /* it can send, and nobody answers: that confirms nothing */
    reboot();
    assert_int_equal(port.version, V2);
    rig_run(&r, 10 * MINUTE);
    assert_true(update_on_trial(&r.node.update));
    assert_false(node_wants_restart(&r.node, r.now_ms - r.boot_ms));
    r.server = RIG_ANSWERS;
    rig_run(&r, 10 * MINUTE);
    assert_false(update_on_trial(&r.node.update));
    assert_non_null(strstr(rig_kinds(&r, from), "firmware_confirmed"));
    offer(2); /* the same once more */
    rig_run(&r, MINUTE);
    assert_int_equal(rig_field(&r, rig_last(&r, RECORD_KIND_COMMAND_REFUSED), RECORD_KEY_CAUSE),
                     RECORD_CAUSE_OLD_VERSION);
    reboot();
    assert_int_equal(port.version, V2);
}

/* Nobody ever receipts what the new version writes: three starts, and the old one is back. */
static void test_rolled_back(void **state)
{
    (void)state;
    uint64_t from;

    offer(1);
    rig_run(&r, MINUTE);
    r.server = RIG_SILENT;
    for (int i = 0; i < BOOTLOG_TRIALS; i++) {
        reboot();
        assert_int_equal(port.version, V2);
        rig_run(&r, MINUTE);
    }
    from = r.head + 1;
    r.server = RIG_ANSWERS;
    reboot();
    assert_int_equal(port.version, V1);
    rig_run(&r, 10 * MINUTE);
    assert_non_null(strstr(rig_kinds(&r, from), "firmware_rolled_back"));
    assert_int_equal(rig_last(&r, RECORD_KIND_FIRMWARE_ROLLED_BACK) > 0, 1);
    offer(2);
    rig_run(&r, MINUTE);
    assert_int_equal(rig_field(&r, rig_last(&r, RECORD_KIND_COMMAND_REFUSED), RECORD_KEY_CAUSE),
                     RECORD_CAUSE_OLD_VERSION);
}

/* A receipt that covers only what the old version wrote is no proof of the new one. */
static void test_old_receipt_confirms_nothing(void **state)
{
    (void)state;

    offer(1);
    rig_run(&r, MINUTE);
    r.server = RIG_DEAF;
    reboot();
    rig_run(&r, MINUTE);
    assert_true(r.node.journal.released < r.node.boot_seq);
    node_update_receipted(&r.node);
    assert_true(update_on_trial(&r.node.update));
}

/* In an outage nothing is erased, hashed or restarted. */
static void test_not_on_the_generator(void **state)
{
    (void)state;
    uint64_t through;

    rig_to_generator(&r);
    offer(1);
    rig_run(&r, MINUTE);
    assert_int_equal(rig_field(&r, rig_last(&r, RECORD_KIND_COMMAND_REFUSED), RECORD_KEY_CAUSE),
                     RECORD_CAUSE_NOT_AT_REST);
    plant_utility(&r.plant, PLANT_UTILITY_ON);
    rig_run(&r, 2 * MINUTE);
    is_silent = 1;
    offer(2);
    rig_run(&r, 1000);
    assert_int_equal(r.node.update.state, UPDATE_LOADING);
    plant_utility(&r.plant, PLANT_UTILITY_OFF);
    rig_run(&r, 5000);
    is_silent = 0;
    through = slots.operations;
    rig_run(&r, 10 * MINUTE);
    assert_int_equal(slots.operations, through);
    assert_false(node_wants_restart(&r.node, r.now_ms - r.boot_ms));
    plant_utility(&r.plant, PLANT_UTILITY_ON);
    rig_run(&r, 10 * MINUTE);
    assert_true(node_wants_restart(&r.node, r.now_ms - r.boot_ms));
    plant_utility(&r.plant, PLANT_UTILITY_OFF);
    rig_run(&r, 1000);
    assert_false(node_wants_restart(&r.node, r.now_ms - r.boot_ms));
}

/* A boot log that cannot be used costs updates, not the meter. */
static void test_without_log(void **state)
{
    (void)state;

    slots.dark = 1;
    rig_boot(&r, RECORD_CAUSE_SOFTWARE_RESET);
    rig_run(&r, MINUTE);
    offer(1);
    rig_run(&r, MINUTE);
    assert_int_equal(rig_field(&r, rig_last(&r, RECORD_KIND_COMMAND_REFUSED), RECORD_KEY_CAUSE),
                     RECORD_CAUSE_UNSUPPORTED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_good, set_up),
        cmocka_unit_test_setup(test_rolled_back, set_up),
        cmocka_unit_test_setup(test_old_receipt_confirms_nothing, set_up),
        cmocka_unit_test_setup(test_not_on_the_generator, set_up),
        cmocka_unit_test_setup(test_without_log, set_up),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
