/* Matching a method and a path against the route table. */
#ifndef BPTM_ROUTE_H
#define BPTM_ROUTE_H

#include "http/request.h"

enum { ROUTE_VALUES_MAX = 2, ROUTE_VALUE_MAX = 128 };

/** A match: the route and the raw segments that stand for its braces, in order. */
struct route_match {
    const struct route *route;
    size_t count;
    char values[ROUTE_VALUES_MAX][ROUTE_VALUE_MAX];
};

/** The table; `*ret_count` rows. Default deny: what is not in it does not exist. */
const struct route *route_table(size_t *ret_count);

/**
 * Find the row for a request. HEAD is GET.
 *
 * @param ret_allow  bits of enum method that the path has; set on EC_METHOD_NOT_ALLOWED and EC_OK
 * @return EC_OK; EC_NOT_FOUND; EC_METHOD_NOT_ALLOWED
 */
enum error_code route_find(const struct route *routes, size_t n, const char *method,
                           const char *path, struct route_match *ret,
                           unsigned *ret_allow) MUST_CHECK;

/** Name of the n-th value of a route's path ("id"), into ret; 0 when there is none. */
int route_brace(const struct route *route, size_t n, char ret[32]);

/** Bits of enum method as an Allow field: "GET, HEAD, OPTIONS". */
void route_allow(unsigned methods, char ret[64]);

const char *route_method_name(enum method method);

#endif
