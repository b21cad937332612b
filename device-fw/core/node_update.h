/* The update as a node lives with it: records, messages, and when it may touch the flash. */
#ifndef BPTM_NODE_UPDATE_H
#define BPTM_NODE_UPDATE_H

#include "node.h"

/** Start: after the boot record. A boot log that does not read costs updates, not the start. */
void node_update_init(struct node *n, const struct update_port *port);

/** The command `firmware`. @return 0 or the cause of a refusal */
uint32_t node_update_offer(struct node *n, const struct command *o, uint64_t now_ms);

/** A message of down/firmware. */
void node_update_chunk(struct node *n, struct span message, uint64_t now_ms);

/** A receipt was accepted: one that covers the boot record of this start confirms the version. */
void node_update_receipted(struct node *n);

/** Go on: check, stage, write what the journal lacks, and when connected ask. */
void node_update_step(struct node *n, uint64_t now_ms, uint32_t random);

#endif
