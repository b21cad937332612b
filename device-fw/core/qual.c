/* Windows with hysteresis, debouncing, and the timers that must be unbroken. */
#include "qual.h"

#include <string.h>

struct window {
    uint32_t leg_min_dv, leg_max_dv, leg_hysteresis_dv;
    uint32_t freq_min_chz, freq_max_chz, freq_hysteresis_chz;
};

static const struct window utility_window = {1080, 1320, 20, 5900, 6100, 10};
static const struct window generator_window = {1080, 1320, 20, 5700, 6300, 20};

enum {
    LIVE_DV = 600,      /* half of nominal */
    LIVE_KEEP_DV = 400, /* once live, until it falls below this */
    UNEVEN_DV = 240,    /* legs this far apart cannot both be in the window */
    HIGH_DV = 1400,     /* 117 % */
    FOLLOW_DV = 10,     /* the same source measured twice agrees to 1 V ... */
    FOLLOW_CHZ = 3,     /* ... and 0.03 Hz; two sources seldom do for FOLLOW_MS */
    PRESENCE_MS = 100,
    CONTACT_MS = 60,
    FOLLOW_MS = 300,
    UNEVEN_MS = 1000, /* a generator that starts up is uneven for moments */
    DANGER_MS = 200,  /* a leg too high, or a lost neutral under load */
};

static uint32_t apart(uint32_t a, uint32_t b)
{
    return a > b ? a - b : b - a;
}

static uint32_t higher(uint32_t a, uint32_t b)
{
    return a > b ? a : b;
}

static int leg_inside(uint32_t dv, const struct window *w, uint32_t margin_dv)
{
    return dv >= w->leg_min_dv + margin_dv && dv + margin_dv <= w->leg_max_dv;
}

/* A source that is out has to come further in than one that is in has to stay. */
static int inside(const struct status_source *s, const struct window *w, int was)
{
    uint32_t leg = was ? 0 : w->leg_hysteresis_dv;
    uint32_t freq = was ? 0 : w->freq_hysteresis_chz;

    return leg_inside(s->l1_dv, w, leg) && leg_inside(s->l2_dv, w, leg) &&
           s->freq_chz >= w->freq_min_chz + freq && s->freq_chz + freq <= w->freq_max_chz;
}

static int live(uint32_t dv, int was)
{
    return dv >= (was ? LIVE_KEEP_DV : LIVE_DV);
}

static int utility_good(const struct qual_sample *s, int was)
{
    return inside(&s->utility, &utility_window, was);
}

static int generator_good(const struct qual_sample *s, int was)
{
    return inside(&s->generator, &generator_window, was);
}

static int generator_live(const struct qual_sample *s, int was)
{
    return live(higher(s->generator.l1_dv, s->generator.l2_dv), was);
}

static int generator_uneven(const struct qual_sample *s, int was)
{
    (void)was;
    return generator_live(s, 0) && apart(s->generator.l1_dv, s->generator.l2_dv) > UNEVEN_DV;
}

static int generator_high(const struct qual_sample *s, int was)
{
    (void)was;
    return higher(s->generator.l1_dv, s->generator.l2_dv) > HIGH_DV;
}

static int load_live(const struct qual_sample *s, int was)
{
    return live(s->load_dv, was);
}

static int utility_closed(const struct qual_sample *s, int was)
{
    (void)was;
    return (s->contacts & STATUS_CLOSED_UTILITY) != 0;
}

static int generator_closed(const struct qual_sample *s, int was)
{
    (void)was;
    return (s->contacts & STATUS_CLOSED_GENERATOR) != 0;
}

static int follows(const struct qual_sample *s, int was)
{
    (void)was;
    return generator_live(s, 0) && live(higher(s->utility.l1_dv, s->utility.l2_dv), 0) &&
           apart(s->utility.l1_dv, s->generator.l1_dv) <= FOLLOW_DV &&
           apart(s->utility.l2_dv, s->generator.l2_dv) <= FOLLOW_DV &&
           apart(s->utility.freq_chz, s->generator.freq_chz) <= FOLLOW_CHZ;
}

static const struct {
    int (*measure)(const struct qual_sample *s, int was);
    uint32_t debounce_ms;
} judgements[QUAL_COUNT] = {
    [QUAL_UTILITY_GOOD] = {utility_good, PRESENCE_MS},
    [QUAL_GENERATOR_GOOD] = {generator_good, PRESENCE_MS},
    [QUAL_GENERATOR_LIVE] = {generator_live, PRESENCE_MS},
    [QUAL_GENERATOR_UNEVEN] = {generator_uneven, DANGER_MS},
    [QUAL_GENERATOR_HIGH] = {generator_high, DANGER_MS},
    [QUAL_LOAD_LIVE] = {load_live, PRESENCE_MS},
    [QUAL_UTILITY_CLOSED] = {utility_closed, CONTACT_MS},
    [QUAL_GENERATOR_CLOSED] = {generator_closed, CONTACT_MS},
    [QUAL_FOLLOWS] = {follows, FOLLOW_MS},
};

/* The first sample that differs only starts the time, however late it comes: it takes a second
 * one to decide. */
static void bit_step(struct qual_bit *b, int raw, uint32_t debounce_ms, uint64_t now_ms)
{
    if (raw != b->raw) {
        b->raw = (uint8_t)raw;
        b->raw_since_ms = now_ms;
    } else if (raw != b->value && now_ms - b->raw_since_ms >= debounce_ms) {
        b->value = (uint8_t)raw;
        b->since_ms = b->raw_since_ms;
    }
}

void qual_init(struct qual *q, uint64_t now_ms)
{
    memset(q, 0, sizeof(*q));
    q->last_ms = now_ms;
    for (int i = 0; i < QUAL_COUNT; i++)
        q->bits[i].raw_since_ms = q->bits[i].since_ms = now_ms;
}

void qual_step(struct qual *q, const struct qual_sample *sample, uint64_t now_ms)
{
    int gap = now_ms - q->last_ms > QUAL_GAP_MS;

    for (int i = 0; i < QUAL_COUNT; i++) {
        struct qual_bit *b = &q->bits[i];

        if (gap)
            b->raw_since_ms = now_ms;
        bit_step(b, judgements[i].measure(sample, b->value), judgements[i].debounce_ms, now_ms);
    }
    q->sample = *sample;
    q->last_ms = now_ms;
}

int qual_lasted(const struct qual *q, enum qual_id id, int value, uint32_t ms, uint64_t now_ms)
{
    return q->bits[id].raw == value && now_ms - q->bits[id].raw_since_ms >= ms;
}

int qual_is(const struct qual *q, enum qual_id id)
{
    return q->bits[id].value;
}

uint64_t qual_age_ms(const struct qual *q, enum qual_id id, uint64_t now_ms)
{
    return now_ms - q->bits[id].since_ms;
}

int qual_unsettled(const struct qual *q)
{
    for (int i = 0; i < QUAL_COUNT; i++)
        if (q->bits[i].raw != q->bits[i].value)
            return 1;
    return 0;
}

/* A sagging generator gets time to recover from a motor start; one that harms appliances or has
 * stopped altogether does not. */
static int generator_gone(const struct qual *q, const struct qual_timers *timers, uint64_t now_ms)
{
    return !qual_is(q, QUAL_GENERATOR_LIVE) ||
           qual_lasted(q, QUAL_GENERATOR_GOOD, 0, timers->ride_ms, now_ms) ||
           qual_is(q, QUAL_GENERATOR_UNEVEN) || qual_is(q, QUAL_GENERATOR_HIGH);
}

void qual_judge(const struct qual *q, const struct qual_timers *timers, uint64_t now_ms,
                struct transfer_input *ret)
{
    ret->utility_failed = !qual_is(q, QUAL_UTILITY_GOOD) &&
                          qual_lasted(q, QUAL_UTILITY_GOOD, 0, timers->fail_ms, now_ms);
    ret->utility_returned = qual_is(q, QUAL_UTILITY_GOOD) &&
                            qual_lasted(q, QUAL_UTILITY_GOOD, 1, timers->return_ms, now_ms);
    ret->generator_present = (uint8_t)qual_is(q, QUAL_GENERATOR_GOOD);
    ret->generator_ready = qual_is(q, QUAL_GENERATOR_GOOD) &&
                           qual_lasted(q, QUAL_GENERATOR_GOOD, 1, timers->gen_ms, now_ms);
    ret->generator_gone = (uint8_t)generator_gone(q, timers, now_ms);
    ret->generator_live = (uint8_t)qual_is(q, QUAL_GENERATOR_LIVE);
    ret->generator_uneven = (uint8_t)qual_lasted(q, QUAL_GENERATOR_UNEVEN, 1, UNEVEN_MS, now_ms);
    ret->utility_closed = (uint8_t)qual_is(q, QUAL_UTILITY_CLOSED);
    ret->generator_closed = (uint8_t)qual_is(q, QUAL_GENERATOR_CLOSED);
    ret->load_live = (uint8_t)qual_is(q, QUAL_LOAD_LIVE);
    ret->follows = (uint8_t)qual_is(q, QUAL_FOLLOWS);
}
