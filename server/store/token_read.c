/* Reading access tokens, never their secrets. */
#include "store/token_read.h"

#define TOKEN                                                                                      \
    "jsonb_build_object('id', t.token_id, 'role', t.role, 'crew', t.crew, 'label', t.label,"       \
    " 'created_at', access.rfc3339(t.created_at), 'expires_at', access.rfc3339(t.expires_at),"     \
    " 'revoked_at', access.rfc3339(t.revoked_at),"                                                 \
    " 'state', case when t.revoked_at is not null then 'revoked'"                                  \
    " when t.expires_at <= now() then 'expired' else 'valid' end)"

/* Microseconds since 1970: the first half of the key; the second is a number made of the id. */
#define MICROS "(extract(epoch from t.created_at) * 1000000)::bigint"
#define NUMBER "(('x' || substr(t.token_id::text, 1, 8))::bit(32)::bigint)"

enum error_code token_read_list(struct db *db, const struct document_page *page,
                                struct document_list *ret)
{
    struct db_param params[] = {db_text(page->after), db_int(page->limit + 1)};
    struct document_query q = {
        "select " TOKEN "::text, " MICROS " || '.' || " NUMBER " from access.token t"
        " where ($1::text is null or (" MICROS ", " NUMBER
        ") < (split_part($1, '.', 1)::bigint, split_part($1, '.', 2)::bigint))"
        " order by t.created_at desc, " NUMBER " desc limit $2",
        params, 2};
    return document_list(db, &q, page, ret);
}

enum error_code token_read_get(struct db *db, const char *token_id, const char *secret, char **ret)
{
    struct db_param params[] = {db_text(token_id), db_text(secret)};
    struct document_query q = {"select (" TOKEN " || case when $2::text is null then '{}'"
                               " else jsonb_build_object('token', $2::text) end)::text"
                               " from access.token t where t.token_id = $1::uuid",
                               params, 2};
    return document_get(db, &q, ret);
}
