/* The proof that a device has a new key: api/journal.md, "A new key". */
#include "key_proof.h"

#include <string.h>

#include "member.h"

static const struct member members[] = {
    {1, MEMBER_BYTES, MEMBER_AT(struct key_proof, public_key)},
    {2, MEMBER_BYTES, MEMBER_AT(struct key_proof, replaces)},
};
enum { MEMBER_COUNT = sizeof members / sizeof *members };

enum error_code key_proof_make(const char *device, const struct cose_key *old,
                               const uint8_t replaces[WIRE_KID_LEN], const struct cose_key *fresh,
                               uint8_t *scratch, uint8_t ret[KEY_PROOF_MAX], size_t *ret_len)
{
    uint8_t payload[KEY_PROOF_MAX], inner[KEY_PROOF_MAX], aad_bytes[WIRE_AAD_MAX];
    struct span aad = {aad_bytes, cose_aad(COSE_KEY, device, aad_bytes)};
    struct key_proof proof;
    size_t len = 0;

    memcpy(proof.public_key, fresh->public_key, WIRE_KEY_LEN);
    memcpy(proof.replaces, replaces, WIRE_KID_LEN);
    enum error_code ec = member_encode(members, MEMBER_COUNT, &proof, MEMBER_BIT(1) | MEMBER_BIT(2),
                                       payload, sizeof payload, &len);
    if (ec == EC_OK)
        ec = cose_sign(fresh, aad, (struct span){payload, len}, scratch, inner, sizeof inner, &len);
    if (ec != EC_OK)
        return ec;
    if (old != NULL)
        return cose_sign(old, aad, (struct span){inner, len}, scratch, ret, KEY_PROOF_MAX, ret_len);
    memcpy(ret, inner, len);
    *ret_len = len;
    return EC_OK;
}

enum error_code key_proof_check(struct span message, const char *device,
                                const uint8_t old[WIRE_KEY_LEN], uint8_t *scratch,
                                struct key_proof *ret)
{
    uint8_t aad_bytes[WIRE_AAD_MAX], kid[WIRE_KID_LEN];
    struct span aad = {aad_bytes, cose_aad(COSE_KEY, device, aad_bytes)};
    struct key_proof proof;
    struct cose_sign1 outer, inner;
    uint32_t present;
    enum error_code ec = cose_decode(message.at, message.len, &outer);

    if (ec == EC_OK && old != NULL) {
        ec = cose_verify(&outer, aad, old, scratch);
        message = outer.payload;
    }
    if (ec == EC_OK)
        ec = cose_decode(message.at, message.len, &inner);
    if (ec == EC_OK)
        ec = member_decode(inner.payload, members, MEMBER_COUNT, &proof, &present);
    if (ec == EC_OK)
        ec = cose_verify(&inner, aad, proof.public_key, scratch);
    if (ec != EC_OK)
        return ec;
    if (old != NULL) {
        cose_kid(old, kid);
        if (memcmp(kid, proof.replaces, WIRE_KID_LEN) != 0)
            return EC_DEVICE_KEY_UNKNOWN;
    }
    *ret = proof;
    return EC_OK;
}
