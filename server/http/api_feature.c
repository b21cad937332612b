/* OGC API - Features, Part 1: core and GeoJSON. Links are absolute, because GDAL and QGIS want it.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "http/api.h"
#include "http/cursor.h"
#include "http/exchange.h"
#include "http/link.h"
#include "http/params.h"
#include "store/feature_read.h"

#define COLLECTIONS "/collections/"
#define GEOJSON     "application/geo+json"
#define JSON        "application/json"
#define SPEC        "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/"

enum { PAGE_USUAL = 100, PAGE_MOST = 1000, NAME_MAX_LEN = 40 };

/* A document that is written; `first` until a link of it stands. */
struct document {
    const struct request *r;
    FILE *out;
    char *text;
    size_t len;
    int has_link;
};

static int begin(struct document *d, const struct request *r)
{
    *d = (struct document){.r = r};
    d->out = open_memstream(&d->text, &d->len);
    return d->out != NULL;
}

static enum error_code end(struct document *d, struct reply *ret)
{
    int written = !ferror(d->out);
    if (fclose(d->out) != 0 || !written) {
        free(d->text);
        return EC_NO_MEMORY;
    }
    ret->body = d->text;
    return EC_OK;
}

/* Targets are unreserved characters and escapes, titles are ours: nothing is there to be escaped.
 */
static void put_link(struct document *d, const char *rel, const char *type, const char *title,
                     const char *target)
{
    fprintf(d->out, "%s{\"rel\":\"%s\",\"type\":\"%s\",\"title\":\"%s\",\"href\":\"%s%s\"}",
            d->has_link ? "," : "", rel, type, title, d->r->base, target);
    d->has_link = 1;
}

static void begin_links(struct document *d)
{
    fputs("\"links\":[", d->out);
    d->has_link = 0;
}

enum error_code api_feature_landing(const struct request *r, struct reply *ret)
{
    struct document d;
    if (!begin(&d, r))
        return EC_NO_MEMORY;
    fputs("{\"title\":\"bptm-fleet\",\"description\":\"Outages, zones, devices and premises of a"
          " Backup Power Transfer Meter programme.\",",
          d.out);
    begin_links(&d);
    put_link(&d, "self", JSON, "This page", "/");
    put_link(&d, "service-desc", "application/vnd.oai.openapi+json;version=3.1", "The interface",
             "/openapi.json");
    put_link(&d, "conformance", JSON, "What is conformed to", "/conformance");
    put_link(&d, "data", JSON, "Collections", "/collections");
    fputs("]}", d.out);
    return end(&d, ret);
}

enum error_code api_feature_conformance(const struct request *r, struct reply *ret)
{
    (void)r;
    ret->body = strdup("{\"conformsTo\":[\"" SPEC "core\",\"" SPEC "geojson\"]}");
    return ret->body != NULL ? EC_OK : EC_NO_MEMORY;
}

/* Whether the route of its items lets the caller in. */
static int may_read(const struct request *r, const struct feature_collection *c)
{
    char path[sizeof COLLECTIONS + NAME_MAX_LEN + sizeof "/items"];
    snprintf(path, sizeof path, COLLECTIONS "%s/items", c->name);
    for (size_t i = 0; i < r->server->route_count; i++)
        if (strcmp(r->server->routes[i].path, path) == 0)
            return request_has_role(r, r->server->routes[i].roles);
    return 0;
}

static void put_collection(struct document *d, const struct feature_collection *c)
{
    char target[sizeof COLLECTIONS + NAME_MAX_LEN + sizeof "/items"];
    fprintf(d->out,
            "{\"id\":\"%s\",\"title\":\"%s\",\"description\":\"%s\",\"itemType\":\"feature\","
            "\"crs\":[\"http://www.opengis.net/def/crs/OGC/1.3/CRS84\"],",
            c->name, c->title, c->description);
    begin_links(d);
    snprintf(target, sizeof target, COLLECTIONS "%s", c->name);
    put_link(d, "self", JSON, "This collection", target);
    snprintf(target, sizeof target, COLLECTIONS "%s/items", c->name);
    put_link(d, "items", GEOJSON, c->title, target);
    fputs("]}", d->out);
}

enum error_code api_feature_collections(const struct request *r, struct reply *ret)
{
    struct document d;
    const struct feature_collection *c;
    if (!begin(&d, r))
        return EC_NO_MEMORY;
    const char *comma = "";
    fputs("{\"collections\":[", d.out);
    for (size_t i = 0; (c = feature_at(i)) != NULL; i++) {
        if (!may_read(r, c))
            continue;
        fputs(comma, d.out);
        put_collection(&d, c);
        comma = ",";
    }
    fputs("],", d.out);
    begin_links(&d);
    put_link(&d, "self", JSON, "This page", "/collections");
    fputs("]}", d.out);
    return end(&d, ret);
}

enum error_code api_feature_collection(const struct request *r, struct reply *ret)
{
    struct document d;
    const struct feature_collection *c = feature_find(request_text(r, "collection"));
    if (c == NULL || !may_read(r, c))
        return EC_NOT_FOUND;
    if (!begin(&d, r))
        return EC_NO_MEMORY;
    put_collection(&d, c);
    return end(&d, ret);
}

/* The collection that the route of its items or of one item is about. */
static const struct feature_collection *collection_of(const struct request *r)
{
    char name[NAME_MAX_LEN];
    const char *at = r->route->path + strlen(COLLECTIONS);
    snprintf(name, sizeof name, "%.*s", (int)strcspn(at, "/"), at);
    return feature_find(name);
}

/* Staff see places as they are. */
static int in_full(const struct request *r)
{
    return request_has_role(r, ROLE_OPERATOR | ROLE_ENROLMENT | ROLE_INSTALLER);
}

static enum error_code write_page(const struct request *r, const struct feature_collection *c,
                                  const struct document_list *list, int64_t matched,
                                  struct reply *ret)
{
    struct document d;
    char target[LINK_MAX], own[sizeof COLLECTIONS + NAME_MAX_LEN];
    if (!begin(&d, r))
        return EC_NO_MEMORY;
    fprintf(d.out,
            "{\"type\":\"FeatureCollection\",\"features\":%s,\"numberMatched\":%" PRId64
            ",\"numberReturned\":%zu,",
            list->text, matched, list->count);
    begin_links(&d);
    link_target(r->route, r->path, r->values, NULL, target);
    put_link(&d, "self", GEOJSON, "This page", target);
    snprintf(own, sizeof own, COLLECTIONS "%s", c->name);
    put_link(&d, "collection", JSON, c->title, own);
    if (list->next[0] != '\0') {
        cursor_encode(list->next, ret->next);
        link_target(r->route, r->path, r->values, ret->next, target);
        put_link(&d, "next", GEOJSON, "The next page", target);
    }
    fputs("]}", d.out);
    ret->type = GEOJSON;
    return end(&d, ret);
}

/* A limit above the most is no mistake by the standard: the most is given. */
static struct document_page page_of(const struct request *r)
{
    int64_t limit = request_int(r, "limit", PAGE_USUAL);
    return (struct document_page){.after = request_text(r, "cursor"),
                                  .limit = limit < PAGE_MOST ? limit : PAGE_MOST};
}

static const char *filled(const char *text)
{
    return text[0] != '\0' ? text : NULL;
}

enum error_code api_feature_items(const struct request *r, struct reply *ret)
{
    const struct feature_collection *c = collection_of(r);
    struct document_page page = page_of(r);
    struct document_list list = {0};
    char box[BBOX_EWKT_MAX], from[PARAM_TIME_MAX] = "", to[PARAM_TIME_MAX] = "";
    int64_t matched = 0;
    const char *period = request_text(r, "datetime");
    if (period != NULL && !params_period(period, from, to))
        return EC_PARAMETER_INVALID;
    struct feature_filter filter = {.words = {[FEATURE_BOX] = request_box(r, box),
                                              [FEATURE_FROM] = filled(from),
                                              [FEATURE_TO] = filled(to)}};
    enum error_code ec = feature_read_list(r->db, c, &filter, in_full(r), &page, &list, &matched);
    if (ec == EC_OK)
        ec = write_page(r, c, &list, matched, ret);
    free(list.text);
    return ec;
}

enum error_code api_feature_item(const struct request *r, struct reply *ret)
{
    const struct feature_collection *c = collection_of(r);
    struct document d;
    char *text = NULL, own[sizeof COLLECTIONS + NAME_MAX_LEN];
    enum error_code ec = feature_read_get(r->db, c, request_int(r, "id", 0), in_full(r), &text);
    if (ec == EC_OK && !begin(&d, r))
        ec = EC_NO_MEMORY;
    if (ec == EC_OK) {
        fprintf(d.out, "%.*s,", (int)strlen(text) - 1, text); /* without the brace that ends it */
        begin_links(&d);
        put_link(&d, "self", GEOJSON, "This feature", r->path);
        snprintf(own, sizeof own, COLLECTIONS "%s", c->name);
        put_link(&d, "collection", JSON, c->title, own);
        fputs("]}", d.out);
        ret->type = GEOJSON;
        ec = end(&d, ret);
    }
    free(text);
    return ec;
}
