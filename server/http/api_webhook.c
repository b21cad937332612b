/* Webhooks over REST: who is told of alarms and outage events, and how that goes. */
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "http/api.h"
#include "http/exchange.h"
#include "http/patch.h"
#include "store/webhook.h"

struct hook_body {
    struct webhook_new hook;
    struct optional_bool enabled;
};

#define AT(member) offsetof(struct hook_body, member)
#define TYPES                                                                                      \
    "alarm.raised alarm.changed alarm.acknowledged alarm.cleared outage_event.opened"              \
    " outage_event.revised outage_event.closed outage_event.withdrawn"
/* Nobody's name or password in it, and no fragment. */
#define URL_AFTER                                                                                  \
    "://([A-Za-z0-9][A-Za-z0-9.-]{0,252}|\\[[0-9A-Fa-f:.]{2,45}\\])(:[0-9]{1,5})?"                 \
    "([/?][]!\"$-[^-~]*)?$"
#define HOOK_FIELDS(scheme)                                                                        \
    {"url", FIELD_TEXT, 1, 8, 500, "^" scheme URL_AFTER, .offset = AT(hook.url)},                  \
        {"description", FIELD_TEXT, 1, 1, 120, .offset = AT(hook.description)},                    \
    {                                                                                              \
        "types", FIELD_WORDS, 1, .choices = TYPES, .offset = AT(hook.types)                        \
    }
#define ENABLED                                                                                    \
    {                                                                                              \
        "enabled", FIELD_BOOL, 1, .offset = AT(enabled)                                            \
    }

/* What is not encrypted is permitted by the configuration only. */
enum { HTTPS_ONLY, HTTP_TOO };
static const struct json_field new_fields[][4] = {
    [HTTPS_ONLY] = {HOOK_FIELDS("https"), {NULL}},
    [HTTP_TOO] = {HOOK_FIELDS("https?"), {NULL}},
};
static const struct json_field fields[][5] = {
    [HTTPS_ONLY] = {HOOK_FIELDS("https"), ENABLED, {NULL}},
    [HTTP_TOO] = {HOOK_FIELDS("https?"), ENABLED, {NULL}},
};

static int schemes(const struct request *r)
{
    return strcmp(r->server->config->webhook_unencrypted, "yes") == 0 ? HTTP_TOO : HTTPS_ONLY;
}

enum error_code api_webhook_create(const struct request *r, struct reply *ret)
{
    struct hook_body b = {0};
    struct json_document *document = NULL;
    char secret[WEBHOOK_SECRET_TEXT] = "", *body = NULL;
    int64_t id = 0;
    enum error_code ec = request_decode(r, new_fields[schemes(r)], &b, ret, &document);
    if (ec == EC_OK)
        ec = webhook_create(r->db, &r->by, &b.hook, &id, secret);
    if (ec == EC_STATE_REFUSED)
        ret->detail = "there are as many webhooks as there may be";
    if (ec == EC_OK)
        ec = webhook_told(r->db, id, secret, &body);
    if (ec == EC_OK)
        reply_created(ret, body, "/v1/webhooks/", id);
    sodium_memzero(secret, sizeof secret);
    json_document_free(document);
    return ec;
}

enum error_code api_webhook_list(const struct request *r, struct reply *ret)
{
    struct document_page page = request_page(r);
    struct document_list list = {0};
    enum error_code ec = webhook_list(r->db, &page, &list);
    return ec == EC_OK ? reply_list(ret, &list) : ec;
}

enum error_code api_webhook_get(const struct request *r, struct reply *ret)
{
    return resource_get(r->db, &webhook_resource, request_int(r, "id", 0), &ret->body);
}

enum error_code api_webhook_patch(const struct request *r, struct reply *ret)
{
    struct hook_body b = {0};
    return patch_resource(r, &webhook_resource, fields[schemes(r)], &b, ret);
}

enum error_code api_webhook_delete(const struct request *r, struct reply *ret)
{
    enum error_code ec = webhook_delete(r->db, &r->by, request_int(r, "id", 0));
    if (ec == EC_OK)
        ret->status = 204;
    return ec;
}

struct rotation {
    struct optional_int overlap_h;
};

static const struct json_field rotation_fields[] = {
    {"overlap_h", FIELD_INT, 0, 0, LIMIT_WEBHOOK_OVERLAP_H,
     .offset = offsetof(struct rotation, overlap_h)},
    {NULL},
};

enum error_code api_webhook_rotate(const struct request *r, struct reply *ret)
{
    struct rotation b = {0};
    struct json_document *document = NULL;
    char secret[WEBHOOK_SECRET_TEXT] = "";
    int64_t id = request_int(r, "id", 0);
    enum error_code ec = request_decode(r, rotation_fields, &b, ret, &document);
    if (ec == EC_OK)
        ec = webhook_rotate(r->db, &r->by, id, b.overlap_h.is_set ? b.overlap_h.value : 24, secret);
    if (ec == EC_OK)
        ec = webhook_told(r->db, id, secret, &ret->body);
    if (ec == EC_OK)
        ret->status = 201;
    sodium_memzero(secret, sizeof secret);
    json_document_free(document);
    return ec;
}

enum error_code api_webhook_ping(const struct request *r, struct reply *ret)
{
    int64_t id = request_int(r, "id", 0);
    enum error_code ec = webhook_ping(r->db, &r->by, id);
    if (ec == EC_OK)
        ec = resource_get(r->db, &webhook_resource, id, &ret->body);
    if (ec == EC_OK)
        ret->status = 202;
    return ec;
}

enum error_code api_webhook_again(const struct request *r, struct reply *ret)
{
    int64_t id = request_int(r, "id", 0);
    enum error_code ec = webhook_again(r->db, &r->by, id);
    if (ec == EC_OK)
        ec = resource_get(r->db, &webhook_resource, id, &ret->body);
    if (ec == EC_OK)
        ret->status = 202;
    return ec;
}

enum error_code api_webhook_messages(const struct request *r, struct reply *ret)
{
    struct document_page page = request_page(r);
    struct document_list list = {0};
    enum error_code ec = webhook_message_list(r->db, request_int(r, "id", 0),
                                              request_text(r, "state"), &page, &list);
    return ec == EC_OK ? reply_list(ret, &list) : ec;
}

enum error_code api_webhook_message_get(const struct request *r, struct reply *ret)
{
    return webhook_message_get(r->db, request_int(r, "id", 0), &ret->body);
}

enum error_code api_webhook_message_again(const struct request *r, struct reply *ret)
{
    int64_t id = request_int(r, "id", 0);
    enum error_code ec = webhook_message_again(r->db, &r->by, id);
    if (ec == EC_OK)
        ec = webhook_message_get(r->db, id, &ret->body);
    if (ec == EC_OK)
        ret->status = 202;
    return ec;
}
