/* Settings and the command counter lose their power at every flash operation, in five ways, and
 * again while they recover. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "flash_model.h"
#include "scribe.h"

/* The newest slot can be written over, to see that the trial would notice. */
static int over_itself;
#define SETTINGS_OTHER_SLOT(slot) (over_itself ? (slot) : 1 - (slot))
#include "settings.c"

enum { SECTOR_LEN = 1024, JOURNAL_SECTORS = 4, FIRST_MS = 10000 };

/* What the device has been told is safe: a value that only rises, and how far it tried to go. */
struct promise {
    uint64_t kept;
    uint64_t tried;
};

/* One thing that must survive. */
struct subject {
    uint32_t sectors;
    void (*prepare)(struct flash_model *m, struct promise *p);
    /* Raise the value, up to `times`, until the power fails. */
    void (*live)(struct flash_model *m, struct promise *p, unsigned times);
    /* NULL and the value as it is found; or what is wrong. */
    const char *(*find)(struct flash_model *m, uint64_t *ret);
    unsigned times; /* in the first life */
};

struct tally {
    unsigned operations, cuts, failures;
    const char *first;
};

/* ---- settings ---- */

static struct settings settings_of(uint64_t value)
{
    struct settings s;

    settings_init(&s);
    strcpy(s.device, "BPTM-CUT-1");
    strcpy(s.password, "a password that makes the blob longer");
    memset(s.seed, 7, sizeof(s.seed));
    s.fleet_key_count = 1;
    s.return_ms = FIRST_MS + (uint32_t)value;
    return s;
}

static void live_settings(struct flash_model *m, struct promise *p, unsigned times)
{
    while (times-- > 0) {
        struct settings s = settings_of(++p->tried);

        if (settings_store(&m->flash, &s) != EC_OK)
            return;
        p->kept = p->tried;
    }
}

static const char *find_settings(struct flash_model *m, uint64_t *ret)
{
    struct settings s, want;

    if (settings_load(&m->flash, &s) != EC_OK)
        return "no settings";
    *ret = s.return_ms - FIRST_MS;
    want = settings_of(*ret);
    return memcmp(&s, &want, sizeof(s)) == 0 ? NULL : "settings have changed";
}

static void prepare_settings(struct flash_model *m, struct promise *p)
{
    flash_model_init(m, SECTOR_LEN, SETTINGS_SECTORS);
    live_settings(m, p, 1); /* as it leaves the factory */
}

/* ---- the counter of commands ---- */

static int forgets; /* 1: the head of a sector does not tell the counter */

static int open_journal(struct flash_model *m, struct journal *j, struct scribe *s)
{
    static const uint8_t start_hash[WIRE_HASH_LEN] = {4};
    static struct clock clock;

    if (journal_mount(j, &m->flash, start_hash) != EC_OK)
        return 0;
    if (forgets)
        j->counter = 0;
    scribe_init(s, j, &clock, RECORD_CAUSE_POWER_ON);
    return 1;
}

/* Commands among other records, so that the ring goes over the records that told of them. */
static void live_counter(struct flash_model *m, struct promise *p, unsigned times)
{
    struct journal j;
    struct scribe s;

    if (!open_journal(m, &j, &s))
        return;
    for (unsigned i = 0; i < times && s.refused == 0; i++) {
        if (i < 6) {
            struct command c = {.counter = ++p->tried, .code = COMMAND_READ};

            scribe_command(&s, &c, i % 2 ? RECORD_CAUSE_EXPIRED : 0, i);
            if (s.refused == 0)
                p->kept = p->tried;
        } else {
            scribe_field_work(&s, i % 2, i, i);
        }
        journal_idle(&j);
    }
}

static const char *find_counter(struct flash_model *m, uint64_t *ret)
{
    struct journal j;
    struct scribe s;

    if (!open_journal(m, &j, &s))
        return "the journal does not mount";
    *ret = j.counter;
    return NULL;
}

static void prepare_counter(struct flash_model *m, struct promise *p)
{
    (void)p;
    flash_model_init(m, SECTOR_LEN, JOURNAL_SECTORS);
}

static const struct subject settings_subject = {SETTINGS_SECTORS, prepare_settings, live_settings,
                                                find_settings, 3};
static const struct subject counter_subject = {JOURNAL_SECTORS, prepare_counter, live_counter,
                                               find_counter, 110};

/* ---- the trial ---- */

static const char *broken(const struct subject *s, struct flash_model *m, struct promise *p)
{
    uint64_t value = 0;
    const char *what = s->find(m, &value);

    if (what == NULL && (value < p->kept || value > p->tried))
        what = "the value is none that was told";
    if (what == NULL)
        p->kept = value; /* what was being written has made it */
    return what;
}

/* After a cut: check, go on for a while, check once more. */
static const char *recover(const struct subject *s, struct flash_model *m, struct promise *p)
{
    const char *what;

    flash_model_power(m, 0, TEAR_UNTOUCHED);
    what = broken(s, m, p);
    if (what != NULL)
        return what;
    p->tried = p->kept;
    s->live(m, p, 3);
    if (p->kept != p->tried)
        return "it cannot be written any more";
    what = broken(s, m, p);
    return what == NULL && m->twice != 0 ? "a unit was programmed twice" : what;
}

static void count(struct tally *t, const char *what)
{
    t->cuts++;
    if (what == NULL)
        return;
    t->failures++;
    t->first = t->first != NULL ? t->first : what;
}

static void cut_again(const struct subject *s, const struct flash_model *torn,
                      const struct promise *p, unsigned depth, struct tally *t)
{
    for (unsigned at = 1; at <= depth; at++)
        for (int tear = 0; tear < TEAR_COUNT; tear++) {
            struct promise later = *p;
            struct flash_model m;

            flash_model_copy(&m, torn);
            flash_model_power(&m, at, (enum flash_tear)tear);
            if (broken(s, &m, &later) == NULL) {
                later.tried = later.kept;
                s->live(&m, &later, 2);
            }
            count(t, recover(s, &m, &later));
        }
}

static struct tally cut_everywhere(const struct subject *s, unsigned stride, unsigned depth)
{
    struct tally t = {0};

    for (unsigned at = 1;; at += stride)
        for (int tear = 0; tear < TEAR_COUNT; tear++) {
            struct promise p = {0};
            struct flash_model m;

            s->prepare(&m, &p);
            flash_model_power(&m, at, (enum flash_tear)tear);
            s->live(&m, &p, s->times);
            if (!m.dark) {
                t.operations = at - 1;
                return t;
            }
            cut_again(s, &m, &p, depth, &t);
            count(&t, recover(s, &m, &p));
        }
}

static void check_cuts(const char *name, const struct subject *s, unsigned stride, unsigned depth)
{
    struct tally t = cut_everywhere(s, stride, depth);

    print_message("%s: %u operations, %u cuts, %u failures%s%s\n", name, t.operations, t.cuts,
                  t.failures, t.first ? ", first: " : "", t.first ? t.first : "");
    assert_true(t.operations >= 75);
    assert_int_equal(t.failures, 0);
}

static unsigned stride(unsigned quick)
{
    return getenv("BPTM_TEST_FULL") != NULL ? 1 : quick; /* every operation: minutes */
}

static void test_settings(void **state)
{
    (void)state;
    check_cuts("settings", &settings_subject, 1, 0);
    check_cuts("settings, again", &settings_subject, stride(5), 40);
}

static void test_counter(void **state)
{
    (void)state;
    check_cuts("counter", &counter_subject, 1, 0);
    check_cuts("counter, again", &counter_subject, stride(31), 16);
}

/* Without what they rest on both trials fail, and say so. */
static void test_has_teeth(void **state)
{
    struct tally t;

    (void)state;
    over_itself = 1;
    t = cut_everywhere(&settings_subject, 1, 0);
    over_itself = 0;
    print_message("settings written over themselves: %u of %u cuts fail\n", t.failures, t.cuts);
    assert_true(t.failures > 20);
    forgets = 1;
    t = cut_everywhere(&counter_subject, 7, 0);
    forgets = 0;
    print_message("a counter that no sector keeps: %u of %u cuts fail\n", t.failures, t.cuts);
    assert_true(t.failures > 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_settings),
        cmocka_unit_test(test_counter),
        cmocka_unit_test(test_has_teeth),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
