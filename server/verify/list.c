/* Checking a signed list of generators: its key, its signature, its content, its age. */
#include "verify/list.h"

#include <stdlib.h>
#include <string.h>

#include "cose.h"

enum { TAG_SIGN1_BYTE = 0xd2, AHEAD_MS = 300000 }; /* a clock may be so much behind */

int list_is_one(struct span file)
{
    return file.len > 0 && file.at[0] == TAG_SIGN1_BYTE;
}

static enum error_code fail(struct check_failure *f, enum error_code ec, size_t offset,
                            const char *what)
{
    *f = (struct check_failure){offset, 0, what};
    return ec;
}

static const uint8_t *find_key(const struct list_pins *pins, struct span kid)
{
    uint8_t own[WIRE_KID_LEN];
    for (size_t i = 0; i < pins->count; i++) {
        cose_kid(pins->key[i], own);
        if (kid.len == sizeof own && memcmp(kid.at, own, sizeof own) == 0)
            return pins->key[i];
    }
    return NULL;
}

static enum error_code verify(const struct cose_sign1 *parts, const uint8_t *key)
{
    struct cose_room scratch = {NULL, parts->payload.len + COSE_OVERHEAD};
    scratch.at = malloc(scratch.cap);
    if (scratch.at == NULL)
        return EC_NO_MEMORY;
    enum error_code ec = cose_verify_file(parts, offline_list_aad(), key, scratch);
    free(scratch.at);
    return ec;
}

/* One that was signed after now is not younger than one of now: its time is not believed. */
static enum error_code check_age(const struct list_pins *pins, int64_t signed_ms)
{
    int64_t age_ms = pins->now_ms - signed_ms;
    if (pins->max_age_s == 0)
        return EC_OK;
    return age_ms > pins->max_age_s * 1000 || age_ms < -AHEAD_MS ? EC_TOO_OLD : EC_OK;
}

enum error_code list_check(struct span file, const struct list_pins *pins,
                           struct offline_list_report *ret, struct check_failure *ret_failure)
{
    struct cose_sign1 parts;
    const uint8_t *at = NULL;
    if (file.len > OFFLINE_LIST_BYTES_MAX)
        return fail(ret_failure, EC_WIRE_TOO_LARGE, 0, "signed list");
    enum error_code ec = cose_decode_file(file.at, file.len, &parts);
    if (ec != EC_OK)
        return fail(ret_failure, ec, 0, "signed list");
    const uint8_t *key = find_key(pins, parts.kid);
    if (key == NULL)
        return fail(ret_failure, EC_LIST_KEY_UNKNOWN, 0, "kid of the list");
    ec = verify(&parts, key);
    if (ec != EC_OK)
        return fail(ret_failure, ec, 0, "signature of the list");
    ec = offline_list_check(parts.payload, ret, &at);
    if (ec != EC_OK)
        return fail(ret_failure, ec, (size_t)(at - file.at), "content of the list");
    ec = check_age(pins, ret->signed_ms);
    return ec == EC_OK ? ec : fail(ret_failure, ec, 0, "age of the list");
}
