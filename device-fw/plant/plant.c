/* Voltages, currents and moving contactors of the modelled house. */
#include "plant.h"

#include <string.h>

enum {
    UTILITY_DV = 1215,
    UTILITY_SAG_DV = 980,
    UTILITY_CHZ = 6000,
    GENERATOR_DV = 1185,
    GENERATOR_SAG_DV = 1010,
    GENERATOR_CHZ = 6035,
    DROOP_DV = 25, /* at rated load */
    DROOP_CHZ = 30,
    NEUTRAL_SHIFT_DV = 350,
    TRAVEL_MS = 30,
    LOAD_DA = 120,
};

void plant_init(struct plant *p, uint32_t seed)
{
    memset(p, 0, sizeof(*p));
    p->utility = PLANT_UTILITY_ON;
    p->interlock = 1;
    p->load_da = LOAD_DA;
    p->travel_ms = TRAVEL_MS;
    p->contactors[PLANT_UTILITY_SIDE].closed = 1;
    p->noise = seed | 1;
}

void plant_utility(struct plant *p, enum plant_utility state)
{
    p->utility = (uint8_t)state;
}

static void set_generator(struct plant *p, enum plant_generator state)
{
    p->generator = (uint8_t)state;
    p->generator_ms = 0;
}

void plant_generator_start(struct plant *p)
{
    if (p->generator != PLANT_GENERATOR_RUNNING && p->generator != PLANT_GENERATOR_STARTING)
        set_generator(p, p->generator == PLANT_GENERATOR_SAG ? PLANT_GENERATOR_RUNNING
                                                             : PLANT_GENERATOR_STARTING);
}

void plant_generator_stop(struct plant *p)
{
    if (p->generator != PLANT_GENERATOR_OFF)
        set_generator(p, PLANT_GENERATOR_STOPPING);
}

void plant_generator_sag(struct plant *p)
{
    if (p->generator == PLANT_GENERATOR_RUNNING)
        set_generator(p, PLANT_GENERATOR_SAG);
}

/* ---- contactors ---- */

static void move(struct plant *p, int side, int command, uint32_t dt_ms)
{
    struct plant_contactor *c = &p->contactors[side];

    c->coil = (uint8_t)command;
    if (c->welded) {
        c->closed = 1;
        return;
    }
    if (command == c->closed || (command && c->jammed) ||
        (command && p->interlock && p->contactors[1 - side].closed)) {
        c->moving_ms = 0;
        return;
    }
    if (c->moving_ms == 0)
        c->moving_ms = p->travel_ms + 1;
    if (c->moving_ms > dt_ms) {
        c->moving_ms -= dt_ms;
        return;
    }
    c->moving_ms = 0;
    c->closed = (uint8_t)command;
}

static void run_generator(struct plant *p, uint32_t dt_ms)
{
    p->generator_ms += dt_ms;
    if (p->generator == PLANT_GENERATOR_STARTING && p->generator_ms >= PLANT_START_MS)
        set_generator(p, PLANT_GENERATOR_RUNNING);
    if (p->generator == PLANT_GENERATOR_STOPPING && p->generator_ms >= PLANT_STOP_MS)
        set_generator(p, PLANT_GENERATOR_OFF);
}

void plant_step(struct plant *p, struct transfer_command command, int powered, uint32_t dt_ms)
{
    /* The one that opens moves first, as with real travel times either may. */
    move(p, PLANT_GENERATOR_SIDE, powered ? command.generator : 0, dt_ms);
    move(p, PLANT_UTILITY_SIDE, powered ? command.utility : 1, dt_ms);
    run_generator(p, dt_ms);
    if (p->contactors[0].closed && p->contactors[1].closed)
        p->both_closed_ms += dt_ms;
}

/* ---- measurements ---- */

/* xorshift32: enough for the last digit of a voltage. */
static uint32_t noise(struct plant *p, uint32_t span)
{
    p->noise ^= p->noise << 13;
    p->noise ^= p->noise >> 17;
    p->noise ^= p->noise << 5;
    return p->noise % span;
}

static struct status_source utility_now(struct plant *p)
{
    uint32_t dv = p->utility == PLANT_UTILITY_SAG ? UTILITY_SAG_DV : UTILITY_DV;

    if (p->utility == PLANT_UTILITY_OFF)
        return (struct status_source){0};
    return (struct status_source){dv + noise(p, 5), dv - noise(p, 5), UTILITY_CHZ + noise(p, 3)};
}

/* Voltage and frequency rise with the speed of the engine, and fall with it. */
static struct status_source generator_now(struct plant *p, uint32_t load_da)
{
    uint32_t load = load_da < QUAL_RATED_DA * 2 ? load_da : QUAL_RATED_DA * 2;
    uint32_t dv = GENERATOR_DV - DROOP_DV * load / QUAL_RATED_DA;
    uint32_t chz = GENERATOR_CHZ - DROOP_CHZ * load / QUAL_RATED_DA;
    uint32_t shift = p->neutral_open ? NEUTRAL_SHIFT_DV : 0;
    uint32_t speed = 1000; /* per mille */

    if (p->generator == PLANT_GENERATOR_OFF)
        return (struct status_source){0};
    if (p->generator == PLANT_GENERATOR_STARTING)
        speed = p->generator_ms * 1000 / PLANT_START_MS;
    if (p->generator == PLANT_GENERATOR_STOPPING)
        speed = 1000 - p->generator_ms * 1000 / PLANT_STOP_MS;
    if (p->generator == PLANT_GENERATOR_SAG)
        dv = GENERATOR_SAG_DV;
    return (struct status_source){(dv + shift + noise(p, 7)) * speed / 1000,
                                  (dv - shift - noise(p, 7)) * speed / 1000,
                                  (chz + noise(p, 5)) * speed / 1000};
}

static uint32_t higher_leg(const struct status_source *s)
{
    return s->l1_dv > s->l2_dv ? s->l1_dv : s->l2_dv;
}

static int feedback(const struct plant_contactor *c)
{
    const uint8_t shown[] = {
        [PLANT_FEEDBACK_TRUE] = c->closed,
        [PLANT_FEEDBACK_OPEN] = 0,
        [PLANT_FEEDBACK_CLOSED] = 1,
        [PLANT_FEEDBACK_COIL] = c->coil,
    };

    return shown[c->feedback];
}

void plant_sample(struct plant *p, struct qual_sample *ret)
{
    const struct plant_contactor *u = &p->contactors[PLANT_UTILITY_SIDE];
    const struct plant_contactor *g = &p->contactors[PLANT_GENERATOR_SIDE];
    uint32_t carried = g->closed ? p->load_da : 0;

    memset(ret, 0, sizeof(*ret));
    ret->utility = utility_now(p);
    ret->generator = generator_now(p, carried);
    if (u->closed && g->closed && p->utility == PLANT_UTILITY_OFF)
        ret->utility = ret->generator; /* the generator feeds the line: backfeed */
    if (u->closed)
        ret->load_dv = higher_leg(&ret->utility);
    else if (g->closed)
        ret->load_dv = higher_leg(&ret->generator);
    ret->load_da = ret->load_dv >= 400 ? p->load_da + noise(p, 2) : 0;
    ret->contacts = (uint8_t)((feedback(u) ? STATUS_CLOSED_UTILITY : 0) |
                              (feedback(g) ? STATUS_CLOSED_GENERATOR : 0));
}
