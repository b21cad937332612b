/* COSE_Sign1 with Ed25519: sign, take apart, verify. */
#include "cose.h"

#include <sodium/crypto_hash_sha256.h>
#include <sodium/crypto_sign_ed25519.h>
#include <string.h>

enum {
    TAG_SIGN1 = 18,
    LABEL_ALG = 1,
    LABEL_CRIT = 2,
    LABEL_KID = 4,
    ALG_EDDSA = -8,
    KID_MIN = 1,
    KID_MAX = 16,
};

/* {1: -8}, the only protected header that we write. */
static const uint8_t our_header[] = {0xA1, 0x01, 0x27};

static const char context[] = "Signature1";

static const char *const purposes[] = {
    [COSE_JOURNAL] = "journal", [COSE_STATUS] = "status",     [COSE_RECEIPT] = "receipt",
    [COSE_COMMAND] = "command", [COSE_FIRMWARE] = "firmware", [COSE_KEY] = "key",
};

void cose_kid(const uint8_t public_key[WIRE_KEY_LEN], uint8_t ret[WIRE_KID_LEN])
{
    uint8_t hash[crypto_hash_sha256_BYTES];
    crypto_hash_sha256(hash, public_key, WIRE_KEY_LEN);
    memcpy(ret, hash, WIRE_KID_LEN);
}

void cose_key_init(struct cose_key *key, const uint8_t seed[WIRE_SEED_LEN])
{
    crypto_sign_ed25519_seed_keypair(key->public_key, key->secret, seed);
    cose_kid(key->public_key, key->kid);
}

/* Volatile, so that no compiler drops the writes to a key that is not read again. */
void cose_key_done(struct cose_key *key)
{
    if (key == NULL)
        return;
    volatile uint8_t *at = (volatile uint8_t *)key;
    for (size_t i = 0; i < sizeof *key; i++)
        at[i] = 0;
}

size_t cose_aad(enum cose_purpose purpose, const char *device, uint8_t ret[WIRE_AAD_MAX])
{
    const char *parts[] = {WIRE_PROTOCOL "/", purposes[purpose], "/", device};
    size_t len = 0;
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        size_t n = strnlen(parts[i], WIRE_AAD_MAX - len);
        memcpy(ret + len, parts[i], n);
        len += n;
    }
    return len;
}

/* Sig_structure (RFC 9052, 4.4): what the signature is over. */
static enum error_code write_signed(struct span header, struct span aad, struct span payload,
                                    struct cose_room scratch, size_t *ret_len)
{
    struct cbor_writer w;
    cbor_writer_init(&w, scratch.at, scratch.cap);
    cbor_write_array(&w, 4);
    cbor_write_tstr(&w, context, sizeof context - 1);
    cbor_write_bstr(&w, header.at, header.len);
    cbor_write_bstr(&w, aad.at, aad.len);
    cbor_write_bstr(&w, payload.at, payload.len);
    return cbor_writer_done(&w, ret_len);
}

enum error_code cose_sign_file(const struct cose_key *key, struct span aad, struct span payload,
                               struct cose_room scratch, struct cose_room out, size_t *ret_len)
{
    struct span header = {our_header, sizeof our_header};
    uint8_t signature[WIRE_SIGNATURE_LEN];
    size_t len;
    enum error_code ec = write_signed(header, aad, payload, scratch, &len);
    if (ec != EC_OK)
        return ec;
    crypto_sign_ed25519_detached(signature, NULL, scratch.at, len, key->secret);

    struct cbor_writer w;
    cbor_writer_init(&w, out.at, out.cap);
    cbor_write_tag(&w, TAG_SIGN1);
    cbor_write_array(&w, 4);
    cbor_write_bstr(&w, header.at, header.len);
    cbor_write_map(&w, 1);
    cbor_write_uint(&w, LABEL_KID);
    cbor_write_bstr(&w, key->kid, sizeof key->kid);
    cbor_write_bstr(&w, payload.at, payload.len);
    cbor_write_bstr(&w, signature, sizeof signature);
    return cbor_writer_done(&w, ret_len);
}

enum error_code cose_sign(const struct cose_key *key, struct span aad, struct span payload,
                          uint8_t *scratch, uint8_t *out, size_t cap, size_t *ret_len)
{
    return cose_sign_file(key, aad, payload, (struct cose_room){scratch, WIRE_SCRATCH_LEN},
                          (struct cose_room){out, cap < WIRE_MESSAGE_MAX ? cap : WIRE_MESSAGE_MAX},
                          ret_len);
}

static enum error_code read_alg(struct cbor_reader *r, int protected_, int *has_alg)
{
    int64_t alg;
    int major = cbor_peek(r);
    if (!protected_ || major > CBOR_NINT)
        return EC_COSE_ALGORITHM;
    enum error_code ec = cbor_read_int(r, &alg);
    if (ec == EC_OK && alg != ALG_EDDSA)
        return EC_COSE_ALGORITHM;
    *has_alg = 1;
    return ec;
}

static enum error_code read_kid(struct cbor_reader *r, struct span *ret)
{
    struct span kid;
    enum error_code ec = cbor_read_bstr(r, &kid);
    if (ec != EC_OK)
        return ec;
    if (ret->len != 0)
        return EC_WIRE_NOT_CANONICAL;
    if (kid.len < KID_MIN || kid.len > KID_MAX)
        return EC_WIRE_RANGE;
    *ret = kid;
    return EC_OK;
}

/*
 * One header map. cbor_skip() over the whole map has checked its form before; here only the three
 * labels that we know are looked at.
 */
static enum error_code read_header(struct cbor_reader *r, int protected_, struct span *kid,
                                   int *has_alg)
{
    struct cbor_reader whole = *r;
    size_t count;
    enum error_code ec = cbor_read_map(r, &count);
    if (ec == EC_OK)
        ec = cbor_skip(&whole);
    for (size_t i = 0; i < count && ec == EC_OK; i++) {
        int64_t label = 0;
        int major = cbor_peek(r);
        ec = major <= CBOR_NINT   ? cbor_read_int(r, &label)
             : major == CBOR_TSTR ? cbor_skip(r)
                                  : EC_WIRE_TYPE;
        if (ec != EC_OK)
            break;
        if (label == LABEL_ALG)
            ec = read_alg(r, protected_, has_alg);
        else if (label == LABEL_CRIT)
            ec = EC_COSE_CRITICAL;
        else if (label == LABEL_KID)
            ec = read_kid(r, kid);
        else
            ec = cbor_skip(r);
    }
    return ec;
}

static enum error_code read_protected(struct cbor_reader *r, struct cose_sign1 *msg)
{
    struct cbor_reader inner;
    int has_alg = 0;
    enum error_code ec = cbor_read_bstr(r, &msg->protected_header);
    if (ec != EC_OK)
        return ec;
    if (msg->protected_header.len == 0)
        return EC_COSE_ALGORITHM;
    cbor_reader_init(&inner, msg->protected_header.at, msg->protected_header.len);
    ec = read_header(&inner, 1, &msg->kid, &has_alg);
    if (ec != EC_OK)
        return ec;
    if (cbor_reader_left(&inner) != 0)
        return EC_WIRE_TRAILING;
    return has_alg ? EC_OK : EC_COSE_ALGORITHM;
}

static enum error_code read_signature(struct cbor_reader *r, const uint8_t **ret)
{
    struct span signature;
    enum error_code ec = cbor_read_bstr(r, &signature);
    if (ec != EC_OK)
        return ec;
    if (signature.len != WIRE_SIGNATURE_LEN)
        return EC_WIRE_RANGE;
    *ret = signature.at;
    return EC_OK;
}

static enum error_code read_envelope(struct cbor_reader *r)
{
    uint64_t tag;
    size_t count;
    enum error_code ec = cbor_read_tag(r, &tag);
    if (ec == EC_OK && tag != TAG_SIGN1)
        ec = EC_WIRE_TYPE;
    if (ec == EC_OK)
        ec = cbor_read_array(r, &count);
    if (ec == EC_OK && count != 4)
        ec = EC_WIRE_RANGE;
    return ec;
}

enum error_code cose_decode_file(const uint8_t *msg, size_t len, struct cose_sign1 *ret)
{
    struct cose_sign1 parts = {{NULL, 0}, {NULL, 0}, {NULL, 0}, NULL};
    struct cbor_reader r;
    int no_alg = 0;
    cbor_reader_init(&r, msg, len);
    enum error_code ec = read_envelope(&r);
    if (ec == EC_OK)
        ec = read_protected(&r, &parts);
    if (ec == EC_OK)
        ec = read_header(&r, 0, &parts.kid, &no_alg);
    if (ec == EC_OK)
        ec = cbor_read_bstr(&r, &parts.payload);
    if (ec == EC_OK)
        ec = read_signature(&r, &parts.signature);
    if (ec == EC_OK && cbor_reader_left(&r) != 0)
        ec = EC_WIRE_TRAILING;
    if (ec == EC_OK)
        *ret = parts;
    return ec;
}

enum error_code cose_decode(const uint8_t *msg, size_t len, struct cose_sign1 *ret)
{
    return len > WIRE_MESSAGE_MAX ? EC_WIRE_TOO_LARGE : cose_decode_file(msg, len, ret);
}

enum error_code cose_verify_file(const struct cose_sign1 *msg, struct span aad,
                                 const uint8_t public_key[WIRE_KEY_LEN], struct cose_room scratch)
{
    size_t len;
    if (write_signed(msg->protected_header, aad, msg->payload, scratch, &len) != EC_OK)
        return EC_WIRE_TOO_LARGE;
    if (crypto_sign_ed25519_verify_detached(msg->signature, scratch.at, len, public_key) != 0)
        return EC_COSE_SIGNATURE;
    return EC_OK;
}

enum error_code cose_verify(const struct cose_sign1 *msg, struct span aad,
                            const uint8_t public_key[WIRE_KEY_LEN], uint8_t *scratch)
{
    return cose_verify_file(msg, aad, public_key, (struct cose_room){scratch, WIRE_SCRATCH_LEN});
}
