/* One bad sample, of anything, at any moment of a transfer there and back: nothing latches, and the
 * home still arrives. Qualification and switch together, with honest contactors. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "qual.h"
#include "transfer.h"

enum {
    STEP_MS = 20,
    OUTAGE_MS = 2000, /* begins */
    RETURN_MS = 8000, /* of the utility; the generator goes on */
    END_MS = 14000,
    STRIDE = 7, /* lies told at one step; the next step tells others */
};

static const struct qual_timers timers = {1000, 1000, 1000, 200};
static const struct transfer_config config = {.dwell_ms = 250,
                                              .start_ms = 300,
                                              .open_ms = 500,
                                              .close_ms = 500,
                                              .lost_ms = 500,
                                              .both_ms = 100,
                                              .weld_ms = 1000};

/* Sources as they are, and as they are not: dead, in the band between coming and staying good, far
 * too high, uneven. */
static const struct status_source nominal = {1200, 1200, 6000}, band = {1085, 1090, 5995};
static const struct status_source lies[] = {
    {0, 0, 0}, {1085, 1090, 5995}, {1200, 1200, 6000}, {1500, 1500, 6600}, {1600, 700, 6000},
};
enum { LIES = sizeof(lies) / sizeof(lies[0]), WRONG = LIES * LIES * 4 * 2 };

struct home {
    struct qual qual;
    struct transfer t;
    struct transfer_command command; /* of the step before: contactors are honest */
    uint64_t now_ms;
    unsigned reached; /* bits of states seen */
};

static const struct status_source none;

static struct qual_sample truth(const struct home *h, const struct status_source *utility,
                                const struct status_source *generator)
{
    struct qual_sample s = {.utility = *utility, .generator = *generator};

    s.contacts = (uint8_t)((h->command.utility ? STATUS_CLOSED_UTILITY : 0) |
                           (h->command.generator ? STATUS_CLOSED_GENERATOR : 0));
    s.load_dv = (h->command.utility && utility->l1_dv != 0) || h->command.generator ? 1200 : 0;
    return s;
}

static struct qual_sample lie(unsigned i)
{
    return (struct qual_sample){.utility = lies[i % LIES],
                                .generator = lies[i / LIES % LIES],
                                .contacts = (uint8_t)(i / (LIES * LIES) & 3),
                                .load_dv = i / (LIES * LIES * 4) ? 1200 : 0};
}

static void step(struct home *h, const struct qual_sample *sample)
{
    struct transfer_input in = {0};

    qual_step(&h->qual, sample, h->now_ms);
    qual_judge(&h->qual, &timers, h->now_ms, &in);
    h->command = transfer_step(&h->t, &config, &in, STEP_MS);
    h->reached |= 1u << h->t.state;
    h->now_ms += STEP_MS;
}

static void start(struct home *h)
{
    memset(h, 0, sizeof(*h));
    qual_init(&h->qual, 0);
    transfer_init(&h->t, 0);
    h->command = transfer_command_of(&h->t);
    while (h->now_ms < OUTAGE_MS / 2) {
        struct qual_sample s = truth(h, &nominal, &nominal);

        step(h, &s);
    }
}

/* The trip: an outage, with a generator that has come up and sags to the edge of its window. */
static void go_on(struct home *h, uint64_t until_ms)
{
    while (h->now_ms < until_ms) {
        int out = h->now_ms >= OUTAGE_MS && h->now_ms < RETURN_MS;
        struct qual_sample s = truth(h, out ? &none : &nominal, &band);

        step(h, &s);
    }
}

static void check_end(const struct home *h, unsigned at, unsigned wrong)
{
    if (h->t.faults != 0 || h->t.state != TRANSFER_ON_UTILITY ||
        !(h->reached >> TRANSFER_ON_GENERATOR & 1))
        fail_msg("sample %u at %u ms: state %s, faults %x, reached %x", wrong, at,
                 transfer_state_name(h->t.state), h->t.faults, h->reached);
}

/* The trip is walked once; from every step of it a home leaves that is told one lie. */
static void test_any_sample_any_time(void **state)
{
    unsigned trials = 0;
    struct home walk;

    (void)state;
    start(&walk);
    for (; walk.now_ms < END_MS - 3000; go_on(&walk, walk.now_ms + STEP_MS))
        for (unsigned wrong = trials % STRIDE; wrong < WRONG; wrong += STRIDE, trials++) {
            struct qual_sample bad = lie(wrong);
            struct home h = walk;

            step(&h, &bad);
            go_on(&h, END_MS);
            check_end(&h, (unsigned)walk.now_ms, wrong);
        }
    print_message("%u homes told one lie each\n", trials);
    assert_true(trials > 10000);
}

/* A utility at the edge of its window, after one bad sample, is still good: what is judged decides
 * which limits hold, not the last sample. */
static void test_edge_of_the_window(void **state)
{
    (void)state;
    for (unsigned wrong = 0; wrong < WRONG; wrong++) {
        struct qual_sample s, bad = lie(wrong);
        struct home h;

        start(&h);
        for (int i = 0; i < 500; i++) {
            s = truth(&h, &band, &band);
            step(&h, i == 1 ? &bad : &s);
        }
        assert_int_equal(h.t.state, TRANSFER_ON_UTILITY);
        assert_int_equal(h.t.faults, 0);
        assert_true(qual_is(&h.qual, QUAL_UTILITY_GOOD));
        assert_true(qual_is(&h.qual, QUAL_GENERATOR_GOOD));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_any_sample_any_time),
        cmocka_unit_test(test_edge_of_the_window),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
