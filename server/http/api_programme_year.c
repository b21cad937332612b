/* Programmes and their seasons as the operator makes them, over REST. */
#include <stdio.h>

#include "http/api.h"
#include "http/patch.h"
#include "store/programme.h"

struct programme_body {
    const char *code, *name, *kind, *grandfathering;
    struct optional_int days[9];
};

#define AT(member) offsetof(struct programme_body, member)

static const struct json_field new_fields[] = {
    {"code", FIELD_TEXT, 1, 2, 40, "^[a-z0-9][a-z0-9-]{1,39}$", .offset = AT(code)},
    {"name", FIELD_TEXT, 1, 1, 120, .offset = AT(name)},
    {"kind", FIELD_WORD, 1, .choices = "free paid", .offset = AT(kind)},
    {NULL},
};

#define DAYS(state, n)                                                                             \
    {                                                                                              \
        state, FIELD_INT, 0, 1, 3650, .offset = AT(days[n])                                        \
    }

static const struct json_field deadline_fields[] = {
    DAYS("draft", 0),       DAYS("submitted", 1),
    DAYS("in_review", 2),   DAYS("needs_information", 3),
    DAYS("eligible", 4),    DAYS("waitlisted", 5),
    DAYS("approved", 6),    DAYS("scheduled", 7),
    DAYS("installable", 8), {NULL},
};

static const struct json_field fields[] = {
    {"name", FIELD_TEXT, 1, 1, 120, .offset = AT(name)},
    {"deadlines", FIELD_PART, .fields = deadline_fields},
    {"grandfathering", FIELD_WORD, 1, .choices = "kept re-decided", .offset = AT(grandfathering)},
    {NULL},
};

enum error_code api_programme_create(const struct request *r, struct reply *ret)
{
    struct programme_body b = {0};
    struct json_document *document = NULL;
    int64_t id = 0;
    enum error_code ec = request_decode(r, new_fields, &b, ret, &document);
    if (ec == EC_OK)
        ec = reply_constraint(ret, r, programme_create(r->db, &r->by, b.code, b.name, b.kind, &id));
    if (ec == EC_OK)
        ec = resource_get(r->db, &programme_resource, id, &ret->body);
    if (ec == EC_OK) {
        ret->status = 201;
        snprintf(ret->location, sizeof ret->location, "/v1/programmes/%s", b.code);
    }
    json_document_free(document);
    return ec;
}

enum error_code api_programme_get(const struct request *r, struct reply *ret)
{
    int64_t id = 0;
    enum error_code ec = programme_id(r->db, request_text(r, "code"), &id);
    return ec == EC_OK ? resource_get(r->db, &programme_resource, id, &ret->body) : ec;
}

enum error_code api_programme_patch(const struct request *r, struct reply *ret)
{
    struct programme_body b = {0};
    int64_t id = 0;
    enum error_code ec = programme_id(r->db, request_text(r, "code"), &id);
    if (ec == EC_OK || ec == EC_NOT_FOUND)
        ec = patch_row(r, &programme_resource, id, fields, &b, ret);
    return ec == EC_OK ? resource_get(r->db, &programme_resource, id, &ret->body) : ec;
}

#define YEAR(member) offsetof(struct programme_year_new, member)
#define QUOTA                                                                                      \
    {                                                                                              \
        "quota", FIELD_INT, 0, 0, 10000000, .offset = YEAR(quota)                                  \
    }
#define OPENS_ON                                                                                   \
    {                                                                                              \
        "opens_on", FIELD_DATE, 1, .offset = YEAR(opens_on)                                        \
    }
#define CLOSES_ON                                                                                  \
    {                                                                                              \
        "closes_on", FIELD_DATE, .offset = YEAR(closes_on)                                         \
    }

static const struct json_field new_year_fields[] = {
    {"season", FIELD_INT, 1, 2000, 2999, .offset = YEAR(season)},
    QUOTA,
    OPENS_ON,
    CLOSES_ON,
    {NULL},
};

static const struct json_field year_fields[] = {QUOTA, OPENS_ON, CLOSES_ON, {NULL}};

enum error_code api_programme_year_create(const struct request *r, struct reply *ret)
{
    struct programme_year_new year = {0};
    struct json_document *document = NULL;
    int64_t id = 0, year_id = 0;
    char *body = NULL;
    enum error_code ec = request_decode(r, new_year_fields, &year, ret, &document);
    if (ec == EC_OK)
        ec = programme_id(r->db, request_text(r, "code"), &id);
    if (ec == EC_OK)
        ec = reply_constraint(ret, r, programme_year_create(r->db, &r->by, id, &year, &year_id));
    if (ec == EC_OK)
        ec = resource_get(r->db, &programme_year_resource, year_id, &body);
    if (ec == EC_OK)
        reply_created(ret, body, "/v1/programme-years/", year_id);
    json_document_free(document);
    return ec;
}

enum error_code api_programme_year_list(const struct request *r, struct reply *ret)
{
    struct document_page page = request_page(r);
    struct document_list list = {0};
    int64_t id = 0;
    enum error_code ec = programme_id(r->db, request_text(r, "code"), &id);
    if (ec == EC_OK)
        ec = programme_year_list(r->db, id, &page, &list);
    return ec == EC_OK ? reply_list(ret, &list) : ec;
}

enum error_code api_programme_year_get(const struct request *r, struct reply *ret)
{
    return resource_get(r->db, &programme_year_resource, request_int(r, "id", 0), &ret->body);
}

/* More places, or an earlier first day, let those who wait move up. */
enum error_code api_programme_year_patch(const struct request *r, struct reply *ret)
{
    struct programme_year_new year = {0};
    int64_t id = request_int(r, "id", 0);
    enum error_code ec = patch_row(r, &programme_year_resource, id, year_fields, &year, ret);
    if (ec == EC_OK)
        ec = programme_year_promote(r->db, &r->by, id);
    return ec == EC_OK ? resource_get(r->db, &programme_year_resource, id, &ret->body) : ec;
}
