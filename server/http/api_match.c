/* What other sources say that may be events of ours, over REST: read, confirmed, refused. */
#include "http/api.h"
#include "http/patch.h"
#include "store/event_link.h"

struct link_body {
    const char *status, *reason;
};

#define AT(member) offsetof(struct link_body, member)

static const struct json_field fields[] = {
    {"status", FIELD_WORD, 1, .choices = "proposed confirmed refused", .offset = AT(status)},
    {"reason", FIELD_TEXT, 0, 1, 500, .offset = AT(reason)},
    {NULL},
};

enum error_code api_match_list(const struct request *r, struct reply *ret)
{
    struct document_page page = request_page(r);
    struct document_list list = {0};
    struct event_link_filter filter = {
        .status = request_text(r, "status"),
        .source = request_text(r, "source"),
        .event_id = request_int(r, "event_id", 0),
    };
    enum error_code ec = event_link_list(r->db, &filter, &page, &list);
    return ec == EC_OK ? reply_list(ret, &list) : ec;
}

enum error_code api_match_get(const struct request *r, struct reply *ret)
{
    return resource_get(r->db, &event_link_resource, request_int(r, "id", 0), &ret->body);
}

enum error_code api_match_patch(const struct request *r, struct reply *ret)
{
    struct link_body b = {0};
    return patch_resource(r, &event_link_resource, fields, &b, ret);
}
