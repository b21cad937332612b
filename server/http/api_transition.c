/* Changes of an application's state, over REST. */
#include "http/api.h"

#include <stdio.h>
#include <string.h>

#include "http/api_transition.h"
#include "store/application.h"
#include "store/decision.h"

struct transition_body {
    const char *action, *reason;
};

#define AT(member) offsetof(struct transition_body, member)

static const struct json_field fields[] = {
    {"action", FIELD_WORD, 1,
     .choices = "submit review ask resume approve waitlist schedule unschedule confirm reject"
                " install remove reopen withdraw close",
     .offset = AT(action)},
    {"reason", FIELD_TEXT, 0, 1, 500, .offset = AT(reason)},
    {NULL},
};

void api_transition_explain(const struct transition_refusals *refusals, const char *pointer,
                            struct reply *ret)
{
    for (size_t i = 0; i < refusals->count; i++) {
        int reason_lacks = strcmp(refusals->items[i].rule, "REASON") == 0;
        json_errors_rule(&ret->errors, reason_lacks ? "/reason" : pointer, refusals->items[i].rule,
                         refusals->items[i].sentence);
    }
    ret->detail = ret->errors.items[0].detail;
}

enum error_code api_transition_run(const struct request *r, int64_t application_id,
                                   const char *action, const char *reason, struct reply *ret)
{
    struct transition_refusals refusals;
    enum error_code ec = transition_run(r->db, &r->by, application_id, action, r->caller.role_name,
                                        reason, &refusals);
    if (ec == EC_STATE_REFUSED)
        api_transition_explain(&refusals, "/action", ret);
    return ec;
}

/* Why the database did not decide, from the routine itself. */
enum error_code api_transition_decide(const struct request *r, int64_t application_id,
                                      struct reply *ret, int64_t *ret_id)
{
    enum error_code ec = decision_make(r->db, &r->by, application_id, ret_id);
    if (ec == EC_STATE_REFUSED) {
        json_errors_rule(&ret->errors, "", "DECISION", db_detail(r->db));
        ret->detail = ret->errors.items[0].detail;
    }
    return ec;
}

enum error_code api_transition_create(const struct request *r, struct reply *ret)
{
    struct transition_body b = {0};
    struct json_document *document = NULL;
    int64_t id = request_int(r, "id", 0);
    enum error_code ec = request_decode(r, fields, &b, ret, &document);
    if (ec == EC_OK)
        ec = api_transition_run(r, id, b.action, b.reason, ret);
    if (ec == EC_OK)
        ec = application_get(r->db, id, r->caller.role_name, &ret->body);
    json_document_free(document);
    return ec;
}

enum error_code api_transition_list(const struct request *r, struct reply *ret)
{
    struct document_page page = request_page(r);
    struct document_list list = {0};
    enum error_code ec = application_events(r->db, request_int(r, "id", 0), &page, &list);
    return ec == EC_OK ? reply_list(ret, &list) : ec;
}
