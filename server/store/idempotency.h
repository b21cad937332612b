/* Answers kept for a repeated POST: the second gets what the first got. */
#ifndef BPTM_IDEMPOTENCY_H
#define BPTM_IDEMPOTENCY_H

#include "codec/person_seal.h"
#include "store/db.h"

enum { IDEMPOTENCY_KEY_MAX = 80, IDEMPOTENCY_HASH_LEN = 32 };

/** A request that may be repeated. */
struct idempotency {
    const char *token_id; /* NULL: of a subject */
    const char *subject;  /* "sub@iss"; NULL: of a token */
    const char *key;      /* 1..80 printable characters */
    /* under each key of the blind index, the newest last, so that nobody without it can try what a
       person's data may have been; without any, under none */
    size_t hashes;
    uint8_t request_hash[PERSON_INDEX_MAX][IDEMPOTENCY_HASH_LEN];
};

/** Fill in what the request is known by. */
void idempotency_hash(struct idempotency *i, const struct person_keys *keys, const char *method,
                      const char *path, const char *body, size_t body_len);

/** A kept answer. Texts are malloc'd; NULL when the answer had none. */
struct idempotency_answer {
    int status; /* 0: nothing is kept, this request is the first */
    char *location;
    char *body;
};

/**
 * Begin a request inside its transaction: take the key for as long as the transaction lasts, and
 * look for an answer of less than 24 hours ago. The key is free again when the transaction ends
 * without idempotency_keep(), so a crash leaves nothing behind.
 *
 * @return EC_OK; EC_IN_PROGRESS while another transaction holds the key; EC_IDEMPOTENCY_REUSE when
 *         the key was used with another request; EC_NO_MEMORY; a database error
 */
enum error_code idempotency_begin(struct db *db, const struct idempotency *i,
                                  struct idempotency_answer *ret) MUST_CHECK;

/** Keep the answer, in the same transaction as the change that it speaks of. */
enum error_code idempotency_keep(struct db *db, const struct idempotency *i,
                                 const struct idempotency_answer *answer) MUST_CHECK;

void idempotency_answer_done(struct idempotency_answer *a);

#endif
