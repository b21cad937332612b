/* Outage events, homes still dark, silent devices and drills, over REST. */
#include "http/api.h"
#include "store/drill.h"
#include "store/event_read.h"

enum error_code api_event_list(const struct request *r, struct reply *ret)
{
    struct document_page page = request_page(r);
    struct document_list list = {0};
    char box[BBOX_EWKT_MAX];
    struct event_read_filter filter = {
        .from = request_text(r, "from"),
        .to = request_text(r, "to"),
        .circuit = request_text(r, "circuit_id"),
        .kind = request_text(r, "kind"),
        .level = request_text(r, "level"),
        .state = request_text(r, "state"),
        .box = request_box(r, box),
    };
    enum error_code ec =
        event_read_list(r->db, &filter, request_has_role(r, ROLE_OPERATOR), &page, &list);
    return ec == EC_OK ? reply_list(ret, &list) : ec;
}

enum error_code api_event_get(const struct request *r, struct reply *ret)
{
    int full = request_has_role(r, ROLE_OPERATOR);
    return event_read_get(r->db, request_int(r, "id", 0), full, &ret->body);
}

enum error_code api_event_still_dark(const struct request *r, struct reply *ret)
{
    struct document_page page = request_page(r);
    struct document_list list = {0};
    enum error_code ec = event_read_still_dark(r->db, &page, &list);
    return ec == EC_OK ? reply_list(ret, &list) : ec;
}

enum error_code api_event_silent(const struct request *r, struct reply *ret)
{
    struct document_page page = request_page(r);
    struct document_list list = {0};
    enum error_code ec = event_read_silent(r->db, request_text(r, "cause"), &page, &list);
    return ec == EC_OK ? reply_list(ret, &list) : ec;
}

#define AT(member) offsetof(struct drill_new, member)

static const struct json_field drill_fields[] = {
    {"name", FIELD_TEXT, 1, 1, 120, .offset = AT(name)},
    {"circuit_id", FIELD_TEXT, 0, 1, 32, .offset = AT(circuit_id)},
    {"starts_at", FIELD_TIME, 1, .offset = AT(starts_at)},
    {"ends_at", FIELD_TIME, 1, .offset = AT(ends_at)},
    {NULL},
};

enum error_code api_event_drill(const struct request *r, struct reply *ret)
{
    struct drill_new drill = {0};
    struct json_document *document = NULL;
    int64_t id = 0;
    char *body = NULL;
    enum error_code ec = request_decode(r, drill_fields, &drill, ret, &document);
    if (ec == EC_OK && json_time_ms(drill.ends_at) <= json_time_ms(drill.starts_at))
        ec = reply_refuse(ret, EC_FIELDS_INVALID, "/ends_at", "must be after starts_at");
    if (ec == EC_OK)
        ec = reply_constraint(ret, r, drill_declare(r->db, &r->by, &drill, &id));
    if (ec == EC_OK)
        ec = drill_get(r->db, id, &body);
    if (ec == EC_OK)
        reply_created(ret, body, "/v1/drills/", id);
    json_document_free(document);
    return ec;
}

enum error_code api_event_drill_get(const struct request *r, struct reply *ret)
{
    return drill_get(r->db, request_int(r, "id", 0), &ret->body);
}

enum error_code api_event_drills(const struct request *r, struct reply *ret)
{
    struct document_page page = request_page(r);
    struct document_list list = {0};
    enum error_code ec = drill_list(r->db, &page, &list);
    return ec == EC_OK ? reply_list(ret, &list) : ec;
}
