/* Error codes: one enum for everything, made from api/errors.def. */
#ifndef BPTM_ERROR_H
#define BPTM_ERROR_H

enum error_code {
#define ERROR(name, slug, status, retry, text) name,
#include "errors.def"
#undef ERROR
    EC_COUNT
};

/** The caller must look at the result. */
#define MUST_CHECK __attribute__((warn_unused_result))

/** Stable name of an error ("journal-fork"); "internal" for a value out of range. Static storage.
 */
const char *error_slug(enum error_code code);

/** One line of text for people, lower case, no full stop. Static storage. */
const char *error_text(enum error_code code);

/** HTTP status of the problem document; 500 for errors that have none of their own. */
int error_status(enum error_code code);

/** 1 when the same request may succeed later without a change to it. */
int error_retry(enum error_code code);

/** The code of a stable name (as SQL functions raise it); EC_INTERNAL when there is none. */
enum error_code error_from_slug(const char *slug);

#endif
