/* From received bytes to a verified batch, status or link; or to a reason for quarantine. */
#ifndef BPTM_VERIFY_H
#define BPTM_VERIFY_H

#include "mqtt/keys.h"
#include "mqtt/message.h"

/**
 * Understand a MESSAGE_RECEIVED: afterwards it is MESSAGE_JOURNAL, MESSAGE_STATUS, MESSAGE_LINK or,
 * when it cannot be believed, MESSAGE_REFUSED.
 *
 * @param scratch  WIRE_SCRATCH_LEN bytes
 * @return EC_OK; EC_DATABASE or EC_NO_MEMORY when it cannot be judged now: `m` is as it was
 */
enum error_code verify_message(struct keys *keys, struct message *m, uint8_t *scratch) MUST_CHECK;

#endif
