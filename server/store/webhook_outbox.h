/* The outbox of webhooks, as the part that sends them sees it. */
#ifndef BPTM_WEBHOOK_OUTBOX_H
#define BPTM_WEBHOOK_OUTBOX_H

#include "store/db.h"

enum { WEBHOOK_URL_MAX = 501, WEBHOOK_ID_MAX = 40, WEBHOOK_SECRETS = 2, WEBHOOK_SECRET_MAX = 64 };

/** A message to send, taken for LIMIT_WEBHOOK_CLAIM_S. */
struct webhook_task {
    int64_t message_id, claim;
    char id[WEBHOOK_ID_MAX]; /* "msg_…" */
    char url[WEBHOOK_URL_MAX];
    char *payload; /* malloc'd */
    size_t secret_count;
    struct webhook_secret {
        uint8_t bytes[WEBHOOK_SECRET_MAX];
        size_t len;
    } secrets[WEBHOOK_SECRETS]; /* newest first */
};

/** What became of it. */
struct webhook_outcome {
    long status;           /* of HTTP; 0: no answer came */
    const char *error;     /* one word why none came */
    int64_t retry_after_s; /* as the answer asked; 0: it did not */
};

/**
 * Take at most `most` messages, each of another subscriber.
 * @param ret  an array of `most`; each of *ret_count to be given to webhook_outbox_done()
 */
enum error_code webhook_outbox_take(struct db *db, size_t most, struct webhook_task *ret,
                                    size_t *ret_count) MUST_CHECK;

/** Write down what became of one, or that it was not tried after all. Both are nothing when its
 *  time was over and somebody else has taken the subscriber. */
enum error_code webhook_outbox_record(struct db *db, const struct webhook_task *task,
                                      const struct webhook_outcome *outcome) MUST_CHECK;
enum error_code webhook_outbox_release(struct db *db, const struct webhook_task *task) MUST_CHECK;

/** Wipe and free. */
void webhook_outbox_done(struct webhook_task *task);

/** Forget what has ended long ago, at most so many messages. @param ret_gone  how many it were */
enum error_code webhook_outbox_forget(struct db *db, uint32_t most, uint64_t *ret_gone) MUST_CHECK;

#endif
