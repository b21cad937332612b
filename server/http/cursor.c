/* Cursors of lists: the key of the last item, opaque to the caller. */
#include "http/cursor.h"

#include <sodium.h>
#include <string.h>

#include "base/utf8.h"

/* A number that fits a bigint with room to spare. */
static size_t digits(const char *text)
{
    size_t n = strspn(text, "0123456789");
    return n <= 18 ? n : 0;
}

static int is_int(const char *key)
{
    size_t n = digits(key);
    return n > 0 && key[n] == '\0';
}

static int is_pair(const char *key)
{
    size_t n = digits(key);
    return n > 0 && key[n] == '.' && is_int(key + n + 1);
}

/* Serials and codes, but circuits may be named in any words. */
static int is_text(const char *key)
{
    for (const char *c = key; *c != '\0'; c++)
        if ((unsigned char)*c < ' ' || *c == 0x7f)
            return 0;
    return *key != '\0' && utf8_valid(key);
}

void cursor_encode(const char *key, char ret[CURSOR_MAX])
{
    sodium_bin2base64(ret, CURSOR_MAX, (const unsigned char *)key, strlen(key),
                      sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}

enum error_code cursor_decode(const char *cursor, enum cursor_key shape, char ret[DOCUMENT_KEY_MAX])
{
    static int (*const fits[])(const char *) = {
        [CURSOR_INT] = is_int, [CURSOR_TEXT] = is_text, [CURSOR_PAIR] = is_pair};
    char key[DOCUMENT_KEY_MAX] = "";
    size_t len = 0;
    if (sodium_base642bin((unsigned char *)key, sizeof key - 1, cursor, strlen(cursor), NULL, &len,
                          NULL, sodium_base64_VARIANT_URLSAFE_NO_PADDING) != 0)
        return EC_PARAMETER_INVALID;
    if (strlen(key) != len || !fits[shape](key))
        return EC_PARAMETER_INVALID;
    memcpy(ret, key, DOCUMENT_KEY_MAX);
    return EC_OK;
}
