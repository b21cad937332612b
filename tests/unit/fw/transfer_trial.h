/* Trials of the transfer switch that can be run against a mutated rule table. */
#ifndef TRANSFER_TRIAL_H
#define TRANSFER_TRIAL_H

#include "transfer.h"

enum { TRIAL_DT_MS = 50 };

/** Small times, so that every state can be visited: multiples of the step. */
extern const struct transfer_config trial_config;

/** Rows: every rule fires, and its neighbour does not. @return NULL, or the row that differs */
const char *trial_rows(void);

/**
 * All states that any inputs can reach, all inputs in each.
 * @param ret_states  number of states, unless NULL
 * @return NULL, or the property that broke
 */
const char *trial_explore(int stays, unsigned *ret_states);

/** All states that honest contactors can reach: no fault, bounded liveness, and no single bad
 *  sample of a contact latches. @return as above */
const char *trial_honest(int stays, unsigned *ret_states);

#endif
