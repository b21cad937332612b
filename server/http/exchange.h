/* One request and its answer, without MHD: from the head to a finished reply. */
#ifndef BPTM_EXCHANGE_H
#define BPTM_EXCHANGE_H

#include "base/config.h"
#include "base/rate.h"
#include "http/asset.h"
#include "http/client.h"
#include "http/guard.h"
#include "http/oidc.h"
#include "http/params.h"
#include "http/pool.h"
#include "http/stats.h"

enum { EXCHANGE_REASON_MAX = 401, EXCHANGE_KEY_MAX = 81, EXCHANGE_BASE_MAX = CONFIG_TEXT_MAX + 8 };

/** What all requests share. */
struct http_server {
    const struct config *config;
    const struct route *routes;
    size_t route_count;
    struct pool *pool;
    struct stats *stats;
    struct assets *assets;
    struct rate *requests; /* by token, or by address without one */
    struct rate *failures; /* tokens that were refused, by address */
    struct oidc *oidc;     /* NULL: no identity provider */
    struct sign_ins *sign_ins;
    struct person_keys person; /* of personal data */
    struct tls *tls;           /* NULL: a proxy before us speaks it, or nobody */
    struct door *door;         /* of connections: their limits, and whose they are */
    struct watch *watch;       /* of connections; http.c moves it on */
};

/** A request on its way. Zeroed by exchange_new(), but for the texts of errors. */
struct exchange {
    const struct http_server *server;
    int64_t begun_us;
    int is_begun;        /* exchange_begin() was called */
    int is_target_clean; /* guard_target_clean() */
    char id[REQUEST_ID_MAX];
    char method[16];
    char path[GUARD_PATH_MAX + 1];
    char base[EXCHANGE_BASE_MAX]; /* what absolute links begin with */
    char if_match[256], if_none_match[256];
    char key[EXCHANGE_KEY_MAX];       /* Idempotency-Key; empty: none */
    char reason[EXCHANGE_REASON_MAX]; /* Audit-Reason of a write; empty: none */
    char client[CLIENT_MAX];          /* client_of() */
    char sign_in[SIGN_IN_TEXT_MAX];   /* of the cookie AUTH_SIGN_IN_COOKIE; empty: none */
    int64_t wait_ms;                  /* until the caller may ask again, for EC_TOO_MANY */
    struct route_match match;         /* route NULL: none */
    const struct asset *asset;        /* the answer is this file; NULL: it is not one */
    int is_page;                      /* one of our pages asks: AUTH_PAGE_FIELD */
    int is_proxied;                   /* the configured proxy has sent it */
    int is_secure;                    /* by TLS, to us or to that proxy */
    int takes_gzip;
    unsigned allow;
    struct params params;
    struct caller caller;
    char *body;
    size_t body_len, body_cap;
    void *stream; /* state of a body that is taken in pieces; NULL: none, or not begun */
    size_t drained;
    enum error_code code; /* of the answer, once known */
    int close;            /* the connection must not be used again */
    int replayed;
    int status;
    char *along;        /* the answer, when it came with the token; NULL: it did not */
    struct reply reply; /* last: see exchange_new() */
};

/** @return a new exchange; NULL when memory ran out */
struct exchange *exchange_new(const struct http_server *server);
void exchange_free(struct exchange *x);

/**
 * Look at the head: guard, route, token, role, parameters, what the body will be. x->code and
 * x->close say how it went.
 *
 * @return 1 when the body is to be read with exchange_read(), and exchange_finish() called after;
 *         0 when the answer must be given at once and the connection closed
 */
int exchange_begin(struct exchange *x, const struct guard_head *head,
                   const struct params_pair *query, size_t query_count);

/** Take a piece of the body. @return 0 when the connection must be cut */
int exchange_read(struct exchange *x, const char *at, size_t len);

/** Run the handler and give the reply its final form; x->status and x->reply are the answer. */
void exchange_finish(struct exchange *x);

/** Count and log the answer; nothing when there was none. */
void exchange_log(const struct exchange *x);

/** Index of the matched row, -1 when none. */
int exchange_route_index(const struct exchange *x);

#endif
