/* Customers, over REST. */
#include "http/api.h"
#include "http/api_transition.h"
#include "http/patch.h"
#include "store/customer.h"
#include "store/person_export.h"

#define AT(member) offsetof(struct customer_new, member)

static const struct json_field fields[] = {
    {"name", FIELD_TEXT, 1, 1, 200, .offset = AT(name)},
    {"email", FIELD_TEXT, 0, 3, 254, "^[^@ ]+@[^@ ]+$", .offset = AT(email)},
    {"phone", FIELD_TEXT, 0, 3, 40, "^[+0-9][0-9 ().x-]+$", .offset = AT(phone)},
    {"medical_baseline", FIELD_BOOL, .offset = AT(medical_baseline)},
    {NULL},
};

enum error_code api_customer_create(const struct request *r, struct reply *ret)
{
    struct customer_new customer = {0};
    struct json_document *document = NULL;
    int64_t id = 0;
    char *body = NULL;
    enum error_code ec = request_decode(r, fields, &customer, ret, &document);
    if (ec == EC_OK)
        ec = customer_create(r->db, r->person, &r->by, &customer, &id);
    if (ec == EC_OK)
        ec = customer_get(r->db, id, &body);
    if (ec == EC_OK)
        reply_created(ret, body, "/v1/customers/", id);
    json_document_free(document);
    return ec;
}

enum error_code api_customer_get(const struct request *r, struct reply *ret)
{
    return customer_get(r->db, request_int(r, "id", 0), &ret->body);
}

enum error_code api_customer_list(const struct request *r, struct reply *ret)
{
    struct document_page page = request_page(r);
    struct document_list list = {0};
    enum error_code ec = customer_list(r->db, r->person, request_text(r, "q"), &page, &list);
    return ec == EC_OK ? reply_list(ret, &list) : ec;
}

struct erasure {
    const char *reason;
};

static const struct json_field erasure_fields[] = {
    {"reason", FIELD_TEXT, 1, 1, 400, .offset = offsetof(struct erasure, reason)},
    {NULL},
};

enum error_code api_customer_erase(const struct request *r, struct reply *ret)
{
    struct erasure b = {0};
    struct transition_refusals refusals = {0};
    struct json_document *document = NULL;
    int64_t id = request_int(r, "id", 0);
    enum error_code ec = request_decode(r, erasure_fields, &b, ret, &document);
    if (ec == EC_OK)
        ec = customer_erase(r->db, &r->by, id, b.reason, &refusals);
    if (ec == EC_STATE_REFUSED && refusals.count > 0)
        api_transition_explain(&refusals, "", ret);
    if (ec == EC_OK)
        ec = customer_get(r->db, id, &ret->body);
    json_document_free(document);
    return ec;
}

enum error_code api_customer_export(const struct request *r, struct reply *ret)
{
    return person_export(r->db, request_int(r, "id", 0), &ret->body);
}

static enum error_code read_current(const struct request *r, int64_t id, char **ret)
{
    return customer_current(r->db, r->person, id, ret);
}

static enum error_code change(const struct request *r, int64_t id, const void *body)
{
    return customer_change(r->db, r->person, &r->by, id, body);
}

enum error_code api_customer_patch(const struct request *r, struct reply *ret)
{
    struct customer_new customer = {0};
    const struct patch p = {.what = &customer_resource,
                            .id = request_int(r, "id", 0),
                            .fields = fields,
                            .body = &customer,
                            .current = read_current,
                            .store = change};
    enum error_code ec = patch_run(r, &p, ret);
    if (ec == EC_STATE_REFUSED)
        ret->detail = "the customer was erased";
    return ec == EC_OK ? customer_get(r->db, p.id, &ret->body) : ec;
}
