/* Text into JSON that is put together piece by piece. */
#ifndef BPTM_JSON_PUT_H
#define BPTM_JSON_PUT_H

#include "base/bytes.h"

enum { JSON_PUT_MOST = 6 }; /* bytes that one byte may become */

/** Valid UTF-8, as it stands between the quotes of a JSON string. */
void json_put(struct bytes *to, const char *at, size_t len);

#endif
