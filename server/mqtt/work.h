/* The journal part of a group: batches of many devices, decided and stored in one transaction. */
#ifndef BPTM_WORK_H
#define BPTM_WORK_H

#include "mqtt/message.h"

/** A batch of the group, and what became of it. */
struct work_item {
    struct message *message;
    int is_refused; /* its key is not valid any more, or its device not registered */
    struct journal_change change;
};

/** A device of the group: its items begin..end, and its head. */
struct work_device {
    int64_t device_id;
    size_t begin, end;
    int is_found;
    int is_touched; /* at least one item was not refused: its head is written, a receipt is due */
    struct journal_head *head; /* of the group's own, which moves as they are decided */
};

struct work;

/** Room for `most` batches at a time. @return EC_OK; EC_NO_MEMORY */
enum error_code work_new(size_t most, struct work **ret) MUST_CHECK;
void work_free(struct work *w);

/** Take the MESSAGE_JOURNAL of a list, sorted by device and sequence; the rest is passed over. */
void work_begin(struct work *w, struct message *const *list, size_t n);

/**
 * Inside a transaction: lock the heads, decide, store. May be run again after a rollback.
 * @return EC_OK; or what failed, with nothing to clean up but the transaction
 */
enum error_code work_run(struct work *w, struct db *db, int64_t now_ms) MUST_CHECK;

/** After the commit: what was stored may now be remembered. */
void work_committed(struct work *w);

/** After work_run(): borrowed until the next work_begin(). */
const struct work_item *work_items(const struct work *w, size_t *ret_n);
const struct work_device *work_devices(const struct work *w, size_t *ret_n);

#endif
