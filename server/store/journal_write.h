/* Writing what was decided of batches: records, messages, boots, holes, forks, heads. */
#ifndef BPTM_JOURNAL_WRITE_H
#define BPTM_JOURNAL_WRITE_H

#include "domain/journal_continue.h"
#include "store/db.h"
#include "store/journal_row.h"

/** A batch ready to be stored: decoded, verified, its rows made. `arrival` borrows from it. */
struct journal_batch {
    int64_t device_id;
    uint8_t kid[WIRE_KID_LEN]; /* of the key it was verified with */
    int64_t received_ms;
    uint64_t epoch;      /* receipt epoch that the device knows */
    uint8_t has_outcome; /* tells what became of a command */
    struct journal_arrival arrival;
    struct journal_row *rows; /* one per record */
    struct bytes row_bytes;
    const uint8_t *message; /* the signed message */
    size_t message_len;
};

/** A start of a device, and where its records without a clock belong. */
struct journal_boot {
    int64_t device_id;
    int64_t boot;
    int64_t part_ms;   /* for a start that is not stored yet; out: as it is stored */
    int64_t anchor_ms; /* or BINARY_NO_TIME; kept when none is stored yet; out: as it is stored */
};

/** Store starts that are new and anchors that were unknown; (device_id, boot) without repeats. */
enum error_code journal_write_boots(struct db *db, struct journal_boot *boots, size_t n) MUST_CHECK;

/** A batch and what was decided of it. */
struct journal_decided {
    const struct journal_batch *batch;
    const struct journal_change *change;
};

/**
 * Store the fresh records, the messages that brought them, and the holes they made visible, of
 * those decided JOURNAL_NEW; others are passed over.
 */
enum error_code journal_write_new(struct db *db, const struct journal_decided *list,
                                  size_t n) MUST_CHECK;

/**
 * Keep a forked batch beside the chain, with the first record that differs; once, and up to
 * LIMIT_FORKS_PER_DEVICE of a device.
 */
enum error_code journal_write_fork(struct db *db, const struct journal_decided *fork) MUST_CHECK;

/** Write heads back; close the holes that they no longer have. */
enum error_code journal_write_heads(struct db *db, const int64_t *device_ids,
                                    const struct journal_head *const *heads, size_t n,
                                    int64_t now_ms) MUST_CHECK;
enum error_code journal_write_closed(struct db *db, const int64_t *device_ids,
                                     const struct journal_head *const *heads, size_t n,
                                     int64_t now_ms) MUST_CHECK;

#endif
