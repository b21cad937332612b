/* The Link field of a list (RFC 8288): where the next page is. */
#include "http/link.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "http/cursor.h"

static int is_in_path(const struct route *route, const char *name)
{
    char brace[40];
    snprintf(brace, sizeof brace, "{%s}", name);
    return strstr(route->path, brace) != NULL;
}

/* All but RFC 3986's unreserved characters in percent encoding. */
static size_t put_escaped(char *ret, size_t at, const char *text)
{
    for (; *text != '\0' && at + 4 < LINK_MAX; text++) {
        unsigned char c = (unsigned char)*text;
        if (isalnum(c) || strchr("-._~", c) != NULL)
            ret[at++] = (char)c;
        else
            at += (size_t)snprintf(ret + at, LINK_MAX - at, "%%%02X", c);
    }
    ret[at] = '\0';
    return at;
}

size_t link_target(const struct route *route, const char *path,
                   const char *const values[PARAMS_MAX], const char *cursor, char ret[LINK_MAX])
{
    char own[CURSOR_MAX] = "";
    size_t at = (size_t)snprintf(ret, LINK_MAX, "%s", path);
    char mark = '?';
    for (int i = 0; route->params != NULL && route->params[i].name != NULL; i++) {
        const struct param *p = &route->params[i];
        if (values[i] == NULL || is_in_path(route, p->name))
            continue;
        if (p->kind == PARAM_CURSOR) {
            cursor_encode(values[i], own);
            continue;
        }
        at += (size_t)snprintf(ret + at, LINK_MAX - at, "%c%s=", mark, p->name);
        at = put_escaped(ret, at, values[i]);
        mark = '&';
    }
    if (cursor == NULL)
        cursor = own;
    if (cursor[0] != '\0')
        at += (size_t)snprintf(ret + at, LINK_MAX - at, "%ccursor=%s", mark, cursor);
    return at;
}

void link_next(const struct route *route, const char *path, const char *const values[PARAMS_MAX],
               const char *cursor, char ret[LINK_MAX])
{
    char target[LINK_MAX];
    link_target(route, path, values, cursor, target);
    snprintf(ret, LINK_MAX, "<%.*s>; rel=\"next\"", LINK_MAX - 20, target);
}
