/* The scribe turns what happened into journal records, and remembers across starts what it wrote.
 */
#ifndef BPTM_SCRIBE_H
#define BPTM_SCRIBE_H

#include "clock.h"
#include "command.h"
#include "journal.h"
#include "overload.h"
#include "qual.h"
#include "record.h"
#include "transfer.h"

enum {
    SCRIBE_SETTLE_MS = 500,    /* after a start, until sources are judged */
    SCRIBE_HOLD_MS = 1000,     /* between two records about the same source */
    SCRIBE_BLOCKED_MS = 30000, /* a generator waits this long in an outage: say why */
    SCRIBE_REFUSED_MS = 10000, /* between two records about messages that anybody could send */
};

/** What must survive a start so that the journal stays consistent: bits of the journal's note. */
enum scribe_note {
    SCRIBE_FAULTS = (1 << TRANSFER_FAULT_COUNT) - 1,
    SCRIBE_UTILITY_LOST = 1 << 8,
    SCRIBE_GENERATOR_PRESENT = 1 << 9,
    SCRIBE_ON_GENERATOR = 1 << 10,
    SCRIBE_FIELD_WORK = 1 << 11,
};

/** Refusals that cost their sender nothing: counted, and written once in a while. */
struct scribe_refusals {
    uint32_t count;   /* since the last record */
    uint64_t told_ms; /* of the last record; 0: none yet */
    uint64_t counter; /* of the last command refused */
    uint32_t code;
};

struct scribe {
    struct journal *journal;
    const struct clock *clock;
    uint32_t boot;
    uint8_t boot_cause; /* enum record_cause */
    uint8_t state;      /* of the switch when last looked at */
    uint8_t attempting; /* between leaving the utility and reaching the generator */
    uint8_t blocked_told;
    uint32_t trips;      /* overload trips already written */
    uint32_t refused;    /* records that the flash refused */
    uint64_t blocked_ms; /* since when a generator waits; 0: none does */
    uint64_t told_ms[2]; /* last record about utility, generator */
    struct scribe_refusals replayed;
    struct scribe_refusals foreign;
    uint64_t declared_from; /* range of the last records_overwritten of this start */
    uint64_t declared_to;
};

/** What is looked at. */
struct scribe_view {
    const struct qual *qual;
    const struct transfer *transfer;
    const struct overload *overload;
    const struct transfer_input *input;
    uint32_t forth_ms; /* setting T_fail + T_gen */
    uint32_t back_ms;  /* setting T_return */
};

/** Rebuild from the newest sector of the mounted journal; boot number = last one + 1. */
void scribe_init(struct scribe *s, struct journal *journal, const struct clock *clock,
                 enum record_cause boot_cause);

/** Bits of enum scribe_note as they stand. */
uint32_t scribe_note_of(const struct scribe *s);

/** Records of single happenings. */
/** @return seq of the record; 0 when the flash refused it */
uint64_t scribe_boot(struct scribe *s, const char *version, uint64_t now_ms);
void scribe_time_set(struct scribe *s, const struct clock_step *step, uint64_t now_ms);
void scribe_field_work(struct scribe *s, int on, uint32_t setting_ms, uint64_t now_ms);

/** What becomes of a version: kind FIRMWARE_STAGED, _CONFIRMED or _ROLLED_BACK.
 *  @return 1; 0 when the flash refused the record */
int scribe_firmware(struct scribe *s, enum record_kind kind, uint32_t version, uint64_t now_ms);

/** A self-test: what failed, as journal.md numbers it; 0 is a pass. */
void scribe_self_test(struct scribe *s, uint32_t result, uint64_t now_ms);

/** Other numbers of the settings are in force. */
void scribe_config_applied(struct scribe *s, uint64_t counter, uint64_t now_ms);

/**
 * What became of a command: done (cause 0) or refused. With this record its counter is used up,
 * through power cuts too. Foreign and repeated messages use up nothing, and are written by
 * scribe_observe(), so that nobody can flush the journal with them.
 *
 * @param c  NULL when it could not be read
 */
void scribe_command(struct scribe *s, const struct command *c, uint32_t cause, uint64_t now_ms);

/** Declare what the ring has lost, if that is not declared by a record that is still there. */
void scribe_lost(struct scribe *s, uint64_t now_ms);

/** Compare with what was written last, and write what is new. */
void scribe_observe(struct scribe *s, const struct scribe_view *v, uint64_t now_ms);

#endif
