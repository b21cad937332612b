/* Drafts of rulesets and lists of circuits, over REST. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "http/api.h"
#include "store/draft.h"

struct ruleset_body {
    struct optional_int version;
    const char *title, *valid_from, *valid_to, *rules;
};

#define RULESET(member) offsetof(struct ruleset_body, member)

static const struct json_field ruleset_fields[] = {
    {"version", FIELD_INT, 1, 1, 999999999, .offset = RULESET(version)},
    {"title", FIELD_TEXT, 1, 1, 200, .offset = RULESET(title)},
    {"valid_from", FIELD_DATE, 1, .offset = RULESET(valid_from)},
    {"valid_to", FIELD_DATE, .offset = RULESET(valid_to)},
    {"rules", FIELD_ARRAY, 1, 1, 64, .offset = RULESET(rules)},
    {NULL},
};

#define LIST(member) offsetof(struct draft_circuits, member)

static const struct json_field list_fields[] = {
    {"designation", FIELD_TEXT, 1, 2, 40, "^[a-z0-9][a-z0-9-]+$", .offset = LIST(designation)},
    {"source", FIELD_TEXT, 1, 1, 200, .offset = LIST(source)},
    {"circuits", FIELD_ARRAY, 1, 0, 20000, .offset = LIST(circuits)},
    {NULL},
};

/* What the routine found, or that the database could not read an entry. */
static enum error_code explain(const struct request *r, struct reply *ret, enum error_code ec,
                               const char *where)
{
    const char *detail = db_detail(r->db);
    if ((ec != EC_FIELDS_INVALID && ec != EC_CONFLICT) || ret->errors.count > 0)
        return ec;
    return reply_refuse(ret, ec, where,
                        detail[0] != '\0' ? detail : "has an entry that cannot be kept");
}

static enum error_code created(const struct request *r, struct reply *ret, char *body)
{
    ret->body = body;
    ret->status = 201;
    snprintf(ret->location, sizeof ret->location, "%s", r->path);
    return EC_OK;
}

enum error_code api_draft_ruleset(const struct request *r, struct reply *ret)
{
    struct ruleset_body b = {0};
    struct json_document *document = NULL;
    const char *programme = request_text(r, "code");
    int64_t version = 0;
    char *body = NULL;
    enum error_code ec = request_decode(r, ruleset_fields, &b, ret, &document);
    json_document_free(document); /* it was checked; the routine takes the body as it is */
    char *text = ec == EC_OK ? calloc(1, r->body_len + 1) : NULL;
    if (ec == EC_OK && text == NULL)
        ec = EC_NO_MEMORY;
    if (ec == EC_OK) {
        memcpy(text, r->body, r->body_len);
        ec = explain(r, ret, draft_ruleset(r->db, &r->by, programme, text, &version), "/rules");
    }
    if (ec == EC_OK)
        ec = draft_ruleset_get(r->db, programme, version, &body);
    free(text);
    return ec == EC_OK ? created(r, ret, body) : ec;
}

enum error_code api_draft_circuit_list(const struct request *r, struct reply *ret)
{
    struct draft_circuits list = {0};
    struct json_document *document = NULL;
    int64_t version = 0;
    char *body = NULL;
    enum error_code ec = request_decode(r, list_fields, &list, ret, &document);
    if (ec == EC_OK)
        ec = explain(r, ret, draft_circuit_list(r->db, &r->by, &list, &version), "/circuits");
    if (ec == EC_OK)
        ec = draft_circuit_list_get(r->db, list.designation, version, &body);
    if (ec == EC_OK)
        ec = created(r, ret, body);
    json_document_free(document);
    return ec;
}

enum error_code api_draft_circuit_lists(const struct request *r, struct reply *ret)
{
    struct document_page page = request_page(r);
    struct document_list list = {0};
    enum error_code ec = draft_circuit_lists(r->db, &page, &list);
    return ec == EC_OK ? reply_list(ret, &list) : ec;
}
