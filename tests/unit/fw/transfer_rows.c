/* The rule table as rows: one step from a given state with given inputs. */
#include <stddef.h>

#include "transfer_trial.h"

const struct transfer_config trial_config = {
    .dwell_ms = 100,
    .start_ms = 100,
    .open_ms = 150,
    .close_ms = 150,
    .lost_ms = 150,
    .both_ms = 100,
    .weld_ms = 200,
};

#define U_IN         .utility_returned = 1
#define U_OUT        .utility_failed = 1
#define G_OFF        .generator_gone = 1
#define G_RIDES      .generator_live = 1
#define G_NEW        .generator_live = 1, .generator_present = 1
#define G_READY      G_NEW, .generator_ready = 1
#define CLOSED_U     .utility_closed = 1
#define CLOSED_G     .generator_closed = 1
#define FAULT(cause) TRANSFER_FAULT(RECORD_CAUSE_##cause)

struct row {
    const char *name;
    struct transfer before;
    struct transfer_input in;
    uint8_t stays;
    uint8_t state; /* after */
    uint8_t cause;
    uint32_t faults;
};

#define ROW(name, from, to, ...)                                                                   \
    {                                                                                              \
        name, {.state = TRANSFER_##from}, {__VA_ARGS__}, .state = TRANSFER_##to                    \
    }
#define AGED(name, from, ages, to, ...)                                                            \
    {                                                                                              \
        name, {.state = TRANSFER_##from, ages}, {__VA_ARGS__}, .state = TRANSFER_##to              \
    }

static const struct row rows[] = {
    /* start */
    AGED("start waits", START, .start_ms = 49, START, U_IN, CLOSED_U),
    AGED("start finds the utility", START, .start_ms = 51, ON_UTILITY, U_IN, CLOSED_U),
    AGED("start finds nothing closed", START, .start_ms = 51, OPEN, U_IN),
    AGED("start finds the generator closed", START, .start_ms = 51, OPEN, U_OUT, CLOSED_G),
    AGED("start with both closed", START, .start_ms = 51, OPEN, U_IN, CLOSED_U, CLOSED_G),

    /* utility to generator */
    ROW("transfer", ON_UTILITY, OPEN, U_OUT, G_READY, CLOSED_U),
    ROW("utility not out for T_fail", ON_UTILITY, ON_UTILITY, G_READY, CLOSED_U),
    ROW("utility good", ON_UTILITY, ON_UTILITY, U_IN, G_READY, CLOSED_U),
    ROW("generator not in for T_gen", ON_UTILITY, ON_UTILITY, U_OUT, G_NEW, CLOSED_U),
    ROW("no generator", ON_UTILITY, ON_UTILITY, U_OUT, G_OFF, CLOSED_U),
    ROW("cooling down", ON_UTILITY, ON_UTILITY, U_OUT, G_READY, CLOSED_U, .tripped = 1),
    ROW("field work", ON_UTILITY, ON_UTILITY, U_OUT, G_READY, CLOSED_U, .field_work = 1),
    {"blocked by imbalance",
     {.state = TRANSFER_ON_UTILITY, .faults = FAULT(IMBALANCE)},
     {U_OUT, G_READY, CLOSED_U},
     .state = TRANSFER_ON_UTILITY,
     .faults = FAULT(IMBALANCE)},
    {"imbalance ends with the generator",
     {.state = TRANSFER_ON_UTILITY, .faults = FAULT(IMBALANCE)},
     {U_OUT, G_OFF, CLOSED_U},
     .state = TRANSFER_ON_UTILITY},
    {"locked out",
     {.state = TRANSFER_ON_UTILITY, .faults = FAULT(OVERLOAD_LOCKOUT)},
     {U_OUT, G_READY, CLOSED_U, .locked_out = 1},
     .state = TRANSFER_ON_UTILITY,
     .faults = FAULT(OVERLOAD_LOCKOUT)},
    {"lock-out ends",
     {.state = TRANSFER_ON_UTILITY, .faults = FAULT(OVERLOAD_LOCKOUT)},
     {U_IN, G_OFF, CLOSED_U},
     .state = TRANSFER_ON_UTILITY},

    /* open: proof and dead time */
    AGED("dead time runs", OPEN, .open_ms = 1, OPEN, U_OUT, G_READY),
    AGED("dead time is over", OPEN, .open_ms = 51, CLOSE_GENERATOR, U_OUT, G_READY),
    AGED("dead time is over, back", OPEN, .open_ms = 51, CLOSE_UTILITY, U_IN, G_READY),
    AGED("generator lost in the dead time", OPEN, .open_ms = 51, CLOSE_UTILITY, U_OUT, G_OFF),
    AGED("load still live", OPEN, .open_ms = 51, OPEN, U_OUT, G_READY, .load_live = 1),
    AGED("utility contactor not open", OPEN, .open_ms = 51, OPEN, U_OUT, G_READY, CLOSED_U),
    AGED("generator contactor not open", OPEN, .open_ms = 51, OPEN, U_IN, G_READY, CLOSED_G),
    AGED("still opening", OPEN, .wrong_ms = 99, OPEN, U_OUT, G_READY, CLOSED_U),

    /* closing */
    ROW("closing the generator", CLOSE_GENERATOR, CLOSE_GENERATOR, U_OUT, G_READY),
    ROW("generator proven", CLOSE_GENERATOR, ON_GENERATOR, U_OUT, G_READY, CLOSED_G),
    ROW("generator closed, utility too", CLOSE_GENERATOR, CLOSE_GENERATOR, U_OUT, G_READY, CLOSED_U,
        CLOSED_G),
    AGED("slow, but no voltage to close with", CLOSE_GENERATOR, .wrong_ms = 101, CLOSE_GENERATOR,
         U_OUT, G_RIDES),
    ROW("closing the utility", CLOSE_UTILITY, CLOSE_UTILITY, U_IN, G_OFF),
    ROW("utility proven", CLOSE_UTILITY, ON_UTILITY, U_IN, G_OFF, CLOSED_U),
    ROW("utility closed, generator too", CLOSE_UTILITY, CLOSE_UTILITY, U_IN, G_OFF, CLOSED_U,
        CLOSED_G),

    /* generator to utility */
    ROW("stays in an outage", ON_GENERATOR, ON_GENERATOR, U_OUT, G_READY, CLOSED_G),
    ROW("utility back, not for T_return", ON_GENERATOR, ON_GENERATOR, G_READY, CLOSED_G),
    ROW("rides through a sag", ON_GENERATOR, ON_GENERATOR, U_OUT, G_RIDES, CLOSED_G),
    {"returns by itself",
     {.state = TRANSFER_ON_GENERATOR},
     {U_IN, G_READY, CLOSED_G},
     .state = TRANSFER_OPEN,
     .cause = RECORD_CAUSE_RETURN_TIMER},
    {"stays until it stops",
     {.state = TRANSFER_ON_GENERATOR},
     {U_IN, G_READY, CLOSED_G},
     .stays = 1,
     .state = TRANSFER_ON_GENERATOR},
    {"stopped",
     {.state = TRANSFER_ON_GENERATOR},
     {U_IN, G_OFF, CLOSED_G},
     .stays = 1,
     .state = TRANSFER_OPEN,
     .cause = RECORD_CAUSE_GENERATOR_STOPPED},
    {"died although it stays",
     {.state = TRANSFER_ON_GENERATOR},
     {U_OUT, G_OFF, CLOSED_G},
     .stays = 1,
     .state = TRANSFER_OPEN,
     .cause = RECORD_CAUSE_GENERATOR_DIED},
    {"died in the return timer",
     {.state = TRANSFER_ON_GENERATOR},
     {G_OFF, CLOSED_G},
     .state = TRANSFER_OPEN,
     .cause = RECORD_CAUSE_GENERATOR_DIED},
    {"died when the return was due",
     {.state = TRANSFER_ON_GENERATOR},
     {U_IN, G_OFF, CLOSED_G},
     .state = TRANSFER_OPEN,
     .cause = RECORD_CAUSE_GENERATOR_DIED},
    {"tripped",
     {.state = TRANSFER_ON_GENERATOR},
     {U_OUT, G_READY, CLOSED_G, .tripped = 1},
     .state = TRANSFER_OPEN,
     .cause = RECORD_CAUSE_OVERLOAD_TRIP},
    {"tripped for the last time",
     {.state = TRANSFER_ON_GENERATOR},
     {U_OUT, G_READY, CLOSED_G, .locked_out = 1},
     .state = TRANSFER_OPEN,
     .cause = RECORD_CAUSE_OVERLOAD_TRIP,
     .faults = FAULT(OVERLOAD_LOCKOUT)},
    {"uneven",
     {.state = TRANSFER_ON_GENERATOR},
     {U_OUT, G_NEW, CLOSED_G, .generator_uneven = 1},
     .state = TRANSFER_OPEN,
     .cause = RECORD_CAUSE_IMBALANCE,
     .faults = FAULT(IMBALANCE)},
    {"died while closing",
     {.state = TRANSFER_CLOSE_GENERATOR},
     {U_OUT, G_OFF},
     .state = TRANSFER_OPEN,
     .cause = RECORD_CAUSE_GENERATOR_DIED},
    ROW("field work does not switch", ON_GENERATOR, ON_GENERATOR, U_OUT, G_READY, CLOSED_G,
        .field_work = 1),

    /* contact faults */
    {"stuck closed",
     {.state = TRANSFER_OPEN, .wrong_ms = 101},
     {U_OUT, G_READY, CLOSED_U},
     .state = TRANSFER_FAULT_OPEN,
     .faults = FAULT(NO_OPEN)},
    AGED("late, but open", OPEN, .wrong_ms = 101, OPEN, U_OUT, G_READY),
    {"utility does not close",
     {.state = TRANSFER_CLOSE_UTILITY, .wrong_ms = 101},
     {U_IN, G_OFF},
     .state = TRANSFER_FAULT_UTILITY,
     .faults = FAULT(NO_CLOSE)},
    {"generator does not close",
     {.state = TRANSFER_CLOSE_GENERATOR, .wrong_ms = 101},
     {U_OUT, G_READY},
     .state = TRANSFER_FAULT_OPEN,
     .faults = FAULT(NO_CLOSE)},
    AGED("utility contactor fell open", ON_UTILITY, .wrong_ms = 51, ON_UTILITY, U_IN, G_OFF),
    {"utility contactor lost",
     {.state = TRANSFER_ON_UTILITY, .wrong_ms = 101},
     {U_IN, G_OFF},
     .state = TRANSFER_FAULT_UTILITY,
     .faults = FAULT(NO_CLOSE)},
    {"generator contactor lost",
     {.state = TRANSFER_ON_GENERATOR, .wrong_ms = 101},
     {U_OUT, G_READY},
     .state = TRANSFER_FAULT_OPEN,
     .faults = FAULT(NO_CLOSE)},
    AGED("generator contactor drops with its voltage", ON_GENERATOR, .wrong_ms = 101, ON_GENERATOR,
         U_OUT, G_RIDES),
    AGED("feedback is back", ON_GENERATOR, .wrong_ms = 101, ON_GENERATOR, U_OUT, G_READY, CLOSED_G),
    AGED("both closed for a moment", ON_UTILITY, .both_ms = 1, ON_UTILITY, U_IN, CLOSED_U,
         CLOSED_G),
    {"both closed",
     {.state = TRANSFER_ON_UTILITY, .both_ms = 51},
     {U_IN, CLOSED_U, CLOSED_G},
     .state = TRANSFER_FAULT_OPEN,
     .faults = FAULT(BOTH_CLOSED)},
    {"welded",
     {.state = TRANSFER_OPEN, .open_ms = 151},
     {U_OUT, G_READY, .load_live = 1},
     .state = TRANSFER_FAULT_OPEN,
     .faults = FAULT(WELDED)},
    AGED("load died at the last moment", OPEN, .open_ms = 151, CLOSE_GENERATOR, U_OUT, G_READY),
    AGED("load lives on for a while", OPEN, .open_ms = 101, OPEN, U_OUT, G_READY, .load_live = 1),
    {"backfeed",
     {.state = TRANSFER_ON_GENERATOR},
     {U_OUT, G_READY, CLOSED_G, .follows = 1},
     .state = TRANSFER_FAULT_OPEN,
     .faults = FAULT(BACKFEED)},
    {"backfeed at once",
     {.state = TRANSFER_CLOSE_GENERATOR},
     {U_OUT, G_READY, .follows = 1},
     .state = TRANSFER_FAULT_OPEN,
     .faults = FAULT(BACKFEED)},
    ROW("alike, but not feeding", ON_UTILITY, ON_UTILITY, U_IN, G_READY, CLOSED_U, .follows = 1),

    /* at rest with a fault, and back into service */
    {"rests once it is safe",
     {.state = TRANSFER_FAULT_OPEN, .open_ms = 51, .faults = FAULT(BACKFEED)},
     {U_OUT, G_READY},
     .state = TRANSFER_FAULT_UTILITY,
     .faults = FAULT(BACKFEED)},
    {"dead time in a fault",
     {.state = TRANSFER_FAULT_OPEN, .open_ms = 1, .faults = FAULT(BACKFEED)},
     {U_OUT, G_READY},
     .state = TRANSFER_FAULT_OPEN,
     .faults = FAULT(BACKFEED)},
    {"welded to the generator",
     {.state = TRANSFER_FAULT_OPEN, .open_ms = 51, .faults = FAULT(WELDED)},
     {U_OUT, G_READY, .load_live = 1},
     .state = TRANSFER_FAULT_OPEN,
     .faults = FAULT(WELDED)},
    {"welded to the utility",
     {.state = TRANSFER_FAULT_OPEN, .open_ms = 51, .faults = FAULT(WELDED)},
     {U_IN, G_OFF, .load_live = 1},
     .state = TRANSFER_FAULT_UTILITY,
     .faults = FAULT(WELDED)},
    {"generator contactor stuck",
     {.state = TRANSFER_FAULT_OPEN, .open_ms = 51, .faults = FAULT(NO_OPEN)},
     {U_IN, G_OFF, CLOSED_G},
     .state = TRANSFER_FAULT_OPEN,
     .faults = FAULT(NO_OPEN)},
    {"a fault stays without service",
     {.state = TRANSFER_FAULT_UTILITY, .faults = FAULT(NO_CLOSE)},
     {U_OUT, G_READY, CLOSED_U},
     .state = TRANSFER_FAULT_UTILITY,
     .faults = FAULT(NO_CLOSE)},
    {"serviced",
     {.state = TRANSFER_FAULT_UTILITY, .faults = FAULT(NO_CLOSE)},
     {U_IN, G_OFF, CLOSED_U, .reset = 1},
     .state = TRANSFER_CLOSE_UTILITY},
    {"serviced while open",
     {.state = TRANSFER_FAULT_OPEN, .faults = FAULT(WELDED)},
     {U_IN, G_OFF, .reset = 1},
     .state = TRANSFER_OPEN},
    {"service refused",
     {.state = TRANSFER_FAULT_OPEN, .faults = FAULT(NO_OPEN)},
     {U_IN, G_OFF, CLOSED_G, .reset = 1},
     .state = TRANSFER_FAULT_OPEN,
     .faults = FAULT(NO_OPEN)},
    {"generator closes while at rest",
     {.state = TRANSFER_FAULT_UTILITY, .both_ms = 51, .faults = FAULT(NO_CLOSE)},
     {U_IN, G_OFF, CLOSED_U, CLOSED_G},
     .state = TRANSFER_FAULT_OPEN,
     .faults = FAULT(NO_CLOSE) | FAULT(BOTH_CLOSED)},
    {"fault from before the start",
     {.state = TRANSFER_START, .faults = FAULT(WELDED)},
     {U_IN, G_OFF, CLOSED_U},
     .state = TRANSFER_FAULT_UTILITY,
     .faults = FAULT(WELDED)},
    {"fault from before, generator closed",
     {.state = TRANSFER_START, .faults = FAULT(WELDED)},
     {U_IN, G_OFF, CLOSED_G},
     .state = TRANSFER_FAULT_OPEN,
     .faults = FAULT(WELDED)},
};

const char *trial_rows(void)
{
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct transfer_config config = trial_config;
        struct transfer t = rows[i].before;

        config.stays = rows[i].stays;
        transfer_step(&t, &config, &rows[i].in, TRIAL_DT_MS);
        if (t.state != rows[i].state || t.faults != rows[i].faults || t.cause != rows[i].cause)
            return rows[i].name;
    }
    return NULL;
}
