/* Changing a resource by a merge patch (RFC 7396) that names what it was read as (If-Match). */
#ifndef BPTM_PATCH_H
#define BPTM_PATCH_H

#include "http/request.h"
#include "store/resource.h"

/**
 * Change a resource by the merge patch in the body and answer with it: check the patch by itself,
 * look at what a GET on the same path answers the caller now, compare its tag with If-Match, merge,
 * check the whole, store it with its audit row. Two patches of one resource wait for each other.
 *
 * @param id      of the row; one that there is not gives EC_NOT_FOUND
 * @param fields  what may be changed, in the order of what->update
 * @param body    a struct of zeroes that the offsets of the fields count in
 * @return EC_OK; EC_PRECONDITION_FAILED when it was changed since it was read; EC_NOT_FOUND;
 *         EC_BODY_MALFORMED, EC_FIELDS_INVALID; EC_CONFLICT, EC_STATE_REFUSED; or a database error
 */
enum error_code patch_row(const struct request *r, const struct resource *what, int64_t id,
                          const struct json_field *fields, void *body,
                          struct reply *ret) MUST_CHECK;

/** A patch of a row that is not read or not written by the statements of `what`. */
struct patch {
    const struct resource *what;
    int64_t id;
    const struct json_field *fields;
    void *body;
    /** Instead of resource_current(); NULL: that. */
    enum error_code (*current)(const struct request *r, int64_t id, char **ret);
    /** Instead of resource_update(); NULL: that. `body` is whole. */
    enum error_code (*store)(const struct request *r, int64_t id, const void *body);
};

/** As patch_row(). */
enum error_code patch_run(const struct request *r, const struct patch *p,
                          struct reply *ret) MUST_CHECK;

/** patch_row() of the id in the path, answered as what->get says. */
enum error_code patch_resource(const struct request *r, const struct resource *what,
                               const struct json_field *fields, void *body,
                               struct reply *ret) MUST_CHECK;

#endif
