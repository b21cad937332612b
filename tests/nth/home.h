/* Two devices at home, a stranger, and a broker between them and the server; what they must see. */
#ifndef BPTM_HOME_H
#define BPTM_HOME_H

#include "cose.h"

struct home;

/** Connect to the broker on loopback. `server` has the key of receipts; borrowed as the root is. */
struct home *home_new(int port, const char *root, const struct cose_key *server);
void home_free(struct home *h);

/** Two new devices with nothing written. */
void home_move_in(struct home *h);

/**
 * The fixed load: batches, a gap that a resend closes and one that is declared, a fork, statuses, a
 * link, a stranger. What has no receipt is sent again, as a device does.
 * @return NULL when all is receipted in time; else what is not
 */
const char *home_live(struct home *h);

/** @return NULL when the database has every record exactly once and what belongs to it; else what
 *  is wrong. A receipt for what was not committed is remembered until here. */
const char *home_check(struct home *h);

#endif
