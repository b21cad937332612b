/* Accounts, over REST. */
#include <inttypes.h>

#include "http/api.h"
#include "http/patch.h"
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

static const struct json_field change_fields[] = {
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

enum error_code api_account_list(const struct request *r, struct reply *ret)
{
    struct document_page page = request_page(r);
    struct document_list list = {0};
    struct account_filter filter = {
        .premise_id = request_int(r, "premise_id", 0),
        .customer_id = request_int(r, "customer_id", 0),
        .number = request_text(r, "number"),
    };
    enum error_code ec = account_list(r->db, &filter, &page, &list);
    return ec == EC_OK ? reply_list(ret, &list) : ec;
}

enum error_code api_account_patch(const struct request *r, struct reply *ret)
{
    struct account_new account = {0};
    enum error_code ec = patch_resource(r, &account_resource, change_fields, &account, ret);

    if (ec == EC_STATE_REFUSED) { /* who holds an account changes by moving, which has a rule */
        int64_t id = request_int(r, "id", 0);
        int is_in = !account.active.is_set || account.active.value;
        json_errors_add(&ret->errors, 0, "/active", "%s POST /v1/accounts/%" PRId64 "/move-%s",
                        is_in ? "nobody holds the account; a customer moves in by"
                              : "ends when the customer moves out, by",
                        id, is_in ? "in" : "out");
        ret->detail = ret->errors.items[0].detail;
    }
    return ec;
}

struct move_body {
    struct optional_int customer_id;
    const char *on;
};

#define MOVE(member) offsetof(struct move_body, member)

static const struct json_field move_out_fields[] = {
    {"on", FIELD_DATE, .offset = MOVE(on)},
    {NULL},
};

static const struct json_field move_in_fields[] = {
    {"customer_id", FIELD_INT, 1, 1, REQUEST_ID_VALUE_MAX, .offset = MOVE(customer_id)},
    {"on", FIELD_DATE, .offset = MOVE(on)},
    {NULL},
};

static enum error_code answer_move(const struct request *r, struct reply *ret, enum error_code ec)
{
    ec = reply_constraint(ret, r, ec);
    if (ec == EC_STATE_REFUSED) {
        json_errors_rule(&ret->errors, "/on", "ACCOUNT", db_detail(r->db));
        ret->detail = ret->errors.items[0].detail;
    }
    return ec == EC_OK ? account_get(r->db, request_int(r, "id", 0), &ret->body) : ec;
}

enum error_code api_account_move_out(const struct request *r, struct reply *ret)
{
    struct move_body b = {0};
    struct json_document *document = NULL;
    enum error_code ec = request_decode(r, move_out_fields, &b, ret, &document);
    if (ec == EC_OK)
        ec = answer_move(r, ret, account_move_out(r->db, &r->by, request_int(r, "id", 0), b.on));
    json_document_free(document);
    return ec;
}

enum error_code api_account_move_in(const struct request *r, struct reply *ret)
{
    struct move_body b = {0};
    struct json_document *document = NULL;
    enum error_code ec = request_decode(r, move_in_fields, &b, ret, &document);
    if (ec == EC_OK)
        ec = answer_move(
            r, ret,
            account_move_in(r->db, &r->by, request_int(r, "id", 0), b.customer_id.value, b.on));
    json_document_free(document);
    return ec;
}
