/* What belongs to an application, over REST: notes, attestations, documents, appointments, visits,
 * removals, commissionings, overrides. */
#include <assert.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "http/api.h"
#include "http/api_transition.h"
#include "http/bind.h"
#include "http/patch.h"
#include "store/application.h"
#include "store/part.h"
#include "store/person.h"

/** The values of any of them. */
struct part_body {
    const char *text[6];
    struct optional_int number;
    struct optional_bool flag;
};

#define TEXT(n) (offsetof(struct part_body, text) + (n) * sizeof(const char *))
#define NUMBER  offsetof(struct part_body, number)
#define FLAG    offsetof(struct part_body, flag)

static const struct json_field note_fields[] = {
    {"text", FIELD_TEXT, 1, 1, 10000, .offset = TEXT(0), .lines = 1},
    {NULL},
};

static const struct json_field attestation_fields[] = {
    {"kind", FIELD_WORD, 1,
     .choices = "owner_or_permission owner owner_permission access survey"
                " medical_needs_not_compromised medical_needs_met_in_shutoff",
     .offset = TEXT(0)},
    {"agreed", FIELD_BOOL, 1, .offset = FLAG},
    {"terms_version", FIELD_TEXT, 0, 1, 40, .offset = TEXT(1)},
    {"given_by", FIELD_WORD, .choices = "customer owner representative", .offset = TEXT(2)},
    {"given_at", FIELD_TIME, .offset = TEXT(3)},
    {NULL},
};

static const struct json_field document_fields[] = {
    {"kind", FIELD_WORD, 1,
     .choices = "owner_permission generator_photo panel_photo permit payment licence agreement"
                " other",
     .offset = TEXT(0)},
    {"title", FIELD_TEXT, 1, 1, 120, .offset = TEXT(1)},
    {"reference", FIELD_TEXT, 1, 1, 500, .offset = TEXT(2)},
    {"sha256", FIELD_HEX, 0, 64, 64, .offset = TEXT(3)},
    {NULL},
};

static const struct json_field appointment_fields[] = {
    {"purpose", FIELD_WORD, 1, .choices = "survey installation removal", .offset = TEXT(0)},
    {"starts_at", FIELD_TIME, 1, .offset = TEXT(1)},
    {"ends_at", FIELD_TIME, 1, .offset = TEXT(2)},
    {"crew", FIELD_TEXT, 0, 1, 80, .offset = TEXT(3)},
    {"status", FIELD_WORD, .choices = "planned done missed cancelled", .offset = TEXT(4)},
    {NULL},
};

static const struct json_field visit_fields[] = {
    {"visited_at", FIELD_TIME, .offset = TEXT(0)},
    {"crew", FIELD_WORD, 1, .choices = "utility electrician", .offset = TEXT(1)},
    {"licence", FIELD_TEXT, 0, 1, 40, .offset = TEXT(2)},
    {"socket_form", FIELD_TEXT, 0, 1, 8, "^[0-9A-Z]+$", .offset = TEXT(3)},
    {"panel_amps", FIELD_INT, 0, 1, 4000, .offset = NUMBER},
    {"result", FIELD_WORD, 1, .choices = "installable rejected", .offset = TEXT(4)},
    {"reason", FIELD_TEXT, 0, 1, 500, .offset = TEXT(5)},
    {NULL},
};

static const struct json_field removal_fields[] = {
    {"removed_at", FIELD_TIME, .offset = TEXT(0)},
    {"reason", FIELD_TEXT, 1, 1, 500, .offset = TEXT(1)},
    {"condition", FIELD_WORD, 1, .choices = "good damaged lost", .offset = TEXT(2)},
    {NULL},
};

static const struct json_field commissioning_fields[] = {
    {"lamps_seen_at", FIELD_TIME, 1, .offset = TEXT(0)},
    {"done_at", FIELD_TIME, .offset = TEXT(1)},
    {NULL},
};

static const struct json_field override_fields[] = {
    {"code", FIELD_TEXT, 1, 1, 40, .offset = TEXT(0)},
    {"result", FIELD_WORD, 1, .choices = "pass fail none", .offset = TEXT(1)},
    {"reason", FIELD_TEXT, 1, 1, 500, .offset = TEXT(2)},
    {"expires_at", FIELD_TIME, .offset = TEXT(3)},
    {NULL},
};

/* What adding one does to the application itself. */
typedef enum error_code (*part_effect)(const struct request *r, const struct part_body *b,
                                       struct reply *ret);

static enum error_code create(const struct request *r, const struct part *part,
                              const struct json_field *fields, part_effect effect,
                              struct reply *ret)
{
    struct part_body b = {0};
    struct json_document *document = NULL;
    struct db_param params[RESOURCE_FIELDS_MAX];
    int64_t id = 0;
    enum error_code ec = request_decode(r, fields, &b, ret, &document);
    if (ec == EC_OK) {
        size_t n = bind_fields(fields, &b, params, RESOURCE_FIELDS_MAX);
        ec = part_create(r->db, &r->by, part, request_int(r, "id", 0), params, n, &id);
        ec = reply_constraint(ret, r, ec);
    }
    if (ec == EC_OK && effect != NULL)
        ec = effect(r, &b, ret);
    if (ec == EC_OK)
        ec = resource_get(r->db, &part->row, id, &ret->body);
    if (ec == EC_OK) {
        ret->status = 201;
        snprintf(ret->location, sizeof ret->location, "%s", r->path);
    }
    json_document_free(document);
    return ec;
}

static enum error_code list(const struct request *r, const struct part *part, struct reply *ret)
{
    struct document_page page = request_page(r);
    struct document_list all = {0};
    enum error_code ec = part_list(r->db, part, request_int(r, "id", 0), &page, &all);
    return ec == EC_OK ? reply_list(ret, &all) : ec;
}

/* A text, sealed under the key of the application's customer. @return EC_STATE_REFUSED when that
   one was erased. `ret` is malloc'd */
static enum error_code seal(const struct request *r, int64_t application_id,
                            enum person_field field, const char *text, uint8_t **ret,
                            size_t *ret_len)
{
    int64_t customer_id = 0;
    size_t len = strlen(text);
    uint8_t key[PERSON_KEY_LEN], *box = malloc(len + PERSON_OVERHEAD);
    enum error_code ec = box != NULL ? EC_OK : EC_NO_MEMORY;
    if (ec == EC_OK)
        ec = application_customer(r->db, application_id, &customer_id);
    if (ec == EC_OK)
        ec = person_key(r->db, r->person, customer_id, key);
    if (ec == EC_OK) {
        person_seal(key, customer_id, field, text, len, box);
        *ret = box;
        *ret_len = len + PERSON_OVERHEAD;
    } else
        free(box);
    sodium_memzero(key, sizeof key);
    return ec;
}

static enum error_code note(const struct request *r, const char *text, int64_t *ret_id)
{
    int64_t id = request_int(r, "id", 0);
    uint8_t *box = NULL;
    size_t len = 0;
    enum error_code ec = seal(r, id, PERSON_NOTE, text, &box, &len);
    if (ec == EC_OK) {
        struct db_param params[] = {db_bytes(box, len)};
        ec = part_create(r->db, &r->by, &part_note, id, params, 1, ret_id);
    }
    free(box);
    return ec;
}

enum error_code api_note_create(const struct request *r, struct reply *ret)
{
    struct part_body b = {0};
    struct json_document *document = NULL;
    int64_t id = 0;
    enum error_code ec = request_decode(r, note_fields, &b, ret, &document);
    if (ec == EC_OK)
        ec = note(r, b.text[0], &id);
    if (ec == EC_STATE_REFUSED)
        ret->detail = "the customer was erased";
    if (ec == EC_OK)
        ec = resource_get(r->db, &part_note.row, id, &ret->body);
    if (ec == EC_OK) {
        ret->status = 201;
        snprintf(ret->location, sizeof ret->location, "%s", r->path);
    }
    json_document_free(document);
    return ec;
}

enum error_code api_note_list(const struct request *r, struct reply *ret)
{
    return list(r, &part_note, ret);
}

enum error_code api_attestation_create(const struct request *r, struct reply *ret)
{
    return create(r, &part_attestation, attestation_fields, NULL, ret);
}

enum error_code api_attestation_list(const struct request *r, struct reply *ret)
{
    return list(r, &part_attestation, ret);
}

enum { DOCUMENT_FIELDS = 4, DOCUMENT_TITLE = 1 };

/* The fields as parameters, the title sealed. */
static enum error_code bind_document(const struct request *r, int64_t application_id,
                                     const struct part_body *b, uint8_t **ret_box,
                                     struct db_param ret[DOCUMENT_FIELDS])
{
    size_t len = 0;
    enum error_code ec =
        seal(r, application_id, PERSON_TITLE, b->text[DOCUMENT_TITLE], ret_box, &len);
    if (ec != EC_OK)
        return ec;
    size_t n = bind_fields(document_fields, b, ret, DOCUMENT_FIELDS);
    assert(n == DOCUMENT_FIELDS);
    (void)n;
    ret[DOCUMENT_TITLE] = db_bytes(*ret_box, len);
    return EC_OK;
}

enum error_code api_document_create(const struct request *r, struct reply *ret)
{
    struct part_body b = {0};
    struct json_document *document = NULL;
    struct db_param params[DOCUMENT_FIELDS];
    uint8_t *box = NULL;
    int64_t id = 0, application_id = request_int(r, "id", 0);
    enum error_code ec = request_decode(r, document_fields, &b, ret, &document);
    if (ec == EC_OK)
        ec = bind_document(r, application_id, &b, &box, params);
    if (ec == EC_STATE_REFUSED)
        ret->detail = "the customer was erased";
    if (ec == EC_OK)
        ec = part_create(r->db, &r->by, &part_document, application_id, params, DOCUMENT_FIELDS,
                         &id);
    if (ec == EC_OK)
        ec = resource_get(r->db, &part_document.row, id, &ret->body);
    if (ec == EC_OK) {
        ret->status = 201;
        snprintf(ret->location, sizeof ret->location, "%s", r->path);
    }
    free(box);
    json_document_free(document);
    return ec;
}

enum error_code api_document_list(const struct request *r, struct reply *ret)
{
    return list(r, &part_document, ret);
}

enum error_code api_document_get(const struct request *r, struct reply *ret)
{
    return resource_get(r->db, &part_document.row, request_int(r, "id", 0), &ret->body);
}

static enum error_code document_current(const struct request *r, int64_t id, char **ret)
{
    return part_document_current(r->db, r->person, id, ret);
}

static enum error_code document_store(const struct request *r, int64_t id, const void *body)
{
    struct db_param params[DOCUMENT_FIELDS];
    uint8_t *box = NULL;
    int64_t application_id = 0;
    enum error_code ec = part_document_application(r->db, id, &application_id);
    if (ec == EC_OK)
        ec = bind_document(r, application_id, body, &box, params);
    if (ec == EC_OK)
        ec = resource_update(r->db, &r->by, &part_document.row, id, params, DOCUMENT_FIELDS);
    free(box);
    return ec;
}

enum error_code api_document_patch(const struct request *r, struct reply *ret)
{
    struct part_body b = {0};
    const struct patch p = {.what = &part_document.row,
                            .id = request_int(r, "id", 0),
                            .fields = document_fields,
                            .body = &b,
                            .current = document_current,
                            .store = document_store};
    enum error_code ec = patch_run(r, &p, ret);
    if (ec == EC_STATE_REFUSED)
        ret->detail = "the customer was erased";
    return ec == EC_OK ? resource_get(r->db, p.what, p.id, &ret->body) : ec;
}

/* An approved application is scheduled by its first appointment. */
static enum error_code schedule(const struct request *r, const struct part_body *b,
                                struct reply *ret)
{
    char state[APPLICATION_STATE_MAX] = "";
    int64_t id = request_int(r, "id", 0);
    enum error_code ec = application_state(r->db, id, state);
    (void)b;
    if (ec == EC_OK && strcmp(state, "approved") == 0)
        ec = api_transition_run(r, id, "schedule", NULL, ret);
    return ec;
}

enum error_code api_appointment_create(const struct request *r, struct reply *ret)
{
    return create(r, &part_appointment, appointment_fields, schedule, ret);
}

enum error_code api_appointment_list(const struct request *r, struct reply *ret)
{
    return list(r, &part_appointment, ret);
}

enum error_code api_appointment_all(const struct request *r, struct reply *ret)
{
    struct document_page page = request_page(r);
    struct document_list list = {0};
    struct part_appointment_filter filter = {
        .status = request_text(r, "status"),
        .from = request_text(r, "from"),
        .to = request_text(r, "to"),
        .crew = r->own_crew,
    };
    enum error_code ec = part_appointments(r->db, &filter, &page, &list);
    return ec == EC_OK ? reply_list(ret, &list) : ec;
}

enum error_code api_appointment_get(const struct request *r, struct reply *ret)
{
    return resource_get(r->db, &part_appointment.row, request_int(r, "id", 0), &ret->body);
}

enum error_code api_appointment_patch(const struct request *r, struct reply *ret)
{
    struct part_body b = {0};
    return patch_resource(r, &part_appointment.row, appointment_fields, &b, ret);
}

/* What the crew found moves the application. */
static enum error_code judge(const struct request *r, const struct part_body *b, struct reply *ret)
{
    const char *action = strcmp(b->text[4], "rejected") == 0 ? "reject" : "confirm";
    return api_transition_run(r, request_int(r, "id", 0), action, b->text[5], ret);
}

enum error_code api_visit_create(const struct request *r, struct reply *ret)
{
    return create(r, &part_visit, visit_fields, judge, ret);
}

enum error_code api_visit_list(const struct request *r, struct reply *ret)
{
    return list(r, &part_visit, ret);
}

static enum error_code removed(const struct request *r, const struct part_body *b,
                               struct reply *ret)
{
    return api_transition_run(r, request_int(r, "id", 0), "remove", b->text[1], ret);
}

enum error_code api_removal_create(const struct request *r, struct reply *ret)
{
    enum error_code ec = create(r, &part_removal, removal_fields, removed, ret);
    if (ec == EC_STATE_REFUSED && ret->errors.count == 0) {
        json_errors_rule(&ret->errors, "", "DEVICE",
                         "No device is assigned to the premise for this application.");
        ret->detail = ret->errors.items[0].detail;
    }
    return ec;
}

enum error_code api_removal_list(const struct request *r, struct reply *ret)
{
    return list(r, &part_removal, ret);
}

enum error_code api_commissioning_check(const struct request *r, struct reply *ret)
{
    return part_meter_check(r->db, request_int(r, "id", 0), &ret->body);
}

/* What the meter's journal lacks, rule by rule. */
static enum error_code explain_lack(const struct request *r, struct reply *ret)
{
    struct transition_refusals lack;
    struct db_param params[] = {db_int(request_int(r, "id", 0))};
    struct document_query q = {"select f.code, f.sentence from programme.meter_check_failure($1) f",
                               params, 1};
    enum error_code ec = transition_query(r->db, &q, &lack);
    if (ec == EC_STATE_REFUSED)
        api_transition_explain(&lack, "", ret);
    return ec == EC_OK ? EC_STATE_REFUSED : ec;
}

enum error_code api_commissioning_create(const struct request *r, struct reply *ret)
{
    enum error_code ec = create(r, &part_commissioning, commissioning_fields, NULL, ret);
    return ec == EC_STATE_REFUSED ? explain_lack(r, ret) : ec;
}

enum error_code api_commissioning_list(const struct request *r, struct reply *ret)
{
    return list(r, &part_commissioning, ret);
}

/* An override counts at once: the application is decided with it. */
static enum error_code decide_again(const struct request *r, const struct part_body *b,
                                    struct reply *ret)
{
    int64_t decision_id = 0;
    (void)b;
    return api_transition_decide(r, request_int(r, "id", 0), ret, &decision_id);
}

enum error_code api_override_create(const struct request *r, struct reply *ret)
{
    enum error_code ec = create(r, &part_override, override_fields, decide_again, ret);
    if (ec == EC_STATE_REFUSED && ret->detail == NULL)
        ret->detail = "what has not been decided cannot be decided otherwise";
    return ec;
}

enum error_code api_override_list(const struct request *r, struct reply *ret)
{
    return list(r, &part_override, ret);
}
