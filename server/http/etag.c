/* Entity tags: what a representation was when it was read. */
#include "http/etag.h"

#include <sodium.h>
#include <string.h>

void etag_of(const char *body, char ret[ETAG_MAX])
{
    const char *text = body != NULL ? body : "";
    etag_of_bytes(text, strlen(text), ret);
}

void etag_of_bytes(const void *body, size_t len, char ret[ETAG_MAX])
{
    unsigned char hash[16];
    enum { HEX_LEN = 2 * sizeof hash };
    crypto_generichash(hash, sizeof hash, body, len, NULL, 0);
    ret[0] = '"';
    sodium_bin2hex(ret + 1, HEX_LEN + 1, hash, sizeof hash);
    memcpy(ret + 1 + HEX_LEN, "\"", 2);
}

int etag_matches(const char *field, const char *tag)
{
    if (strcmp(field, "*") == 0)
        return 1;
    const char *at = strstr(field, tag);
    return at != NULL && (at < field + 2 || memcmp(at - 2, "W/", 2) != 0);
}
