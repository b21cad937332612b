/* Text into JSON that is put together piece by piece. */
#include "codec/json_put.h"

#include <stdio.h>

void json_put(struct bytes *to, const char *at, size_t len)
{
    char escape[JSON_PUT_MOST + 1];
    for (size_t i = 0; i < len; i++) {
        if (at[i] == '"' || at[i] == '\\')
            bytes_put(to, "\\", 1);
        if ((unsigned char)at[i] >= 0x20) {
            bytes_put(to, at + i, 1);
        } else {
            snprintf(escape, sizeof escape, "\\u%04x", (unsigned)at[i]);
            bytes_put(to, escape, JSON_PUT_MOST);
        }
    }
}
