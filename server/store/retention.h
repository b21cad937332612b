/* Retention by class of data, and the holds that forbid it. For the owner of the schema. */
#ifndef BPTM_RETENTION_H
#define BPTM_RETENTION_H

#include "store/audit.h"

/** One thing that is older than it is kept. Texts are borrowed for the call. */
struct retention_item {
    const char *data_class, *part; /* part NULL: rows of commands */
    const char *from, *to;         /* from NULL: rows without a partition of their own */
    const char *outcome;           /* "would be dropped", "N rows dropped", "held: ..." */
    int is_held;
};

typedef void (*retention_listener)(void *context, const struct retention_item *item);

/**
 * Go through all that is older than it is kept, each in a transaction of its own, so that whoever
 * writes waits only briefly. A hold is no failure: the item says so.
 * @param dry_run  1: nothing is dropped
 */
enum error_code retention_run(struct db *db, int dry_run, retention_listener listener,
                              void *context) MUST_CHECK;

/** How long a class is kept from now on: "10 years". EC_NOT_FOUND: no such class. */
enum error_code retention_keep(struct db *db, const char *data_class, const char *keep) MUST_CHECK;

/** What is not to be dropped: exactly one of the first three, or both ends of a period. */
struct hold_new {
    const char *serial, *premise, *event; /* NULL where not given; numbers as text */
    const char *from, *to;
    const char *reason;
};

/** @return EC_OK; EC_NOT_FOUND: no such device, premise or event; EC_FIELDS_INVALID */
enum error_code hold_place(struct db *db, const struct hold_new *hold, int64_t *ret_id) MUST_CHECK;

/** Lift it; it stays readable. EC_NOT_FOUND: no such hold in force. */
enum error_code hold_lift(struct db *db, int64_t id) MUST_CHECK;

/** Columns: id, what, reason, placed, lifted or null. */
enum error_code hold_list(struct db *db, struct db_result **ret) MUST_CHECK;

#endif
