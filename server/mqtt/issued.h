/* Receipts that were issued and are not remembered yet: the newest of each device, for a moment. */
#ifndef BPTM_ISSUED_H
#define BPTM_ISSUED_H

#include "store/receipt_issued.h"

struct issued;

/** Room for LIMIT_RECEIPTS receipts. @return EC_OK; EC_NO_MEMORY */
enum error_code issued_new(struct issued **ret) MUST_CHECK;
void issued_free(struct issued *s);

/**
 * Take a receipt; it replaces the one of the same device and epoch, but not that one's age.
 * @param generation  of the connection that committed what it covers: the database behind another
 *                    one may know less, so whatever came over another one is let go
 */
void issued_put(struct issued *s, uint64_t generation, const struct receipt_issued *r);

/**
 * What is to be remembered now: whatever was first issued at `until_ms` (UTC) or before, and as
 * much more as must go so that half of the room is free.
 * @param ret  LIMIT_RECEIPTS places; borrowed until the next issued_put() or issued_drop()
 * @return how many; without repeats
 */
size_t issued_due(const struct issued *s, uint64_t generation, int64_t until_ms,
                  const struct receipt_issued **ret);

/** They are committed: the first `n` of issued_due(). */
void issued_drop(struct issued *s, size_t n);

size_t issued_count(const struct issued *s);

#endif
