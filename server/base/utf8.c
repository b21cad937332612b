/* UTF-8, strictly. */
#include "base/utf8.h"

#include <stddef.h>

/* Length of the UTF-8 sequence at `at`, 0 when it is broken, overlong or a surrogate. */
static size_t utf8_len(const unsigned char *at)
{
    static const unsigned char lead[] = {0, 0x80, 0xc2, 0xe0, 0xf0};
    size_t n = at[0] < 0x80 ? 1 : at[0] < 0xe0 ? 2 : at[0] < 0xf0 ? 3 : 4;
    if (n > 1 && (at[0] < lead[n] || at[0] > 0xf4))
        return 0;
    for (size_t i = 1; i < n; i++)
        if ((at[i] & 0xc0) != 0x80)
            return 0;
    if ((at[0] == 0xe0 && at[1] < 0xa0) || (at[0] == 0xed && at[1] > 0x9f) ||
        (at[0] == 0xf0 && at[1] < 0x90) || (at[0] == 0xf4 && at[1] > 0x8f))
        return 0;
    return n;
}

int utf8_valid(const char *text)
{
    for (const unsigned char *at = (const unsigned char *)text; *at != '\0';) {
        size_t n = utf8_len(at);
        if (n == 0)
            return 0;
        at += n;
    }
    return 1;
}
