/* Matching a method and a path against the route table. */
#include "http/route.h"

#include <stdio.h>
#include <string.h>

static const char *const names[METHOD_COUNT] = {"GET", "POST", "PUT", "PATCH", "DELETE"};

const char *route_method_name(enum method method)
{
    return names[method];
}

static size_t segment_len(const char *at)
{
    return strcspn(at, "/");
}

/* One segment of template and path: equal, or a brace that takes any non-empty text. */
static int segment_fits(const char *template, size_t template_len, const char *path, size_t len,
                        struct route_match *m)
{
    if (template[0] != '{')
        return template_len == len && memcmp(template, path, len) == 0;
    if (len == 0 || len >= ROUTE_VALUE_MAX || m->count >= ROUTE_VALUES_MAX)
        return 0;
    memcpy(m->values[m->count], path, len);
    m->values[m->count++][len] = '\0';
    return 1;
}

static int path_fits(const char *template, const char *path, struct route_match *m)
{
    m->count = 0;
    while (*template == '/' && *path == '/') {
        size_t template_len = segment_len(++template), len = segment_len(++path);
        if (!segment_fits(template, template_len, path, len, m))
            return 0;
        template += template_len;
        path += len;
    }
    return *template == '\0' && *path == '\0';
}

enum error_code route_find(const struct route *routes, size_t n, const char *method,
                           const char *path, struct route_match *ret, unsigned *ret_allow)
{
    struct route_match m = {0};
    unsigned allow = 0;
    const char *wanted = strcmp(method, "HEAD") == 0 ? "GET" : method;
    for (size_t i = 0; i < n; i++) {
        if (!path_fits(routes[i].path, path, &m))
            continue;
        allow |= 1u << routes[i].method;
        if (strcmp(names[routes[i].method], wanted) == 0) {
            *ret = m;
            ret->route = &routes[i];
        }
    }
    if (allow == 0)
        return EC_NOT_FOUND;
    *ret_allow = allow;
    return ret->route != NULL ? EC_OK : EC_METHOD_NOT_ALLOWED;
}

int route_brace(const struct route *route, size_t n, char ret[32])
{
    const char *at = route->path;
    for (size_t i = 0; (at = strchr(at, '{')) != NULL; i++) {
        size_t len = strcspn(++at, "}");
        if (i == n && len < 32) {
            memcpy(ret, at, len);
            ret[len] = '\0';
            return 1;
        }
    }
    return 0;
}

void route_allow(unsigned methods, char ret[64])
{
    size_t at = 0;
    ret[0] = '\0';
    for (int m = 0; m < METHOD_COUNT; m++)
        if (methods & (1u << m))
            at += (size_t)snprintf(ret + at, 64 - at, "%s%s, ", names[m],
                                   m == METHOD_GET ? ", HEAD" : "");
    snprintf(ret + at, 64 - at, "OPTIONS");
}
