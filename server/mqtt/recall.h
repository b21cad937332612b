/* Devices whose status shows that they have not heard of the receipt epoch in force. */
#ifndef BPTM_RECALL_H
#define BPTM_RECALL_H

#include "mqtt/work.h"

enum { RECALL_MAX = 64 }; /* devices in one transaction; others are found by their next status */

/** A device that is due a receipt although it sent no batch, and where its chain stands. */
struct recall_device {
    const struct message *message; /* its status; borrowed */
    const struct journal_head *head;
};

struct recall;

/** @return EC_OK; EC_NO_MEMORY */
enum error_code recall_new(struct recall **ret) MUST_CHECK;
void recall_free(struct recall *r);

/**
 * Inside a transaction: pick those whose status names an epoch below `epoch`, and load their heads.
 * A restored database may lack what such a device was once receipted for, and the device has no
 * reason to send it again until it hears of the new epoch. May be run again after a rollback.
 *
 * @param statuses  messages of kind MESSAGE_STATUS, believed
 * @param work      of the same transaction, after work_run(): its devices get a receipt anyway
 */
enum error_code recall_run(struct recall *r, struct db *db, const struct message *const *statuses,
                           size_t n, uint64_t epoch, const struct work *work) MUST_CHECK;

/** After recall_run(): valid until the next one. */
const struct recall_device *recall_devices(const struct recall *r, size_t *ret_n);

#endif
