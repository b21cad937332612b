/* The REST server on libmicrohttpd: the only file that knows it, but for a look of tls.c. */
#include "http/http.h"

#include <inttypes.h>
#include <microhttpd.h>
#include <sodium.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/log.h"
#include "http/door.h"
#include "http/etag.h"
#include "http/exchange.h"
#include "http/link.h"
#include "http/listen.h"
#include "http/tls.h"
#include "http/watch.h"
#include "store/person.h"

/* Each thread is a daemon of the library, which listens nowhere: door.c gives it connections. */
struct http_daemon {
    struct http_server server;
    struct MHD_Daemon *mhd[DOOR_THREADS_MAX];
    unsigned threads; /* of them */
    atomic_int in_flight;
};

/* -- the head of a request --------------------------------------------------------------------- */

struct head_fields {
    struct guard_header items[GUARD_HEADERS_MAX];
    size_t count;
};

static enum MHD_Result add_field(void *context, enum MHD_ValueKind kind, const char *name,
                                 size_t name_len, const char *value, size_t value_len)
{
    struct head_fields *f = context;
    (void)kind;
    if (f->count < GUARD_HEADERS_MAX)
        f->items[f->count] = (struct guard_header){name, name_len, value ? value : "", value_len};
    f->count++;
    return MHD_YES;
}

struct query_pairs {
    struct params_pair items[PARAMS_PAIRS_MAX];
    size_t count;
};

static enum MHD_Result add_pair(void *context, enum MHD_ValueKind kind, const char *name,
                                const char *value)
{
    struct query_pairs *q = context;
    (void)kind;
    if (q->count < PARAMS_PAIRS_MAX)
        q->items[q->count++] = (struct params_pair){name, value};
    return MHD_YES;
}

/* -- the answer -------------------------------------------------------------------------------- */

static void set(struct MHD_Response *response, const char *name, const char *value)
{
    if (value[0] != '\0')
        (void)MHD_add_response_header(response, name, value);
}

static void set_link(struct MHD_Response *response, const struct exchange *x)
{
    char link[LINK_MAX];
    link_next(x->match.route, x->path, x->params.values, x->reply.next, link);
    set(response, "Link", link);
}

static void set_always(struct MHD_Response *response, const struct exchange *x)
{
    set(response, "X-Request-Id", x->id);
    set(response, "X-Content-Type-Options", "nosniff");
    set(response, "Referrer-Policy", "no-referrer");
    if (x->is_secure)
        set(response, "Strict-Transport-Security", "max-age=31536000; includeSubDomains");
    if (x->close)
        set(response, "Connection", "close");
}

static void set_for_data(struct MHD_Response *response, const struct exchange *x)
{
    set(response, "Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'");
    set(response, "Cache-Control", x->reply.cache != NULL ? x->reply.cache : "no-store");
    set(response, "Vary", "Authorization, Cookie");
}

/* Nothing of a page comes from elsewhere or is written inline, and no text becomes markup. */
static const char page_policy[] =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; "
    "connect-src 'self'; manifest-src 'self'; worker-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; "
    "trusted-types bptm";

static void set_for_page(struct MHD_Response *response)
{
    set(response, "Content-Security-Policy", page_policy);
    set(response, "Cache-Control", "no-cache");
    set(response, "Vary", "Accept-Encoding");
    set(response, "Cross-Origin-Opener-Policy", "same-origin");
    set(response, "Cross-Origin-Resource-Policy", "same-origin");
    set(response, "Permissions-Policy", "camera=(self), geolocation=(), microphone=()");
}

static void set_for_reply(struct MHD_Response *response, const struct exchange *x)
{
    char allow[64];
    if (x->reply.body != NULL || x->reply.source.next != NULL)
        set(response, "Content-Type", x->reply.type ? x->reply.type : "application/json");
    set(response, "Location", x->reply.redirect != NULL ? x->reply.redirect : x->reply.location);
    set(response, "Set-Cookie", x->reply.cookie);
    if (x->reply.next[0] != '\0')
        set_link(response, x);
    if (x->replayed)
        set(response, "Idempotency-Replayed", "true");
    if (x->status == 401)
        set(response, "WWW-Authenticate",
            x->is_page ? "Bearer realm=\"bptm\"" : "Bearer realm=\"bptm\", Basic realm=\"bptm\"");
    if (x->status == 503)
        set(response, "Retry-After", "2");
    if (x->status == 429)
        set(response, "Retry-After", log_value("%" PRId64, x->wait_ms / 1000 + 1));
    if (x->status == 405 || strcmp(x->method, "OPTIONS") == 0) {
        route_allow(x->allow, allow);
        set(response, "Allow", allow);
    }
}

/* Polling with a tag costs a look-up and no body. */
static int set_tag(struct MHD_Response *response, const struct exchange *x)
{
    char tag[ETAG_MAX];
    if (x->reply.tag[0] != '\0')
        memcpy(tag, x->reply.tag, sizeof tag);
    else
        etag_of_bytes(x->reply.body, reply_len(&x->reply), tag);
    set(response, "ETag", tag);
    return strstr(x->if_none_match, tag) != NULL || strcmp(x->if_none_match, "*") == 0;
}

/* An answer in pieces on its way: the piece at hand and where the next comes from. */
struct outflow {
    struct pool *pool;
    struct reply_source source;
    struct bytes piece;
    size_t at;
};

static int next_piece(struct outflow *o)
{
    struct db *db = NULL;
    bytes_clear(&o->piece);
    o->at = 0;
    if (!o->source.has_connection && pool_get(o->pool, &db) != EC_OK)
        return 0;
    enum error_code ec = o->source.next(db, o->source.state, &o->piece);
    if (db != NULL)
        pool_put(o->pool, db);
    return ec == EC_OK && bytes_check(&o->piece) == EC_OK;
}

static ssize_t read_piece(void *context, uint64_t position, char *to, size_t max)
{
    struct outflow *o = context;
    (void)position;
    if (o->at == o->piece.len && !next_piece(o))
        return MHD_CONTENT_READER_END_WITH_ERROR;
    if (o->piece.len == 0)
        return MHD_CONTENT_READER_END_OF_STREAM;
    size_t n = o->piece.len - o->at < max ? o->piece.len - o->at : max;
    memcpy(to, o->piece.at + o->at, n);
    o->at += n;
    return (ssize_t)n;
}

static void free_outflow(void *context)
{
    struct outflow *o = context;
    bytes_done(&o->piece);
    reply_source_done(&o->source);
    free(o);
}

/* Takes the source out of the reply. */
static struct MHD_Response *response_in_pieces(struct exchange *x)
{
    struct outflow *o = calloc(1, sizeof *o);
    if (o == NULL)
        return NULL;
    o->pool = x->server->pool;
    o->source = x->reply.source;
    bytes_init(&o->piece, o->source.piece_max);
    struct MHD_Response *response = MHD_create_response_from_callback(
        MHD_SIZE_UNKNOWN, LIMIT_HTTP_MEMORY / 2, read_piece, o, free_outflow);
    if (response == NULL)
        free(o);
    else
        x->reply.source.state = NULL, x->reply.source.free = NULL;
    return response;
}

/* The library takes the body over, which stays readable for as long as the response is ours. */
static struct MHD_Response *response_of(struct exchange *x)
{
    if (x->reply.source.next != NULL)
        return response_in_pieces(x);
    if (x->reply.body == NULL)
        return MHD_create_response_from_buffer(0, (char *)"", MHD_RESPMEM_PERSISTENT);
    return MHD_create_response_from_buffer(reply_len(&x->reply), x->reply.body,
                                           MHD_RESPMEM_MUST_FREE);
}

static enum MHD_Result send_answer(struct MHD_Connection *connection, struct exchange *x)
{
    struct MHD_Response *response = response_of(x);
    if (response == NULL)
        return MHD_NO;
    set_always(response, x);
    set_for_data(response, x);
    set_for_reply(response, x);
    int get = strcmp(x->method, "GET") == 0 || strcmp(x->method, "HEAD") == 0;
    int tagged = get || strcmp(x->method, "PATCH") == 0;
    if (tagged && x->status == 200 && x->reply.body != NULL && set_tag(response, x) && get)
        x->status = 304;
    enum MHD_Result rc = MHD_queue_response(connection, (unsigned)x->status, response);
    MHD_destroy_response(response);
    x->reply.body = NULL;
    return rc;
}

/* A page, out of the server's own memory. */
static enum MHD_Result send_asset(struct MHD_Connection *connection, const struct exchange *x)
{
    const struct asset *a = x->asset;
    int packed = x->takes_gzip && a->gzip != NULL;
    const char *tag = packed ? a->gzip_tag : a->tag;
    struct MHD_Response *response = MHD_create_response_from_buffer(
        packed ? a->gzip_len : a->len, packed ? a->gzip : a->body, MHD_RESPMEM_PERSISTENT);
    if (response == NULL)
        return MHD_NO;
    set_always(response, x);
    set_for_page(response);
    set(response, "Content-Type", a->type);
    set(response, "ETag", tag);
    if (packed)
        set(response, "Content-Encoding", "gzip");
    int is_known = x->status == 200 && strstr(x->if_none_match, tag) != NULL;
    enum MHD_Result rc =
        MHD_queue_response(connection, is_known ? 304 : (unsigned)x->status, response);
    MHD_destroy_response(response);
    return rc;
}

static enum MHD_Result send_whatever(struct MHD_Connection *connection, struct exchange *x)
{
    return x->asset != NULL ? send_asset(connection, x) : send_answer(connection, x);
}

/* -- MHD's callbacks --------------------------------------------------------------------------- */

/* A connection that waits for a request: idle and its head together. */
static int64_t head_ms(const struct http_server *s)
{
    return 2000 * (int64_t)s->config->http_timeout_s;
}

/* What is kept of a connection. */
struct visit {
    struct tls_context tls;
    struct watch *watch;
    struct watch_line *line; /* NULL: memory ran out */
};

static void on_connection(void *context, struct MHD_Connection *connection, void **slot,
                          enum MHD_ConnectionNotificationCode what)
{
    struct http_daemon *d = context;
    int s = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
    struct visit *v = *slot;
    if (what == MHD_CONNECTION_NOTIFY_STARTED) {
        *slot = v = calloc(1, sizeof *v);
        if (v != NULL)
            *v = (struct visit){{d->server.tls},
                                d->server.watch,
                                watch_add(d->server.watch, s, head_ms(&d->server))};
        return;
    }
    if (v != NULL)
        watch_remove(d->server.watch, v->line);
    door_left(d->server.door, s);
    free(v);
    *slot = NULL;
}

static const struct visit *visit_of(struct MHD_Connection *connection)
{
    return MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT)->socket_context;
}

static void give_time(struct MHD_Connection *connection, int64_t for_ms)
{
    const struct visit *v = visit_of(connection);
    if (v != NULL)
        watch_move(v->watch, v->line, for_ms);
}

/* Until the body has come; one that is taken in pieces has the time of its route. */
static int64_t body_ms(const struct exchange *x)
{
    const struct route *route = x->match.route;
    int64_t body_s = route != NULL && route->stream != NULL ? route->stream->time_s
                                                            : x->server->config->http_timeout_s;
    return (body_s + x->server->config->http_timeout_s) * 1000;
}

static enum MHD_Result finish(struct exchange *x, struct MHD_Connection *connection)
{
    give_time(connection, LIMIT_HTTP_ANSWER_S * INT64_C(1000));
    exchange_finish(x);
    return send_whatever(connection, x);
}

static void take_client(struct exchange *x, struct MHD_Connection *connection,
                        const struct guard_head *head)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    const char *proxy = x->server->config->http_proxy;
    client_of(info->client_addr, guard_find_last(head, "X-Forwarded-For"), proxy, x->client);
    x->is_proxied = client_is_proxy(info->client_addr, proxy);
}

static enum MHD_Result first_call(struct exchange *x, struct MHD_Connection *connection,
                                  struct guard_head head)
{
    struct head_fields fields = {.count = 0};
    struct query_pairs query = {.count = 0};
    x->is_begun = 1;
    (void)MHD_get_connection_values_n(connection, MHD_HEADER_KIND, add_field, &fields);
    (void)MHD_get_connection_values(connection, MHD_GET_ARGUMENT_KIND, add_pair, &query);
    head.headers = fields.items;
    head.count = fields.count;
    head.is_target_clean = x->is_target_clean;
    head.in_place = MHD_VERSION < 0x01000000;
    take_client(x, connection, &head);
    if (!exchange_begin(x, &head, query.items, query.count))
        return finish(x, connection);
    give_time(connection, body_ms(x));
    return MHD_YES;
}

static enum MHD_Result on_request(void *context, struct MHD_Connection *connection,
                                  const char *path, const char *method, const char *version,
                                  const char *data, size_t *data_len, void **slot)
{
    struct exchange *x = *slot;
    (void)context;
    if (x == NULL)
        return MHD_NO;
    if (!x->is_begun) {
        struct guard_head head = {.method = method, .path = path, .version = version};
        return first_call(x, connection, head);
    }
    if (*data_len > 0) {
        int go_on = exchange_read(x, data, *data_len);
        *data_len = 0;
        return go_on ? MHD_YES : MHD_NO;
    }
    return finish(x, connection);
}

/* The request line has come: the target is whole only now, before the query is cut out of it. */
static void *on_target(void *context, const char *target, struct MHD_Connection *connection)
{
    struct http_daemon *d = context;
    struct exchange *x = exchange_new(&d->server);
    if (x == NULL)
        return NULL;
    give_time(connection, 1000 * (int64_t)d->server.config->http_timeout_s);
    x->is_target_clean = target != NULL && guard_target_clean(target);
    atomic_fetch_add(&d->in_flight, 1);
    return x;
}

static void on_completed(void *context, struct MHD_Connection *connection, void **slot,
                         enum MHD_RequestTerminationCode why)
{
    struct http_daemon *d = context;
    struct exchange *x = *slot;
    (void)why;
    if (x == NULL)
        return;
    give_time(connection, head_ms(&d->server));
    exchange_log(x);
    exchange_free(x);
    *slot = NULL;
    atomic_fetch_sub(&d->in_flight, 1);
}

/* Percent escapes stay in: params.c takes them apart with more care, after routing. */
static size_t keep_escapes(void *context, struct MHD_Connection *connection, char *text)
{
    (void)context;
    (void)connection;
    return strlen(text);
}

static void on_mhd_log(void *context, const char *format, va_list args)
{
    char text[192];
    (void)context;
    vsnprintf(text, sizeof text, format, args);
    text[strcspn(text, "\r\n")] = '\0';
    log_event(LOG_LEVEL_DEBUG, "http_library", "note", text, NULL);
}

/* -- starting and stopping --------------------------------------------------------------------- */

static int take_connection(void *context, unsigned thread, int socket, const struct sockaddr *peer,
                           socklen_t len)
{
    struct http_daemon *d = context;
    return MHD_add_connection(d->mhd[thread], socket, peer, len) == MHD_YES;
}

/* The library's own limit is never met: door.c keeps those of all threads together. */
static struct MHD_Daemon *start_mhd(struct http_daemon *d, const struct config *c)
{
    struct MHD_OptionItem no_tls[] = {{MHD_OPTION_END, 0, NULL}};
    struct MHD_OptionItem tls[] = {
        {MHD_OPTION_HTTPS_PRIORITIES, 0, (void *)TLS_PRIORITIES},
        {MHD_OPTION_HTTPS_CERT_CALLBACK2, 0, tls_on_handshake()},
        {MHD_OPTION_END, 0, NULL},
    };
    return MHD_start_daemon(MHD_USE_EPOLL_INTERNAL_THREAD | MHD_USE_NO_LISTEN_SOCKET | MHD_USE_ITC |
                                MHD_USE_ERROR_LOG | (d->server.tls != NULL ? MHD_USE_TLS : 0),
                            0, NULL, NULL, on_request, d, MHD_OPTION_EXTERNAL_LOGGER, on_mhd_log, d,
                            MHD_OPTION_CONNECTION_LIMIT, (unsigned)c->http_connections + 1,
                            MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)c->http_timeout_s,
                            MHD_OPTION_NOTIFY_CONNECTION, on_connection, d,
                            MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)LIMIT_HTTP_MEMORY,
                            MHD_OPTION_URI_LOG_CALLBACK, on_target, d, MHD_OPTION_UNESCAPE_CALLBACK,
                            keep_escapes, d, MHD_OPTION_NOTIFY_COMPLETED, on_completed, d,
                            MHD_OPTION_ARRAY, d->server.tls != NULL ? tls : no_tls, MHD_OPTION_END);
}

static enum error_code start_threads(struct http_daemon *d, const struct config *c)
{
    for (; d->threads < c->http_threads; d->threads++)
        if ((d->mhd[d->threads] = start_mhd(d, c)) == NULL)
            return EC_IO;
    return EC_OK;
}

/* Listens when everything else is ready. */
static enum error_code open_door(struct http_daemon *d, const struct config *c)
{
    int s = -1;
    enum error_code ec = listen_open(c, &s);
    if (ec != EC_OK)
        return ec;
    unsigned port = listen_port(s);
    ec = door_open(d->server.door, s, take_connection, d);
    if (ec != EC_OK) {
        close(s);
        return ec;
    }
    if (listen_tell(c->http_port_file, port) != EC_OK)
        return EC_IO;
    log_event(LOG_LEVEL_INFO, "http_listening", "address", c->http_address, "port",
              log_value("%u", port), "tls", d->server.tls != NULL ? "yes" : "no", NULL);
    return EC_OK;
}

static enum error_code make_limits(struct http_server *s, const struct config *c)
{
    struct rate_rule requests = {c->http_requests_per_s * 60, c->http_requests_burst};
    struct rate_rule failures = {c->http_failures_per_min, c->http_failures_per_min + 1};
    struct door_rules connections = {c->http_threads, c->http_connections,
                                     c->http_connections_per_address};
    enum error_code ec = rate_new(requests, LIMIT_RATE_PLACES, &s->requests);
    if (ec == EC_OK)
        ec = rate_new(failures, LIMIT_RATE_PLACES, &s->failures);
    if (ec == EC_OK)
        ec = door_new(&connections, &s->door);
    return ec == EC_OK ? watch_new(&s->watch) : ec;
}

static enum error_code load_person_keys(struct http_server *s, const struct config *c)
{
    enum error_code ec = person_load(c->person_key_file, &s->person);
    if (ec != EC_OK)
        log_event(LOG_LEVEL_ERROR, "person-key-unusable", "file", c->person_key_file, "error",
                  error_slug(ec), NULL);
    return ec;
}

static enum error_code start(struct http_daemon *d, const struct config *c)
{
    struct http_server *s = &d->server;
    enum error_code ec = stats_new(&s->stats);
    s->config = c;
    s->routes = route_table(&s->route_count);
    if (ec == EC_OK)
        ec = load_person_keys(s, c);
    if (ec == EC_OK)
        ec = make_limits(s, c);
    if (ec == EC_OK)
        ec = pool_new(c->database_http, c->http_threads, &s->pool);
    if (ec == EC_OK)
        ec = oidc_new(c, &s->oidc);
    if (ec == EC_OK)
        ec = sign_ins_new(&s->sign_ins);
    if (ec == EC_OK)
        ec = assets_load(c->http_pages, &s->assets);
    if (ec == EC_OK)
        ec = tls_new(c, &s->tls);
    if (ec == EC_OK)
        ec = start_threads(d, c);
    return ec == EC_OK ? open_door(d, c) : ec;
}

enum error_code http_start(const struct config *c, struct http_server **ret)
{
    struct http_daemon *d = calloc(1, sizeof *d);
    if (d == NULL || sodium_init() < 0) {
        free(d);
        return EC_NO_MEMORY;
    }
    enum error_code ec = start(d, c);
    if (ec == EC_OK)
        *ret = &d->server;
    else
        http_stop(&d->server);
    return ec;
}

void http_reload(struct http_server *s)
{
    if (s != NULL)
        tls_reload(s->tls);
}

void http_stop(struct http_server *s)
{
    if (s == NULL)
        return;
    struct http_daemon *d = (struct http_daemon *)s; /* its first member */
    int64_t until_ms = clock_mono_ms() + LIMIT_HTTP_STOP_MS;
    door_shut(s->door);
    while (atomic_load(&d->in_flight) > 0 && clock_mono_ms() < until_ms)
        clock_sleep_ms(5);
    while (d->threads > 0)
        MHD_stop_daemon(d->mhd[--d->threads]);
    door_free(s->door);
    tls_free(s->tls);
    oidc_free(s->oidc);
    sign_ins_free(s->sign_ins);
    watch_free(s->watch);
    rate_free(s->requests);
    rate_free(s->failures);
    pool_free(s->pool);
    stats_free(s->stats);
    assets_free(s->assets);
    person_keys_done(&s->person);
    free(d);
}
