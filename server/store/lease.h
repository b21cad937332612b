/* Who runs a part that may run once only. The token rises with every change of holder. */
#ifndef BPTM_LEASE_H
#define BPTM_LEASE_H

#include "store/db.h"

enum { LEASE_HOLDER_MAX = 96 };

struct lease {
    const char *name;              /* "mqtt", "job" */
    char holder[LEASE_HOLDER_MAX]; /* host, process and a random number */
    int64_t token;                 /* 0: not held */
};

void lease_init(struct lease *l, const char *name);

/** Take the lease when nobody holds it or its holder was silent for LIMIT_LEASE_S.
 *  @return EC_OK with l->token set; EC_CONFLICT while another one holds it; EC_DATABASE... */
enum error_code lease_take(struct db *db, struct lease *l) MUST_CHECK;

/** Say that it is still held. @return EC_OK; EC_CONFLICT when it was lost (l->token becomes 0) */
enum error_code lease_renew(struct db *db, struct lease *l) MUST_CHECK;

/** Inside a transaction: fail with EC_CONFLICT unless this holder still has the lease. */
enum error_code lease_check(struct db *db, const struct lease *l) MUST_CHECK;

/** Give it back, so that the next one need not wait. */
enum error_code lease_release(struct db *db, struct lease *l) MUST_CHECK;

#endif
