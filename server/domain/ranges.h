/* A small bounded set of sequence numbers, kept as runs. */
#ifndef BPTM_RANGES_H
#define BPTM_RANGES_H

#include <stddef.h>
#include <stdint.h>

#include "base/limits.h"

/** from..to, both inside; from 1 up, `to` below INT64_MAX. */
struct range {
    uint64_t from;
    uint64_t to;
};

/** Runs in ascending order that neither overlap nor touch. Zeroed is the empty set. */
struct ranges {
    size_t count;
    struct range at[LIMIT_RANGES];
};

/** Copy the used part only. */
void ranges_copy(const struct ranges *s, struct ranges *ret);

/** Add from..to. @return 1; 0 with the set unchanged when it would need too many runs */
int ranges_add(struct ranges *s, uint64_t from, uint64_t to);

/** Take from..to out. @return 1; 0 with the set unchanged when it would need too many runs */
int ranges_remove(struct ranges *s, uint64_t from, uint64_t to);

/** The run that holds the number, borrowed; NULL when it is not in the set. */
const struct range *ranges_find(const struct ranges *s, uint64_t seq);

/** Highest number; 0 for the empty set. */
uint64_t ranges_max(const struct ranges *s);

/** Highest number of the set within from..to; 0 when there is none. */
uint64_t ranges_max_within(const struct ranges *s, uint64_t from, uint64_t to);

/**
 * The runs of from..to that are not in the set, in order.
 * @return how many there are; at most `cap` of them are written
 */
size_t ranges_missing(const struct ranges *s, uint64_t from, uint64_t to, struct range *ret,
                      size_t cap);

#endif
