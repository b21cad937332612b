/* Answers kept for a repeated POST: the second gets what the first got. */
#include "store/idempotency.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

static void hash_under(const uint8_t *key, const char *method, const char *path, const char *body,
                       size_t body_len, uint8_t ret[IDEMPOTENCY_HASH_LEN])
{
    crypto_generichash_state h;
    crypto_generichash_init(&h, key, key != NULL ? crypto_kdf_KEYBYTES : 0, IDEMPOTENCY_HASH_LEN);
    crypto_generichash_update(&h, (const unsigned char *)method, strlen(method) + 1);
    crypto_generichash_update(&h, (const unsigned char *)path, strlen(path) + 1);
    crypto_generichash_update(&h, (const unsigned char *)body, body_len);
    crypto_generichash_final(&h, ret, IDEMPOTENCY_HASH_LEN);
}

void idempotency_hash(struct idempotency *i, const struct person_keys *keys, const char *method,
                      const char *path, const char *body, size_t body_len)
{
    uint8_t key[crypto_kdf_KEYBYTES];
    i->hashes = keys->index_count;
    for (size_t n = 0; n < keys->index_count; n++) {
        crypto_kdf_derive_from_key(key, sizeof key, 1, "bptmidem", keys->index[n].key);
        hash_under(key, method, path, body, body_len, i->request_hash[n]);
    }
    sodium_memzero(key, sizeof key);
    if (i->hashes == 0) /* no personal data is taken then */
        hash_under(NULL, method, path, body, body_len, i->request_hash[i->hashes++]);
}

static struct db_param hash_param(const struct idempotency *i, size_t n)
{
    return db_bytes(i->request_hash[n], sizeof i->request_hash[n]);
}

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
    struct db_param params[] = {db_text(i->token_id), db_text(i->key), hash_param(i, 0),
                                hash_param(i, i->hashes - 1), db_text(i->subject)};
    enum error_code ec = take_key(db, i);
    if (ec != EC_OK)
        return ec;
    ec = db_run(db,
                "select request_hash in ($3, $4), status, location, body from access.idempotency"
                " where (token_id = $1 or subject = $5) and key = $2 and status is not null"
                " and created_at > now() - interval '24 hours'",
                params, 5, &r);
    if (ec == EC_OK && db_rows(r) > 0)
        ec = db_get_bool(r, 0, 0) ? read_answer(r, ret) : EC_IDEMPOTENCY_REUSE;
    db_result_free(r);
    return ec;
}

enum error_code idempotency_keep(struct db *db, const struct idempotency *i,
                                 const struct idempotency_answer *answer)
{
    struct db_param params[] = {
        db_text(i->token_id),   db_text(i->key),           hash_param(i, i->hashes - 1),
        db_int(answer->status), db_text(answer->location), db_text(answer->body),
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
