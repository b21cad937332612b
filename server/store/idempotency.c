/* Answers kept for a repeated POST: the second gets what the first got. */
#include "store/idempotency.h"

#include <stdlib.h>
#include <string.h>

/* An advisory lock, not a row: it ends with the transaction, whatever ends that. */
static enum error_code take_key(struct db *db, const struct idempotency *i)
{
    struct db_result *r = NULL;
    struct db_param params[] = {db_text(i->token_id != NULL ? i->token_id : i->subject),
                                db_text(i->key)};
    enum error_code ec = db_run(
        db, "select pg_try_advisory_xact_lock(hashtextextended($1::text || ' ' || $2::text, 5))",
        params, 2, &r);
    if (ec == EC_OK && !db_get_bool(r, 0, 0))
        ec = EC_IN_PROGRESS;
    db_result_free(r);
    return ec;
}

static enum error_code copy(const char *text, char **ret)
{
    *ret = text != NULL ? strdup(text) : NULL;
    return text != NULL && *ret == NULL ? EC_NO_MEMORY : EC_OK;
}

static enum error_code read_answer(const struct db_result *r, struct idempotency_answer *ret)
{
    struct idempotency_answer a = {.status = (int)db_get_int(r, 0, 1)};
    enum error_code ec = copy(db_get_text(r, 0, 2), &a.location);
    if (ec == EC_OK)
        ec = copy(db_get_text(r, 0, 3), &a.body);
    if (ec == EC_OK)
        *ret = a;
    else
        idempotency_answer_done(&a);
    return ec;
}

enum error_code idempotency_begin(struct db *db, const struct idempotency *i,
                                  struct idempotency_answer *ret)
{
    struct db_result *r = NULL;
    struct db_param params[] = {db_text(i->token_id), db_text(i->key),
                                db_bytes(i->request_hash, sizeof i->request_hash),
                                db_text(i->subject)};
    enum error_code ec = take_key(db, i);
    if (ec != EC_OK)
        return ec;
    ec = db_run(db,
                "select request_hash = $3, status, location, body from access.idempotency"
                " where (token_id = $1 or subject = $4) and key = $2 and status is not null"
                " and created_at > now() - interval '24 hours'",
                params, 4, &r);
    if (ec == EC_OK && db_rows(r) > 0)
        ec = db_get_bool(r, 0, 0) ? read_answer(r, ret) : EC_IDEMPOTENCY_REUSE;
    db_result_free(r);
    return ec;
}

enum error_code idempotency_keep(struct db *db, const struct idempotency *i,
                                 const struct idempotency_answer *answer)
{
    struct db_param params[] = {
        db_text(i->token_id),
        db_text(i->key),
        db_bytes(i->request_hash, sizeof i->request_hash),
        db_int(answer->status),
        db_text(answer->location),
        db_text(answer->body),
        db_text(i->subject),
    };
    /* nobody else has the key: idempotency_begin() holds it for this transaction */
    return db_run(db,
                  "with again as (update access.idempotency set request_hash = $3, status = $4,"
                  " location = $5, body = $6, created_at = now()"
                  " where (token_id = $1::uuid or subject = $7) and key = $2 returning 1)"
                  " insert into access.idempotency"
                  " (token_id, key, request_hash, status, location, body, subject)"
                  " select $1::uuid, $2, $3, $4, $5, $6, $7 where not exists (select from again)",
                  params, 7, NULL);
}

void idempotency_answer_done(struct idempotency_answer *a)
{
    free(a->location);
    free(a->body);
    *a = (struct idempotency_answer){0};
}
