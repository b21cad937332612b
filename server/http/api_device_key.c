/* A new key of a device, over REST. */
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "base/limits.h"
#include "http/api.h"
#include "store/device_read.h"
#include "store/key_rotation.h"

struct key_body {
    const char *proof, *reason;
    struct optional_int overlap_s;
};

#define AT(member) offsetof(struct key_body, member)

static const struct json_field fields[] = {
    {"proof", FIELD_HEX, 1, 2, 2 * KEY_PROOF_MAX, .offset = AT(proof)},
    {"overlap_s", FIELD_INT, 0, 0, LIMIT_KEY_OVERLAP_S, .offset = AT(overlap_s)},
    {"reason", FIELD_TEXT, 0, 1, 500, .offset = AT(reason)},
    {NULL},
};

static enum error_code rotate(const struct request *r, const struct key_body *b, struct reply *ret)
{
    uint8_t proof[KEY_PROOF_MAX];
    size_t len = 0;
    const char *note = NULL;

    if (sodium_hex2bin(proof, sizeof proof, b->proof, strlen(b->proof), NULL, &len, NULL) != 0)
        return reply_refuse(ret, EC_FIELDS_INVALID, "/proof", "must be pairs of hex digits");
    const struct key_rotation rotation = {
        .serial = request_text(r, "serial"),
        .proof = {proof, len},
        .voucher = KEY_VOUCHED_BY_OLD,
        .overlap_s = b->overlap_s.is_set ? b->overlap_s.value : LIMIT_KEY_OVERLAP_DEFAULT_S,
        .reason = b->reason,
    };
    enum error_code ec = key_rotate(r->db, &r->by, &rotation, &note);
    if (ec == EC_FIELDS_INVALID)
        return reply_refuse(ret, ec, "/proof", note);
    if (ec == EC_CONFLICT || ec == EC_STATE_REFUSED)
        ret->detail = note;
    return ec;
}

enum error_code api_device_key_create(const struct request *r, struct reply *ret)
{
    struct key_body b = {0};
    struct json_document *document = NULL;
    const char *serial = request_text(r, "serial");
    enum error_code ec = request_decode(r, fields, &b, ret, &document);
    if (ec == EC_OK)
        ec = rotate(r, &b, ret);
    if (ec == EC_OK)
        ec = device_read_get(r->db, serial, &ret->body);
    if (ec == EC_OK) {
        ret->status = 201;
        snprintf(ret->location, sizeof ret->location, "/v1/devices/%s", serial);
    }
    json_document_free(document);
    return ec;
}
