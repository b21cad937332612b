/* An update over the air: what is refused, what is asked for, and the power cut at every operation.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "flash_model.h"

/* The checks of progress and hash can be taken out, to see that the trial would notice. */
static int without_check;
#define UPDATE_CHECK(condition) (without_check || (condition))
#include "update.c"

enum {
    SECTOR_LEN = 2 * FIRMWARE_CHUNK_LEN,
    SLOT_SECTORS = 4,
    AREA_PROGRESS = 2,
    AREA_A = 3,
    AREA_B = AREA_A + SLOT_SECTORS,
    SECTORS = AREA_B + SLOT_SECTORS,
    ADDRESS_A = 0x1000,
    ADDRESS_B = 0x3000,
    IMAGE_LEN = 3200, /* chunks 1..4, blocks 0..2 */
    V1 = 0x010000,
    V2 = 0x010100,
    V3 = 0x010200,
};

static struct cose_key firmware_key, other_key;
static uint8_t image[IMAGE_LEN];

/* A device with two slots, and the offer that a server would make it. */
struct bench {
    struct flash_model model;
    struct update_port port;
    struct update update;
    uint8_t manifest[MANIFEST_LEN]; /* of the image offered */
    uint64_t now_ms;
    unsigned messages; /* chunks sent */
};

static void make_manifest(const struct cose_key *key, uint32_t version, uint32_t address,
                          uint8_t ret[MANIFEST_LEN])
{
    struct manifest m = {
        .version = version, .size = IMAGE_LEN, .address = address, .hardware = "test-board"};

    crypto_hash_sha512(m.sha512, image, IMAGE_LEN);
    assert_int_equal(manifest_sign(key, &m, ret), EC_OK);
}

static void set_port(struct bench *b, uint32_t running, uint32_t version)
{
    const struct flash *f = &b->model.flash;

    b->port = (struct update_port){
        .log = flash_area(f, 0, BOOTLOG_SECTORS),
        .progress = flash_area(f, AREA_PROGRESS, UPDATE_PROGRESS_SECTORS),
        .slots = {{flash_area(f, AREA_A, SLOT_SECTORS), ADDRESS_A},
                  {flash_area(f, AREA_B, SLOT_SECTORS), ADDRESS_B}},
        .terms = {"test-board", (const uint8_t(*)[WIRE_KEY_LEN])firmware_key.public_key, 1},
        .running = running,
        .version = version,
    };
}

/* V1 runs from slot A and is confirmed; V2 is to come. */
static void bench_init(struct bench *b)
{
    uint8_t old[MANIFEST_LEN];

    memset(b, 0, sizeof(*b));
    flash_model_init(&b->model, SECTOR_LEN, SECTORS);
    make_manifest(&firmware_key, V1, ADDRESS_A, old);
    assert_int_equal(flash_program(&b->model.flash, AREA_A * SECTOR_LEN, old, sizeof(old)), 0);
    assert_int_equal(
        flash_program(&b->model.flash, AREA_A * SECTOR_LEN + MANIFEST_SPACE, image, sizeof(image)),
        0);
    set_port(b, 0, V1);
    assert_int_equal(update_init(&b->update, &b->port), EC_OK);
    assert_int_equal(update_confirm(&b->update), EC_OK);
    update_told(&b->update, RECORD_KIND_FIRMWARE_CONFIRMED, V1);
    make_manifest(&firmware_key, V2, ADDRESS_B, b->manifest);
}

static uint32_t offer_bytes(struct bench *b, const uint8_t *manifests, size_t len)
{
    uint8_t buf[FIRMWARE_ARGUMENT_MAX];

    assert_int_equal(
        firmware_argument_encode((struct span){manifests, len}, buf, sizeof(buf), &len), EC_OK);
    return update_offer(&b->update, (struct span){buf, len}, b->now_ms);
}

static uint32_t offer(struct bench *b)
{
    return offer_bytes(b, b->manifest, sizeof(b->manifest));
}

static void send(struct bench *b, uint32_t index, uint8_t flip)
{
    uint8_t slot[MANIFEST_SPACE + IMAGE_LEN], buf[FIRMWARE_CHUNK_MAX];
    struct firmware_chunk c = {.index = index};
    size_t at = (size_t)index * FIRMWARE_CHUNK_LEN, left = sizeof(slot) - at, len;

    memcpy(slot + MANIFEST_SPACE, image, IMAGE_LEN);
    slot[at] ^= flip;
    memcpy(c.id, b->update.manifest.sha512, sizeof(c.id));
    c.bytes =
        (struct span){slot + at, left < FIRMWARE_CHUNK_LEN ? left : (size_t)FIRMWARE_CHUNK_LEN};
    assert_int_equal(firmware_chunk_encode(&c, buf, sizeof(buf), &len), EC_OK);
    update_chunk(&b->update, (struct span){buf, len}, b->now_ms);
    b->messages++;
}

/* Answer requests and let the device work until it wants nothing more, or its power is gone. */
static void serve(struct bench *b, uint8_t flip)
{
    struct firmware_request r;

    for (int turn = 0; turn < 200 && !b->model.dark; turn++) {
        if (b->update.state == UPDATE_CHECKING)
            update_work(&b->update);
        if (b->update.state == UPDATE_READY && update_stage(&b->update, b->now_ms) != EC_OK)
            continue;
        if (!update_request(&b->update, b->now_ms, &r)) {
            b->now_ms += UPDATE_ASK_MS;
            continue;
        }
        update_asked(&b->update, b->now_ms, 0);
        for (uint32_t i = 0; i < r.count && !b->model.dark; i++)
            send(b, r.first + i, flip);
    }
}

/* What the loader does with the flash. @return slot, or -1 */
static int start(struct bench *b)
{
    struct bootsel_images images = {{0}};
    struct bootlog log;

    for (uint32_t s = 0; s < BOOTSEL_SLOTS; s++) {
        struct manifest m;

        if (bootsel_check(&b->port.slots[s], &b->port.terms, &m) == EC_OK)
            images.versions[s] = m.version;
    }
    if (bootlog_mount(&log, &b->port.log) != EC_OK)
        return -1;
    struct bootsel_choice c = bootsel_run(&images, &log);
    if (c.action == BOOTSEL_HALT)
        return -1;
    set_port(b, c.slot, images.versions[c.slot]);
    return (int)c.slot;
}

/* ---- whole updates ---- */

static void test_good(void **state)
{
    (void)state;
    struct bench b;
    enum record_kind kind = 0;
    uint32_t version = 0;
    struct firmware_request r;

    bench_init(&b);
    assert_false(update_request(&b.update, b.now_ms, &r));
    assert_int_equal(offer(&b), 0);
    serve(&b, 0);
    assert_int_equal(b.update.state, UPDATE_STAGED);
    assert_true(update_wants_restart(&b.update, b.now_ms));
    assert_int_equal(b.messages, 4);
    assert_int_equal(start(&b), 1);
    assert_int_equal(update_init(&b.update, &b.port), EC_OK);
    assert_true(update_on_trial(&b.update));
    assert_int_equal(b.update.state, UPDATE_NONE);
    assert_int_equal(update_confirm(&b.update), EC_OK);
    assert_false(update_on_trial(&b.update));
    assert_true(update_news(&b.update, &kind, &version));
    assert_int_equal(kind, RECORD_KIND_FIRMWARE_CONFIRMED);
    assert_int_equal(version, V2);
    update_told(&b.update, kind, version);
    assert_false(update_news(&b.update, &kind, &version));
    assert_int_equal(start(&b), 1);
    make_manifest(&firmware_key, V3, ADDRESS_A, b.manifest); /* and the way back to slot A */
    assert_int_equal(update_init(&b.update, &b.port), EC_OK);
    assert_int_equal(offer(&b), 0);
    serve(&b, 0);
    assert_int_equal(start(&b), 0);
    assert_int_equal(b.port.version, V3);
}

/* A version that is never confirmed: after its trials the old one runs, says so once, and does not
 * take that version again. */
static void test_rolled_back(void **state)
{
    (void)state;
    struct bench b;
    enum record_kind kind = 0;
    uint32_t version = 0;

    bench_init(&b);
    assert_int_equal(offer(&b), 0);
    serve(&b, 0);
    for (int i = 0; i < BOOTLOG_TRIALS; i++)
        assert_int_equal(start(&b), 1);
    assert_int_equal(start(&b), 0);
    assert_int_equal(update_init(&b.update, &b.port), EC_OK);
    assert_int_equal(b.update.state, UPDATE_NONE);
    assert_true(update_news(&b.update, &kind, &version));
    assert_int_equal(kind, RECORD_KIND_FIRMWARE_ROLLED_BACK);
    assert_int_equal(version, V2);
    update_told(&b.update, kind, version);
    assert_int_equal(update_init(&b.update, &b.port), EC_OK);
    assert_false(update_news(&b.update, &kind, &version));
    assert_int_equal(offer(&b), RECORD_CAUSE_OLD_VERSION);
}

static void test_refused(void **state)
{
    (void)state;
    struct bench b;
    uint8_t two[2 * MANIFEST_LEN];
    struct manifest m;

    bench_init(&b);
    make_manifest(&other_key, V2, ADDRESS_B, b.manifest);
    assert_int_equal(offer(&b), RECORD_CAUSE_FOREIGN_SIGNATURE);
    make_manifest(&firmware_key, V2, ADDRESS_B, b.manifest);
    b.manifest[60] ^= 1;
    assert_int_equal(offer(&b), RECORD_CAUSE_FOREIGN_SIGNATURE);
    make_manifest(&firmware_key, V1, ADDRESS_B, b.manifest);
    assert_int_equal(offer(&b), RECORD_CAUSE_OLD_VERSION);
    make_manifest(&firmware_key, V1 - 1, ADDRESS_B, b.manifest);
    assert_int_equal(offer(&b), RECORD_CAUSE_OLD_VERSION);
    make_manifest(&firmware_key, V2, ADDRESS_A, b.manifest); /* only for the slot that runs */
    assert_int_equal(offer(&b), RECORD_CAUSE_OUT_OF_LIMITS);
    make_manifest(&firmware_key, V2, ADDRESS_B, b.manifest);
    assert_int_equal(manifest_decode(b.manifest, &m), EC_OK);
    m.size = SLOT_SECTORS * SECTOR_LEN;
    assert_int_equal(manifest_sign(&firmware_key, &m, b.manifest), EC_OK);
    assert_int_equal(offer(&b), RECORD_CAUSE_OUT_OF_LIMITS);
    m.size = IMAGE_LEN;
    m.hardware[0] = 'T';
    assert_int_equal(manifest_sign(&firmware_key, &m, b.manifest), EC_OK);
    assert_int_equal(offer(&b), RECORD_CAUSE_OTHER_HARDWARE);
    assert_int_equal(update_offer(&b.update, (struct span){two, 0}, 0), RECORD_CAUSE_OUT_OF_LIMITS);
    assert_int_equal(b.update.state, UPDATE_NONE);
    make_manifest(&firmware_key, V2, ADDRESS_A, two);
    make_manifest(&firmware_key, V2, ADDRESS_B, two + MANIFEST_LEN);
    assert_int_equal(offer_bytes(&b, two, sizeof(two)), 0);
    assert_int_equal(b.update.manifest.address, ADDRESS_B);
    assert_int_equal(update_init(&b.update, NULL), EC_OK);
    assert_int_equal(offer(&b), RECORD_CAUSE_UNSUPPORTED);
}

/* While the running version is on trial the other slot is what it falls back to. */
static void test_not_while_on_trial(void **state)
{
    (void)state;
    struct bench b;

    bench_init(&b);
    assert_int_equal(offer(&b), 0);
    serve(&b, 0);
    assert_int_equal(start(&b), 1);
    assert_int_equal(update_init(&b.update, &b.port), EC_OK);
    make_manifest(&firmware_key, V3, ADDRESS_A, b.manifest);
    assert_int_equal(offer(&b), RECORD_CAUSE_NOT_CONFIRMED);
    assert_false(update_wants_restart(&b.update, UPDATE_TRIAL_MS - 1));
    assert_true(update_wants_restart(&b.update, UPDATE_TRIAL_MS));
    b.model.dark = 1; /* the log refuses: still on trial, and said so */
    assert_int_equal(update_confirm(&b.update), EC_FLASH);
    assert_true(update_on_trial(&b.update));
}

/* A fresh device: the factory image is never restarted for want of a server. */
static void test_factory_image_waits(void **state)
{
    (void)state;
    struct bench b;

    bench_init(&b);
    assert_int_equal(flash_erase(&b.port.log, 0), 0);
    assert_int_equal(update_init(&b.update, &b.port), EC_OK);
    assert_true(update_on_trial(&b.update));
    assert_false(update_wants_restart(&b.update, (uint64_t)UPDATE_TRIAL_MS * 100));
}

/* One bit wrong on the way: found by the hash, loaded again, given up after some times. */
static void test_flipped_on_the_way(void **state)
{
    (void)state;
    struct bench b;
    struct firmware_request r;

    bench_init(&b);
    assert_int_equal(offer(&b), 0);
    serve(&b, 0x10);
    assert_int_equal(b.update.state, UPDATE_FAILED);
    assert_int_equal(b.messages, 4 * UPDATE_FAILURES_MAX);
    assert_int_equal(b.update.told, 1);
    assert_false(update_request(&b.update, b.now_ms, &r));
    assert_int_equal(start(&b), 0);
    assert_int_equal(offer(&b), 0); /* offered once more, and now it arrives */
    serve(&b, 0);
    assert_int_equal(b.update.state, UPDATE_STAGED);
}

static void test_chunks_passed_over(void **state)
{
    (void)state;
    struct bench b;

    bench_init(&b);
    send(&b, 2, 0); /* nothing is wanted */
    assert_int_equal(offer(&b), 0);
    assert_int_equal(b.update.chunk, 2);
    send(&b, 3, 0);
    send(&b, 1, 0);
    assert_int_equal(b.update.chunk, 2);
    b.update.manifest.sha512[0] ^= 1; /* of another image */
    send(&b, 2, 0);
    b.update.manifest.sha512[0] ^= 1;
    send(&b, 2, 0);
    assert_int_equal(b.update.chunk, 3);
    send(&b, 2, 0); /* a repeat */
    assert_int_equal(b.update.chunk, 3);
}

/* Requests grow rarer while nobody answers, and begin anew with what is missing. */
static void test_asking(void **state)
{
    (void)state;
    struct bench b;
    struct firmware_request r;
    uint64_t last_ms = 0, gap_ms = 0;

    bench_init(&b);
    assert_int_equal(offer(&b), 0);
    for (int i = 0; i < 12; i++) {
        while (!update_request(&b.update, b.now_ms, &r))
            b.now_ms += 100;
        gap_ms = b.now_ms - last_ms;
        last_ms = b.now_ms;
        update_asked(&b.update, b.now_ms, 0x80000000u);
        assert_int_equal(r.first, 2);
        assert_int_equal(r.count, 3);
    }
    assert_in_range(gap_ms, UPDATE_ASK_MAX_MS / 2, UPDATE_ASK_MAX_MS * 3 / 2);
    send(&b, 2, 0);
    send(&b, 3, 0);
    assert_int_equal(update_init(&b.update, &b.port), EC_OK);
    assert_true(update_request(&b.update, 0, &r));
    assert_int_equal(r.first, 4); /* the block that was complete is not asked for again */
}

/* ---- power cuts ---- */

struct tally {
    unsigned cuts, failures, operations;
    const char *first;
};

static void count(struct tally *t, const char *broken)
{
    t->cuts++;
    if (broken == NULL)
        return;
    t->failures++;
    if (t->first == NULL)
        t->first = broken;
}

/* One life of the device: the loader, then the update goes on, or is offered again. */
static const char *live(struct bench *b)
{
    int slot = start(b);

    if (b->model.dark)
        return NULL;
    if (slot < 0)
        return "nothing starts";
    if (b->port.version != (slot == 0 ? V1 : V2))
        return "something else starts";
    if (update_init(&b->update, &b->port) != EC_OK)
        return b->model.dark ? NULL : "the update does not mount";
    if (slot == 1)
        return NULL;
    if (b->update.state == UPDATE_NONE && offer(b) != 0 && !b->model.dark)
        return "the offer is refused";
    serve(b, 0);
    return NULL;
}

/* With the power back the update must get to its end, and its image be what was signed. */
static const char *recovers(struct bench *b)
{
    const char *broken;

    flash_model_power(&b->model, 0, TEAR_UNTOUCHED);
    b->now_ms = 0;
    broken = live(b);
    if (broken != NULL)
        return broken;
    if (b->port.running == 0 && b->update.state != UPDATE_STAGED)
        return "the update does not end";
    if (start(b) != 1)
        return "the new version does not start";
    return b->model.twice != 0 ? "a unit was programmed twice" : NULL;
}

static void copy(struct bench *to, const struct bench *from)
{
    *to = *from;
    flash_model_copy(&to->model, &from->model);
    set_port(to, 0, V1);
}

/* Cut at operation `at` of a life that begins with what is in `from`. @return 0 past its end */
static int cut(const struct bench *from, unsigned at, enum flash_tear tear, struct bench *ret,
               struct tally *t)
{
    const char *broken;

    copy(ret, from);
    ret->model.random += at * 977;
    ret->now_ms = 0;
    flash_model_power(&ret->model, at, tear);
    broken = live(ret);
    if (!ret->model.dark)
        return 0;
    if (broken != NULL)
        count(t, broken);
    return 1;
}

static void cut_again(const struct bench *torn, unsigned first, unsigned stride, struct tally *t)
{
    for (unsigned at = first; at < first + 12 * stride; at += stride)
        for (int tear = 0; tear < TEAR_COUNT; tear++) {
            struct bench b;

            if (!cut(torn, at, (enum flash_tear)tear, &b, t))
                return;
            count(t, recovers(&b));
        }
}

static void cut_everywhere(unsigned stride, int again, struct tally *t)
{
    struct bench fresh;

    bench_init(&fresh);
    for (unsigned at = 1;; at += stride)
        for (int tear = 0; tear < TEAR_COUNT; tear++) {
            struct bench torn, b;

            if (!cut(&fresh, at, (enum flash_tear)tear, &torn, t)) {
                t->operations = at - 1;
                return;
            }
            flash_model_power(&torn.model, 0, TEAR_UNTOUCHED);
            if (again) {
                cut_again(&torn, 1, 1, t);
                cut_again(&torn, 20, 37, t);
            }
            copy(&b, &torn);
            count(t, recovers(&b));
        }
}

static void test_cut(void **state)
{
    (void)state;
    struct tally once = {0}, twice = {0};

    cut_everywhere(1, 0, &once);
    cut_everywhere(43, 1, &twice);
    print_message("update: %u operations, %u cuts, %u failures%s%s\n", once.operations,
                  once.cuts + twice.cuts, once.failures + twice.failures, once.first ? ": " : "",
                  once.first ? once.first : "");
    print_message("twice: %u cuts, %s\n", twice.cuts, twice.first ? twice.first : "none fails");
    assert_true(once.operations > IMAGE_LEN / FLASH_UNIT);
    assert_int_equal(once.failures + twice.failures, 0);
}

static void test_has_teeth(void **state)
{
    (void)state;
    struct tally t = {0};

    without_check = 1;
    cut_everywhere(1, 0, &t);
    without_check = 0;
    print_message("without the checks: %u of %u cuts fail\n", t.failures, t.cuts);
    assert_true(t.failures > 20);
}

static int set_up(void **state)
{
    static const uint8_t seed[WIRE_SEED_LEN] = {7}, other_seed[WIRE_SEED_LEN] = {8};

    (void)state;
    cose_key_init(&firmware_key, seed);
    cose_key_init(&other_key, other_seed);
    for (int i = 0; i < IMAGE_LEN; i++)
        image[i] = (uint8_t)(i * 7 + i / 256);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_good),
        cmocka_unit_test(test_rolled_back),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_not_while_on_trial),
        cmocka_unit_test(test_factory_image_waits),
        cmocka_unit_test(test_flipped_on_the_way),
        cmocka_unit_test(test_chunks_passed_over),
        cmocka_unit_test(test_asking),
        cmocka_unit_test(test_cut),
        cmocka_unit_test(test_has_teeth),
    };

    return cmocka_run_group_tests(tests, set_up, NULL);
}
