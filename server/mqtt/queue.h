/* A bounded queue between threads. */
#ifndef BPTM_QUEUE_H
#define BPTM_QUEUE_H

#include <stddef.h>
#include <stdint.h>

#include "error.h"

struct queue;

/** @return EC_OK; EC_NO_MEMORY */
enum error_code queue_new(size_t capacity, struct queue **ret) MUST_CHECK;
/** Must be empty. Accepts NULL. */
void queue_free(struct queue *q);

/** Put in; the queue owns the item then. Waits at most `wait_ms` for room.
 *  @return 1; 0 when there was no room, or the queue is closed: the item is still the caller's */
int queue_put(struct queue *q, void *item, int64_t wait_ms) MUST_CHECK;

/**
 * Take several: wait up to `first_ms` for the first, then for more until the oldest has been inside
 * for `gather_ms`; when the taker was busy for that long, it does not wait at all.
 * @return how many, at most `max`; 0 when none came in time
 */
size_t queue_take(struct queue *q, void **items, size_t max, int64_t first_ms, int64_t gather_ms);

size_t queue_depth(struct queue *q);
size_t queue_capacity(const struct queue *q);

/** Refuse new items and end all waits; what is inside can still be taken. */
void queue_close(struct queue *q);

#endif
