/* The self-test: what a device can find out about itself without moving a contactor. */
#ifndef BPTM_SELFTEST_H
#define BPTM_SELFTEST_H

#include "cose.h"
#include "journal.h"
#include "settings.h"
#include "transfer.h"

enum { SELFTEST_LAMPS_MS = 5000 }; /* all lights on, for somebody to see */

/** What failed: bits of the field `result` (api/journal.md). */
enum selftest_failure {
    SELFTEST_CONTACTS = 1,  /* feedback is not what the contactors are commanded to be */
    SELFTEST_SAMPLES = 2,   /* the metering front end delivers nothing */
    SELFTEST_JOURNAL = 4,   /* what is in flash does not hash to the head of the chain */
    SELFTEST_SETTINGS = 8,  /* neither slot of the settings is whole */
    SELFTEST_MEMORY = 16,   /* RAM does not keep what is written to it */
    SELFTEST_CHECKSUM = 32, /* CRC-32 of a known text */
    SELFTEST_SIGNATURE = 64 /* a message signed with the device's key does not verify */
};

/** What is tested; borrowed for the call. */
struct selftest {
    const struct transfer_command *command; /* what the contactors were told last */
    const struct transfer_input *input;
    uint64_t sample_age_ms;
    struct journal *journal;
    const struct flash *settings; /* area; NULL: the port keeps them elsewhere */
    const struct cose_key *key;
    uint8_t *memory;  /* WIRE_MESSAGE_MAX bytes that nobody needs now; overwritten */
    uint8_t *signing; /* WIRE_SCRATCH_LEN bytes; overwritten */
};

/** @return bits of enum selftest_failure; 0: all is well */
uint32_t selftest_run(const struct selftest *t);

#endif
