/* Path and query parameters, checked against the table of the route before its handler runs. */
#ifndef BPTM_PARAMS_H
#define BPTM_PARAMS_H

#include "http/route.h"

enum { PARAMS_PAIRS_MAX = 16 };

/** One pair of the query as received, `+` already a space, percent escapes still in. */
struct params_pair {
    const char *name;
    const char *value; /* NULL: no "=" */
};

/** Storage of the decoded values. */
struct params {
    char text[PARAM_TEXT_MAX];
    size_t used;
    const char *values[PARAMS_MAX];
};

/**
 * Decode the braces of the path and the query. An unknown or repeated name, a value out of range,
 * a bad escape and a missing required one are each noted in `errors`.
 *
 * @param ret  zeroed by the caller; its values point into its text
 * @return EC_OK; EC_PARAMETER_INVALID
 */
enum error_code params_decode(const struct route_match *match, const struct params_pair *pairs,
                              size_t n, struct params *ret, struct json_errors *errors) MUST_CHECK;

/**
 * Take a PARAM_PERIOD apart: "time", "from/to"; an open end, "" or "..", gives "".
 * @return 1; 0 when a part is too long
 */
int params_period(const char *text, char ret_from[PARAM_TIME_MAX], char ret_to[PARAM_TIME_MAX]);

/** Decode percent escapes; 0 when one is broken, is NUL, or the result is not UTF-8 or too long. */
int params_unescape(const char *text, char *ret, size_t cap);

#endif
