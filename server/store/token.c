/* Access tokens: what is kept of them, and who may hold one. */
#include "store/token.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

static const char prefix[] = "bptm_";
enum { PREFIX_LEN = sizeof(prefix) - 1, SECRET_LEN = 32 };

#define RFC3339(column) "to_char(" column " at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"')"

void token_hash(const char *text, size_t len, uint8_t ret[TOKEN_HASH_LEN])
{
    crypto_hash_sha256(ret, (const uint8_t *)text, len);
}

int token_is_plausible(const char *text, size_t len)
{
    static const char alphabet[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

    if (len != TOKEN_TEXT_LEN || memcmp(text, prefix, PREFIX_LEN) != 0)
        return 0;
    for (size_t i = PREFIX_LEN; i < len; i++)
        if (memchr(alphabet, text[i], sizeof(alphabet) - 1) == NULL)
            return 0;
    return 1;
}

static enum error_code look_up(struct db *db, uint8_t hash[TOKEN_HASH_LEN],
                               const struct token_along *along, struct db_result **ret)
{
    struct db_param params[1 + TOKEN_ALONG_MAX] = {db_bytes(hash, TOKEN_HASH_LEN)};
    char sql[512];
    size_t count = along != NULL ? along->count : 0;

    snprintf(sql, sizeof(sql),
             "select token_id, role, coalesce(crew, ''), (%s) from access.token where hash = $1"
             " and revoked_at is null and expires_at > now()",
             along != NULL ? along->sql : "null");
    for (size_t i = 0; i < count; i++)
        params[1 + i] = along->params[i];
    return db_run(db, sql, params, 1 + count, ret);
}

static enum error_code take_along(const struct db_result *r, char **ret)
{
    const char *text = db_get_text(r, 0, 3);

    *ret = text != NULL ? strdup(text) : NULL;
    return text == NULL || *ret != NULL ? EC_OK : EC_NO_MEMORY;
}

enum error_code token_check(struct db *db, const char *text, size_t len,
                            const struct token_along *along, struct token_holder *ret,
                            char **ret_along)
{
    uint8_t hash[TOKEN_HASH_LEN];
    struct db_result *r = NULL;

    if (!token_is_plausible(text, len))
        return EC_UNAUTHENTICATED;
    token_hash(text, len, hash);
    enum error_code ec = look_up(db, hash, along, &r);
    if (ec == EC_OK && db_rows(r) == 0)
        ec = EC_UNAUTHENTICATED;
    if (ec == EC_OK && along != NULL)
        ec = take_along(r, ret_along);
    if (ec == EC_OK) {
        snprintf(ret->token_id, sizeof(ret->token_id), "%s", db_get_text(r, 0, 0));
        snprintf(ret->role, sizeof(ret->role), "%s", db_get_text(r, 0, 1));
        snprintf(ret->crew, sizeof(ret->crew), "%s", db_get_text(r, 0, 2));
    }
    db_result_free(r);
    return ec;
}

static void make_text(char ret[TOKEN_TEXT_LEN + 1])
{
    uint8_t secret[SECRET_LEN];

    randombytes_buf(secret, sizeof(secret));
    memcpy(ret, prefix, PREFIX_LEN);
    sodium_bin2base64(ret + PREFIX_LEN, TOKEN_TEXT_LEN + 1 - PREFIX_LEN, secret, sizeof(secret),
                      sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    sodium_memzero(secret, sizeof(secret));
}

enum error_code token_create(struct db *db, const struct token_new *token,
                             char ret_text[TOKEN_TEXT_LEN + 1], char ret_token_id[TOKEN_ID_LEN + 1])
{
    char text[TOKEN_TEXT_LEN + 1];
    uint8_t hash[TOKEN_HASH_LEN];
    struct db_result *r = NULL;

    int is_crew = strcmp(token->role, "installer") == 0;
    if (token->days < 1 || token->days > TOKEN_DAYS_MAX || sodium_init() < 0 ||
        is_crew != (token->crew != NULL))
        return EC_FIELDS_INVALID;
    make_text(text);
    token_hash(text, TOKEN_TEXT_LEN, hash);
    struct db_param params[] = {
        db_text(token->role), db_text(token->label), db_bytes(hash, sizeof(hash)),
        db_int(token->days),  db_text(token->crew),
    };
    enum error_code ec = db_run(db,
                                "insert into access.token (role, label, hash, expires_at, crew)"
                                " values ($1, $2, $3, now() + $4::integer * interval '1 day', $5)"
                                " returning token_id",
                                params, 5, &r);
    if (ec == EC_OK) {
        memcpy(ret_text, text, sizeof(text));
        snprintf(ret_token_id, TOKEN_ID_LEN + 1, "%s", db_get_text(r, 0, 0));
    }
    sodium_memzero(text, sizeof(text));
    db_result_free(r);
    return ec;
}

enum error_code token_revoke(struct db *db, const char *token_id)
{
    struct db_result *r = NULL;
    struct db_param params[] = {db_text(token_id)};
    enum error_code ec = db_run(db,
                                "update access.token set revoked_at = coalesce(revoked_at, now())"
                                " where token_id::text = lower($1) returning 1",
                                params, 1, &r);
    if (ec == EC_OK && db_rows(r) == 0)
        ec = EC_NOT_FOUND;
    db_result_free(r);
    return ec;
}

enum error_code token_list(struct db *db, struct db_result **ret)
{
    return db_run(
        db,
        "select token_id, role, label, " RFC3339("created_at") ", " RFC3339(
            "expires_at") ", case when revoked_at is not null then 'revoked'"
                          " when expires_at <= now() then 'expired' else 'valid' end, "
                          "coalesce(crew, '')"
                          " from access.token order by created_at desc, token_id limit 1000",
        NULL, 0, ret);
}
