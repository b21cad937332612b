/* What enrolment staff work through, over REST. */
#include "http/api.h"
#include "store/queue.h"

enum { RADIUS_DEFAULT_M = 3000 };

enum error_code api_queue_list(const struct request *r, struct reply *ret)
{
    struct document_page page = request_page(r);
    struct document_list list = {0};
    struct queue_filter filter = {
        .state = request_text(r, "state"),
        .programme = request_text(r, "programme"),
        .assignee = request_text(r, "assignee"),
        .is_unassigned = request_text(r, "unassigned") != NULL,
        .is_overdue = request_text(r, "overdue") != NULL,
        .text = request_text(r, "q"),
        .keys = r->person,
    };
    enum error_code ec = queue_list(r->db, &filter, &page, &list);
    return ec == EC_OK ? reply_list(ret, &list) : ec;
}

enum error_code api_queue_states(const struct request *r, struct reply *ret)
{
    return queue_states(r->db, &ret->body);
}

enum error_code api_queue_audit(const struct request *r, struct reply *ret)
{
    struct document_page page = request_page(r);
    struct document_list list = {0};
    enum error_code ec = queue_audit(r->db, request_int(r, "id", 0), &page, &list);
    return ec == EC_OK ? reply_list(ret, &list) : ec;
}

enum error_code api_queue_surroundings(const struct request *r, struct reply *ret)
{
    int64_t radius_m = request_int(r, "radius_m", RADIUS_DEFAULT_M);
    return queue_surroundings(r->db, request_int(r, "id", 0), radius_m, &ret->body);
}
