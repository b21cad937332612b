/* Breadth-first search over every state of the switch, with ghosts that keep their own time. */
#include <stdlib.h>
#include <string.h>

#include "transfer_trial.h"

enum {
    AGES = 7,        /* 0, 1, 51, 101, 151, 201, 251 and more */
    AGE_TOP = 251,   /* above every limit of trial_config */
    DEAD_SIGHTS = 3, /* sights of "proven open" that span the dead time: 0, 50, 100 ms */
    KEYS = TRANSFER_STATE_COUNT * 8 * AGES * AGES * AGES * AGES * 4 * 4 * 4,
    LIVE_STEPS = 30,
};

/* The switch with what the trial itself knows about the past. */
struct node {
    struct transfer t;
    uint8_t dark;     /* sights in a row: both commanded and proven open */
    uint8_t gen_dark; /* the same for the generator alone */
    uint8_t contacts; /* honest contactors: bit 0 utility, bit 1 generator closed */
};

struct search {
    unsigned char *seen;
    struct node *queue;
    unsigned count, room;
    struct transfer_config config;
};

#define BIT(cause) TRANSFER_FAULT(RECORD_CAUSE_##cause)
#define CONTACT_FAULTS                                                                             \
    (BIT(NO_OPEN) | BIT(NO_CLOSE) | BIT(BOTH_CLOSED) | BIT(WELDED) | BIT(BACKFEED))

/* The rules ask only whether there is any contact fault, so one stands for all of them. Ages
 * above every limit are the same. The cause does not steer anything. */
static void canonical(struct node *n)
{
    uint16_t *ages[] = {&n->t.start_ms, &n->t.open_ms, &n->t.wrong_ms, &n->t.both_ms};

    for (int i = 0; i < 4; i++)
        if (*ages[i] > AGE_TOP)
            *ages[i] = AGE_TOP;
    if (n->t.faults & CONTACT_FAULTS)
        n->t.faults = (n->t.faults & ~CONTACT_FAULTS) | BIT(NO_OPEN);
    n->t.cause = 0;
}

static unsigned age_index(uint16_t ms)
{
    return ms == 0 ? 0 : 1 + ms / TRIAL_DT_MS;
}

static unsigned key_of(const struct node *n)
{
    unsigned faults = ((n->t.faults & BIT(NO_OPEN)) != 0) |
                      ((n->t.faults & BIT(IMBALANCE)) != 0) << 1 |
                      ((n->t.faults & BIT(OVERLOAD_LOCKOUT)) != 0) << 2;
    unsigned key = n->t.state;

    key = key * 8 + faults;
    key = key * AGES + age_index(n->t.start_ms);
    key = key * AGES + age_index(n->t.open_ms);
    key = key * AGES + age_index(n->t.wrong_ms);
    key = key * AGES + age_index(n->t.both_ms);
    return ((key * 4 + n->dark) * 4 + n->gen_dark) * 4 + n->contacts;
}

static void visit(struct search *s, struct node n)
{
    unsigned key;

    canonical(&n);
    key = key_of(&n);
    if (s->seen[key / 8] >> key % 8 & 1)
        return;
    s->seen[key / 8] |= (unsigned char)(1 << key % 8);
    if (s->count == s->room) {
        s->room = s->room ? s->room * 2 : 1024;
        s->queue = realloc(s->queue, s->room * sizeof(*s->queue));
        if (s->queue == NULL)
            abort();
    }
    s->queue[s->count++] = n;
}

static void search_init(struct search *s, int stays)
{
    struct node start = {.contacts = 1};

    memset(s, 0, sizeof(*s));
    s->seen = calloc(1, KEYS / 8 + 1);
    if (s->seen == NULL)
        abort();
    s->config = trial_config;
    s->config.stays = (uint8_t)stays;
    transfer_init(&start.t, 0);
    visit(s, start);
    transfer_init(&start.t, BIT(NO_OPEN)); /* a fault from before the start */
    visit(s, start);
}

static const char *search_done(struct search *s, const char *broken, unsigned *ret_states)
{
    if (ret_states != NULL)
        *ret_states = s->count;
    free(s->seen);
    free(s->queue);
    return broken;
}

/* ---- inputs: every combination that qualification can deliver ---- */

enum {
    UTILITIES = 3,
    GENERATORS = 6,
    OVERLOADS = 3,
    SOURCES = UTILITIES * GENERATORS * OVERLOADS * 4
};

static const struct transfer_input generators[GENERATORS] = {
    {.generator_gone = 1},
    {.generator_live = 1},
    {.generator_live = 1, .generator_gone = 1},
    {.generator_live = 1, .generator_gone = 1, .generator_uneven = 1},
    {.generator_live = 1, .generator_present = 1},
    {.generator_live = 1, .generator_present = 1, .generator_ready = 1},
};

static struct transfer_input sources(unsigned i)
{
    unsigned utility = i % UTILITIES;
    unsigned overload = i / UTILITIES / GENERATORS % OVERLOADS;
    struct transfer_input in = generators[i / UTILITIES % GENERATORS];

    in.utility_failed = utility == 1;
    in.utility_returned = utility == 2;
    in.tripped = overload >= 1;
    in.locked_out = overload == 2;
    in.field_work = i / (UTILITIES * GENERATORS * OVERLOADS) & 1;
    in.reset = i / (UTILITIES * GENERATORS * OVERLOADS) >> 1 & 1;
    return in;
}

static void set_contacts(struct transfer_input *in, unsigned contacts)
{
    in->utility_closed = contacts & 1;
    in->generator_closed = contacts >> 1 & 1;
}

/* ---- properties of one step ---- */

static int feeding(uint8_t state)
{
    return state == TRANSFER_CLOSE_GENERATOR || state == TRANSFER_ON_GENERATOR;
}

static void see(struct node *n, const struct transfer_input *in)
{
    struct transfer_command c = transfer_command_of(&n->t);
    int gen_open = !c.generator && !in->generator_closed;
    int both_open = gen_open && !c.utility && !in->utility_closed;

    n->dark = (uint8_t)(both_open ? (n->dark < DEAD_SIGHTS ? n->dark + 1 : DEAD_SIGHTS) : 0);
    n->gen_dark =
        (uint8_t)(gen_open ? (n->gen_dark < DEAD_SIGHTS ? n->gen_dark + 1 : DEAD_SIGHTS) : 0);
}

static const char *closing_broken(const struct node *before, const struct node *after,
                                  const struct transfer_input *in)
{
    struct transfer_command was = transfer_command_of(&before->t);
    struct transfer_command is = transfer_command_of(&after->t);

    if (is.utility && is.generator)
        return "both commanded";
    if (is.generator && !was.generator) {
        if (after->dark < DEAD_SIGHTS)
            return "generator closed without proven dead time";
        if (!in->utility_failed || !in->generator_ready)
            return "generator closed although the sources do not ask for it";
        if (after->t.faults != 0 || in->tripped || in->field_work)
            return "generator closed although it is blocked";
        if (in->load_live)
            return "generator closed onto a live load";
    }
    if (is.utility && !was.utility) {
        if (before->t.state != TRANSFER_FAULT_OPEN && after->dark < DEAD_SIGHTS)
            return "utility closed without proven dead time";
        if (before->t.state != TRANSFER_FAULT_OPEN && in->load_live)
            return "utility closed onto a live load";
        if (after->gen_dark < DEAD_SIGHTS)
            return "utility closed while the generator was not proven open";
        if (in->load_live && in->generator_live)
            return "utility closed onto a generator";
    }
    return NULL;
}

static const char *duty_broken(const struct node *before, const struct node *after,
                               const struct transfer_input *in)
{
    uint32_t cleared = before->t.faults & ~after->t.faults;
    struct transfer_command is = transfer_command_of(&after->t);
    int contact_fault = (after->t.faults & CONTACT_FAULTS) != 0;

    if (contact_fault && is.generator)
        return "generator commanded with a contact fault";
    if (feeding(before->t.state) && in->follows && !(after->t.faults & BIT(BACKFEED)))
        return "backfeed did not latch";
    if (!feeding(before->t.state) && after->t.faults & ~before->t.faults & BIT(BACKFEED))
        return "backfeed latched without feeding";
    if (feeding(before->t.state) && is.generator &&
        (in->generator_gone || in->tripped || in->locked_out || in->generator_uneven))
        return "generator kept although it had to be left";
    if (cleared & CONTACT_FAULTS && !in->reset)
        return "a contact fault cleared without service";
    if (cleared & BIT(IMBALANCE) && in->generator_live)
        return "imbalance cleared with the generator live";
    if (cleared & BIT(OVERLOAD_LOCKOUT) && in->locked_out)
        return "lock-out cleared while locked out";
    if (before->t.state == TRANSFER_ON_UTILITY && !is.utility && !contact_fault &&
        !(in->utility_failed && in->generator_ready))
        return "utility left without reason";
    return NULL;
}

static const char *step(const struct search *s, const struct node *before,
                        const struct transfer_input *in, struct node *ret)
{
    const char *broken;

    *ret = *before;
    see(ret, in);
    transfer_step(&ret->t, &s->config, in, TRIAL_DT_MS);
    broken = closing_broken(before, ret, in);
    return broken != NULL ? broken : duty_broken(before, ret, in);
}

const char *trial_explore(int stays, unsigned *ret_states)
{
    struct search s;
    const char *broken = NULL;

    search_init(&s, stays);
    for (unsigned at = 0; at < s.count && broken == NULL; at++)
        for (unsigned i = 0; i < SOURCES * 16 && broken == NULL; i++) {
            struct transfer_input in = sources(i % SOURCES);
            struct node before = s.queue[at];
            struct node after;

            if (in.reset && !(before.t.faults & CONTACT_FAULTS))
                continue; /* nothing else looks at it */
            set_contacts(&in, i / SOURCES & 3);
            in.load_live = i / SOURCES >> 2 & 1;
            in.follows = i / SOURCES >> 3 & 1;
            broken = step(&s, &before, &in, &after);
            after.contacts = 0;
            visit(&s, after);
        }
    return search_done(&s, broken, ret_states);
}

/* ---- honest contactors ---- */

/* A contactor is where its command was one step ago; the load has what its contactor gives. */
static struct transfer_input honest_input(const struct node *n, struct transfer_input in)
{
    set_contacts(&in, n->contacts);
    in.load_live =
        (in.utility_closed && !in.utility_failed) || (in.generator_closed && in.generator_live);
    return in;
}

static const char *honest_step(const struct search *s, const struct node *before,
                               const struct transfer_input *in, struct node *ret)
{
    struct transfer_command c = transfer_command_of(&before->t);
    const char *broken = step(s, before, in, ret);

    ret->contacts = (uint8_t)(c.utility | c.generator << 1);
    return broken;
}

/* With these sources for ever, is the switch in `state` after LIVE_STEPS? */
static int arrives(const struct search *s, struct node n, struct transfer_input source,
                   uint8_t state)
{
    for (int i = 0; i < LIVE_STEPS; i++) {
        struct transfer_input in = honest_input(&n, source);
        struct node next;

        if (honest_step(s, &n, &in, &next) != NULL)
            return 0;
        n = next;
    }
    return n.t.state == state;
}

static const char *liveness_broken(const struct search *s, const struct node *n)
{
    static const struct transfer_input good = {
        .utility_returned = 1, .generator_live = 1, .generator_present = 1, .generator_ready = 1};
    static const struct transfer_input good_alone = {.utility_returned = 1, .generator_gone = 1};
    static const struct transfer_input dead = {.utility_failed = 1, .generator_gone = 1};
    static const struct transfer_input outage = {
        .utility_failed = 1, .generator_live = 1, .generator_present = 1, .generator_ready = 1};
    int blocked = n->t.faults & BIT(IMBALANCE);

    if (!s->config.stays && !arrives(s, *n, good, TRANSFER_ON_UTILITY))
        return "utility good for long, but not on utility";
    if (!arrives(s, *n, good_alone, TRANSFER_ON_UTILITY))
        return "generator gone, utility good, but not on utility";
    if (!arrives(s, *n, dead, TRANSFER_ON_UTILITY))
        return "nothing is live, but not on utility";
    if (!blocked && !arrives(s, *n, outage, TRANSFER_ON_GENERATOR))
        return "outage with a good generator, but not on generator";
    return NULL;
}

/* One sample with wrong contacts or a wrong load voltage, then honest ones. */
static const char *bad_sample_broken(const struct search *s, const struct node *n,
                                     const struct transfer_input *source)
{
    for (unsigned wrong = 1; wrong < 8; wrong++) {
        struct transfer_input in = honest_input(n, *source);
        struct node at = *n, next;

        set_contacts(&in, n->contacts ^ (wrong & 3));
        in.load_live ^= wrong >> 2 & 1;
        for (int i = 0; i < 8; i++) {
            if (honest_step(s, &at, &in, &next) != NULL)
                return "unsafe after one bad sample";
            if (next.t.faults & CONTACT_FAULTS)
                return "one bad sample latched a fault";
            at = next;
            in = honest_input(&at, *source);
        }
    }
    return NULL;
}

/* A switch with a contact fault and sound contacts goes back to the utility after service. */
static const char *service_broken(const struct search *s, const struct node *n)
{
    struct transfer_input source = {.utility_returned = 1, .generator_gone = 1, .reset = 1};

    return arrives(s, *n, source, TRANSFER_ON_UTILITY) ? NULL : "service does not help";
}

const char *trial_honest(int stays, unsigned *ret_states)
{
    struct search s;
    const char *broken = NULL;

    search_init(&s, stays);
    for (unsigned at = 0; at < s.count && broken == NULL; at++) {
        int faulty = (s.queue[at].t.faults & CONTACT_FAULTS) != 0;

        broken = faulty ? service_broken(&s, &s.queue[at]) : liveness_broken(&s, &s.queue[at]);
        for (unsigned i = 0; i < SOURCES && broken == NULL; i++) {
            struct node before = s.queue[at], after;
            struct transfer_input source = sources(i);
            struct transfer_input in = honest_input(&before, source);

            broken = honest_step(&s, &before, &in, &after);
            if (broken == NULL && !faulty && after.t.faults & CONTACT_FAULTS)
                broken = "a fault latched although the contactors are honest";
            if (broken == NULL && !faulty && !source.reset)
                broken = bad_sample_broken(&s, &before, &source);
            visit(&s, after);
        }
    }
    return search_done(&s, broken, ret_states);
}
