/* Entity tags: what a representation was when it was read. */
#ifndef BPTM_ETAG_H
#define BPTM_ETAG_H

#include <stddef.h>

enum { ETAG_MAX = 2 + 32 + 1 }; /* quotes, hex digits, NUL */

/** Strong tag of a body; NULL is an empty one. */
void etag_of(const char *body, char ret[ETAG_MAX]);

/** The same of bytes that are no text. */
void etag_of_bytes(const void *body, size_t len, char ret[ETAG_MAX]);

/** @return 1 when an If-Match field has "*" or this tag; a weak one (W/) never matches */
int etag_matches(const char *field, const char *tag);

#endif
