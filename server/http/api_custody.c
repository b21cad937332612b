/* Who holds a device, from hand to hand; and one device put in the place of another. */
#include <stdio.h>
#include <string.h>

#include "http/api.h"
#include "http/api_transition.h"
#include "store/application.h"
#include "store/custody.h"
#include "store/device.h"
#include "store/device_read.h"
#include "store/part.h"

struct custody_body {
    const char *action, *to, *reason, *at;
};

#define AT(member) offsetof(struct custody_body, member)

static const struct json_field custody_fields[] = {
    {"action", FIELD_WORD, 1,
     .choices = "receive move hand_out hand_over hand_back scrap lose report_stolen find",
     .offset = AT(action)},
    {"to", FIELD_TEXT, 0, 1, 80, .offset = AT(to)},
    {"reason", FIELD_TEXT, 0, 1, 500, .offset = AT(reason)},
    {"at", FIELD_TIME, .offset = AT(at)},
    {NULL},
};

static enum error_code get(const struct request *r, struct reply *ret)
{
    return custody_get(r->db, request_text(r, "serial"), r->caller.role_name, r->own_crew,
                       &ret->body);
}

enum error_code api_custody_get(const struct request *r, struct reply *ret)
{
    return get(r, ret);
}

enum error_code api_custody_list(const struct request *r, struct reply *ret)
{
    struct document_page page = request_page(r);
    struct document_list list = {0};
    struct custody_filter filter = {
        .holder = request_text(r, "holder"),
        .state = request_text(r, "state"),
        .crew = r->own_crew,
    };
    enum error_code ec = custody_list(r->db, &filter, &page, &list);
    return ec == EC_OK ? reply_list(ret, &list) : ec;
}

enum error_code api_custody_create(const struct request *r, struct reply *ret)
{
    struct custody_body b = {0};
    struct custody_order order = {.as = r->caller.role_name, .crew = r->own_crew};
    struct transition_refusals refuse = {0};
    struct json_document *document = NULL;
    const char *serial = request_text(r, "serial");
    enum error_code ec = request_decode(r, custody_fields, &b, ret, &document);
    if (ec == EC_OK)
        ec = device_read_id(r->db, serial, &order.device_id);
    if (ec == EC_OK) {
        order.action = b.action;
        order.to = b.to;
        order.reason = b.reason;
        order.at = b.at;
        ec = custody_move(r->db, &r->by, &order, &refuse);
    }
    if (ec == EC_STATE_REFUSED)
        api_transition_explain(&refuse, "/action", ret);
    if (ec == EC_OK)
        ec = get(r, ret);
    if (ec == EC_OK) {
        ret->status = 201;
        snprintf(ret->location, sizeof ret->location, "/v1/devices/%s/custody", serial);
    }
    json_document_free(document);
    return ec;
}

/* -- one for another ------------------------------------------------------------------------- */

struct swap_body {
    const char *device, *reason, *condition, *at;
};

#define SWAP(member) offsetof(struct swap_body, member)

static const struct json_field swap_fields[] = {
    {"device", FIELD_TEXT, 1, 3, 24, "^[A-Z0-9][A-Z0-9-]{2,23}$", .offset = SWAP(device)},
    {"reason", FIELD_TEXT, 1, 1, 500, .offset = SWAP(reason)},
    {"condition", FIELD_WORD, 1, .choices = "good damaged lost", .offset = SWAP(condition)},
    {"at", FIELD_TIME, .offset = SWAP(at)},
    {NULL},
};

/* Only where a device is meant to stay is another one put in. */
static enum error_code check_installed(const struct request *r, int64_t id, struct reply *ret)
{
    char state[APPLICATION_STATE_MAX] = "";
    enum error_code ec = application_state(r->db, id, state);
    if (ec != EC_OK || strcmp(state, "installed") == 0)
        return ec;
    json_errors_rule(&ret->errors, "", "STATE", "The application is not installed.");
    ret->detail = ret->errors.items[0].detail;
    return EC_STATE_REFUSED;
}

static enum error_code find_new(const struct request *r, const char *serial, struct reply *ret,
                                int64_t *ret_id)
{
    enum error_code ec = device_read_id(r->db, serial, ret_id);
    if (ec == EC_OK && r->own_crew != NULL)
        ec = ownership_check(r->db, OWNERSHIP_DEVICE, serial, r->own_crew);
    return ec != EC_NOT_FOUND
               ? ec
               : reply_refuse(ret, EC_FIELDS_INVALID, "/device", "is not a device at hand");
}

static enum error_code take_out(const struct request *r, int64_t id, const struct swap_body *b,
                                struct reply *ret, int64_t *ret_removal)
{
    struct db_param fields[] = {db_text(b->at), db_text(b->reason), db_text(b->condition)};
    enum error_code ec = part_create(r->db, &r->by, &part_removal, id, fields, 3, ret_removal);
    if (ec == EC_STATE_REFUSED)
        ret->detail = "no device is in place for the application";
    return reply_constraint(ret, r, ec);
}

static enum error_code put_in(const struct request *r, const struct device_assignment *a,
                              struct reply *ret)
{
    struct device_assigned done = {.created = 0};
    enum error_code ec = device_assign(r->db, &r->by, a, &done);
    if (ec == EC_STATE_REFUSED && done.refuse.count > 0)
        api_transition_explain(&done.refuse, "/device", ret);
    else if (ec == EC_STATE_REFUSED)
        ret->detail = "the device is retired";
    if (ec == EC_CONFLICT)
        ret->detail = "the device is at another premise";
    return ec;
}

/* What the swap was, for the answer and for the audit of the device that was put in. */
static enum error_code answer_swap(const struct request *r, const struct swap_body *b,
                                   int64_t removal, struct reply *ret)
{
    struct db_param params[] = {db_int(removal), db_text(b->device)};
    struct document_query q = {
        "select json_build_object('application_id', x.application_id, 'removed', d.serial,"
        " 'installed', $2::text, 'at', access.rfc3339(x.removed_at), 'reason', x.reason,"
        " 'condition', x.condition)::text from programme.removal x"
        " join fleet.device d using (device_id) where x.removal_id = $1",
        params, 2};
    enum error_code ec = document_get(r->db, &q, &ret->body);
    if (ec != EC_OK)
        return ec;
    ret->status = 201;
    snprintf(ret->location, sizeof ret->location, "/v1/devices/%s/custody", b->device);
    struct audit_change change = {"device.assign", b->device, NULL, ret->body, b->reason};
    return audit_add(r->db, &r->by, &change);
}

enum error_code api_swap_create(const struct request *r, struct reply *ret)
{
    struct swap_body b = {0};
    struct device_assignment a = {.application_id = request_int(r, "id", 0), .crew = r->own_crew};
    struct db_param params[] = {db_int(a.application_id)};
    struct document_query premise = {
        "select premise_id from programme.application where application_id = $1", params, 1};
    struct json_document *document = NULL;
    int64_t removal = 0;
    enum error_code ec = request_decode(r, swap_fields, &b, ret, &document);
    if (ec == EC_OK)
        ec = check_installed(r, a.application_id, ret);
    if (ec == EC_OK)
        ec = document_id(r->db, &premise, &a.premise_id);
    if (ec == EC_OK)
        ec = find_new(r, b.device, ret, &a.device_id);
    if (ec == EC_OK)
        ec = take_out(r, a.application_id, &b, ret, &removal);
    if (ec == EC_OK) {
        a.from = b.at;
        ec = put_in(r, &a, ret);
    }
    if (ec == EC_OK)
        ec = answer_swap(r, &b, removal, ret);
    json_document_free(document);
    return ec;
}
