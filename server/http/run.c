/* Running a handler: its connection, its transaction, its idempotency. */
#include "http/run.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "base/log.h"
#include "store/idempotency.h"
#include "store/person.h"

struct run {
    struct exchange *x;
    struct request request;
    struct idempotency idempotency;
};

/* Those who see only their own are narrowed to it, unless theirs is everybody's. */
static const char *own_crew(const struct exchange *x)
{
    unsigned roles = x->match.route->roles;
    unsigned own = roles / ROLE_OWN(1U), any = (roles & ~own) | ROLE_ADMIN;
    if ((x->caller.role & own) == 0 || (x->caller.role & any) != 0)
        return NULL;
    return strcmp(x->caller.crew, OWNERSHIP_EVERY_CREW) != 0 ? x->caller.crew : NULL;
}

static void run_init(struct run *run, struct exchange *x)
{
    *run = (struct run){.x = x};
    struct request *r = &run->request;
    r->server = x->server;
    r->person = &x->server->person;
    r->route = x->match.route;
    r->caller = x->caller;
    r->by = (struct audit_by){.token_id = x->caller.token_id[0] != '\0' ? x->caller.token_id : NULL,
                              .subject = x->caller.subject[0] != '\0' ? x->caller.subject : NULL,
                              .role = x->caller.role_name,
                              .request_id = x->id,
                              .reason = x->reason[0] != '\0' ? x->reason : NULL};
    r->own_crew = own_crew(x);
    r->client = x->client;
    r->sign_in = x->sign_in;
    r->path = x->path;
    r->base = x->base;
    r->if_match = x->if_match;
    r->is_secure = x->is_secure;
    memcpy(r->values, x->params.values, sizeof r->values);
    r->body = x->body != NULL ? x->body : "";
    r->body_len = x->body != NULL ? x->body_len : 0;
    r->stream = x->stream;
    run->idempotency.token_id = r->by.token_id;
    run->idempotency.subject = r->by.subject;
    run->idempotency.key = x->key;
    if (x->key[0] != '\0')
        idempotency_hash(&run->idempotency, r->person, x->method, r->path, r->body, r->body_len);
}

static void fresh_reply(struct exchange *x)
{
    reply_done(&x->reply);
    memset(&x->reply, 0, sizeof x->reply);
}

static enum error_code replay(struct exchange *x, struct idempotency_answer *a)
{
    x->replayed = 1;
    x->reply.status = a->status;
    x->reply.body = a->body;
    a->body = NULL;
    if (a->location != NULL)
        snprintf(x->reply.location, sizeof x->reply.location, "%s", a->location);
    idempotency_answer_done(a);
    return EC_OK;
}

static enum error_code keep(struct run *run, struct db *db)
{
    struct reply *reply = &run->x->reply;
    struct idempotency_answer a = {
        .status = reply->status != 0 ? reply->status : 200,
        .location = reply->location[0] != '\0' ? reply->location : NULL,
        .body = reply->body,
    };
    return idempotency_keep(db, &run->idempotency, &a);
}

/* What the handler answered sealed, and what was kept of an answer, is opened for the caller last
   of all. The tag is that of the sealed form, which a patch compares it with. */
static enum error_code open_answer(struct run *run, struct db *db)
{
    struct reply *reply = &run->x->reply;
    if (!run->request.route->is_personal || reply->body == NULL)
        return EC_OK;
    etag_of(reply->body, reply->tag);
    return person_answer(db, run->request.person, &run->request.by, run->request.path,
                         &reply->body);
}

/* The first brace of a path names the record; what is another's does not exist for the caller. */
static enum error_code check_own(const struct request *r)
{
    if (r->own_crew == NULL)
        return EC_OK;
    return ownership_check(r->db, r->route->own, r->values[0], r->own_crew);
}

static enum error_code write_once(struct run *run, struct db *db)
{
    struct exchange *x = run->x;
    struct idempotency_answer answer = {0};
    int has_key = x->key[0] != '\0';
    enum error_code ec = EC_OK;
    fresh_reply(x);
    run->request.db = db;
    ec = check_own(&run->request);
    if (ec == EC_OK)
        ec = audit_subject(db, &run->request.by);
    if (ec == EC_OK && has_key)
        ec = idempotency_begin(db, &run->idempotency, &answer);
    if (ec == EC_OK && answer.status != 0)
        return replay(x, &answer);
    if (ec == EC_OK)
        ec = run->request.route->handler(&run->request, &x->reply);
    if (ec == EC_OK && has_key)
        ec = keep(run, db);
    return ec;
}

static enum error_code write_body(struct db *db, void *context)
{
    struct run *run = context;
    enum error_code ec = write_once(run, db);
    return ec == EC_OK ? open_answer(run, db) : ec;
}

static enum error_code read_once(struct run *run, struct db *db)
{
    fresh_reply(run->x);
    run->request.db = db;
    enum error_code ec = check_own(&run->request);
    if (ec == EC_OK)
        ec = run->request.route->handler(&run->request, &run->x->reply);
    return ec == EC_OK ? open_answer(run, db) : ec;
}

/* A read that met a lost connection is run once more on a new one. */
static enum error_code run_read(struct run *run, struct db **db)
{
    struct pool *pool = run->x->server->pool;
    enum error_code ec = read_once(run, *db);
    if (ec != EC_DATABASE || db_alive(*db))
        return ec;
    pool_put(pool, *db);
    *db = NULL;
    ec = pool_get(pool, db);
    return ec == EC_OK ? read_once(run, *db) : ec;
}

/* A statement that the database refuses for its data is a fault of this server, not an outage. */
static enum error_code judge(const struct exchange *x, const struct db *db, enum error_code ec)
{
    if (ec != EC_DATABASE && ec != EC_DATABASE_RETRY && ec != EC_INTERNAL)
        return ec;
    log_event(LOG_LEVEL_ERROR, "http_statement_failed", "id", x->id, "route", x->match.route->path,
              "sqlstate", db_sqlstate(db), "note", db_note(db), NULL);
    if (ec == EC_DATABASE && (db_data_fault(db) || db_sqlstate(db)[0] == '4'))
        return EC_INTERNAL;
    return ec == EC_INTERNAL ? ec : EC_UNAVAILABLE;
}

static enum error_code run_with_database(struct run *run)
{
    struct exchange *x = run->x;
    struct db *db = NULL;
    enum error_code ec = pool_get(x->server->pool, &db);
    if (ec != EC_OK)
        return ec;
    if (x->match.route->method == METHOD_GET)
        ec = run_read(run, &db);
    else if (x->stream != NULL)
        ec = read_once(run, db);
    else
        ec = db_transact(db, write_body, run);
    if (db != NULL) {
        ec = judge(x, db, ec);
        pool_put(x->server->pool, db);
    }
    return ec;
}

int run_along(struct exchange *x, struct token_along *ret)
{
    struct run run;
    if (x->match.route->along == NULL)
        return 0;
    run_init(&run, x);
    return x->match.route->along(&run.request, ret);
}

enum error_code run_handler(struct exchange *x)
{
    struct run run;
    if (x->along != NULL) {
        x->reply.body = x->along;
        x->along = NULL;
        return EC_OK;
    }
    run_init(&run, x);
    enum need need = x->match.route->need;
    if (need == NEED_NOTHING)
        return read_once(&run, NULL);
    enum error_code ec = run_with_database(&run);
    if (need == NEED_IF_THERE && ec == EC_UNAVAILABLE)
        ec = read_once(&run, NULL);
    return ec;
}

/* -- a body in pieces -------------------------------------------------------------------------- */

enum error_code run_stream_begin(struct exchange *x)
{
    struct run run;
    struct db *db = NULL;
    enum error_code ec = EC_UNAVAILABLE;
    if (!stats_upload_begin(x->server->stats, LIMIT_IMPORT_UPLOADS))
        return ec;
    ec = pool_get(x->server->pool, &db);
    if (ec == EC_OK) {
        run_init(&run, x);
        run.request.db = db;
        ec = judge(x, db, x->match.route->stream->begin(&run.request, &x->reply, &x->stream));
        pool_put(x->server->pool, db);
    }
    if (ec != EC_OK)
        stats_upload_end(x->server->stats);
    return ec;
}

enum error_code run_stream_put(struct exchange *x, const char *at, size_t len)
{
    struct run run;
    struct db *db = NULL;
    enum error_code ec = pool_get(x->server->pool, &db);
    if (ec != EC_OK)
        return ec;
    run_init(&run, x);
    run.request.db = db;
    ec = judge(x, db, x->match.route->stream->put(&run.request, &x->reply, at, len));
    pool_put(x->server->pool, db);
    return ec;
}

void run_stream_end(struct exchange *x)
{
    if (x->stream == NULL)
        return;
    x->match.route->stream->free(x->stream);
    x->stream = NULL;
    stats_upload_end(x->server->stats);
}
