/* Premises, over REST. */
#include <inttypes.h>
#include <stdio.h>

#include "http/api.h"
#include "store/premise.h"

#define AT(member) offsetof(struct premise_new, member)

static const struct json_field fields[] = {
    {"code", FIELD_TEXT, 1, 1, 40, .offset = AT(code)},
    {"address", FIELD_TEXT, 1, 1, 200, .offset = AT(address)},
    {"city", FIELD_TEXT, 1, 1, 100, .offset = AT(city)},
    {"postal_code", FIELD_TEXT, 1, 1, 12, .offset = AT(postal_code)},
    {"longitude", FIELD_REAL, 1, -180, 180, .offset = AT(longitude)},
    {"latitude", FIELD_REAL, 1, -90, 90, .offset = AT(latitude)},
    {"meter_number", FIELD_TEXT, 0, 1, 40, .offset = AT(meter_number)},
    {"meter_form", FIELD_TEXT, 0, 1, 8, "^[0-9A-Z]+$", .offset = AT(meter_form)},
    {"service_amps", FIELD_INT, 0, 1, 4000, .offset = AT(service_amps)},
    {"service_voltage", FIELD_WORD, .choices = "120/240 120/208 277/480 120",
     .offset = AT(service_voltage)},
    {"circuit_id", FIELD_TEXT, 0, 1, 32, .offset = AT(circuit_id)},
    {NULL},
};

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
    enum error_code ec = premise_list(r->db, request_text(r, "q"), &page, &list);
    return ec == EC_OK ? reply_list(ret, &list) : ec;
}

enum error_code api_premise_get(const struct request *r, struct reply *ret)
{
    return premise_get(r->db, request_int(r, "id", 0), &ret->body);
}
