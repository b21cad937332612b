/* Subscribers of alarms and outage events, and what has been sent to them: for REST. */
#include "store/webhook.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "base/limits.h"

#define FROM_HOOK " from outage.webhook w where w.webhook_id = $1"
#define HOOK                                                                                       \
    "jsonb_build_object('id', w.webhook_id, 'url', w.url, 'description', w.description,"           \
    " 'types', w.types, 'enabled', w.enabled, 'disabled_because', w.disabled_because,"             \
    " 'created_at', access.rfc3339(w.created_at),"                                                 \
    " 'failing_since', access.rfc3339(w.failing_since),"                                           \
    " 'waiting', (select count(*) from outage.webhook_message m"                                   \
    " where m.webhook_id = w.webhook_id and m.state = 'waiting'),"                                 \
    " 'dead', (select count(*) from outage.webhook_message m"                                      \
    " where m.webhook_id = w.webhook_id and m.state = 'dead'),"                                    \
    " 'secrets', (select jsonb_agg(jsonb_build_object('created_at',"                               \
    " access.rfc3339(s.created_at), 'expires_at', access.rfc3339(s.expires_at))"                   \
    " order by s.secret_id desc) from outage.webhook_secret s where s.webhook_id = w.webhook_id"   \
    " and coalesce(s.expires_at > now(), true)))"
/* A URL may itself be a secret: only where it leads is kept. */
#define AUDIT                                                                                      \
    "select json_build_object('origin', substring(w.url from '^https?://[^/?]+'), 'description',"  \
    " w.description, 'types', w.types, 'enabled', w.enabled)::text" FROM_HOOK

const struct resource webhook_resource = {
    .name = "webhook",
    .current = "select json_build_object('url', w.url, 'description', w.description, 'types',"
               " w.types, 'enabled', w.enabled)::text" FROM_HOOK " for update",
    .update = "select outage.webhook_change($1, $2, $3, $4::jsonb, $5)",
    .get = "select " HOOK "::text" FROM_HOOK,
    .audit = AUDIT,
};

static enum error_code make_secret(uint8_t secret[WEBHOOK_SECRET_LEN], char *ret_text)
{
    static const char prefix[] = "whsec_";
    enum { PREFIX_LEN = sizeof prefix - 1 };
    if (sodium_init() < 0)
        return EC_INTERNAL;
    randombytes_buf(secret, WEBHOOK_SECRET_LEN);
    memcpy(ret_text, prefix, PREFIX_LEN);
    sodium_bin2base64(ret_text + PREFIX_LEN, WEBHOOK_SECRET_TEXT - PREFIX_LEN, secret,
                      WEBHOOK_SECRET_LEN, sodium_base64_VARIANT_ORIGINAL);
    return EC_OK;
}

/* EC_NOT_FOUND when the id is nobody's. */
static enum error_code rotate(struct db *db, int64_t id, int64_t overlap_h, char *ret_secret)
{
    uint8_t secret[WEBHOOK_SECRET_LEN];
    enum error_code ec = make_secret(secret, ret_secret);
    if (ec == EC_OK) {
        struct db_param params[] = {db_int(id), db_bytes(secret, sizeof secret), db_int(overlap_h)};
        struct document_query q = {
            "select outage.webhook_rotate($1, $2, $3::bigint * interval '1 hour')", params, 3};
        ec = document_id(db, &q, &id);
    }
    sodium_memzero(secret, sizeof secret);
    return ec;
}

enum error_code webhook_create(struct db *db, const struct audit_by *by,
                               const struct webhook_new *hook, int64_t *ret_id, char *ret_secret)
{
    struct db_param params[] = {db_text(hook->url), db_text(hook->description),
                                db_text(hook->types), db_int(LIMIT_WEBHOOKS)};
    struct document_query q = {
        "insert into outage.webhook (url, description, types)"
        " select $1, $2, array(select jsonb_array_elements_text($3::jsonb))"
        " where (select count(*) from outage.webhook) < $4::bigint returning webhook_id",
        params, 4};
    int64_t id = 0;
    enum error_code ec = document_lock(db, "/v1/webhooks");
    if (ec == EC_OK)
        ec = document_id(db, &q, &id);
    if (ec == EC_NOT_FOUND)
        return EC_STATE_REFUSED;
    if (ec == EC_OK)
        ec = rotate(db, id, 0, ret_secret);
    if (ec == EC_OK)
        ec = audit_add_row(db, by, "webhook.create", id, AUDIT);
    if (ec == EC_OK)
        *ret_id = id;
    return ec;
}

enum error_code webhook_list(struct db *db, const struct document_page *page,
                             struct document_list *ret)
{
    struct db_param params[] = {db_text(page->after), db_int(page->limit + 1)};
    struct document_query q = {
        "select " HOOK "::text, w.webhook_id from outage.webhook w"
        " where ($1::bigint is null or w.webhook_id > $1::bigint) order by w.webhook_id limit $2",
        params, 2};
    return document_list(db, &q, page, ret);
}

enum error_code webhook_delete(struct db *db, const struct audit_by *by, int64_t id)
{
    struct db_param params[] = {db_int(id)};
    struct document_query q = {"delete from outage.webhook where webhook_id = $1"
                               " returning webhook_id",
                               params, 1};
    enum error_code ec = audit_add_row(db, by, "webhook.delete", id, AUDIT);
    return ec == EC_OK ? document_id(db, &q, &id) : ec;
}

enum error_code webhook_rotate(struct db *db, const struct audit_by *by, int64_t id,
                               int64_t overlap_h, char *ret_secret)
{
    enum error_code ec = rotate(db, id, overlap_h, ret_secret);
    return ec == EC_OK ? audit_add_row(db, by, "webhook.rotate", id, AUDIT) : ec;
}

enum error_code webhook_told(struct db *db, int64_t id, const char *secret, char **ret)
{
    struct db_param params[] = {db_int(id), db_text(secret)};
    struct document_query q = {
        "select (" HOOK " || jsonb_build_object('secret', $2::text))::text" FROM_HOOK, params, 2};
    return document_get(db, &q, ret);
}

enum error_code webhook_ping(struct db *db, const struct audit_by *by, int64_t id)
{
    struct db_param params[] = {db_int(id)};
    struct document_query q = {
        "select nullif(outage.webhook_queue('webhook.ping', now(), json_build_object('webhook', "
        "$1::bigint)::jsonb, $1), 0)",
        params, 1};
    return audit_change_row(db, by, "webhook.ping", id, AUDIT, &q);
}

enum error_code webhook_again(struct db *db, const struct audit_by *by, int64_t id)
{
    struct db_param params[] = {db_int(id)};
    struct document_query enabled = {"select w.webhook_id" FROM_HOOK " and w.enabled", params, 1};
    struct document_query again = {"select outage.webhook_again($1, null)", params, 1};
    enum error_code ec = audit_change_row(db, by, "webhook.redeliver", id, AUDIT, &enabled);
    return ec == EC_OK ? db_run(db, again.sql, params, 1, NULL) : ec;
}

#define MESSAGE                                                                                    \
    "'id', m.message_id, 'webhook_id', m.webhook_id,"                                              \
    " 'message', 'msg_' || replace(m.id::text, '-', ''), 'type', m.type, 'state', m.state,"        \
    " 'queued_at', access.rfc3339(m.queued_at), 'tries', m.tries, 'due_at',"                       \
    " case m.state when 'waiting' then access.rfc3339(m.due_at) end,"                              \
    " 'ended_at', access.rfc3339(m.ended_at), 'status', m.status, 'error', m.error"

enum error_code webhook_message_list(struct db *db, int64_t id, const char *state,
                                     const struct document_page *page, struct document_list *ret)
{
    struct db_param params[] = {db_int(id), db_text(state), db_text(page->after),
                                db_int(page->limit + 1)};
    struct document_query known = {"select w.webhook_id" FROM_HOOK, params, 1};
    struct document_query q = {"select json_build_object(" MESSAGE
                               ")::text, m.message_id from outage.webhook_message m"
                               " where m.webhook_id = $1 and ($2::text is null or m.state = $2)"
                               " and ($3::bigint is null or m.message_id < $3::bigint)"
                               " order by m.message_id desc limit $4",
                               params, 4};
    enum error_code ec = document_id(db, &known, &id);
    return ec == EC_OK ? document_list(db, &q, page, ret) : ec;
}

enum error_code webhook_message_get(struct db *db, int64_t message_id, char **ret)
{
    struct db_param params[] = {db_int(message_id)};
    struct document_query q = {"select json_build_object(" MESSAGE
                               ", 'payload', m.payload::json)::text"
                               " from outage.webhook_message m where m.message_id = $1",
                               params, 1};
    return document_get(db, &q, ret);
}

enum error_code webhook_message_again(struct db *db, const struct audit_by *by, int64_t message_id)
{
    struct db_param params[] = {db_int(message_id)};
    struct document_query q = {"select nullif(outage.webhook_again(null, $1), 0)", params, 1};
    return audit_change_row(db, by, "webhook_message.redeliver", message_id,
                            "select json_build_object(" MESSAGE ")::text"
                            " from outage.webhook_message m where m.message_id = $1",
                            &q);
}
