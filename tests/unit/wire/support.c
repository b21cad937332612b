/* What the tests of api/wire/ share: hex, files, the keys of the vectors, a seeded generator. */
#include "support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void die(const char *what, const char *name)
{
    fprintf(stderr, "%s '%s'\n", what, name);
    abort();
}

static void key_from(uint8_t first, struct cose_key *ret)
{
    uint8_t seed[WIRE_SEED_LEN];
    for (size_t i = 0; i < sizeof seed; i++)
        seed[i] = (uint8_t)(first + i);
    cose_key_init(ret, seed);
}

void support_device_key(struct cose_key *ret)
{
    key_from(0x00, ret);
}

void support_fleet_key(struct cose_key *ret)
{
    key_from(0x20, ret);
}

static int digit(char c)
{
    const char *digits = "0123456789abcdef";
    if (c >= 'A' && c <= 'F')
        c = (char)(c - 'A' + 'a');
    const char *at = c == '\0' ? NULL : strchr(digits, c);
    return at == NULL ? -1 : (int)(at - digits);
}

size_t support_unhex(const char *hex, uint8_t *buf, size_t cap)
{
    size_t len = 0;
    for (const char *at = hex; *at != '\0';) {
        if (*at == ' ') {
            at++;
            continue;
        }
        if (digit(at[0]) < 0 || digit(at[1]) < 0 || len == cap)
            die("not hex, or too much of it:", hex);
        buf[len++] = (uint8_t)(digit(at[0]) << 4 | digit(at[1]));
        at += 2;
    }
    return len;
}

void support_hex(const uint8_t *at, size_t len, char *text)
{
    for (size_t i = 0; i < len; i++)
        snprintf(text + 2 * i, 3, "%02x", at[i]);
    text[2 * len] = '\0';
}

size_t support_sign(enum cose_purpose purpose, const struct cose_key *key, const char *device,
                    struct span payload, uint8_t out[WIRE_MESSAGE_MAX])
{
    uint8_t aad[WIRE_AAD_MAX];
    uint8_t scratch[WIRE_SCRATCH_LEN];
    size_t len = 0;
    struct span aad_span = {aad, cose_aad(purpose, device, aad)};
    if (cose_sign(key, aad_span, payload, scratch, out, WIRE_MESSAGE_MAX, &len) != EC_OK)
        die("cannot sign for", device);
    return len;
}

enum error_code support_accept(const uint8_t *msg, size_t len, const char *device,
                               const struct cose_key *key, struct batch *ret)
{
    struct cose_sign1 parts;
    uint8_t aad[WIRE_AAD_MAX];
    uint8_t scratch[WIRE_SCRATCH_LEN];
    enum error_code ec = cose_decode(msg, len, &parts);
    if (ec != EC_OK)
        return ec;
    if (parts.kid.len != WIRE_KID_LEN || memcmp(parts.kid.at, key->kid, WIRE_KID_LEN) != 0)
        return EC_DEVICE_KEY_UNKNOWN;
    struct span aad_span = {aad, cose_aad(COSE_JOURNAL, device, aad)};
    ec = cose_verify(&parts, aad_span, key->public_key, scratch);
    return ec != EC_OK ? ec : batch_decode(parts.payload, ret);
}

json_t *support_vectors(const char *name)
{
    char path[4096];
    json_error_t error;
    snprintf(path, sizeof path, "%s/api/vectors/%s", TOP_SRCDIR, name);
    json_t *root = json_load_file(path, JSON_REJECT_DUPLICATES, &error);
    if (root == NULL)
        die(error.text, path);
    return root;
}

json_t *support_member(const json_t *object, const char *name)
{
    json_t *value = json_object_get(object, name);
    if (value == NULL)
        die("a vector has no member", name);
    return value;
}

const char *support_string(const json_t *object, const char *name)
{
    const char *text = json_string_value(support_member(object, name));
    if (text == NULL)
        die("a vector needs text as", name);
    return text;
}

uint64_t support_number(const json_t *object, const char *name)
{
    const json_t *value = support_member(object, name);
    if (!json_is_integer(value))
        die("a vector needs a number as", name);
    return (uint64_t)json_integer_value(value);
}

struct span support_bytes(const json_t *object, const char *name, uint8_t *buf, size_t cap)
{
    return (struct span){buf, support_unhex(support_string(object, name), buf, cap)};
}

uint64_t support_random(uint64_t *state)
{
    uint64_t z = *state += 0x9e3779b97f4a7c15;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
    z = (z ^ z >> 27) * 0x94d049bb133111eb;
    return z ^ z >> 31;
}
