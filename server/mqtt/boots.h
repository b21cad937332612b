/* Starts of devices whose row is known to be stored, so that it is not asked for again. */
#ifndef BPTM_BOOTS_H
#define BPTM_BOOTS_H

#include "store/journal_write.h"

struct boots;

/** @return EC_OK; EC_NO_MEMORY */
enum error_code boots_new(struct boots **ret) MUST_CHECK;
void boots_free(struct boots *b);

/** Look up by device and boot. @return 1 with part_ms and anchor_ms as stored; 0 when not known */
int boots_get(const struct boots *b, struct journal_boot *boot);

/** Remember what a committed transaction stored or read; may push out another one. */
void boots_put(struct boots *b, const struct journal_boot *boot);

/** Forget all: the database may not be the one it was. */
void boots_clear(struct boots *b);

#endif
