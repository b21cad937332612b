/* One short table per light; the first match wins, no match is dark. */
#include "led.h"

#include "overload.h"
#include "transfer.h"

static int identify(const struct led_view *v)
{
    return v->identify;
}

static int lamp_test(const struct led_view *v)
{
    return v->lamp_test;
}

static int utility_serves(const struct led_view *v)
{
    return v->utility_present && (v->state == TRANSFER_ON_UTILITY ||
                                  v->state == TRANSFER_FAULT_UTILITY || v->state == TRANSFER_START);
}

static int utility_waits(const struct led_view *v)
{
    return v->utility_present;
}

static int generator_serves(const struct led_view *v)
{
    return v->state == TRANSFER_ON_GENERATOR;
}

static int generator_waits(const struct led_view *v)
{
    return v->generator_present;
}

static int generator_unfit(const struct led_view *v)
{
    return v->generator_live;
}

static int load_tripped(const struct led_view *v)
{
    return v->tripped || (v->faults & TRANSFER_FAULT(RECORD_CAUSE_OVERLOAD_LOCKOUT)) != 0;
}

static int load_high(const struct led_view *v)
{
    return v->load_da > OVERLOAD_RATED_DA;
}

static int fault_backfeed(const struct led_view *v)
{
    return (v->faults & TRANSFER_FAULT(RECORD_CAUSE_BACKFEED)) != 0;
}

static int fault_contact(const struct led_view *v)
{
    const struct transfer t = {.faults = v->faults};

    return transfer_contact_faults(&t) != 0;
}

static int fault_blocks(const struct led_view *v)
{
    return v->faults != 0;
}

static const struct {
    uint8_t led;
    int (*when)(const struct led_view *v);
    uint8_t pattern;
} rules[] = {
    {STATUS_LED_UTILITY, lamp_test, STATUS_ON},
    {STATUS_LED_UTILITY, identify, STATUS_BLINK_FAST},
    {STATUS_LED_UTILITY, utility_serves, STATUS_ON},
    {STATUS_LED_UTILITY, utility_waits, STATUS_BLINK_SLOW},
    {STATUS_LED_GENERATOR, lamp_test, STATUS_ON},
    {STATUS_LED_GENERATOR, identify, STATUS_BLINK_FAST},
    {STATUS_LED_GENERATOR, generator_serves, STATUS_ON},
    {STATUS_LED_GENERATOR, generator_waits, STATUS_BLINK_SLOW},
    {STATUS_LED_GENERATOR, generator_unfit, STATUS_BLINK_FAST},
    {STATUS_LED_LOAD, lamp_test, STATUS_ON},
    {STATUS_LED_LOAD, identify, STATUS_BLINK_FAST},
    {STATUS_LED_LOAD, load_tripped, STATUS_BLINK_FAST},
    {STATUS_LED_LOAD, load_high, STATUS_ON},
    {STATUS_LED_FAULT, lamp_test, STATUS_ON},
    {STATUS_LED_FAULT, identify, STATUS_BLINK_FAST},
    {STATUS_LED_FAULT, fault_backfeed, STATUS_BLINK_FAST},
    {STATUS_LED_FAULT, fault_contact, STATUS_ON},
    {STATUS_LED_FAULT, fault_blocks, STATUS_BLINK_SLOW},
};

void led_show(const struct led_view *view, uint8_t ret[STATUS_LED_COUNT])
{
    uint8_t decided = 0;

    for (int i = 0; i < STATUS_LED_COUNT; i++)
        ret[i] = STATUS_OFF;
    for (unsigned i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
        if (decided >> rules[i].led & 1 || !rules[i].when(view))
            continue;
        ret[rules[i].led] = rules[i].pattern;
        decided |= (uint8_t)(1 << rules[i].led);
    }
}
