/* Matching a method and a path against the route table. */
#include "http/route.h"

#include <stdio.h>
#include <string.h>

static const char *const names[METHOD_COUNT] = {"GET", "POST", "PUT", "PATCH", "DELETE"};

const char *route_method_name(enum method method)
{
    return names[method];
}

/* Take the segment at `path` as the value of a brace; NULL when it cannot be one. */
static const char *take_value(const char *path, struct route_match *m)
{
    size_t len = strcspn(path, "/");
    if (len == 0 || len >= ROUTE_VALUE_MAX || m->count >= ROUTE_VALUES_MAX)
        return NULL;
    memcpy(m->values[m->count], path, len);
    m->values[m->count++][len] = '\0';
    return path + len;
}

/* Equal, but that a brace takes any non-empty segment. By character, since most of a table differs
 * from a path early, and every request walks all of it. */
static int path_fits(const char *template, const char *path, struct route_match *m)
{
    m->count = 0;
    while (*template != '\0') {
        if (*template == '{') {
            template = strchr(template, '}') + 1;
            path = take_value(path, m);
            if (path == NULL)
                return 0;
        } else if (*template ++ != *path++) {
            return 0;
        }
    }
    return *path == '\0';
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
