/* A multiple of Ed25519's base point by libsodium's routine for any point, which is as constant in
 * time as the one for this point alone but does without that one's table: 30 KiB, a quarter of the
 * image. Signing then takes about as long as verifying. */
#include <private/ed25519_ref10.h>

void ge25519_scalarmult_base(ge25519_p3 *h, const unsigned char *a)
{
    /* y = 4/5 with the sign set, since only the negative of a point can be read back */
    static const unsigned char negative[32] = {
        0x58, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66,
        0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66,
        0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0xe6,
    };
    ge25519_p3 base;

    (void)ge25519_frombytes_negate_vartime(&base, negative); /* a constant that is on the curve */
    ge25519_scalarmult(h, a, &base);
}
