/* The signed head of a firmware image: 192 bytes of fixed layout, which a loader without CBOR
 * reads. */
#ifndef BPTM_MANIFEST_H
#define BPTM_MANIFEST_H

#include "cose.h"

enum {
    MANIFEST_LEN = 192,
    MANIFEST_SPACE = 1024, /* taken by the manifest in front of an image; the rest reads 0xff */
    MANIFEST_SIGNED_LEN = 128,
    MANIFEST_HARDWARE_MAX = 31,
    MANIFEST_HASH_LEN = 64,              /* SHA-512 */
    MANIFEST_SIZE_UNIT = 8,              /* an image is padded to this */
    MANIFEST_SIZE_MAX = 4 * 1024 * 1024, /* of an image; a slot may hold less */
    MANIFEST_VERSION_MAX = 0xffffff,     /* 255.255.255 */
    MANIFEST_VERSION_TEXT = sizeof "255.255.255",
};

/*
 * Layout, numbers little-endian:
 *
 *   0 magic u32 "BPTI" | 4 format u32 = 1 | 8 version u32, one byte each for major, minor, patch
 *   12 size u32 of the image | 16 address u32 of the slot it is linked for | 20 u32 = 0
 *   24 hardware id, 32 bytes, padded with NUL | 56 SHA-512 of the image | 120 kid
 *   128 Ed25519 signature by the firmware key over bytes 0..127
 */

struct manifest {
    uint32_t version; /* 1..MANIFEST_VERSION_MAX; the higher one is newer */
    uint32_t size;    /* bytes of the image behind MANIFEST_SPACE; a multiple of 8 */
    uint32_t
        address; /* of the slot, where the manifest lies; the image follows at MANIFEST_SPACE */
    char hardware[MANIFEST_HARDWARE_MAX + 1]; /* printable ASCII, not empty */
    uint8_t sha512[MANIFEST_HASH_LEN];
    uint8_t kid[WIRE_KID_LEN]; /* of the firmware key */
};

/** Encode and sign; sets the kid. @return EC_OK; EC_WIRE_RANGE for a value outside the layout */
enum error_code manifest_sign(const struct cose_key *key, const struct manifest *m,
                              uint8_t ret[MANIFEST_LEN]) MUST_CHECK;

/** Decode without judging the signature. @return EC_OK; EC_WIRE_TYPE when it is no manifest;
 *  EC_WIRE_RANGE; `ret` untouched on failure */
enum error_code manifest_decode(const uint8_t bytes[MANIFEST_LEN], struct manifest *ret) MUST_CHECK;

/** @return EC_OK when one of `count` public keys verifies it; EC_COSE_SIGNATURE */
enum error_code manifest_verify(const uint8_t bytes[MANIFEST_LEN],
                                const uint8_t (*keys)[WIRE_KEY_LEN], size_t count) MUST_CHECK;

/** "1.2.3" */
void manifest_version_text(uint32_t version, char ret[MANIFEST_VERSION_TEXT]);

/** @return the version of "1.2.3"; 0 for anything else */
uint32_t manifest_version_parse(const char *text);

#endif
