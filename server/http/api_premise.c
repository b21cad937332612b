/* Premises, over REST. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "http/api.h"
#include "http/patch.h"
#include "store/premise.h"

#define AT(member) offsetof(struct premise_new, member)

/* What may be changed later; the code is for ever, circuits have links of their own. */
#define CHANGEABLE                                                                                 \
    {"address", FIELD_TEXT, 1, 1, 200, .offset = AT(address)},                                     \
        {"city", FIELD_TEXT, 1, 1, 100, .offset = AT(city)},                                       \
        {"postal_code", FIELD_TEXT, 1, 1, 12, .offset = AT(postal_code)},                          \
        {"longitude", FIELD_REAL, 1, -180, 180, .offset = AT(longitude)},                          \
        {"latitude", FIELD_REAL, 1, -90, 90, .offset = AT(latitude)},                              \
        {"meter_number", FIELD_TEXT, 0, 1, 40, .offset = AT(meter_number)},                        \
        {"meter_form", FIELD_TEXT, 0, 1, 8, "^[0-9A-Z]+$", .offset = AT(meter_form)},              \
        {"service_amps", FIELD_INT, 0, 1, 4000, .offset = AT(service_amps)},                       \
    {                                                                                              \
        "service_voltage", FIELD_WORD, .choices = "120/240 120/208 277/480 120",                   \
                                       .offset = AT(service_voltage)                               \
    }

static const struct json_field fields[] = {
    {"code", FIELD_TEXT, 1, 1, 40, .offset = AT(code)},
    CHANGEABLE,
    {"circuit_id", FIELD_TEXT, 0, 1, 32, .offset = AT(circuit_id)},
    {NULL},
};

static const struct json_field change_fields[] = {CHANGEABLE, {NULL}};

enum error_code api_premise_create(const struct request *r, struct reply *ret)
{
    struct premise_new premise = {0};
    struct json_document *document = NULL;
    int64_t id = 0;
    char *body = NULL;
    enum error_code ec = request_decode(r, fields, &premise, ret, &document);
    if (ec == EC_OK)
        ec = reply_constraint(ret, r, premise_create(r->db, &r->by, &premise, &id));
    if (ec == EC_OK)
        ec = premise_get(r->db, id, &body);
    if (ec == EC_OK)
        reply_created(ret, body, "/v1/premises/", id);
    json_document_free(document);
    return ec;
}

enum error_code api_premise_list(const struct request *r, struct reply *ret)
{
    struct document_page page = request_page(r);
    struct document_list list = {0};
    enum error_code ec = premise_list(r->db, request_text(r, "q"), r->own_crew, &page, &list);
    return ec == EC_OK ? reply_list(ret, &list) : ec;
}

enum error_code api_premise_get(const struct request *r, struct reply *ret)
{
    return premise_get(r->db, request_int(r, "id", 0), &ret->body);
}

enum error_code api_premise_patch(const struct request *r, struct reply *ret)
{
    struct premise_new premise = {0};
    return patch_resource(r, &premise_resource, change_fields, &premise, ret);
}

struct link_body {
    const char *kind, *id, *valid_from;
};

static const struct json_field link_fields[] = {
    {"kind", FIELD_WORD, 1, .choices = "circuit transformer",
     .offset = offsetof(struct link_body, kind)},
    {"id", FIELD_TEXT, 1, 1, 32, .offset = offsetof(struct link_body, id)},
    {"valid_from", FIELD_DATE, 1, .offset = offsetof(struct link_body, valid_from)},
    {NULL},
};

enum error_code api_premise_link(const struct request *r, struct reply *ret)
{
    struct link_body b = {0};
    struct json_document *document = NULL;
    int64_t id = request_int(r, "id", 0);
    enum error_code ec = request_decode(r, link_fields, &b, ret, &document);
    if (ec == EC_OK) {
        struct premise_link link = {strcmp(b.kind, "transformer") == 0, b.id, b.valid_from};
        ec = reply_constraint(ret, r, premise_link(r->db, &r->by, id, &link));
    }
    if (ec == EC_OK)
        ec = premise_get(r->db, id, &ret->body);
    if (ec == EC_OK) {
        ret->status = 201;
        snprintf(ret->location, sizeof ret->location, "%s", r->path);
    }
    json_document_free(document);
    return ec;
}

enum error_code api_premise_links(const struct request *r, struct reply *ret)
{
    struct document_page page = request_page(r);
    struct document_list list = {0};
    enum error_code ec = premise_links(r->db, request_int(r, "id", 0), &page, &list);
    return ec == EC_OK ? reply_list(ret, &list) : ec;
}
