/* What libmicrohttpd 0.9.75 lets through and a proxy may read otherwise: refused before any use. */
#ifndef BPTM_GUARD_H
#define BPTM_GUARD_H

#include <stddef.h>

#include "error.h"

enum {
    GUARD_HEADERS_MAX = 64,
    GUARD_NAME_MAX = 64,
    GUARD_VALUE_MAX = 4096,
    GUARD_PATH_MAX = 1024,
    GUARD_TARGET_MAX = 8192, /* path and query, as received */
};

/** One header field, at the place in the receive buffer where the parser left it. */
struct guard_header {
    const char *name;
    size_t name_len;
    const char *value;
    size_t value_len;
};

/** The head of a request. `version` stands in the same buffer as the fields. */
struct guard_head {
    const char *method, *path, *version;
    const struct guard_header *headers; /* in the order of arrival */
    size_t count;                       /* may exceed GUARD_HEADERS_MAX: then refused unread */
    int is_target_clean;                /* what guard_target_clean() said of path and query */
    int in_place; /* the parser works inside the receive buffer: check that nothing was cut or moved
                   */
};

/**
 * Refuse every head that two readers could understand differently: Content-Length with
 * Transfer-Encoding, a repeated field that must be single, no or two Hosts, white space around a
 * name, folded lines, bare line feeds, NUL, a transfer coding other than chunked, a method or
 * target that this server has no use for.
 *
 * @param ret_note  a short reason for the problem document; static text; untouched on EC_OK
 * @return EC_OK; EC_REQUEST_MALFORMED; EC_HEADERS_TOO_LARGE. After a failure the connection must
 *         be closed.
 */
enum error_code guard_check(const struct guard_head *head, const char **ret_note) MUST_CHECK;

/** @return 1 when a whole target, before anything was cut out of it, is printable ASCII without
 *  spaces and fragment, and not too long */
int guard_target_clean(const char *target);

/** Value of a field by its name in any case; NULL when there is none. */
const char *guard_find(const struct guard_head *head, const char *name);

/** Of several fields of a name the last one, which the nearest proxy wrote. */
const char *guard_find_last(const struct guard_head *head, const char *name);

#endif
