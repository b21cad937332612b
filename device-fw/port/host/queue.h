/* When each home wants to run: a binary heap that knows where every home stands in it. */
#ifndef BPTM_QUEUE_H
#define BPTM_QUEUE_H

#include <stddef.h>
#include <stdint.h>

/** Entries are numbers 0..count-1, each in the heap exactly once. */
struct queue {
    unsigned count;
    unsigned *order; /* heap of entries */
    unsigned *where; /* place of each entry in the heap */
    uint64_t *due;   /* of each entry */
};

/** All due at 0. @return 1; 0 when memory is short */
int queue_init(struct queue *q, unsigned count);
void queue_done(struct queue *q);

/** The entry that is due first. */
unsigned queue_first(const struct queue *q);

/** Change when an entry is due. */
void queue_set(struct queue *q, unsigned entry, uint64_t due);

#endif
