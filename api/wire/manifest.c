/* Reading, judging and making the signed head of a firmware image. */
#include "manifest.h"

#include <sodium/crypto_sign_ed25519.h>
#include <string.h>

enum {
    MAGIC = 0x49545042, /* "BPTI" */
    FORMAT = 1,
    AT_MAGIC = 0,
    AT_FORMAT = 4,
    AT_VERSION = 8,
    AT_SIZE = 12,
    AT_ADDRESS = 16,
    AT_RESERVED = 20,
    AT_HARDWARE = 24,
    AT_HASH = 56,
    AT_KID = 120,
};

static void put32(uint8_t *at, uint32_t v)
{
    for (int i = 0; i < 4; i++)
        at[i] = (uint8_t)(v >> 8 * i);
}

static uint32_t get32(const uint8_t *at)
{
    return at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

/* Printable, not empty, and nothing but NUL behind its end. */
static int hardware_valid(const char hardware[MANIFEST_HARDWARE_MAX + 1])
{
    size_t len = 0;

    while (len < MANIFEST_HARDWARE_MAX && hardware[len] > ' ' && hardware[len] < 0x7f)
        len++;
    for (size_t i = len; i <= MANIFEST_HARDWARE_MAX; i++)
        if (hardware[i] != '\0')
            return 0;
    return len > 0;
}

static int in_range(const struct manifest *m)
{
    return m->version > 0 && m->version <= MANIFEST_VERSION_MAX && m->size > 0 &&
           m->size <= MANIFEST_SIZE_MAX && m->size % MANIFEST_SIZE_UNIT == 0 &&
           hardware_valid(m->hardware);
}

enum error_code manifest_sign(const struct cose_key *key, const struct manifest *m,
                              uint8_t ret[MANIFEST_LEN])
{
    if (!in_range(m))
        return EC_WIRE_RANGE;
    put32(ret + AT_MAGIC, MAGIC);
    put32(ret + AT_FORMAT, FORMAT);
    put32(ret + AT_VERSION, m->version);
    put32(ret + AT_SIZE, m->size);
    put32(ret + AT_ADDRESS, m->address);
    put32(ret + AT_RESERVED, 0);
    memcpy(ret + AT_HARDWARE, m->hardware, sizeof m->hardware);
    memcpy(ret + AT_HASH, m->sha512, MANIFEST_HASH_LEN);
    memcpy(ret + AT_KID, key->kid, WIRE_KID_LEN);
    crypto_sign_ed25519_detached(ret + MANIFEST_SIGNED_LEN, NULL, ret, MANIFEST_SIGNED_LEN,
                                 key->secret);
    return EC_OK;
}

enum error_code manifest_decode(const uint8_t bytes[MANIFEST_LEN], struct manifest *ret)
{
    struct manifest m = {
        .version = get32(bytes + AT_VERSION),
        .size = get32(bytes + AT_SIZE),
        .address = get32(bytes + AT_ADDRESS),
    };

    if (get32(bytes + AT_MAGIC) != MAGIC || get32(bytes + AT_FORMAT) != FORMAT)
        return EC_WIRE_TYPE;
    memcpy(m.hardware, bytes + AT_HARDWARE, sizeof m.hardware);
    memcpy(m.sha512, bytes + AT_HASH, sizeof m.sha512);
    memcpy(m.kid, bytes + AT_KID, sizeof m.kid);
    if (get32(bytes + AT_RESERVED) != 0 || !in_range(&m))
        return EC_WIRE_RANGE;
    *ret = m;
    return EC_OK;
}

enum error_code manifest_verify(const uint8_t bytes[MANIFEST_LEN],
                                const uint8_t (*keys)[WIRE_KEY_LEN], size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (crypto_sign_ed25519_verify_detached(bytes + MANIFEST_SIGNED_LEN, bytes,
                                                MANIFEST_SIGNED_LEN, keys[i]) == 0)
            return EC_OK;
    return EC_COSE_SIGNATURE;
}

void manifest_version_text(uint32_t version, char ret[MANIFEST_VERSION_TEXT])
{
    for (int shift = 16; shift >= 0; shift -= 8) {
        unsigned part = version >> shift & 0xff;

        if (part >= 100)
            *ret++ = (char)('0' + part / 100);
        if (part >= 10)
            *ret++ = (char)('0' + part / 10 % 10);
        *ret++ = (char)('0' + part % 10);
        *ret++ = shift > 0 ? '.' : '\0';
    }
}

uint32_t manifest_version_parse(const char *text)
{
    uint32_t version = 0;

    for (int i = 0; i < 3; i++) {
        const char *start = text;
        uint32_t part = 0;

        while (*text >= '0' && *text <= '9' && text - start < 4)
            part = part * 10 + (uint32_t)(*text++ - '0');
        if (text == start || part > 255 || (*start == '0' && text - start > 1) ||
            *text++ != (i < 2 ? '.' : '\0'))
            return 0;
        version = version << 8 | part;
    }
    return version;
}
