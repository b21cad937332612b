/* Applications and their decisions, over REST. */
#include "http/api.h"
#include "http/api_transition.h"
#include "http/patch.h"
#include "store/application.h"
#include "store/decision.h"

#define AT(member) offsetof(struct application_new, member)

static const struct json_field generator_fields[] = {
    {"make", FIELD_TEXT, 1, 1, 60, .offset = AT(generator_make)},
    {"model", FIELD_TEXT, 1, 1, 60, .offset = AT(generator_model)},
    {NULL},
};

static const struct json_field attestation_fields[] = {
    {"owner_or_permission", FIELD_BOOL, 1, .offset = AT(owner_or_permission)},
    {"access_agreed", FIELD_BOOL, 1, .offset = AT(access_agreed)},
    {"survey_agreed", FIELD_BOOL, 1, .offset = AT(survey_agreed)},
    {"medical_needs_not_compromised", FIELD_BOOL, .offset = AT(medical_needs_not_compromised)},
    {"medical_needs_met_in_shutoff", FIELD_BOOL, .offset = AT(medical_needs_met_in_shutoff)},
    {"terms_version", FIELD_TEXT, 0, 1, 40, .offset = AT(terms_version)},
    {NULL},
};

static const struct json_field fields[] = {
    {"programme", FIELD_TEXT, 1, 2, 40, .offset = AT(programme)},
    {"premise_id", FIELD_INT, 1, 1, REQUEST_ID_VALUE_MAX, .offset = AT(premise_id)},
    {"account_id", FIELD_INT, 1, 1, REQUEST_ID_VALUE_MAX, .offset = AT(account_id)},
    {"generator", FIELD_PART, 1, .fields = generator_fields},
    {"attestations", FIELD_PART, 1, .fields = attestation_fields},
    {"prior_rebate", FIELD_BOOL, .offset = AT(prior_rebate)},
    {"draft", FIELD_BOOL, .offset = AT(draft)},
    {NULL},
};

static enum error_code submit(const struct request *r, int64_t id, struct reply *ret)
{
    int64_t decision_id = 0;
    enum error_code ec = api_transition_run(r, id, "submit", NULL, ret);
    return ec == EC_OK ? api_transition_decide(r, id, ret, &decision_id) : ec;
}

static enum error_code store(const struct request *r, const struct application_new *application,
                             struct reply *ret, int64_t *ret_id)
{
    enum error_code ec =
        reply_constraint(ret, r, application_create(r->db, &r->by, application, ret_id));
    if (ec == EC_NOT_FOUND)
        return reply_refuse(ret, EC_FIELDS_INVALID, "/programme", "is not a known programme");
    return ec == EC_OK && !application->draft.value ? submit(r, *ret_id, ret) : ec;
}

enum error_code api_application_create(const struct request *r, struct reply *ret)
{
    struct application_new application = {0};
    struct json_document *document = NULL;
    int64_t id = 0;
    char *body = NULL;
    enum error_code ec = request_decode(r, fields, &application, ret, &document);
    if (ec == EC_OK)
        ec = store(r, &application, ret, &id);
    if (ec == EC_OK)
        ec = application_get(r->db, id, r->caller.role_name, &body);
    if (ec == EC_OK)
        reply_created(ret, body, "/v1/applications/", id);
    json_document_free(document);
    return ec;
}

enum error_code api_application_list(const struct request *r, struct reply *ret)
{
    struct document_page page = request_page(r);
    struct document_list list = {0};
    struct application_filter filter = {
        .state = request_text(r, "state"),
        .programme = request_text(r, "programme"),
        .assignee = request_text(r, "assignee"),
        .premise_id = request_int(r, "premise_id", 0),
        .is_overdue = request_text(r, "overdue") != NULL,
        .text = request_text(r, "q"),
        .keys = r->person,
        .crew = r->own_crew,
        .with_names = request_has_role(r, ROLE_ENROLMENT),
    };
    enum error_code ec = application_list(r->db, &filter, &page, &list);
    return ec == EC_OK ? reply_list(ret, &list) : ec;
}

enum error_code api_application_get(const struct request *r, struct reply *ret)
{
    return application_get(r->db, request_int(r, "id", 0), r->caller.role_name, &ret->body);
}

struct application_change {
    const char *make, *model, *assignee;
    struct optional_bool prior_rebate;
};

#define CHANGE(member) offsetof(struct application_change, member)

static const struct json_field change_generator_fields[] = {
    {"make", FIELD_TEXT, 1, 1, 60, .offset = CHANGE(make)},
    {"model", FIELD_TEXT, 1, 1, 60, .offset = CHANGE(model)},
    {NULL},
};

static const struct json_field change_fields[] = {
    {"generator", FIELD_PART, 1, .fields = change_generator_fields},
    {"prior_rebate", FIELD_BOOL, .offset = CHANGE(prior_rebate)},
    {"assignee", FIELD_TEXT, 0, 1, 80, .offset = CHANGE(assignee)},
    {NULL},
};

enum error_code api_application_patch(const struct request *r, struct reply *ret)
{
    struct application_change change = {0};
    int64_t id = request_int(r, "id", 0);
    enum error_code ec = patch_row(r, &application_resource, id, change_fields, &change, ret);
    if (ec == EC_STATE_REFUSED) {
        json_errors_rule(&ret->errors, "/generator", "DECIDED",
                         "What was decided on cannot be changed in this state.");
        ret->detail = ret->errors.items[0].detail;
    }
    return ec == EC_OK ? application_get(r->db, id, r->caller.role_name, &ret->body) : ec;
}

struct merge_body {
    struct optional_int merged_id;
    const char *reason;
};

static const struct json_field merge_fields[] = {
    {"merged_id", FIELD_INT, 1, 1, REQUEST_ID_VALUE_MAX,
     .offset = offsetof(struct merge_body, merged_id)},
    {"reason", FIELD_TEXT, 1, 1, 400, .offset = offsetof(struct merge_body, reason)},
    {NULL},
};

enum error_code api_application_merge(const struct request *r, struct reply *ret)
{
    struct merge_body b = {0};
    struct transition_refusals refusals = {0};
    struct json_document *document = NULL;
    int64_t id = request_int(r, "id", 0);
    enum error_code ec = request_decode(r, merge_fields, &b, ret, &document);
    if (ec == EC_OK)
        ec = application_merge(r->db, &r->by, id, b.merged_id.value, b.reason, &refusals);
    if (ec == EC_STATE_REFUSED)
        api_transition_explain(&refusals, "/merged_id", ret);
    if (ec == EC_OK)
        ec = application_get(r->db, id, r->caller.role_name, &ret->body);
    json_document_free(document);
    return ec;
}

enum error_code api_application_decide(const struct request *r, struct reply *ret)
{
    int64_t id = 0;
    char *body = NULL;
    enum error_code ec = api_transition_decide(r, request_int(r, "id", 0), ret, &id);
    if (ec == EC_OK)
        ec = decision_get(r->db, id, 1, &body);
    if (ec == EC_OK)
        reply_created(ret, body, "/v1/decisions/", id);
    return ec;
}

enum error_code api_application_decisions(const struct request *r, struct reply *ret)
{
    struct document_page page = request_page(r);
    struct document_list list = {0};
    int full = request_has_role(r, ROLE_ENROLMENT);
    enum error_code ec = decision_list(r->db, request_int(r, "id", 0), full, &page, &list);
    return ec == EC_OK ? reply_list(ret, &list) : ec;
}

enum error_code api_application_decision(const struct request *r, struct reply *ret)
{
    int full = request_has_role(r, ROLE_ENROLMENT);
    return decision_get(r->db, request_int(r, "id", 0), full, &ret->body);
}
