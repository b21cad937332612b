/* One request and its answer, without MHD: from the head to a finished reply. */
#include "http/exchange.h"

#include <ctype.h>
#include <sodium.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/utf8.h"
#include "codec/json_problem.h"
#include "http/auth.h"
#include "http/run.h"

static int64_t now_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

struct exchange *exchange_new(const struct http_server *server)
{
    struct exchange *x = malloc(sizeof *x);
    if (x == NULL)
        return NULL;
    /* most of it are the texts of errors, which their count says to be none */
    memset(x, 0, offsetof(struct exchange, reply.errors.items));
    uint64_t number = stats_number(server->stats);
    sodium_bin2hex(x->id, sizeof x->id, (const uint8_t *)&number, sizeof number);
    x->server = server;
    x->is_secure = server->tls != NULL;
    x->begun_us = now_us();
    return x;
}

void exchange_free(struct exchange *x)
{
    if (x == NULL)
        return;
    reply_done(&x->reply);
    run_stream_end(x);
    free(x->along);
    free(x->body);
    free(x);
}

int exchange_route_index(const struct exchange *x)
{
    return x->match.route != NULL ? (int)(x->match.route - x->server->routes) : -1;
}

/* The caller may name the request, in characters that are safe in a log. */
static void take_id(struct exchange *x, const char *id)
{
    size_t len = id != NULL ? strlen(id) : 0;
    if (len == 0 || len >= sizeof x->id)
        return;
    for (size_t i = 0; i < len; i++)
        if (!isalnum((unsigned char)id[i]) && strchr("._-", id[i]) == NULL)
            return;
    memcpy(x->id, id, len + 1);
}

static int is_read(const struct exchange *x)
{
    return strcmp(x->method, "GET") == 0 || strcmp(x->method, "HEAD") == 0;
}

static int is_person(const struct guard_head *head)
{
    const char *accept = guard_find(head, "Accept");
    return accept != NULL && strstr(accept, "text/html") != NULL;
}

/* Where no route is, there may be a page. At "/" is both: a person sees the page, a program where
   the collections begin. A person who follows a dead link sees a page; a program a problem
   document. */
static enum error_code check_route(struct exchange *x, const struct guard_head *head)
{
    const struct http_server *s = x->server;
    enum error_code ec =
        route_find(s->routes, s->route_count, x->method, x->path, &x->match, &x->allow);
    if (!is_read(x) || (ec != EC_NOT_FOUND && !(ec == EC_OK && is_person(head))))
        return ec;
    x->asset = assets_find(s->assets, x->path);
    if (x->asset != NULL)
        x->status = 200;
    else if (ec == EC_NOT_FOUND && is_person(head) &&
             (x->asset = assets_find(s->assets, "/404")) != NULL)
        x->status = 404;
    return x->asset != NULL ? EC_OK : ec;
}

/* A connection that turns out to be lost is replaced once. */
static enum error_code find_caller(struct exchange *x, const struct guard_head *head)
{
    const char *authorization = guard_find(head, "Authorization");
    struct token_along along;
    int is_along = x->reply.errors.count == 0 && run_along(x, &along);
    enum error_code ec = EC_DATABASE;
    if (authorization != NULL && auth_is_foreign(authorization))
        return auth_foreign(x->server->oidc, authorization, &x->caller);
    for (int tries = 0; tries < 2 && ec == EC_DATABASE; tries++) {
        struct db *db = NULL;
        if (pool_get(x->server->pool, &db) != EC_OK)
            return EC_UNAVAILABLE;
        ec = authorization != NULL
                 ? auth_check(db, authorization, is_along ? &along : NULL, &x->caller, &x->along)
                 : auth_session(db, guard_find(head, "Cookie"), x->is_secure, &x->caller);
        pool_put(x->server->pool, db);
    }
    return ec == EC_DATABASE || ec == EC_DATABASE_RETRY ? EC_UNAVAILABLE : ec;
}

static int is_forged(const struct exchange *x, const struct guard_head *head)
{
    return x->caller.session_id[0] != '\0' && !is_read(x) &&
           !auth_is_own_page(guard_find(head, AUTH_PAGE_FIELD), guard_find(head, "Sec-Fetch-Site"));
}

static const char *name_of(const struct caller *c)
{
    return c->token_id[0] != '\0'     ? c->token_id
           : c->session_id[0] != '\0' ? c->session_id
                                      : c->subject;
}

static enum error_code check_pace(struct exchange *x, const char *name)
{
    x->wait_ms = rate_take(x->server->requests, name, strlen(name), clock_mono_ms());
    return x->wait_ms > 0 ? EC_TOO_MANY : EC_OK;
}

/* An address that has guessed too often is not listened to, whatever it brings. */
static enum error_code check_guesses(struct exchange *x)
{
    x->wait_ms = rate_look(x->server->failures, x->client, strlen(x->client), clock_mono_ms());
    return x->wait_ms > 0 ? EC_TOO_MANY : EC_OK;
}

static void count_guess(struct exchange *x)
{
    (void)rate_take(x->server->failures, x->client, strlen(x->client), clock_mono_ms());
}

static enum error_code check_credentials(struct exchange *x, const struct guard_head *head)
{
    int brings = guard_find(head, "Authorization") != NULL || guard_find(head, "Cookie") != NULL;
    enum error_code ec = brings ? check_guesses(x) : EC_OK;
    if (ec == EC_OK)
        ec = find_caller(x, head);
    if (ec == EC_UNAUTHENTICATED && brings)
        count_guess(x);
    return ec;
}

/* A route that is open may take a secret; whoever gets it wrong is counted too. */
static int takes_secret(const struct exchange *x)
{
    return (x->match.route->roles & ROLE_OPEN) != 0 &&
           (x->match.route->method == METHOD_POST || x->match.route->has_secret);
}

static enum error_code check_token(struct exchange *x, const struct guard_head *head)
{
    const struct route *route = x->match.route;
    if (route->roles & ROLE_OPEN) {
        enum error_code open = takes_secret(x) ? check_guesses(x) : EC_OK;
        return open == EC_OK ? check_pace(x, x->client) : open;
    }
    enum error_code ec = check_credentials(x, head);
    if (ec == EC_OK || ec == EC_UNAUTHENTICATED) {
        enum error_code pace = check_pace(x, ec == EC_OK ? name_of(&x->caller) : x->client);
        ec = pace == EC_OK ? ec : pace;
    }
    if (ec == EC_OK && is_forged(x, head))
        ec = EC_CROSS_SITE;
    if (ec == EC_OK && (x->caller.role & (route->roles | ROLE_ADMIN)) == 0)
        ec = EC_FORBIDDEN;
    return ec;
}

/* The type, in any case, with or without parameters. */
static int is_type(const char *type, const char *wanted)
{
    size_t len = strlen(wanted);
    if (type == NULL || strncasecmp(type, wanted, len) != 0)
        return 0;
    return strchr(" \t;", type[len]) != NULL;
}

static size_t announced(const struct guard_head *head)
{
    const char *length = guard_find(head, "Content-Length");
    return length != NULL ? strtoull(length, NULL, 10) : 0;
}

static int has_body(const struct guard_head *head)
{
    return announced(head) > 0 || guard_find(head, "Transfer-Encoding") != NULL;
}

static int is_one_of(const char *type, const char *const *wanted)
{
    for (; *wanted != NULL; wanted++)
        if (is_type(type, *wanted))
            return 1;
    return 0;
}

static enum error_code check_body(struct exchange *x, const struct guard_head *head)
{
    if (announced(head) > x->match.route->body_max)
        return EC_BODY_TOO_LARGE;
    const struct body_stream *stream = x->match.route->stream;
    int is_patch = x->match.route->method == METHOD_PATCH;
    const char *const one[] = {x->match.route->is_form ? "application/x-www-form-urlencoded"
                               : is_patch              ? "application/merge-patch+json"
                                                       : "application/json",
                               NULL};
    if (x->match.route->body_max > 0 &&
        !is_one_of(guard_find(head, "Content-Type"), stream != NULL ? stream->media_types : one)) {
        x->reply.detail = stream != NULL ? "the body must be text/csv or a spreadsheet (XLSX)"
                          : is_patch     ? "the body must be application/merge-patch+json"
                                         : NULL;
        return EC_MEDIA_TYPE;
    }
    if (is_patch && x->if_match[0] == '\0')
        return EC_PRECONDITION_REQUIRED;
    return stream != NULL ? run_stream_begin(x) : EC_OK;
}

static enum error_code check_key(struct exchange *x, const char *key)
{
    size_t len = key != NULL ? strlen(key) : 0;
    if (key == NULL || x->match.route->method != METHOD_POST)
        return EC_OK;
    if (x->match.route->has_secret) {
        json_errors_add(&x->reply.errors, 1, "Idempotency-Key",
                        "is not taken here: the answer has a secret, which is not kept");
        return EC_PARAMETER_INVALID;
    }
    int fits = len > 0 && len < sizeof x->key;
    for (size_t i = 0; fits && i < len; i++)
        fits = key[i] > ' ' && key[i] < 0x7f;
    if (!fits) {
        json_errors_add(&x->reply.errors, 1, "Idempotency-Key",
                        "must be 1 to %d printable characters without spaces",
                        EXCHANGE_KEY_MAX - 1);
        return EC_PARAMETER_INVALID;
    }
    memcpy(x->key, key, len + 1);
    return EC_OK;
}

/* Why something is written, for the audit. */
static enum error_code check_reason(struct exchange *x, const char *reason)
{
    size_t len = reason != NULL ? strlen(reason) : 0;
    if (reason == NULL || x->match.route->method == METHOD_GET)
        return EC_OK;
    int fits = len > 0 && len < sizeof x->reason && utf8_valid(reason);
    for (size_t i = 0; fits && i < len; i++)
        fits = (unsigned char)reason[i] >= ' ' && reason[i] != 0x7f;
    if (!fits) {
        json_errors_add(&x->reply.errors, 1, "Audit-Reason", "must be 1 to %d bytes on one line",
                        EXCHANGE_REASON_MAX - 1);
        return EC_PARAMETER_INVALID;
    }
    memcpy(x->reason, reason, len + 1);
    return EC_OK;
}

static void take_tag(char ret[256], const char *tag)
{
    snprintf(ret, 256, "%s", tag != NULL ? tag : "");
}

/* Links begin with the public address, or with how the caller came here. A Host with other
   characters than a name, an address and a port have is good enough for an answer, but not to be
   written into it. */
static void take_base(struct exchange *x, const char *host)
{
    static const char fine[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_:[]";
    const char *public = x->server->config->http_public_url;
    size_t len = host != NULL ? strlen(host) : 0;
    if (public[0] != '\0')
        snprintf(x->base, sizeof x->base, "%s", public);
    else if (len > 0 && len < CONFIG_TEXT_MAX && strspn(host, fine) == len)
        snprintf(x->base, sizeof x->base, "%s://%s", x->is_secure ? "https" : "http", host);
}

static void take_head(struct exchange *x, const struct guard_head *head)
{
    const char *by = guard_find(head, "X-Forwarded-Proto");
    snprintf(x->method, sizeof x->method, "%s", head->method);
    snprintf(x->path, sizeof x->path, "%s", head->path);
    x->is_secure |= x->is_proxied && by != NULL && strcmp(by, "https") == 0;
    take_base(x, guard_find(head, "Host"));
    take_id(x, guard_find(head, "X-Request-Id"));
    take_tag(x->if_none_match, guard_find(head, "If-None-Match"));
    take_tag(x->if_match, guard_find(head, "If-Match"));
    auth_sign_in(guard_find(head, "Cookie"), x->is_secure, x->sign_in);
    const char *coding = guard_find(head, "Accept-Encoding");
    x->is_page = guard_find(head, AUTH_PAGE_FIELD) != NULL;
    x->takes_gzip = coding != NULL && strstr(coding, "gzip") != NULL;
}

/* The parameters are read first, for what goes along with the token, and judged last. */
static enum error_code check_token_and_params(struct exchange *x, const struct guard_head *head,
                                              const struct params_pair *query, size_t query_count)
{
    enum error_code params =
        params_decode(&x->match, query, query_count, &x->params, &x->reply.errors);
    enum error_code ec = check_token(x, head);
    if (ec == EC_OK)
        return params;
    x->reply.errors.count = 0;
    return ec;
}

static enum error_code check(struct exchange *x, const struct guard_head *head,
                             const struct params_pair *query, size_t query_count)
{
    enum error_code ec = check_route(x, head);
    if (x->asset != NULL || (strcmp(x->method, "OPTIONS") == 0 && x->allow != 0))
        return EC_OK;
    if (ec == EC_OK)
        ec = check_token_and_params(x, head, query, query_count);
    if (ec == EC_OK)
        ec = check_key(x, guard_find(head, "Idempotency-Key"));
    if (ec == EC_OK)
        ec = check_reason(x, guard_find(head, "Audit-Reason"));
    return ec == EC_OK ? check_body(x, head) : ec;
}

int exchange_begin(struct exchange *x, const struct guard_head *head,
                   const struct params_pair *query, size_t query_count)
{
    x->code = guard_check(head, &x->reply.detail);
    if (x->code != EC_OK) {
        x->close = 1;
        return 0;
    }
    take_head(x, head);
    x->code = check(x, head, query, query_count);
    /* what follows a chunked body was framed by a lenient reader: not on this connection */
    x->close = guard_find(head, "Transfer-Encoding") != NULL;
    if (x->code == EC_OK || !has_body(head))
        return 1;
    int unread = announced(head) > LIMIT_HTTP_DRAIN || guard_find(head, "Expect") != NULL;
    x->close |= unread;
    return !unread;
}

static int grow(struct exchange *x, size_t need)
{
    size_t cap = x->body_cap != 0 ? x->body_cap : 1024;
    while (cap < need)
        cap *= 2;
    if (cap == x->body_cap)
        return 1;
    char *body = realloc(x->body, cap);
    if (body == NULL)
        return 0;
    x->body = body;
    x->body_cap = cap;
    return 1;
}

/* A body that has been refused is read to its end, up to a limit, so that the caller can read why.
   Of one that was begun to be taken in pieces, as much as it may have. */
static int drain(struct exchange *x, size_t len)
{
    size_t max = x->stream != NULL ? x->match.route->body_max : LIMIT_HTTP_DRAIN;
    x->drained += len;
    return x->drained <= max;
}

static const struct body_stream *stream_of(const struct exchange *x)
{
    return x->match.route != NULL ? x->match.route->stream : NULL;
}

int exchange_read(struct exchange *x, const char *at, size_t len)
{
    const struct body_stream *stream = stream_of(x);
    int64_t limit_s = stream != NULL ? stream->time_s : x->server->config->http_timeout_s;
    int64_t limit_us = limit_s * 1000000;
    if (now_us() - x->begun_us > limit_us)
        return 0;
    if (x->code != EC_OK)
        return drain(x, len);
    size_t max = x->match.route != NULL ? x->match.route->body_max : 0;
    if (x->body_len + len > max) {
        x->code = EC_BODY_TOO_LARGE;
        return drain(x, x->body_len + len);
    }
    if (stream != NULL) {
        x->body_len += len;
        x->code = run_stream_put(x, at, len);
        return 1;
    }
    if (!grow(x, x->body_len + len)) {
        x->code = EC_NO_MEMORY;
        return 1;
    }
    memcpy(x->body + x->body_len, at, len);
    x->body_len += len;
    return 1;
}

static void become_problem(struct exchange *x)
{
    struct json_problem p = {
        .code = x->code,
        .detail = x->reply.detail,
        .instance = x->path[0] != '\0' ? x->path : NULL,
        .request_id = x->id,
        .errors = &x->reply.errors,
    };
    free(x->reply.body);
    free(x->reply.redirect);
    x->reply.redirect = NULL;
    x->asset = NULL;
    reply_source_done(&x->reply.source);
    x->reply.body = json_problem_encode(&p);
    x->reply.type = "application/problem+json";
    x->reply.cache = NULL;
    x->reply.body_len = 0;
    x->reply.location[0] = x->reply.next[0] = x->reply.cookie[0] = '\0';
    x->status = error_status(x->code);
}

void exchange_finish(struct exchange *x)
{
    int options = strcmp(x->method, "OPTIONS") == 0;
    if (x->code == EC_OK && options) {
        x->status = 204;
        return;
    }
    if (x->code == EC_OK && x->asset != NULL)
        return;
    if (x->code == EC_OK)
        x->code = run_handler(x);
    if ((x->code == EC_UNAUTHENTICATED || x->reply.is_guess) && x->match.route != NULL &&
        takes_secret(x))
        count_guess(x);
    if (x->code != EC_OK)
        become_problem(x);
    else
        x->status = x->reply.status != 0 ? x->reply.status : 200;
}

void exchange_log(const struct exchange *x)
{
    int64_t us = now_us() - x->begun_us;
    if (x->status == 0)
        return;
    stats_count(x->server->stats, exchange_route_index(x), x->status, us);
    log_event(LOG_LEVEL_INFO, "request", "id", x->id, "method", x->method, "route",
              x->match.route != NULL ? x->match.route->path : "-", "status",
              log_value("%d", x->status), "ms", log_value("%lld", (long long)(us / 1000)), "role",
              x->caller.role != 0 ? x->caller.role_name : "-", NULL);
}
