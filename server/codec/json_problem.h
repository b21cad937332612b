/* Problem documents (RFC 9457): the one shape of an error answer. */
#ifndef BPTM_JSON_PROBLEM_H
#define BPTM_JSON_PROBLEM_H

#include "codec/json_table.h"

/** What a problem document says beyond its code; texts may be NULL. */
struct json_problem {
    enum error_code code;
    const char *detail;
    const char *instance; /* path of the request, without its query */
    const char *request_id;
    const struct json_errors *errors; /* NULL or empty: no "errors" member */
};

/**
 * Write a problem document: type "urn:bptm:error:<slug>", title, status, detail, instance,
 * request_id and errors[] of {"pointer" or "parameter", "detail"}.
 * @return text to be freed with free(); NULL when memory ran out
 */
char *json_problem_encode(const struct json_problem *p);

#endif
