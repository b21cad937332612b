/* The three helpers that libsodium's Ed25519 and SHA-2 need of its utils.c, which wants a system.
 */
#include <sodium/utils.h>

void sodium_memzero(void *const at, const size_t len)
{
    volatile unsigned char *p = at;

    for (size_t i = 0; i < len; i++)
        p[i] = 0;
}

int sodium_memcmp(const void *const a, const void *const b, size_t len)
{
    const volatile unsigned char *x = a, *y = b;
    unsigned char differ = 0;

    for (size_t i = 0; i < len; i++)
        differ |= x[i] ^ y[i];
    return differ == 0 ? 0 : -1;
}

int sodium_is_zero(const unsigned char *n, const size_t len)
{
    const volatile unsigned char *p = n;
    unsigned char set = 0;

    for (size_t i = 0; i < len; i++)
        set |= p[i];
    return set == 0;
}
