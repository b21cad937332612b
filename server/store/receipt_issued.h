/* The newest receipt issued to each device in each epoch. */
#ifndef BPTM_RECEIPT_ISSUED_H
#define BPTM_RECEIPT_ISSUED_H

#include "store/db.h"
#include "wire.h"

struct receipt_issued {
    int64_t device_id;
    uint64_t epoch, through_seq;
    uint8_t head_hash[WIRE_HASH_LEN];
    int64_t issued_ms;
    uint8_t message[WIRE_RECEIPT_MAX]; /* as signed */
    size_t message_len;
};

/** Remember; (device_id, epoch) without repeats. One that covers less never replaces another. */
enum error_code receipt_issued_put(struct db *db, const struct receipt_issued *const *list,
                                   size_t n) MUST_CHECK;

#endif
