/* Sessions of the web pages: what a browser's cookie stands for. */
#include "store/session.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "base/limits.h"

enum { HASH_LEN = 32, SECRET_LEN = 32 };

static void hash_text(const char *text, size_t len, uint8_t ret[HASH_LEN])
{
    crypto_hash_sha256(ret, (const uint8_t *)text, len);
}

static void make_text(char ret[SESSION_TEXT_LEN + 1])
{
    uint8_t secret[SECRET_LEN];
    randombytes_buf(secret, sizeof secret);
    sodium_bin2base64(ret, SESSION_TEXT_LEN + 1, secret, sizeof secret,
                      sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    sodium_memzero(secret, sizeof secret);
}

/* A subject's sessions beyond the newest few end; those long past are forgotten. */
static enum error_code tidy(struct db *db, const char *session_id)
{
    struct db_param params[] = {db_text(session_id), db_int(LIMIT_SESSIONS)};
    struct db_param days[] = {db_int(LIMIT_SESSION_KEEP_DAYS)};
    enum error_code ec =
        db_run(db,
               "update access.session set ended_at = now() where session_id in (select o.session_id"
               " from access.session s join access.session o on o.source = s.source"
               " and o.subject = s.subject and o.token_id is not distinct from s.token_id"
               " where s.session_id = $1::uuid and o.ended_at is null"
               " order by o.created_at desc, o.session_id offset $2::bigint)",
               params, 2, NULL);
    if (ec != EC_OK)
        return ec;
    return db_run(db,
                  "delete from access.session"
                  " where expires_at < now() - $1::integer * interval '1 day'",
                  days, 1, NULL);
}

enum error_code session_create(struct db *db, const struct session_new *session,
                               char ret_text[SESSION_TEXT_LEN + 1], char ret_id[SESSION_ID_LEN + 1])
{
    char text[SESSION_TEXT_LEN + 1];
    uint8_t hash[HASH_LEN];
    struct db_result *r = NULL;
    make_text(text);
    hash_text(text, SESSION_TEXT_LEN, hash);
    struct db_param params[] = {
        db_bytes(hash, sizeof hash), db_text(session->source), db_text(session->token_id),
        db_text(session->subject),   db_text(session->roles),  db_int(LIMIT_SESSION_H),
        db_text(session->crew),      db_text(session->sid),
    };
    enum error_code ec =
        db_run(db,
               "insert into access.session (hash, source, subject, roles, token_id, expires_at,"
               " crew, sid)"
               " select $1, $2, coalesce($4, t.label),"
               " coalesce(string_to_array($5, ' '), array[t.role]), t.token_id,"
               " least(now() + $6::integer * interval '1 hour', t.expires_at), $7, $8"
               " from (select 1) one left join access.token t on t.token_id = $3::uuid"
               " and t.revoked_at is null and t.expires_at > now()"
               " where $3::uuid is null or t.token_id is not null returning session_id",
               params, 8, &r);
    if (ec == EC_OK && db_rows(r) == 0)
        ec = EC_UNAUTHENTICATED;
    if (ec == EC_OK)
        ec = tidy(db, db_get_text(r, 0, 0));
    if (ec == EC_OK) {
        memcpy(ret_text, text, sizeof text);
        snprintf(ret_id, SESSION_ID_LEN + 1, "%s", db_get_text(r, 0, 0));
    }
    sodium_memzero(text, sizeof text);
    db_result_free(r);
    return ec;
}

enum error_code session_check(struct db *db, const char *text, size_t len,
                              struct session_holder *ret)
{
    uint8_t hash[HASH_LEN];
    struct db_result *r = NULL;
    if (len != SESSION_TEXT_LEN)
        return EC_UNAUTHENTICATED;
    hash_text(text, len, hash);
    struct db_param params[] = {db_bytes(hash, sizeof hash)};
    enum error_code ec =
        db_run(db,
               "select s.session_id, coalesce(s.token_id::text, ''),"
               " array_to_string(s.roles, ' '), coalesce(t.crew, s.crew, ''),"
               " case when s.source = 'oidc' then s.subject else '' end from access.session s"
               " left join access.token t on t.token_id = s.token_id"
               " where s.hash = $1 and s.ended_at is null and s.expires_at > now()"
               " and (s.token_id is null or (t.revoked_at is null and t.expires_at > now()))",
               params, 1, &r);
    if (ec == EC_OK && db_rows(r) == 0)
        ec = EC_UNAUTHENTICATED;
    if (ec == EC_OK) {
        snprintf(ret->session_id, sizeof ret->session_id, "%s", db_get_text(r, 0, 0));
        snprintf(ret->token_id, sizeof ret->token_id, "%s", db_get_text(r, 0, 1));
        snprintf(ret->roles, sizeof ret->roles, "%s", db_get_text(r, 0, 2));
        snprintf(ret->crew, sizeof ret->crew, "%s", db_get_text(r, 0, 3));
        snprintf(ret->subject, sizeof ret->subject, "%s", db_get_text(r, 0, 4));
    }
    db_result_free(r);
    return ec;
}

enum error_code session_get(struct db *db, const char *session_id, char **ret)
{
    struct db_param params[] = {db_text(session_id)};
    struct document_query q = {
        "select " SESSION_JSON
        "::text from access.session s where s.session_id = nullif($1, '')::uuid",
        params, 1};
    return document_get(db, &q, ret);
}

enum error_code session_tell(struct db *db, const struct session_told *told, char **ret)
{
    struct db_param params[] = {db_text(told->subject), db_text(told->roles),
                                db_int(told->created_s), db_int(told->expires_s)};
    struct document_query q = {
        "select json_build_object('id', null, 'subject', $1::text, 'roles', string_to_array($2, ' "
        "'),"
        " 'source', 'oidc', 'created_at', access.rfc3339(to_timestamp($3::bigint)),"
        " 'expires_at', access.rfc3339(to_timestamp($4::bigint)))::text",
        params, 4};
    return document_get(db, &q, ret);
}

enum error_code session_end(struct db *db, const char *session_id)
{
    struct db_param params[] = {db_text(session_id)};
    return db_run(db,
                  "update access.session set ended_at = coalesce(ended_at, now())"
                  " where session_id = $1::uuid",
                  params, 1, NULL);
}
