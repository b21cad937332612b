/* Accounts, over REST. */
#include "http/api.h"
#include "store/account.h"

#define AT(member) offsetof(struct account_new, member)

static const struct json_field fields[] = {
    {"number", FIELD_TEXT, 1, 1, 40, .offset = AT(number)},
    {"premise_id", FIELD_INT, 1, 1, REQUEST_ID_VALUE_MAX, .offset = AT(premise_id)},
    {"customer_id", FIELD_INT, 1, 1, REQUEST_ID_VALUE_MAX, .offset = AT(customer_id)},
    {"kind", FIELD_WORD, 1, .choices = "residential business", .offset = AT(kind)},
    {"active", FIELD_BOOL, .offset = AT(active)},
    {NULL},
};

enum error_code api_account_create(const struct request *r, struct reply *ret)
{
    struct account_new account = {0};
    struct json_document *document = NULL;
    int64_t id = 0;
    char *body = NULL;
    enum error_code ec = request_decode(r, fields, &account, ret, &document);
    if (ec == EC_OK)
        ec = reply_constraint(ret, r, account_create(r->db, &r->by, &account, &id));
    if (ec == EC_OK)
        ec = account_get(r->db, id, &body);
    if (ec == EC_OK)
        reply_created(ret, body, "/v1/accounts/", id);
    json_document_free(document);
    return ec;
}

enum error_code api_account_get(const struct request *r, struct reply *ret)
{
    return account_get(r->db, request_int(r, "id", 0), &ret->body);
}
