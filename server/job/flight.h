/* One try to deliver a webhook: what libcurl is told, and what it says came of it. */
#ifndef BPTM_FLIGHT_H
#define BPTM_FLIGHT_H

#include <curl/curl.h>

#include "base/config.h"
#include "store/webhook_outbox.h"

struct flight {
    const struct config *config;
    CURL *easy; /* NULL: not in the air */
    struct curl_slist *headers;
    struct webhook_task task;
    size_t head_len, body_len; /* of the answer, so far */
    int is_forbidden;          /* it leads where the server must not go */
};

/**
 * Sign the task of a flight and make the request.
 * @return EC_OK with f->easy to be given to the multi handle; EC_NO_MEMORY
 */
enum error_code flight_make(struct flight *f) MUST_CHECK;

/** What came of it. */
struct webhook_outcome flight_outcome(const struct flight *f, CURLcode code);

/** Free what flight_make() made, and the task. */
void flight_done(struct flight *f);

#endif
