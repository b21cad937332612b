/* One transaction of the ingest: everything of a list of messages, or nothing. */
#ifndef BPTM_GROUP_H
#define BPTM_GROUP_H

#include "mqtt/issued.h"
#include "mqtt/recall.h"
#include "mqtt/tally.h"
#include "mqtt/work.h"
#include "store/lease.h"

struct group;

/** Room for `most` messages; `per_device` messages of a device stay in quarantine.
 *  @return EC_OK; EC_NO_MEMORY */
enum error_code group_new(size_t most, uint32_t per_device, struct group **ret) MUST_CHECK;
void group_free(struct group *g);

/** Where receipts go that are to be remembered: an empty list takes all of them along, another one
 *  those that are LIMIT_RECEIPT_HOLD_MS old. */
struct issued *group_issued(struct group *g);

/** For tests with teeth only: call `early` when all is written and the commit is yet to come. */
void group_set_early(struct group *g, void (*early)(void *context), void *context);

/**
 * Store a list in one transaction. What the database says against a key or a device turns a message
 * into one for quarantine. The messages stay the caller's and are not changed in kind.
 *
 * @param lease  checked inside the transaction; NULL: none is needed
 * @param list   understood messages, at most `most`
 * @return EC_OK: committed; EC_CONFLICT with db_sqlstate() "" when the lease is lost; else nothing
 * is stored, and db_data_fault() tells whether trying again can help
 */
enum error_code group_commit(struct group *g, struct db *db, const struct lease *lease,
                             struct message *const *list, size_t n) MUST_CHECK;

/** After a commit: the devices that are due a receipt are those with is_touched. */
const struct work *group_work(const struct group *g);

/** After a commit: devices that are due a receipt beside those, to hear of a new epoch. */
const struct recall *group_recall(const struct group *g);

/** After a commit: the receipt epoch that was in force. */
uint64_t group_epoch(const struct group *g);

/** After a commit: count what was done. What went to quarantine is counted in the transaction. */
void group_count(const struct group *g, struct tally *tally);

/** After a commit: the messages whose key or device the database did not confirm, one per call.
 *  @return the n-th such message; NULL after the last */
const struct message *group_refused(const struct group *g, size_t n);

#endif
