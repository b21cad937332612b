/* COSE_Sign1 (RFC 9052, 4.2) with Ed25519 (RFC 9053, 2.2): sign, take apart, verify. */
#ifndef BPTM_COSE_H
#define BPTM_COSE_H

#include "cbor.h"
#include "wire.h"

/** What a message is; part of the external_aad, so that one kind never passes for another. */
enum cose_purpose {
    COSE_JOURNAL,
    COSE_STATUS,
    COSE_RECEIPT,
    COSE_COMMAND,
    COSE_FIRMWARE,
    COSE_KEY
};

/** A message taken apart: all spans borrow the message. */
struct cose_sign1 {
    struct span protected_header; /* content of the byte string */
    struct span kid;              /* empty when absent */
    struct span payload;
    const uint8_t *signature; /* WIRE_SIGNATURE_LEN bytes */
};

/** Key pair: `secret` is libsodium's 64 bytes (seed and public key). */
struct cose_key {
    uint8_t secret[64];
    uint8_t public_key[WIRE_KEY_LEN];
    uint8_t kid[WIRE_KID_LEN];
};

/** Memory of the caller, for a file that is longer than a message of the protocol. */
struct cose_room {
    uint8_t *at;
    size_t cap;
};

/** What the Sig_structure of a file adds to its payload, at most, with an AAD of WIRE_AAD_MAX. */
enum { COSE_OVERHEAD = 192 };

/** Derive a key pair from a seed; kid = first 8 bytes of SHA-256(public key). */
void cose_key_init(struct cose_key *key, const uint8_t seed[WIRE_SEED_LEN]);
void cose_key_done(struct cose_key *key);
void cose_kid(const uint8_t public_key[WIRE_KEY_LEN], uint8_t ret[WIRE_KID_LEN]);

/** external_aad = "bptm/1/" + "journal", "status", "receipt", "command", "firmware" or "key"
 * + "/" + device id.
 *  @return its length; `ret` holds WIRE_AAD_MAX bytes */
size_t cose_aad(enum cose_purpose purpose, const char *device, uint8_t ret[WIRE_AAD_MAX]);

/**
 * Sign a payload: 18([h'A10127', {4: kid}, payload, signature]). Ed25519 is deterministic, so the
 * same payload gives the same bytes.
 *
 * @param scratch  WIRE_SCRATCH_LEN bytes; may not overlap the others
 * @return EC_OK; EC_WIRE_BUFFER when `out` or the scratch is too small
 */
enum error_code cose_sign(const struct cose_key *key, struct span aad, struct span payload,
                          uint8_t *scratch, uint8_t *out, size_t cap, size_t *ret_len) MUST_CHECK;

/**
 * Take a message apart without judging the signature. Tag 18 is required; the protected header must
 * name alg EdDSA (-8) and nothing critical; the payload must be attached. alg and crit must be
 * protected; a kid may be in either header, but only once.
 * @return EC_OK; EC_WIRE_TOO_LARGE above WIRE_MESSAGE_MAX; EC_COSE_ALGORITHM; EC_COSE_CRITICAL; or
 *         another EC_WIRE_ error; `ret` untouched on failure
 */
enum error_code cose_decode(const uint8_t *msg, size_t len, struct cose_sign1 *ret) MUST_CHECK;

/**
 * The same three for a signed file of any length, in memory of the caller: `scratch` holds the
 * payload and COSE_OVERHEAD bytes.
 * @return as the others, but for EC_WIRE_TOO_LARGE above WIRE_MESSAGE_MAX
 */
enum error_code cose_sign_file(const struct cose_key *key, struct span aad, struct span payload,
                               struct cose_room scratch, struct cose_room out,
                               size_t *ret_len) MUST_CHECK;
enum error_code cose_decode_file(const uint8_t *msg, size_t len, struct cose_sign1 *ret) MUST_CHECK;
enum error_code cose_verify_file(const struct cose_sign1 *msg, struct span aad,
                                 const uint8_t public_key[WIRE_KEY_LEN],
                                 struct cose_room scratch) MUST_CHECK;

/** @return EC_OK; EC_COSE_SIGNATURE; EC_WIRE_TOO_LARGE when the scratch cannot hold it */
enum error_code cose_verify(const struct cose_sign1 *msg, struct span aad,
                            const uint8_t public_key[WIRE_KEY_LEN], uint8_t *scratch) MUST_CHECK;

#endif
