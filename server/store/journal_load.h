/* Reading what a batch is judged by: heads (locked), valid keys, stored hashes. */
#ifndef BPTM_JOURNAL_LOAD_H
#define BPTM_JOURNAL_LOAD_H

#include "domain/journal_continue.h"
#include "store/db.h"

/**
 * Lock the heads of devices, in the order of their ids, and read them.
 *
 * @param device_ids  ascending, without repeats
 * @param ret         head n belongs to device_ids[n]
 * @param ret_found   1 where the device has a head
 */
enum error_code journal_load_heads(struct db *db, const int64_t *device_ids, size_t n,
                                   struct journal_head *ret, uint8_t *ret_found) MUST_CHECK;

/** A device and the key that one of its messages was verified with. */
struct journal_signer {
    int64_t device_id;
    uint8_t kid[WIRE_KID_LEN];
};

/** Whether each device is registered and each key valid now: ret_valid[n] for signers[n]. */
enum error_code journal_load_signers(struct db *db, const struct journal_signer *signers, size_t n,
                                     uint8_t *ret_valid) MUST_CHECK;

/** A stored hash that is asked for: of the record `seq`, or the prev_hash of a batch that begins
 *  with it. */
struct journal_fact {
    int64_t device_id;
    uint64_t seq;
    int is_prev;
    int is_found; /* out */
    uint8_t hash[WIRE_HASH_LEN];
};

/** Fill is_found and hash of each. */
enum error_code journal_load_facts(struct db *db, struct journal_fact *facts, size_t n) MUST_CHECK;

/** The receipt epoch in force. */
enum error_code journal_load_epoch(struct db *db, uint64_t *ret) MUST_CHECK;

#endif
