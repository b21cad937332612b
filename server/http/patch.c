/* Changing a resource by a merge patch (RFC 7396) that names what it was read as (If-Match). */
#include "http/patch.h"

#include <stdlib.h>
#include <string.h>

#include "http/bind.h"
#include "http/etag.h"
#include "http/exchange.h"

/* The row that reads the same path. */
static const struct route *reader(const struct request *r)
{
    const struct http_server *s = r->server;
    for (size_t i = 0; i < s->route_count; i++)
        if (s->routes[i].method == METHOD_GET && strcmp(s->routes[i].path, r->route->path) == 0)
            return &s->routes[i];
    return NULL;
}

/* What the caller would read now; its tag must be the one that the patch was made for. */
static enum error_code check_tag(const struct request *r)
{
    char tag[ETAG_MAX];
    struct reply now = {0};
    struct request get = *r;
    get.route = reader(r);
    if (get.route == NULL)
        return EC_INTERNAL;
    enum error_code ec = get.route->handler(&get, &now);
    if (ec == EC_OK)
        etag_of(now.body, tag);
    reply_done(&now);
    if (ec == EC_OK && !etag_matches(r->if_match, tag))
        ec = EC_PRECONDITION_FAILED;
    return ec;
}

static enum error_code read_current(const struct request *r, const struct patch *p, char **ret)
{
    if (p->current != NULL)
        return p->current(r, p->id, ret);
    return resource_current(r->db, p->what, p->id, ret);
}

static enum error_code store(const struct request *r, const struct patch *p)
{
    struct db_param params[RESOURCE_FIELDS_MAX];
    if (p->store != NULL)
        return p->store(r, p->id, p->body);
    size_t n = bind_fields(p->fields, p->body, params, RESOURCE_FIELDS_MAX);
    return resource_update(r->db, &r->by, p->what, p->id, params, n);
}

enum error_code patch_run(const struct request *r, const struct patch *p, struct reply *ret)
{
    struct json_document *patch = NULL, *whole = NULL;
    char *current = NULL;
    enum error_code ec = json_patch_decode(r->body, r->body_len, p->fields, &ret->errors, &patch);
    if (ec == EC_OK)
        ec = document_lock(r->db, r->path);
    if (ec == EC_OK)
        ec = check_tag(r);
    if (ec == EC_OK)
        ec = read_current(r, p, &current);
    if (ec == EC_OK)
        ec = json_patch_apply(patch, current, p->fields, p->body, &ret->errors, &whole);
    if (ec == EC_OK)
        ec = reply_constraint(ret, r, store(r, p));
    json_document_free(whole);
    json_document_free(patch);
    free(current);
    return ec;
}

enum error_code patch_row(const struct request *r, const struct resource *what, int64_t id,
                          const struct json_field *fields, void *body, struct reply *ret)
{
    const struct patch p = {.what = what, .id = id, .fields = fields, .body = body};
    return patch_run(r, &p, ret);
}

enum error_code patch_resource(const struct request *r, const struct resource *what,
                               const struct json_field *fields, void *body, struct reply *ret)
{
    int64_t id = request_int(r, "id", 0);
    enum error_code ec = patch_row(r, what, id, fields, body, ret);
    return ec == EC_OK ? resource_get(r->db, what, id, &ret->body) : ec;
}
