/* Rate limits: a token bucket for each name, in a table whose size never changes. */
#ifndef BPTM_RATE_H
#define BPTM_RATE_H

#include <stddef.h>
#include <stdint.h>

#include "error.h"

/** What one name may do: `per_min` times a minute in the long run, `burst` times at once. */
struct rate_rule {
    uint32_t per_min; /* 0: no limit */
    uint32_t burst;   /* at least 1 */
};

struct rate;

/**
 * @param rule    of every name in the table
 * @param places  how many names are told apart; a full bucket says nothing, so it gives its place
 * to another first, then the fullest does
 * @return EC_OK; EC_NO_MEMORY
 */
enum error_code rate_new(struct rate_rule rule, size_t places, struct rate **ret) MUST_CHECK;

/** NULL is allowed. */
void rate_free(struct rate *r);

/**
 * May `name` act now? Takes one of its tokens when it may.
 * @param now_ms  of a clock that never goes back
 * @return 0 when it may; else how many milliseconds until it may
 */
int64_t rate_take(struct rate *r, const void *name, size_t len, int64_t now_ms);

/** The same question, and nothing is taken. */
int64_t rate_look(struct rate *r, const void *name, size_t len, int64_t now_ms);

#endif
