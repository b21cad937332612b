/* Cursors of lists: the key of the last item, opaque to the caller. */
#ifndef BPTM_CURSOR_H
#define BPTM_CURSOR_H

#include "http/request.h"

enum { CURSOR_MAX = 192 }; /* encoded, with its NUL */

/** Make a cursor from a key of less than DOCUMENT_KEY_MAX bytes. */
void cursor_encode(const char *key, char ret[CURSOR_MAX]);

/**
 * Take a cursor apart; only keys of the shape that the list uses pass.
 * @return EC_OK; EC_PARAMETER_INVALID with `ret` untouched
 */
enum error_code cursor_decode(const char *cursor, enum cursor_key shape,
                              char ret[DOCUMENT_KEY_MAX]) MUST_CHECK;

#endif
