/* Devices, their records and their assignments, over REST. */
#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "http/api.h"
#include "http/api_transition.h"
#include "store/device.h"
#include "store/device_read.h"
#include "store/premise.h"

struct device_body {
    const char *serial, *public_key, *model, *hardware_revision;
};

static const struct json_field device_fields[] = {
    {"serial", FIELD_TEXT, 1, 3, 24, "^[A-Z0-9][A-Z0-9-]{2,23}$",
     .offset = offsetof(struct device_body, serial)},
    {"public_key", FIELD_HEX, 1, 64, 64, .offset = offsetof(struct device_body, public_key)},
    {"model", FIELD_TEXT, 1, 1, 64, .offset = offsetof(struct device_body, model)},
    {"hardware_revision", FIELD_TEXT, 1, 1, 32,
     .offset = offsetof(struct device_body, hardware_revision)},
    {NULL},
};

static enum error_code audit_device(const struct request *r, const struct device_body *b)
{
    char after[256];
    snprintf(after, sizeof after, "{\"public_key\": \"%s\"}", b->public_key);
    struct audit_change change = {"device.create", b->serial, NULL, after};
    return audit_add(r->db, &r->by, &change);
}

static enum error_code register_device(const struct request *r, const struct device_body *b,
                                       struct reply *ret, int *ret_created)
{
    struct device_new device = {b->serial, b->model, b->hardware_revision, {0}};
    int64_t id = 0;
    sodium_hex2bin(device.public_key, sizeof device.public_key, b->public_key,
                   strlen(b->public_key), NULL, NULL, NULL);
    enum error_code ec = device_register(r->db, &device, &id, ret_created);
    if (ec == EC_CONFLICT)
        return reply_refuse(ret, ec, "/serial",
                            "is registered with another key, model or revision");
    if (ec == EC_FIELDS_INVALID)
        return reply_refuse(ret, ec, "/model", "is not a known model");
    return ec == EC_OK && *ret_created ? audit_device(r, b) : ec;
}

enum error_code api_device_create(const struct request *r, struct reply *ret)
{
    struct device_body b = {0};
    struct json_document *document = NULL;
    int created = 0;
    enum error_code ec = request_decode(r, device_fields, &b, ret, &document);
    if (ec == EC_OK)
        ec = register_device(r, &b, ret, &created);
    if (ec == EC_OK)
        ec = device_read_get(r->db, b.serial, &ret->body);
    if (ec == EC_OK) {
        ret->status = created ? 201 : 200;
        snprintf(ret->location, sizeof ret->location, "/v1/devices/%s", b.serial);
    }
    json_document_free(document);
    return ec;
}

enum error_code api_device_list(const struct request *r, struct reply *ret)
{
    struct document_page page = request_page(r);
    struct document_list list = {0};
    struct device_read_which which = {
        .state = request_text(r, "state"),
        .part = request_text(r, "q"),
        .online = request_text(r, "online"),
        .crew = r->own_crew,
    };
    enum error_code ec = device_read_list(r->db, &which, &page, &list);
    return ec == EC_OK ? reply_list(ret, &list) : ec;
}

enum error_code api_device_get(const struct request *r, struct reply *ret)
{
    return device_read_get(r->db, request_text(r, "serial"), &ret->body);
}

enum error_code api_device_records(const struct request *r, struct reply *ret)
{
    struct document_page page = request_page(r);
    struct document_list list = {0};
    struct device_read_filter filter = {
        .serial = request_text(r, "serial"),
        .after_seq = request_int(r, "after", 0),
        .kind = request_text(r, "kind"),
    };
    enum error_code ec = device_read_records(r->db, &filter, &page, &list);
    return ec == EC_OK ? reply_list(ret, &list) : ec;
}

enum error_code api_device_journal(const struct request *r, struct reply *ret)
{
    return device_read_journal(r->db, request_text(r, "serial"), &ret->body);
}

struct assignment_body {
    struct optional_int premise_id, application_id;
    const char *from;
};

static const struct json_field assignment_fields[] = {
    {"premise_id", FIELD_INT, 1, 1, REQUEST_ID_VALUE_MAX,
     .offset = offsetof(struct assignment_body, premise_id)},
    {"application_id", FIELD_INT, 0, 1, REQUEST_ID_VALUE_MAX,
     .offset = offsetof(struct assignment_body, application_id)},
    {"from", FIELD_TIME, .offset = offsetof(struct assignment_body, from)},
    {NULL},
};

static enum error_code explain(const struct request *r, const struct assignment_body *b,
                               const struct transition_refusals *refuse, struct reply *ret,
                               enum error_code ec)
{
    if (ec == EC_NOT_FOUND) {
        int known = premise_exists(r->db, b->premise_id.value) == EC_OK;
        return reply_refuse(ret, EC_FIELDS_INVALID, known ? "/application_id" : "/premise_id",
                            known ? "is not a known application" : "is not a known premise");
    }
    if (ec == EC_CONFLICT)
        ret->detail = "the premise has another device, the device another premise, or the "
                      "application is for another premise";
    if (ec == EC_STATE_REFUSED && refuse->count > 0)
        api_transition_explain(refuse, "", ret);
    else if (ec == EC_STATE_REFUSED)
        ret->detail = "the device is retired";
    return ec;
}

static enum error_code answer_assignment(const struct request *r, const struct assignment_body *b,
                                         const char *from, struct reply *ret)
{
    const char *serial = request_text(r, "serial");
    char application[24] = "null", text[256];
    if (b->application_id.is_set)
        snprintf(application, sizeof application, "%" PRId64, b->application_id.value);
    snprintf(text, sizeof text,
             "{\"device\":\"%s\",\"premise_id\":%" PRId64
             ",\"application_id\":%s,\"from\":\"%s\",\"to\":null}",
             serial, b->premise_id.value, application, from);
    ret->body = strdup(text);
    if (ret->body == NULL)
        return EC_NO_MEMORY;
    ret->status = 201;
    snprintf(ret->location, sizeof ret->location, "/v1/devices/%s", serial);
    struct audit_change change = {"device.assign", serial, NULL, ret->body};
    return audit_add(r->db, &r->by, &change);
}

/* A crew puts devices where it has a job, and nowhere else. */
static enum error_code check_job(const struct request *r, const struct assignment_body *b,
                                 struct reply *ret)
{
    char id[24] = "0"; /* no application has it */
    if (r->own_crew == NULL)
        return EC_OK;
    if (b->application_id.is_set)
        snprintf(id, sizeof id, "%" PRId64, b->application_id.value);
    enum error_code ec = ownership_check(r->db, OWNERSHIP_APPLICATION, id, r->own_crew);
    return ec != EC_NOT_FOUND ? ec
                              : reply_refuse(ret, EC_FIELDS_INVALID, "/application_id",
                                             "is not a job of the crew");
}

enum error_code api_device_assign(const struct request *r, struct reply *ret)
{
    struct assignment_body b = {0};
    struct device_assignment a = {.crew = r->own_crew};
    struct device_assigned done = {.created = 0};
    struct json_document *document = NULL;
    enum error_code ec = request_decode(r, assignment_fields, &b, ret, &document);
    if (ec == EC_OK)
        ec = check_job(r, &b, ret);
    if (ec == EC_OK)
        ec = device_read_id(r->db, request_text(r, "serial"), &a.device_id);
    if (ec == EC_OK) {
        a.premise_id = b.premise_id.value;
        a.application_id = b.application_id.value;
        a.from = b.from;
        ec = device_assign(r->db, &r->by, &a, &done);
        ec = explain(r, &b, &done.refuse, ret, ec);
    }
    if (ec == EC_OK && done.created && a.application_id != 0)
        ec = api_transition_run(r, a.application_id, "install", NULL, ret);
    if (ec == EC_OK)
        ec = answer_assignment(r, &b, done.from, ret);
    json_document_free(document);
    return ec;
}
