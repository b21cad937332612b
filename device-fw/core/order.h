/* Orders: what the fleet's operator sends a device is verified and judged here, before anything. */
#ifndef BPTM_ORDER_H
#define BPTM_ORDER_H

#include "clock.h"
#include "command.h"
#include "cose.h"
#include "settings.h"

/** What a judgement rests on; borrowed for the call. */
struct order_context {
    const struct settings *settings; /* the device's name and the keys of the fleet */
    const struct clock *clock;
    uint64_t counter; /* of the last command that was used up (struct journal) */
    uint8_t *signing; /* WIRE_SCRATCH_LEN bytes */
};

enum order_verdict {
    ORDER_GOOD,    /* to be carried out, unless its argument says otherwise */
    ORDER_REFUSED, /* for the cause; the command is what was read of it */
    ORDER_FOREIGN, /* not signed by the fleet for this device, or not to be understood */
    ORDER_LATER,   /* there is no clock to tell whether it has expired: the server repeats it */
};

/**
 * Judge a message of down/command or down/config: signature (of any fleet key, with
 * the device's name), counter, expiry, and that it is not one that would switch power.
 *
 * The caller carries out what is good and writes either outcome by scribe_command(), which uses up
 * the counter: done again before that record is in flash, a command has the same effect.
 *
 * @param ret        the command unless ORDER_FOREIGN; borrows the message
 * @param ret_cause  record cause of a refusal, else 0
 */
enum order_verdict order_judge(const struct order_context *c, struct span message, uint64_t now_ms,
                               struct command *ret, uint32_t *ret_cause);

/** 1 when one of the fleet's keys has signed a message for this device. */
int order_is_fleets(const struct settings *s, enum cose_purpose purpose,
                    const struct cose_sign1 *msg, uint8_t *signing);

#endif
