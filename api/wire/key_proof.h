/* The proof that a device has a new key: api/journal.md, "A new key". */
#ifndef BPTM_KEY_PROOF_H
#define BPTM_KEY_PROOF_H

#include "cose.h"

enum { KEY_PROOF_MAX = 512 /* of both signatures and what they sign */ };

struct key_proof {
    uint8_t public_key[WIRE_KEY_LEN]; /* the new one, which signed */
    uint8_t replaces[WIRE_KID_LEN];   /* the kid of the one before */
};

/**
 * Make one: signed by the new key, and around that by the old one.
 *
 * @param old      NULL: not vouched for by it; `replaces` says which it was
 * @param scratch  WIRE_SCRATCH_LEN bytes
 * @return EC_OK; EC_WIRE_BUFFER
 */
enum error_code key_proof_make(const char *device, const struct cose_key *old,
                               const uint8_t replaces[WIRE_KID_LEN], const struct cose_key *fresh,
                               uint8_t *scratch, uint8_t ret[KEY_PROOF_MAX],
                               size_t *ret_len) MUST_CHECK;

/**
 * Check one for `device`: the old key's signature, unless `old` is NULL and there is none; the new
 * key's; and that the one names the other.
 * @return EC_OK; EC_COSE_SIGNATURE; EC_DEVICE_KEY_UNKNOWN when it names another old key; or an
 * error of cose_decode() or member_decode(). `ret` untouched on failure
 */
enum error_code key_proof_check(struct span message, const char *device,
                                const uint8_t old[WIRE_KEY_LEN], uint8_t *scratch,
                                struct key_proof *ret) MUST_CHECK;

#endif
