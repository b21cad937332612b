/* Applications and their decisions, over REST. */
#include "http/api.h"
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
    {NULL},
};

static const struct json_field fields[] = {
    {"programme", FIELD_TEXT, 1, 2, 40, .offset = AT(programme)},
    {"premise_id", FIELD_INT, 1, 1, REQUEST_ID_VALUE_MAX, .offset = AT(premise_id)},
    {"account_id", FIELD_INT, 1, 1, REQUEST_ID_VALUE_MAX, .offset = AT(account_id)},
    {"generator", FIELD_PART, 1, .fields = generator_fields},
    {"attestations", FIELD_PART, 1, .fields = attestation_fields},
    {"prior_rebate", FIELD_BOOL, .offset = AT(prior_rebate)},
    {NULL},
};

static enum error_code store(const struct request *r, const struct application_new *application,
                             struct reply *ret, int64_t *ret_id)
{
    int64_t decision_id = 0;
    enum error_code ec =
        reply_constraint(ret, r, application_create(r->db, &r->by, application, ret_id));
    if (ec == EC_NOT_FOUND)
        return reply_refuse(ret, EC_FIELDS_INVALID, "/programme", "is not a known programme");
    if (ec != EC_OK)
        return ec;
    ec = decision_make(r->db, &r->by, *ret_id, &decision_id);
    if (ec == EC_STATE_REFUSED)
        ret->detail = "no ruleset of this programme is in force today";
    return ec;
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
        ec = application_get(r->db, id, &body);
    if (ec == EC_OK)
        reply_created(ret, body, "/v1/applications/", id);
    json_document_free(document);
    return ec;
}

enum error_code api_application_list(const struct request *r, struct reply *ret)
{
    struct document_page page = request_page(r);
    struct document_list list = {0};
    enum error_code ec = application_list(r->db, request_text(r, "state"), &page, &list);
    return ec == EC_OK ? reply_list(ret, &list) : ec;
}

enum error_code api_application_get(const struct request *r, struct reply *ret)
{
    return application_get(r->db, request_int(r, "id", 0), &ret->body);
}

enum error_code api_application_decide(const struct request *r, struct reply *ret)
{
    int64_t id = 0;
    char *body = NULL;
    enum error_code ec = decision_make(r->db, &r->by, request_int(r, "id", 0), &id);
    if (ec == EC_STATE_REFUSED)
        ret->detail = "the application is installed or withdrawn, or no ruleset was in force on "
                      "its day";
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
