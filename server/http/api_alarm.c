/* Alarms over REST: what is wrong with which device, and who has seen it. */
#include "http/api.h"
#include "store/alarm.h"

enum error_code api_alarm_list(const struct request *r, struct reply *ret)
{
    struct document_page page = request_page(r);
    struct document_list list = {0};
    struct alarm_filter filter = {
        .state = request_text(r, "state"),
        .kind = request_text(r, "kind"),
        .severity = request_text(r, "severity"),
        .device = request_text(r, "device"),
    };
    enum error_code ec = alarm_list(r->db, &filter, &page, &list);
    return ec == EC_OK ? reply_list(ret, &list) : ec;
}

enum error_code api_alarm_get(const struct request *r, struct reply *ret)
{
    return alarm_get(r->db, request_int(r, "id", 0), &ret->body);
}

struct answer_body {
    const char *note;
};

#define NOTE(is_needed)                                                                            \
    {                                                                                              \
        {"note", FIELD_TEXT, is_needed, 1, 1000, .offset = offsetof(struct answer_body, note)},    \
        {                                                                                          \
            NULL                                                                                   \
        }                                                                                          \
    }

static const struct json_field seen_fields[] = NOTE(0);
static const struct json_field clear_fields[] = NOTE(1);

static enum error_code answer(const struct request *r, const struct json_field *fields,
                              const char *event, struct reply *ret)
{
    struct answer_body body = {0};
    struct json_document *document = NULL;
    int64_t id = request_int(r, "id", 0);
    enum error_code ec = request_decode(r, fields, &body, ret, &document);
    if (ec == EC_OK)
        ec = alarm_answer(r->db, &r->by, id, event, body.note);
    if (ec == EC_OK)
        ec = alarm_get(r->db, id, &ret->body);
    json_document_free(document);
    return ec;
}

enum error_code api_alarm_acknowledge(const struct request *r, struct reply *ret)
{
    return answer(r, seen_fields, "acknowledged", ret);
}

enum error_code api_alarm_clear(const struct request *r, struct reply *ret)
{
    return answer(r, clear_fields, "cleared", ret);
}
