/* Previews of what drafts would change, and their publication. */
#include <stddef.h>

#include "http/api.h"
#include "store/generator_list.h"
#include "store/preview.h"

#define AT(member) offsetof(struct preview_new, member)

static const struct json_field fields[] = {
    {"programme", FIELD_TEXT, 1, 2, 40, .offset = AT(programme)},
    {"ruleset", FIELD_INT, 0, 1, INT32_MAX, .offset = AT(ruleset)},
    {"zone_layers", FIELD_MAP, 0, 0, 16, .offset = AT(zone_layers)},
    {"circuit_lists", FIELD_MAP, 0, 0, 16, .offset = AT(circuit_lists)},
    {"generator_list", FIELD_INT, 0, 1, INT32_MAX, .offset = AT(generator_list)},
    {"quota", FIELD_INT, 0, 0, 10000000, .offset = AT(quota)},
    {NULL},
};

enum error_code api_preview_create(const struct request *r, struct reply *ret)
{
    struct preview_new preview = {0};
    struct json_document *document = NULL;
    int64_t id = 0;
    char *body = NULL;
    enum error_code ec = request_decode(r, fields, &preview, ret, &document);

    if (ec == EC_OK)
        ec = preview_create(r->db, &r->by, &preview, &id);
    if (ec == EC_NOT_FOUND && document != NULL)
        ec = reply_refuse(ret, EC_FIELDS_INVALID, "/programme", "is not a known programme");
    else if (ec == EC_FIELDS_INVALID && document != NULL)
        json_errors_add(&ret->errors, 0, "", "is not there: %s", db_detail(r->db));
    if (ec == EC_OK)
        ec = preview_get(r->db, id, &body);
    if (ec == EC_OK) {
        reply_created(ret, body, "/v1/previews/", id);
        ret->status = 202;
    }
    json_document_free(document);
    return ec;
}

enum error_code api_preview_list(const struct request *r, struct reply *ret)
{
    struct document_page page = request_page(r);
    struct document_list list = {0};
    enum error_code ec = preview_list(r->db, &page, &list);
    return ec == EC_OK ? reply_list(ret, &list) : ec;
}

enum error_code api_preview_get(const struct request *r, struct reply *ret)
{
    return preview_get(r->db, request_int(r, "id", 0), &ret->body);
}

enum error_code api_preview_changes(const struct request *r, struct reply *ret)
{
    struct document_page page = request_page(r);
    struct document_list list = {0};
    enum error_code ec =
        preview_changes(r->db, request_int(r, "id", 0), request_text(r, "direction"),
                        request_text(r, "hardware") != NULL, &page, &list);
    return ec == EC_OK ? reply_list(ret, &list) : ec;
}

enum error_code api_preview_cancel(const struct request *r, struct reply *ret)
{
    int64_t id = request_int(r, "id", 0);
    enum error_code ec = preview_cancel(r->db, &r->by, id);

    if (ec == EC_STATE_REFUSED)
        ret->detail = "the preview is over";
    return ec == EC_OK ? preview_get(r->db, id, &ret->body) : ec;
}

enum error_code api_preview_publish(const struct request *r, struct reply *ret)
{
    int64_t id = request_int(r, "id", 0);
    char who[GENERATOR_LIST_BY_MAX];
    generator_list_by(&r->by, "", who);
    enum error_code ec = preview_publish(r->db, &r->by, who, id);

    if (ec == EC_STATE_REFUSED)
        json_errors_rule(&ret->errors, "", "PREVIEW", db_detail(r->db));
    return ec == EC_OK ? preview_get(r->db, id, &ret->body) : ec;
}
