/* Sessions that are open: listed, and ended, for those whose they are and for operators. */
#include "store/session_list.h"

#include <stdlib.h>

#include "store/session.h"

/* Microseconds since 1970: the first half of the key; the second is a number made of the id. */
#define MICROS "(extract(epoch from s.created_at) * 1000000)::bigint"
#define NUMBER "(('x' || substr(s.session_id::text, 1, 8))::bit(32)::bigint)"

/* $1 to $6; what ended with its token is no longer open. */
#define WHOSE                                                                                      \
    " s.ended_at is null and s.expires_at > now() and (s.token_id is null or exists (select from"  \
    " access.token t where t.token_id = s.token_id and t.revoked_at is null"                       \
    " and t.expires_at > now())) and ($1::boolean"                                                 \
    " or s.token_id = nullif($2, '')::uuid or (s.source = 'oidc' and s.subject = nullif($3, ''))"  \
    " or s.subject = $4 or s.token_id::text = $4)"                                                 \
    " and ($5::uuid is null or s.session_id = $5::uuid)"                                           \
    " and s.session_id is distinct from nullif($6, '')::uuid"

enum { WHOSE_PARAMS = 6 };

static void whose_params(const struct session_whose *w, struct db_param ret[WHOSE_PARAMS])
{
    ret[0] = db_bool(w->everybody);
    ret[1] = db_text(w->token_id);
    ret[2] = db_text(w->subject);
    ret[3] = db_text(w->of);
    ret[4] = db_text(w->session_id);
    ret[5] = db_text(w->but);
}

enum error_code session_list(struct db *db, const struct session_whose *whose,
                             const struct document_page *page, struct document_list *ret)
{
    struct db_param params[WHOSE_PARAMS + 2];
    struct document_query q = {
        "select " SESSION_JSON "::text, " MICROS " || '.' || " NUMBER " from access.session s"
        " where" WHOSE " and ($7::text is null or (" MICROS ", " NUMBER
        ") < (split_part($7, '.', 1)::bigint, split_part($7, '.', 2)::bigint))"
        " order by s.created_at desc, " NUMBER " desc limit $8",
        params, WHOSE_PARAMS + 2};
    whose_params(whose, params);
    params[WHOSE_PARAMS] = db_text(page->after);
    params[WHOSE_PARAMS + 1] = db_int(page->limit + 1);
    return document_list(db, &q, page, ret);
}

static enum error_code audit_one(struct db *db, const struct audit_by *by, const char *id)
{
    char *after = NULL;
    enum error_code ec = session_get(db, id, &after);
    if (ec == EC_OK) {
        struct audit_change change = {.action = "session.end", .object_id = id, .after = after};
        ec = audit_add(db, by, &change);
    }
    free(after);
    return ec;
}

/* A statement that ends sessions and returns their ids. */
static enum error_code end_and_audit(struct db *db, const struct document_query *q,
                                     const struct audit_by *by, int64_t *ret_count)
{
    struct db_result *r = NULL;
    enum error_code ec = db_run(db, q->sql, q->params, q->count, &r);
    size_t count = ec == EC_OK ? db_rows(r) : 0;
    for (size_t i = 0; i < count && ec == EC_OK; i++)
        ec = audit_one(db, by, db_get_text(r, i, 0));
    db_result_free(r);
    if (ec == EC_OK)
        *ret_count = (int64_t)count;
    return ec;
}

enum error_code session_end_all(struct db *db, const struct session_whose *whose,
                                const struct audit_by *by, int64_t *ret_count)
{
    struct db_param params[WHOSE_PARAMS];
    struct document_query q = {"update access.session s set ended_at = now() where" WHOSE
                               " returning s.session_id",
                               params, WHOSE_PARAMS};
    whose_params(whose, params);
    return end_and_audit(db, &q, by, ret_count);
}

/* A session whose provider did not name it ends with any of its subject's. */
enum error_code session_end_told(struct db *db, const struct session_told_end *told,
                                 const struct audit_by *by, int64_t *ret_count)
{
    struct db_param params[] = {db_text(told->subject), db_text(told->sid), db_int(told->before_s)};
    struct document_query q = {
        "update access.session s set ended_at = now() where s.source = 'oidc'"
        " and s.ended_at is null and s.expires_at > now()"
        " and s.created_at <= to_timestamp($3::bigint) and ($1 = '' or s.subject = $1)"
        " and ($2 = '' or s.sid = $2 or (s.sid is null and $1 <> '')) returning s.session_id",
        params, 3};
    return end_and_audit(db, &q, by, ret_count);
}
