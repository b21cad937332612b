/* Judging commands: an ordered table of reasons to refuse; the first that holds is the cause. */
#include "order.h"

#include "record.h"

int order_is_fleets(const struct settings *s, enum cose_purpose purpose,
                    const struct cose_sign1 *msg, uint8_t *signing)
{
    uint8_t aad[WIRE_AAD_MAX];
    size_t aad_len = cose_aad(purpose, s->device, aad);

    for (uint32_t i = 0; i < s->fleet_key_count; i++)
        if (cose_verify(msg, (struct span){aad, aad_len}, s->fleet_keys[i], signing) == EC_OK)
            return 1;
    return 0;
}

static int replayed(const struct order_context *c, const struct command *o, uint64_t now_ms)
{
    (void)now_ms;
    return o->counter <= c->counter;
}

static int expired(const struct order_context *c, const struct command *o, uint64_t now_ms)
{
    return clock_is_past(c->clock, o->expires_ms, now_ms);
}

/* The network never commands the switch: no version of this firmware knows such a code. */
static int switching(const struct order_context *c, const struct command *o, uint64_t now_ms)
{
    (void)c, (void)now_ms;
    return o->code >= COMMAND_SWITCHING;
}

static int unsupported(const struct order_context *c, const struct command *o, uint64_t now_ms)
{
    (void)c, (void)now_ms;
    return o->code > COMMAND_FIRMWARE;
}

static const struct {
    int (*when)(const struct order_context *c, const struct command *o, uint64_t now_ms);
    uint8_t cause;
} reasons[] = {
    {replayed, RECORD_CAUSE_REPLAYED},
    {switching, RECORD_CAUSE_SWITCHING},
    {expired, RECORD_CAUSE_EXPIRED},
    {unsupported, RECORD_CAUSE_UNSUPPORTED},
};

enum order_verdict order_judge(const struct order_context *c, struct span message, uint64_t now_ms,
                               struct command *ret, uint32_t *ret_cause)
{
    struct cose_sign1 msg;

    *ret_cause = 0;
    if (cose_decode(message.at, message.len, &msg) != EC_OK ||
        !order_is_fleets(c->settings, COSE_COMMAND, &msg, c->signing) ||
        command_decode(msg.payload, ret) != EC_OK)
        return ORDER_FOREIGN;
    for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++)
        if (reasons[i].when(c, ret, now_ms)) {
            *ret_cause = reasons[i].cause;
            return ORDER_REFUSED;
        }
    return clock_quality(c->clock, now_ms) == RECORD_QUALITY_NONE ? ORDER_LATER : ORDER_GOOD;
}
