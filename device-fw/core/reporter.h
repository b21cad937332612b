/* The reporter: batches of what has no receipt yet, one in flight, repeated until receipted. */
#ifndef BPTM_REPORTER_H
#define BPTM_REPORTER_H

#include "clock.h"
#include "cose.h"
#include "journal.h"
#include "mqtt.h"
#include "receipt.h"
#include "settings.h"

#ifndef REPORTER_MESSAGE_MAX
#define REPORTER_MESSAGE_MAX                                                                       \
    WIRE_MESSAGE_MAX /* a port with little memory sends smaller batches                            \
                      */
#endif

enum {
    REPORTER_TIMEOUT_MS = 10000,      /* without a receipt, the first time; doubling ... */
    REPORTER_TIMEOUT_MAX_MS = 300000, /* ... to this */
    REPORTER_RECORDS_MAX = REPORTER_MESSAGE_MAX - 256, /* bytes of records in a batch */
};

/** Working memory; may be shared by all nodes of a process. */
struct reporter_scratch {
    uint8_t records[REPORTER_MESSAGE_MAX];
    uint8_t payload[REPORTER_MESSAGE_MAX];
    uint8_t message[REPORTER_MESSAGE_MAX];
    uint8_t signing[WIRE_SCRATCH_LEN];
};

/** What the reporter works with; all borrowed for the call. */
struct reporter_context {
    struct journal *journal;
    struct mqtt *mqtt;
    struct clock *clock;
    const struct settings *settings;
    const struct cose_key *key;
    const char *topic; /* up/journal */
    struct reporter_scratch *scratch;
};

/** What became of a receipt. */
enum reporter_verdict {
    REPORTER_ACCEPTED,
    REPORTER_MALFORMED,
    REPORTER_FOREIGN,      /* no fleet key verifies it */
    REPORTER_WRONG_DEVICE, /* names another device */
    REPORTER_OLD_EPOCH,
    REPORTER_WRONG_HASH, /* not the chain of this device, or ahead of it */
    REPORTER_VERDICT_COUNT
};

struct reporter {
    /* The batch in flight; made again from these it has the same bytes. count 0: none. */
    uint64_t first_seq;
    uint32_t count;
    uint64_t written;
    uint64_t epoch;
    uint64_t first_sent_ms;
    uint64_t due_ms; /* when it is sent again; without a batch: when the next may go */
    uint8_t tries;

    uint64_t next_seq; /* where the next batch starts */
    uint64_t round_ms; /* all sent, not all receipted: when to begin again */
    uint8_t rounds;
    uint32_t pace_ms;
    uint32_t batches; /* sent, repeats included */
    uint32_t repeats;
    uint32_t unreadable; /* records that no longer read */
    uint32_t verdicts[REPORTER_VERDICT_COUNT];
};

/** Start with the oldest record that has no receipt. */
void reporter_init(struct reporter *r, const struct journal *journal);

/** Send or repeat what is due. @param random 32 random bits, for the jitter */
void reporter_step(struct reporter *r, const struct reporter_context *c, uint64_t now_ms,
                   uint32_t random);

/** A new connection: a batch in flight is repeated soon. */
void reporter_connected(struct reporter *r, uint64_t now_ms, uint32_t random);

/** MQTT wants the message of `token` once more: the same bytes, or it is forgotten. */
void reporter_again(struct reporter *r, const struct reporter_context *c, uint64_t token,
                    uint64_t now_ms);

/**
 * Judge a receipt, and act on it: release, resend, pace, set the clock.
 *
 * @param ret_step  what the clock did, when *ret_stepped is 1
 * @return the verdict; it is counted too
 */
enum reporter_verdict reporter_receipt(struct reporter *r, const struct reporter_context *c,
                                       struct span message, uint64_t now_ms, int *ret_stepped,
                                       struct clock_step *ret_step);

#endif
