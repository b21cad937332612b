/* The switch's rules: what latches a fault, what changes the state, what each state commands. */
#include "transfer.h"

#include <string.h>

/* The mutation test replaces this to force one condition at a time. */
#ifndef TRANSFER_CHECK
#define TRANSFER_CHECK(condition) (condition)
#endif

enum {
    CONTACT_FAULTS = TRANSFER_FAULT(RECORD_CAUSE_NO_OPEN) | TRANSFER_FAULT(RECORD_CAUSE_NO_CLOSE) |
                     TRANSFER_FAULT(RECORD_CAUSE_BOTH_CLOSED) |
                     TRANSFER_FAULT(RECORD_CAUSE_WELDED) | TRANSFER_FAULT(RECORD_CAUSE_BACKFEED),
    AGE_MAX_MS = 60000,
};

/* What a condition looks at. */
struct view {
    const struct transfer *t;
    const struct transfer_config *c;
    const struct transfer_input *in;
};

#define IN(state) (1u << TRANSFER_##state)
#define ANY       ((1u << TRANSFER_STATE_COUNT) - 1)
#define FAULTY    (IN(FAULT_OPEN) | IN(FAULT_UTILITY))
#define FEEDING   (IN(CLOSE_GENERATOR) | IN(ON_GENERATOR))

static int is_in(const struct transfer *t, unsigned states)
{
    return (states >> t->state & 1) != 0;
}

/* ---- conditions that latch and clear faults ---- */

static int both_closed(const struct view *v)
{
    return TRANSFER_CHECK(v->t->both_ms >= v->c->both_ms);
}

static int stuck_closed(const struct view *v)
{
    return TRANSFER_CHECK(v->t->wrong_ms >= v->c->open_ms);
}

static int stuck_open(const struct view *v)
{
    return TRANSFER_CHECK(v->t->wrong_ms >= v->c->close_ms);
}

static int fell_open(const struct view *v)
{
    return TRANSFER_CHECK(v->t->wrong_ms >= v->c->lost_ms);
}

static int load_live_while_open(const struct view *v)
{
    return TRANSFER_CHECK(v->in->load_live) && TRANSFER_CHECK(v->t->open_ms >= v->c->weld_ms);
}

static int backfeeds(const struct view *v)
{
    return TRANSFER_CHECK(v->in->follows);
}

static int uneven(const struct view *v)
{
    return TRANSFER_CHECK(v->in->generator_uneven);
}

static int generator_off(const struct view *v)
{
    return TRANSFER_CHECK(!v->in->generator_live);
}

static int locked_out(const struct view *v)
{
    return TRANSFER_CHECK(v->in->locked_out);
}

/* What the input itself holds needs no holding here: set again in the same step. */
static int always(const struct view *v)
{
    (void)v;
    return 1;
}

/* Service alone clears a contact fault, and only when the contacts look right again. */
static int serviced(const struct view *v)
{
    return TRANSFER_CHECK(v->in->reset) && TRANSFER_CHECK(!v->in->generator_closed);
}

/* Several rows may latch the same fault; all of them are looked at in every step. */
static const struct latch {
    unsigned states;
    int (*sets)(const struct view *v);
    int (*clears)(const struct view *v);
    uint8_t cause;
} latches[] = {
    {ANY, both_closed, serviced, RECORD_CAUSE_BOTH_CLOSED},
    {IN(OPEN), stuck_closed, serviced, RECORD_CAUSE_NO_OPEN},
    {IN(CLOSE_UTILITY) | IN(CLOSE_GENERATOR), stuck_open, serviced, RECORD_CAUSE_NO_CLOSE},
    {IN(ON_UTILITY) | IN(ON_GENERATOR), fell_open, serviced, RECORD_CAUSE_NO_CLOSE},
    {IN(OPEN), load_live_while_open, serviced, RECORD_CAUSE_WELDED},
    {FEEDING, backfeeds, serviced, RECORD_CAUSE_BACKFEED},
    {ANY, uneven, generator_off, RECORD_CAUSE_IMBALANCE},
    {ANY, locked_out, always, RECORD_CAUSE_OVERLOAD_LOCKOUT},
};

/* ---- conditions that change the state ---- */

static int contact_fault(const struct view *v)
{
    return TRANSFER_CHECK((v->t->faults & CONTACT_FAULTS) != 0);
}

static int repaired(const struct view *v)
{
    return !contact_fault(v);
}

static int settled(const struct view *v)
{
    return TRANSFER_CHECK(v->t->start_ms >= v->c->start_ms);
}

static int proven_utility(const struct view *v)
{
    return TRANSFER_CHECK(v->in->utility_closed) && TRANSFER_CHECK(!v->in->generator_closed);
}

static int proven_generator(const struct view *v)
{
    return TRANSFER_CHECK(v->in->generator_closed) && TRANSFER_CHECK(!v->in->utility_closed);
}

static int found_on_utility(const struct view *v)
{
    return settled(v) && proven_utility(v);
}

/* Resting on the utility with a fault is right as long as the generator is surely open. */
static int fault_at_rest(const struct view *v)
{
    return contact_fault(v) && TRANSFER_CHECK(!v->in->generator_closed);
}

/* Fail to the grid side, but never put a generator on the grid: the generator contactor has been
 * open for the dead time, and nothing shows that it is welded behind its feedback. */
static int rest_is_safe(const struct view *v)
{
    return TRANSFER_CHECK(v->t->open_ms > v->c->dwell_ms) &&
           (TRANSFER_CHECK(!v->in->load_live) || TRANSFER_CHECK(!v->in->generator_live));
}

static int want_generator(const struct view *v)
{
    return TRANSFER_CHECK(v->in->utility_failed) && TRANSFER_CHECK(v->in->generator_ready) &&
           TRANSFER_CHECK(v->t->faults == 0) && TRANSFER_CHECK(!v->in->tripped) &&
           TRANSFER_CHECK(!v->in->field_work);
}

static int dwelt(const struct view *v)
{
    return TRANSFER_CHECK(v->t->open_ms > v->c->dwell_ms) && TRANSFER_CHECK(!v->in->load_live);
}

static int dwelt_for_generator(const struct view *v)
{
    return dwelt(v) && want_generator(v);
}

static int imbalanced(const struct view *v)
{
    return TRANSFER_CHECK((v->t->faults & TRANSFER_FAULT(RECORD_CAUSE_IMBALANCE)) != 0);
}

static int overloaded(const struct view *v)
{
    return TRANSFER_CHECK(v->in->tripped) || TRANSFER_CHECK(v->in->locked_out);
}

static int generator_gone(const struct view *v)
{
    return TRANSFER_CHECK(v->in->generator_gone);
}

/* The policy "stays": the customer ends the run by stopping the generator. */
static int generator_stopped(const struct view *v)
{
    return generator_gone(v) && TRANSFER_CHECK(v->c->stays) &&
           TRANSFER_CHECK(v->in->utility_returned);
}

static int return_is_due(const struct view *v)
{
    return TRANSFER_CHECK(!v->c->stays) && TRANSFER_CHECK(v->in->utility_returned);
}

static const struct rule {
    unsigned from;
    int (*when)(const struct view *v);
    uint8_t to;
    uint8_t cause; /* remembered as the reason for leaving the generator; 0 leaves it */
} rules[] = {
    {IN(START) | IN(ON_UTILITY) | IN(CLOSE_UTILITY), fault_at_rest, TRANSFER_FAULT_UTILITY, 0},
    {ANY & ~FAULTY, contact_fault, TRANSFER_FAULT_OPEN, 0},
    {IN(FAULT_UTILITY), both_closed, TRANSFER_FAULT_OPEN, 0},
    {IN(FAULT_UTILITY), repaired, TRANSFER_CLOSE_UTILITY, 0},
    {IN(FAULT_OPEN), repaired, TRANSFER_OPEN, 0},
    {IN(FAULT_OPEN), rest_is_safe, TRANSFER_FAULT_UTILITY, 0},
    {IN(START), found_on_utility, TRANSFER_ON_UTILITY, 0},
    {IN(START), settled, TRANSFER_OPEN, 0},
    {IN(ON_UTILITY), want_generator, TRANSFER_OPEN, 0},
    {FEEDING, imbalanced, TRANSFER_OPEN, RECORD_CAUSE_IMBALANCE},
    {FEEDING, overloaded, TRANSFER_OPEN, RECORD_CAUSE_OVERLOAD_TRIP},
    {FEEDING, generator_stopped, TRANSFER_OPEN, RECORD_CAUSE_GENERATOR_STOPPED},
    {FEEDING, generator_gone, TRANSFER_OPEN, RECORD_CAUSE_GENERATOR_DIED},
    {FEEDING, return_is_due, TRANSFER_OPEN, RECORD_CAUSE_RETURN_TIMER},
    {IN(CLOSE_GENERATOR), proven_generator, TRANSFER_ON_GENERATOR, 0},
    {IN(OPEN), dwelt_for_generator, TRANSFER_CLOSE_GENERATOR, 0},
    {IN(OPEN), dwelt, TRANSFER_CLOSE_UTILITY, 0},
    {IN(CLOSE_UTILITY), proven_utility, TRANSFER_ON_UTILITY, 0},
};

static const struct {
    const char *name;
    struct transfer_command command;
} states[TRANSFER_STATE_COUNT] = {
    [TRANSFER_START] = {"start", {.utility = 1}},
    [TRANSFER_ON_UTILITY] = {"on_utility", {.utility = 1}},
    [TRANSFER_OPEN] = {"open", {0}},
    [TRANSFER_CLOSE_UTILITY] = {"close_utility", {.utility = 1}},
    [TRANSFER_CLOSE_GENERATOR] = {"close_generator", {.generator = 1}},
    [TRANSFER_ON_GENERATOR] = {"on_generator", {.generator = 1}},
    [TRANSFER_FAULT_OPEN] = {"fault_open", {0}},
    [TRANSFER_FAULT_UTILITY] = {"fault_utility", {.utility = 1}},
};

/* Age of a condition: 0 while it does not hold, 1 when first seen, then the time since. Time
 * before the first sight was not seen, so it does not count. */
static uint16_t age(uint16_t ms, int holds, uint32_t dt_ms)
{
    if (!holds)
        return 0;
    if (ms == 0)
        return 1;
    return (uint16_t)(ms + dt_ms > AGE_MAX_MS ? AGE_MAX_MS : ms + dt_ms);
}

/* In OPEN both contactors must be proven open; in FAULT_OPEN the generator's is what matters. */
static int proven_open(const struct transfer *t, const struct transfer_input *in)
{
    if (t->state == TRANSFER_OPEN)
        return TRANSFER_CHECK(!in->utility_closed) && TRANSFER_CHECK(!in->generator_closed);
    return t->state == TRANSFER_FAULT_OPEN && TRANSFER_CHECK(!in->generator_closed);
}

/* Faults are timed from here on: one wrong sample starts the time, the next right one ends it. A
 * generator contactor without voltage behind it cannot be blamed for being open. */
static int feedback_wrong(const struct transfer *t, const struct transfer_input *in)
{
    if (t->state == TRANSFER_OPEN)
        return in->utility_closed || in->generator_closed;
    if (is_in(t, IN(ON_UTILITY) | IN(CLOSE_UTILITY)))
        return TRANSFER_CHECK(!in->utility_closed);
    return is_in(t, FEEDING) && TRANSFER_CHECK(!in->generator_closed) &&
           TRANSFER_CHECK(in->generator_present);
}

static void grow_older(struct transfer *t, const struct transfer_input *in, uint32_t dt_ms)
{
    t->start_ms = age(t->start_ms, t->state == TRANSFER_START, dt_ms);
    t->open_ms = age(t->open_ms, proven_open(t, in), dt_ms);
    t->wrong_ms = age(t->wrong_ms, feedback_wrong(t, in), dt_ms);
    t->both_ms = age(t->both_ms, in->utility_closed && in->generator_closed, dt_ms);
}

static void latch_faults(struct transfer *t, const struct view *v)
{
    uint32_t sets = 0;
    uint32_t clears = 0;

    for (size_t i = 0; i < sizeof(latches) / sizeof(latches[0]); i++) {
        uint32_t bit = TRANSFER_FAULT(latches[i].cause);

        if (is_in(t, latches[i].states) && latches[i].sets(v))
            sets |= bit;
        if (latches[i].clears(v))
            clears |= bit;
    }
    t->faults = (t->faults & ~clears) | sets;
}

static void change_state(struct transfer *t, const struct view *v)
{
    for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
        if (!is_in(t, rules[i].from) || !rules[i].when(v))
            continue;
        t->state = rules[i].to;
        t->cause = rules[i].cause != 0 ? rules[i].cause : t->cause;
        t->start_ms = t->open_ms = t->wrong_ms = 0;
        return;
    }
}

void transfer_init(struct transfer *t, uint32_t faults)
{
    memset(t, 0, sizeof(*t));
    t->state = TRANSFER_START;
    t->faults = faults & ((UINT32_C(1) << TRANSFER_FAULT_COUNT) - 1);
}

struct transfer_command transfer_step(struct transfer *t, const struct transfer_config *config,
                                      const struct transfer_input *in, uint32_t dt_ms)
{
    const struct view v = {t, config, in};

    grow_older(t, in, dt_ms);
    latch_faults(t, &v);
    change_state(t, &v);
    return transfer_command_of(t);
}

struct transfer_command transfer_command_of(const struct transfer *t)
{
    return states[t->state].command;
}

uint32_t transfer_contact_faults(const struct transfer *t)
{
    return t->faults & CONTACT_FAULTS;
}

int transfer_moving(const struct transfer *t)
{
    return is_in(t, IN(START) | IN(OPEN) | IN(CLOSE_UTILITY) | IN(CLOSE_GENERATOR));
}

const char *transfer_state_name(unsigned state)
{
    return state < TRANSFER_STATE_COUNT ? states[state].name : "unknown";
}
