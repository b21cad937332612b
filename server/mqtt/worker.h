/* Threads that take received messages apart and verify them. */
#ifndef BPTM_WORKER_H
#define BPTM_WORKER_H

#include "mqtt/deliver.h"
#include "mqtt/keys.h"
#include "mqtt/queue.h"
#include "mqtt/tally.h"

struct workers;

/** Start `count` threads from one queue to the other, and requests for firmware to
 *  `deliver`; all is borrowed and outlives them.
 *  @return EC_OK; EC_NO_MEMORY; EC_IO */
enum error_code workers_start(size_t count, struct queue *from, struct queue *to, struct keys *keys,
                              struct tally *tally, struct deliver *deliver,
                              struct workers **ret) MUST_CHECK;

/** `from` is closed: wait until the threads emptied it. What cannot be judged because the database
 *  is away is dropped; its devices send it again. Accepts NULL. */
void workers_stop(struct workers *w);

#endif
