/* The signed list of generators: made, kept, handed out. */
#include "store/generator_offline.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct signing {
    const struct cose_key *key;
    int64_t list_id, signed_ms;
    uint8_t *payload, *message, *scratch;
    size_t payload_len, message_len;
};

static void signing_done(struct signing *s)
{
    free(s->payload);
    free(s->message);
    free(s->scratch);
}

static enum error_code read_list(struct db *db, struct signing *s)
{
    struct db_result *r = NULL;
    enum error_code ec = db_run(
        db,
        "select o.generator_list_id, o.document::text from programme.generator_offline(now()) o",
        NULL, 0, &r);
    if (ec == EC_OK && db_rows(r) == 0)
        ec = EC_NOT_FOUND;
    if (ec == EC_OK) {
        s->list_id = db_get_int(r, 0, 0);
        ec = offline_list_encode(db_get_text(r, 0, 1), &s->payload, &s->payload_len);
    }
    db_result_free(r);
    return ec;
}

static enum error_code make_message(struct signing *s)
{
    size_t cap = s->payload_len + COSE_OVERHEAD;
    struct span payload = {s->payload, s->payload_len};

    if (cap > OFFLINE_LIST_BYTES_MAX)
        return EC_FIELDS_INVALID;
    s->message = malloc(cap);
    s->scratch = malloc(cap);
    if (s->message == NULL || s->scratch == NULL)
        return EC_NO_MEMORY;
    return cose_sign_file(s->key, offline_list_aad(), payload, (struct cose_room){s->scratch, cap},
                          (struct cose_room){s->message, cap}, &s->message_len);
}

static enum error_code keep(struct db *db, const struct signing *s)
{
    const struct db_param params[] = {
        db_int(s->list_id),
        db_bytes(s->key->public_key, WIRE_KEY_LEN),
        db_bytes(s->message, s->message_len),
    };
    return db_run(db,
                  "insert into programme.generator_offline as o (generator_list_id, public_key,"
                  " signed_at, message) values ($1, $2, now(), $3)"
                  " on conflict (generator_list_id, public_key)"
                  " do update set signed_at = excluded.signed_at, message = excluded.message",
                  params, 3, NULL);
}

static enum error_code add_audit(struct db *db, const struct audit_by *by,
                                 const struct offline_list_report *list)
{
    char id[24];

    snprintf(id, sizeof(id), "%" PRIu64, list->version);
    const struct audit_change change = {"generator_list.sign", id, NULL, NULL, NULL};
    return audit_add(db, by, &change);
}

enum error_code generator_offline_sign(struct db *db, const struct audit_by *by,
                                       const struct cose_key *key, struct generator_offline *ret)
{
    struct signing s = {.key = key};
    struct generator_offline made = {.bytes = 0};
    const uint8_t *at = NULL;
    enum error_code ec = read_list(db, &s);

    if (ec == EC_OK)
        ec = offline_list_check((struct span){s.payload, s.payload_len}, &made.list, &at);
    if (ec == EC_OK)
        ec = make_message(&s);
    if (ec == EC_OK)
        ec = keep(db, &s);
    if (ec == EC_OK)
        ec = add_audit(db, by, &made.list);
    if (ec == EC_OK) {
        made.bytes = s.message_len;
        *ret = made;
    }
    signing_done(&s);
    return ec;
}

enum error_code generator_offline_get(struct db *db, char **ret, size_t *ret_len)
{
    struct db_result *r = NULL;
    uint8_t *bytes = NULL;
    enum error_code ec = db_run(db,
                                "select o.message, octet_length(o.message)"
                                " from programme.generator_list l"
                                " join programme.generator_offline o using (generator_list_id)"
                                " where l.active order by o.signed_at desc limit 1",
                                NULL, 0, &r);

    if (ec == EC_OK && db_rows(r) == 0)
        ec = EC_NOT_FOUND;
    size_t len = ec == EC_OK ? (size_t)db_get_int(r, 0, 1) : 0;
    if (ec == EC_OK)
        bytes = malloc(len + 1);
    if (ec == EC_OK && (bytes == NULL || db_get_bytes(r, 0, 0, bytes, len) != (long)len))
        ec = EC_NO_MEMORY;
    db_result_free(r);
    if (ec != EC_OK) {
        free(bytes);
        return ec;
    }
    bytes[len] = '\0';
    *ret = (char *)bytes;
    *ret_len = len;
    return EC_OK;
}

enum error_code generator_offline_keys(struct db *db, char **ret)
{
    static const struct document_query q = {
        "select json_build_object('items', coalesce(json_agg(json_build_object("
        "'kid', left(encode(sha256(k.public_key), 'hex'), 16),"
        " 'public_key', encode(k.public_key, 'hex'),"
        " 'jwk', json_build_object('kty', 'OKP', 'crv', 'Ed25519',"
        " 'x', rtrim(translate(encode(k.public_key, 'base64'), '+/', '-_'), '=')),"
        " 'last_signed_at', access.rfc3339(k.signed_at))"
        " order by k.signed_at desc), '[]'))::text"
        " from (select public_key, max(signed_at) as signed_at from programme.generator_offline"
        " group by public_key order by 2 desc limit 16) k",
        NULL, 0};
    return document_get(db, &q, ret);
}
