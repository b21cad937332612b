/* Proofs of the transfer switch, by CBMC: any state, any inputs, any configuration, any step. */
#include "../../../device-fw/core/transfer.c"

/* What CBMC chooses freely. */
struct transfer nondet_transfer(void);
struct transfer_input nondet_input(void);
struct transfer_config nondet_config(void);
uint32_t nondet_number(void);

#define ASSUME(condition)      __CPROVER_assume(condition)
#define PROVE(condition, what) __CPROVER_assert(condition, what)

enum { DT_MAX_MS = 60000, GHOST_MAX_MS = 1000000000 };

static struct transfer_input bits(struct transfer_input in)
{
    uint8_t *at = (uint8_t *)&in;

    for (unsigned i = 0; i < sizeof(in); i++)
        ASSUME(at[i] <= 1);
    return in;
}

static int feeding(const struct transfer *t)
{
    return is_in(t, FEEDING);
}

/* How long the contactors have been commanded and proven open, by a clock of the proof's own: from
 * the first sight on, as the device may claim no more than it has seen. */
struct ghost {
    uint8_t seen;
    uint32_t ms;
};

static struct ghost grow(struct ghost g, int open, uint32_t dt_ms)
{
    if (!open)
        return (struct ghost){0, 0};
    return (struct ghost){1, g.seen ? g.ms + dt_ms : 0};
}

/* The invariant: ages are in range, run only where they are used, and never exceed the ghosts. */
static int invariant(const struct transfer *t, struct ghost both, struct ghost generator)
{
    struct ghost g = t->state == TRANSFER_OPEN ? both : generator;

    return t->state < TRANSFER_STATE_COUNT && t->faults >> TRANSFER_FAULT_COUNT == 0 &&
           t->start_ms <= AGE_MAX_MS && t->open_ms <= AGE_MAX_MS && t->wrong_ms <= AGE_MAX_MS &&
           t->both_ms <= AGE_MAX_MS && (!both.seen || generator.seen) &&
           (!both.seen || both.ms <= generator.ms) &&
           (t->open_ms == 0 ||
            (is_in(t, IN(OPEN) | IN(FAULT_OPEN)) && g.seen && t->open_ms - 1u <= g.ms));
}

/* Never both commanded, no crossing without the dead time, and the invariant holds again: with the
 * start below this is a proof for all time. */
void prove_dead_time(void)
{
    struct transfer t = nondet_transfer();
    struct transfer_config config = nondet_config();
    struct transfer_input in = bits(nondet_input());
    struct ghost both = {nondet_number() & 1, nondet_number()};
    struct ghost generator = {nondet_number() & 1, nondet_number()};
    uint32_t dt_ms = nondet_number();

    ASSUME(dt_ms <= DT_MAX_MS && both.ms <= GHOST_MAX_MS && generator.ms <= GHOST_MAX_MS);
    ASSUME(invariant(&t, both, generator));

    struct transfer_command was = transfer_command_of(&t);
    uint8_t from = t.state;
    int generator_open = !was.generator && !in.generator_closed;

    both = grow(both, generator_open && !was.utility && !in.utility_closed, dt_ms);
    generator = grow(generator, generator_open, dt_ms);
    struct transfer_command is = transfer_step(&t, &config, &in, dt_ms);

    PROVE(!(is.utility && is.generator), "never both commanded");
    PROVE(is.utility == transfer_command_of(&t).utility, "commands are those of the state");
    if (is.generator && !was.generator) {
        PROVE(both.seen && both.ms >= config.dwell_ms, "generator closes after the dead time");
        PROVE(in.utility_failed && in.generator_ready, "generator closes when it is asked for");
        PROVE(t.faults == 0 && !in.tripped && !in.field_work, "generator closes when not blocked");
        PROVE(!in.load_live, "generator closes onto a dead load");
    }
    if (is.utility && !was.utility) {
        PROVE(generator.seen && generator.ms >= config.dwell_ms, "utility closes after dead time");
        PROVE(from == TRANSFER_FAULT_OPEN || (both.seen && both.ms >= config.dwell_ms),
              "utility closes with both proven open");
        PROVE(!in.load_live || (from == TRANSFER_FAULT_OPEN && !in.generator_live),
              "utility never closes onto a generator");
    }
    PROVE(invariant(&t, both, generator), "the invariant holds again");
}

/* The invariant holds at the start, with whatever faults were latched before. */
void prove_start(void)
{
    struct ghost none = {0, 0};
    struct transfer t;

    transfer_init(&t, nondet_number());
    PROVE(invariant(&t, none, none), "the invariant holds at the start");
    PROVE(transfer_command_of(&t).utility && !transfer_command_of(&t).generator, "starts at rest");
}

/* What a single step must do, from any state at all. */
void prove_step(void)
{
    struct transfer t = nondet_transfer();
    struct transfer_config config = nondet_config();
    struct transfer_input in = bits(nondet_input());
    uint32_t dt_ms = nondet_number();

    ASSUME(t.state < TRANSFER_STATE_COUNT && t.faults >> TRANSFER_FAULT_COUNT == 0);
    ASSUME(dt_ms <= DT_MAX_MS && t.start_ms <= AGE_MAX_MS && t.open_ms <= AGE_MAX_MS &&
           t.wrong_ms <= AGE_MAX_MS && t.both_ms <= AGE_MAX_MS);

    struct transfer before = t;
    struct transfer_command is = transfer_step(&t, &config, &in, dt_ms);
    uint32_t cleared = before.faults & ~t.faults;
    uint32_t set = t.faults & ~before.faults;

    PROVE(!(t.faults & CONTACT_FAULTS) || !is.generator, "a contact fault opens the generator");
    if (feeding(&before)) {
        PROVE(!in.follows || t.faults & TRANSFER_FAULT(RECORD_CAUSE_BACKFEED), "backfeed latches");
        PROVE(!is.generator || !(in.generator_gone || in.tripped || in.locked_out ||
                                 in.generator_uneven || in.follows),
              "a bad generator is left in one step");
    } else {
        PROVE(!(set & TRANSFER_FAULT(RECORD_CAUSE_BACKFEED)), "backfeed only while feeding");
    }
    PROVE(!(cleared & CONTACT_FAULTS) || (in.reset && !in.generator_closed),
          "only service clears a contact fault");
    PROVE(!(cleared & TRANSFER_FAULT(RECORD_CAUSE_IMBALANCE)) || !in.generator_live,
          "imbalance lasts as long as the generator runs");
    if (before.state == TRANSFER_ON_UTILITY && !is.utility)
        PROVE(t.faults & CONTACT_FAULTS || (in.utility_failed && in.generator_ready),
              "a good utility is not left");
    /* A fault needs an age that two samples make: what one wrong sample starts is 1 ms old. */
    if (set & CONTACT_FAULTS & ~TRANSFER_FAULT(RECORD_CAUSE_BACKFEED))
        PROVE((before.both_ms > 0 || config.both_ms <= 1) ||
                  (before.wrong_ms > 0 || config.open_ms <= 1 || config.close_ms <= 1 ||
                   config.lost_ms <= 1) ||
                  (before.open_ms > 0 || config.weld_ms <= 1),
              "no single sample latches a contact fault");
}
