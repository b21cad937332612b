/* The Link field of a list (RFC 8288): where the next page is. */
#ifndef BPTM_LINK_H
#define BPTM_LINK_H

#include "http/request.h"

enum { LINK_MAX = 3 * PARAM_TEXT_MAX + 1536 };

/**
 * Write "path?parameters", with another cursor in place of this page's.
 * @param cursor  NULL: as asked for
 * @return its length
 */
size_t link_target(const struct route *route, const char *path,
                   const char *const values[PARAMS_MAX], const char *cursor, char ret[LINK_MAX]);

/**
 * Write `<path?parameters&cursor=...>; rel="next"`: the query of this page with the new cursor.
 * @param path    as received
 * @param values  decoded values of route->params
 * @param cursor  of the next page
 */
void link_next(const struct route *route, const char *path, const char *const values[PARAMS_MAX],
               const char *cursor, char ret[LINK_MAX]);

#endif
