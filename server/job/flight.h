/* One try to deliver a webhook: what libcurl is told, and what it says came of it. */
#ifndef BPTM_FLIGHT_H
#define BPTM_FLIGHT_H

#include "base/call_out.h"
#include "base/config.h"
#include "store/webhook_outbox.h"

struct flight {
    const struct config *config;
    CURL *easy; /* NULL: not in the air */
    struct curl_slist *headers;
    struct webhook_task task;
    struct call_out call;
    size_t body_len; /* of the answer, so far */
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
