/* Which image is started: the rule table, what an image must prove, and the log through power cuts.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <sodium/crypto_hash_sha512.h>
#include <stdio.h>
#include <string.h>

#include "flash_model.h"

/* The CRC of the log can be taken out, to see that the trial would notice. */
static int without_check;
#define BOOTLOG_CHECK(condition) (without_check || (condition))
#include "bootlog.c"
#include "bootsel.h"

enum { SECTOR_LEN = 256, V1 = 0x010000, V2 = 0x010001, V3 = 0x020000 };

/* ---- the table ---- */

static void test_rules(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        struct bootsel_images images;
        struct bootlog_facts facts;
        enum bootsel_action action;
        uint32_t slot;
    } rows[] = {
        {"nothing there", {{0, 0}}, {0}, BOOTSEL_HALT, 0},
        {"factory image", {{V1, 0}}, {0}, BOOTSEL_RUN, 0},
        {"factory image in B", {{0, V1}}, {0}, BOOTSEL_RUN, 1},
        {"two images, none confirmed: the newer", {{V1, V2}}, {0}, BOOTSEL_RUN, 1},
        {"confirmed alone", {{V1, 0}}, {.confirmed = V1}, BOOTSEL_RUN, 0},
        {"new beside confirmed", {{V1, V2}}, {.confirmed = V1}, BOOTSEL_TRY, 1},
        {"new in A", {{V2, V1}}, {.confirmed = V1}, BOOTSEL_TRY, 0},
        {"tried twice", {{V1, V2}}, {.confirmed = V1, .tried = V2, .tries = 2}, BOOTSEL_TRY, 1},
        {"tried out", {{V1, V2}}, {.confirmed = V1, .tried = V2, .tries = 3}, BOOTSEL_GIVE_UP, 1},
        {"trials of another",
         {{V1, V3}},
         {.confirmed = V1, .tried = V2, .tries = 3},
         BOOTSEL_TRY,
         1},
        {"given up",
         {{V1, V2}},
         {.confirmed = V1, .bad = V2, .tried = V2, .tries = 3},
         BOOTSEL_RUN,
         0},
        {"one given up, a newer one", {{V1, V3}}, {.confirmed = V1, .bad = V2}, BOOTSEL_TRY, 1},
        {"new confirmed", {{V1, V2}}, {.confirmed = V2, .tried = V2, .tries = 1}, BOOTSEL_RUN, 1},
        {"older than confirmed", {{V1, V2}}, {.confirmed = V2}, BOOTSEL_RUN, 1},
        {"only an older one", {{V1, 0}}, {.confirmed = V2}, BOOTSEL_HALT, 0},
        {"only older ones", {{V1, V2}}, {.confirmed = V3}, BOOTSEL_HALT, 0},
        {"confirmed spoilt, new whole", {{0, V2}}, {.confirmed = V1}, BOOTSEL_RUN, 1},
        {"confirmed spoilt, new tried out",
         {{0, V2}},
         {.confirmed = V1, .tried = V2, .tries = 3},
         BOOTSEL_RUN,
         1},
        {"confirmed spoilt, new given up", {{0, V2}}, {.confirmed = V1, .bad = V2}, BOOTSEL_RUN, 1},
        {"twice the same", {{V1, V1}}, {.confirmed = V1}, BOOTSEL_RUN, 0},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct bootsel_choice c = bootsel_decide(&rows[i].images, &rows[i].facts);

        if (c.action != rows[i].action || (c.action != BOOTSEL_HALT && c.slot != rows[i].slot))
            fail_msg("%s: action %d of slot %u", rows[i].name, c.action, c.slot);
    }
}

/* Every combination: nothing below the confirmed version starts, and a trial has a way back. */
static void test_rules_never(void **state)
{
    (void)state;
    static const uint32_t v[] = {0, V1, V2, V3};

    for (unsigned n = 0; n < 4 * 4 * 4 * 4 * 4 * 4; n++) {
        struct bootsel_images images = {{v[n & 3], v[n >> 2 & 3]}};
        struct bootlog_facts facts = {.confirmed = v[n >> 4 & 3],
                                      .bad = v[n >> 6 & 3],
                                      .tried = v[n >> 8 & 3],
                                      .tries = n >> 10 & 3};
        struct bootsel_choice c = bootsel_decide(&images, &facts);
        uint32_t version = images.versions[c.slot], other = images.versions[c.slot ^ 1];

        if (c.action == BOOTSEL_HALT) {
            assert_true(version == 0 || version < facts.confirmed);
            assert_true(other == 0 || other < facts.confirmed);
            continue;
        }
        assert_true(version != 0 && version >= facts.confirmed);
        if (c.action == BOOTSEL_RUN)
            continue;
        assert_true(version > facts.confirmed && version != facts.bad);
        assert_true(other != 0 && other == facts.confirmed);
        assert_int_equal(c.action == BOOTSEL_GIVE_UP, version == facts.tried && facts.tries == 3);
    }
}

/* ---- one image ---- */

enum { IMAGE_LEN = 1000, SLOT_SECTORS = 8, ADDRESS = 0x21100000 };

struct bench {
    struct flash_model model;
    struct bootsel_slot slot;
    struct cose_key key;
    struct manifest manifest;
    uint8_t bytes[MANIFEST_LEN];
};

static const struct manifest good = {
    .version = V2, .size = IMAGE_LEN, .address = ADDRESS, .hardware = "test-board"};

static void bench_init(struct bench *b, const struct manifest *m)
{
    static const uint8_t seed[WIRE_SEED_LEN] = {7};
    uint8_t *image;

    flash_model_init(&b->model, SECTOR_LEN * 2, SLOT_SECTORS);
    b->slot = (struct bootsel_slot){b->model.flash, ADDRESS};
    image = b->model.bytes + MANIFEST_SPACE;
    for (int i = 0; i < IMAGE_LEN; i++)
        image[i] = (uint8_t)(i * 7);
    cose_key_init(&b->key, seed);
    b->manifest = *m;
    crypto_hash_sha512(b->manifest.sha512, image, IMAGE_LEN);
    assert_int_equal(manifest_sign(&b->key, &b->manifest, b->bytes), EC_OK);
    memcpy(b->model.bytes, b->bytes, MANIFEST_LEN);
}

static enum error_code check(const struct bench *b, const char *hardware, const uint8_t *key)
{
    const struct bootsel_terms terms = {hardware, (const uint8_t(*)[WIRE_KEY_LEN])key, 1};
    struct manifest m = {0};
    enum error_code ec = bootsel_check(&b->slot, &terms, &m);

    if (ec == EC_OK)
        assert_int_equal(m.version, b->manifest.version);
    else
        assert_int_equal(m.version, 0);
    return ec;
}

static enum error_code check_with(struct manifest m)
{
    struct bench b;

    bench_init(&b, &m);
    return check(&b, "test-board", b.key.public_key);
}

static void test_image(void **state)
{
    (void)state;
    static const uint8_t other_key[WIRE_KEY_LEN] = {1};
    struct bench b;
    struct manifest m = good;

    bench_init(&b, &good);
    assert_int_equal(check(&b, "test-board", b.key.public_key), EC_OK);
    assert_int_equal(check(&b, "test-boards", b.key.public_key), EC_WIRE_RANGE);
    assert_int_equal(check(&b, "test-board", other_key), EC_COSE_SIGNATURE);
    b.slot.address = ADDRESS + 0x80000;
    assert_int_equal(check(&b, "test-board", b.key.public_key), EC_WIRE_RANGE);
    m.size = SECTOR_LEN * 2 * SLOT_SECTORS; /* with the manifest more than the slot */
    assert_int_equal(check_with(m), EC_WIRE_RANGE);
    bench_init(&b, &good);
    b.model.dark = 1;
    assert_int_equal(check(&b, "test-board", b.key.public_key), EC_FLASH);
    flash_model_init(&b.model, SECTOR_LEN * 2, SLOT_SECTORS);
    assert_int_equal(check(&b, "test-board", b.key.public_key), EC_WIRE_TYPE);
}

/* One bit anywhere, in the manifest or in the image. */
static void test_flipped_bits(void **state)
{
    (void)state;
    struct bench b;

    bench_init(&b, &good);
    for (unsigned bit = 0; bit < MANIFEST_LEN * 8; bit++) {
        b.model.bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
        assert_int_not_equal(check(&b, "test-board", b.key.public_key), EC_OK);
        b.model.bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    for (unsigned at = 0; at < IMAGE_LEN; at++) {
        b.model.bytes[MANIFEST_SPACE + at] ^= (uint8_t)(1 << at % 8);
        assert_int_equal(check(&b, "test-board", b.key.public_key), EC_CONFLICT);
        b.model.bytes[MANIFEST_SPACE + at] ^= (uint8_t)(1 << at % 8);
    }
    assert_int_equal(check(&b, "test-board", b.key.public_key), EC_OK);
}

static void test_manifest_range(void **state)
{
    (void)state;
    struct manifest rows[] = {good, good, good, good, good, good};
    struct cose_key key = {.kid = {0}};
    uint8_t bytes[MANIFEST_LEN];

    rows[0].version = 0;
    rows[1].version = MANIFEST_VERSION_MAX + 1;
    rows[2].size = 0;
    rows[3].size = IMAGE_LEN + 4;
    rows[4].hardware[0] = '\0';
    rows[5].hardware[12] = 'x'; /* behind the end */
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        assert_int_equal(manifest_sign(&key, &rows[i], bytes), EC_WIRE_RANGE);
}

static void test_versions(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        uint32_t version;
    } rows[] = {
        {"0.0.1", 1},           {"1.0.0", 0x10000},    {"1.2.3", 0x10203},
        {"10.20.30", 0x0a141e}, {"100.0.9", 0x640009}, {"255.255.255", MANIFEST_VERSION_MAX},
    };
    static const char *const wrong[] = {
        "",        "1",       "1.2",    "1.2.",   "1.2.3.", "1.2.3.4", ".1.2",  "1..2",
        "256.0.0", "1.2.999", "01.2.3", "1.2.3 ", "a.b.c",  "1.2.-3",  "0.0.0", "1.2.0003"};
    char text[MANIFEST_VERSION_TEXT];

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_int_equal(manifest_version_parse(rows[i].text), rows[i].version);
        manifest_version_text(rows[i].version, text);
        assert_string_equal(text, rows[i].text);
    }
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
        assert_int_equal(manifest_version_parse(wrong[i]), 0);
}

/* ---- the log and the power ---- */

/* What a device goes through: each line is what the loader or the image writes, in this order. */
struct step {
    enum bootlog_kind kind;
    uint32_t version;
};

enum { STEPS = 90 };

/* Three versions in turn: one proves itself at the second start, one is given up, one at the first
 * start. */
static struct step step_of(unsigned i)
{
    static const enum bootlog_kind kinds[] = {
        BOOTLOG_TRY,      BOOTLOG_TRY, BOOTLOG_CONFIRM, BOOTLOG_TOLD_CONFIRM,
        BOOTLOG_TRY,      BOOTLOG_TRY, BOOTLOG_TRY,     BOOTLOG_BAD,
        BOOTLOG_TOLD_BAD, BOOTLOG_TRY, BOOTLOG_CONFIRM, BOOTLOG_TOLD_CONFIRM,
    };
    static const uint8_t which[] = {1, 1, 1, 1, 2, 2, 2, 2, 2, 3, 3, 3};
    unsigned n = sizeof(kinds) / sizeof(kinds[0]);

    return (struct step){kinds[i % n], i / n * 3 + which[i % n]};
}

static struct bootlog_facts facts_after(unsigned steps)
{
    struct bootlog_facts f = {0};

    for (unsigned i = 0; i < steps; i++)
        take(&f, step_of(i).kind, step_of(i).version);
    return f;
}

/* Write steps until the power fails; *done counts those that were accepted. */
static void live(struct bootlog *log, unsigned *done, unsigned until)
{
    while (*done < until &&
           bootlog_append(log, step_of(*done).kind, step_of(*done).version) == EC_OK)
        (*done)++;
}

struct tally {
    unsigned cuts, failures;
};

/* After a cut the log says what was accepted, or that and the one step that was under way. */
static int is_kept(const struct bootlog *log, unsigned *done)
{
    struct bootlog_facts before = facts_after(*done), after = facts_after(*done + 1);

    if (memcmp(&log->facts, &after, sizeof(after)) == 0) {
        (*done)++;
        return 1;
    }
    return memcmp(&log->facts, &before, sizeof(before)) == 0;
}

static int recovers(struct flash_model *m, unsigned done)
{
    struct bootlog log;

    flash_model_power(m, 0, TEAR_UNTOUCHED);
    if (bootlog_mount(&log, &m->flash) != EC_OK || !is_kept(&log, &done))
        return 0;
    live(&log, &done, done + 10);
    if (bootlog_mount(&log, &m->flash) != EC_OK || m->twice != 0)
        return 0;
    struct bootlog_facts f = facts_after(done);
    return memcmp(&log.facts, &f, sizeof(f)) == 0;
}

static void cut_again(const struct flash_model *torn, unsigned done, struct tally *t)
{
    for (unsigned at = 1; at <= 40; at++)
        for (int tear = 0; tear < TEAR_COUNT; tear++) {
            struct flash_model m;
            struct bootlog log;
            unsigned now = done;

            flash_model_copy(&m, torn);
            m.random += at * 7919;
            flash_model_power(&m, at, (enum flash_tear)tear);
            if (bootlog_mount(&log, &m.flash) == EC_OK) {
                if (!is_kept(&log, &now))
                    t->failures++;
                live(&log, &now, now + 12);
            }
            t->cuts++;
            t->failures += !recovers(&m, now);
        }
}

static unsigned cut_everywhere(struct tally *t)
{
    for (unsigned at = 1;; at++)
        for (int tear = 0; tear < TEAR_COUNT; tear++) {
            struct flash_model m;
            struct bootlog log;
            unsigned done = 0;

            flash_model_init(&m, SECTOR_LEN, BOOTLOG_SECTORS);
            m.random = at * 977; /* other garbage every time */
            flash_model_power(&m, at, (enum flash_tear)tear);
            if (bootlog_mount(&log, &m.flash) == EC_OK)
                live(&log, &done, STEPS);
            if (!m.dark)
                return at - 1;
            cut_again(&m, done, t);
            t->cuts++;
            t->failures += !recovers(&m, done);
        }
}

static void test_log_cut(void **state)
{
    (void)state;
    struct tally t = {0};
    unsigned operations = cut_everywhere(&t);

    print_message("boot log: %u operations, %u cuts, %u failures\n", operations, t.cuts,
                  t.failures);
    assert_true(operations > STEPS + 10); /* it went round */
    assert_int_equal(t.failures, 0);
}

static void test_log_has_teeth(void **state)
{
    (void)state;
    struct tally t = {0};

    without_check = 1;
    cut_everywhere(&t);
    without_check = 0;
    print_message("without the CRC: %u of %u cuts fail\n", t.failures, t.cuts);
    assert_true(t.failures > 100);
}

static void test_log_refusing_unit(void **state)
{
    (void)state;
    struct flash_model m;
    struct bootlog log;

    flash_model_init(&m, SECTOR_LEN, BOOTLOG_SECTORS);
    assert_int_equal(bootlog_mount(&log, &m.flash), EC_OK);
    m.bad_at = log.offset;
    assert_int_equal(bootlog_append(&log, BOOTLOG_CONFIRM, V1), EC_OK);
    assert_int_equal(bootlog_mount(&log, &m.flash), EC_OK);
    assert_int_equal(log.facts.confirmed, V1);
    m.dark = 1;
    assert_int_equal(bootlog_append(&log, BOOTLOG_CONFIRM, V2), EC_FLASH);
    assert_int_equal(log.facts.confirmed, V1);
}

static void test_log_area(void **state)
{
    (void)state;
    struct flash_model m;
    struct bootlog log;

    flash_model_init(&m, SECTOR_LEN, 3);
    assert_int_equal(bootlog_mount(&log, &m.flash), EC_CONFIG);
    flash_model_init(&m, 128, BOOTLOG_SECTORS);
    assert_int_equal(bootlog_mount(&log, &m.flash), EC_CONFIG);
}

/* ---- starts ---- */

/* A version that hangs: three starts, then the old one for ever. */
static void test_hanging_version(void **state)
{
    (void)state;
    const struct bootsel_images images = {{V1, V2}};
    struct flash_model m;
    struct bootlog log;

    flash_model_init(&m, SECTOR_LEN, BOOTLOG_SECTORS);
    assert_int_equal(bootlog_mount(&log, &m.flash), EC_OK);
    assert_int_equal(bootlog_append(&log, BOOTLOG_CONFIRM, V1), EC_OK);
    for (int start = 0; start < 6; start++) {
        assert_int_equal(bootlog_mount(&log, &m.flash), EC_OK);
        struct bootsel_choice c = bootsel_run(&images, &log);

        assert_int_equal(c.action, start < BOOTLOG_TRIALS ? BOOTSEL_TRY : BOOTSEL_RUN);
        assert_int_equal(c.slot, start < BOOTLOG_TRIALS ? 1 : 0);
    }
    assert_int_equal(log.facts.bad, V2);
}

/* The power fails while the loader works, at every operation: there is always an image to start,
 * never one below the confirmed version, and a trial never goes uncounted for long. */
static void test_starts_cut(void **state)
{
    (void)state;
    const struct bootsel_images images = {{V1, V2}};
    unsigned cuts = 0;

    for (unsigned at = 1; at < 12; at++)
        for (int tear = 0; tear < TEAR_COUNT; tear++) {
            struct flash_model m;
            struct bootlog log;
            int trials = 0;

            flash_model_init(&m, SECTOR_LEN, BOOTLOG_SECTORS);
            assert_int_equal(bootlog_mount(&log, &m.flash), EC_OK);
            assert_int_equal(bootlog_append(&log, BOOTLOG_CONFIRM, V1), EC_OK);
            flash_model_power(&m, at, (enum flash_tear)tear);
            for (int start = 0; start < 12; start++) {
                if (m.dark) {
                    flash_model_power(&m, 0, TEAR_UNTOUCHED);
                    cuts++;
                }
                assert_int_equal(bootlog_mount(&log, &m.flash), EC_OK);
                struct bootsel_choice c = bootsel_run(&images, &log);
                if (m.dark)
                    continue;
                assert_int_not_equal(c.action, BOOTSEL_HALT);
                trials += c.action == BOOTSEL_TRY;
            }
            assert_in_range(trials, BOOTLOG_TRIALS - 1, BOOTLOG_TRIALS);
            assert_int_equal(log.facts.bad, V2);
            assert_int_equal(m.twice, 0);
        }
    assert_true(cuts > 10);
}

/* A log that takes nothing more: what cannot be counted is not tried. */
static void test_log_worn_out(void **state)
{
    (void)state;
    const struct bootsel_images images = {{V1, V2}};
    struct flash_model m;
    struct bootlog log;

    flash_model_init(&m, SECTOR_LEN, BOOTLOG_SECTORS);
    assert_int_equal(bootlog_mount(&log, &m.flash), EC_OK);
    assert_int_equal(bootlog_append(&log, BOOTLOG_CONFIRM, V1), EC_OK);
    m.dark = 1;
    struct bootsel_choice c = bootsel_run(&images, &log);
    assert_int_equal(c.action, BOOTSEL_RUN);
    assert_int_equal(c.slot, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rules),
        cmocka_unit_test(test_rules_never),
        cmocka_unit_test(test_image),
        cmocka_unit_test(test_flipped_bits),
        cmocka_unit_test(test_manifest_range),
        cmocka_unit_test(test_versions),
        cmocka_unit_test(test_log_cut),
        cmocka_unit_test(test_log_has_teeth),
        cmocka_unit_test(test_log_refusing_unit),
        cmocka_unit_test(test_log_area),
        cmocka_unit_test(test_hanging_version),
        cmocka_unit_test(test_starts_cut),
        cmocka_unit_test(test_log_worn_out),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
