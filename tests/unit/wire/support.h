/* What the tests of api/wire/ share: hex, files, the keys of the vectors, a seeded generator. */
#ifndef BPTM_TEST_SUPPORT_H
#define BPTM_TEST_SUPPORT_H

#include <jansson.h>

#include "batch.h"
#include "cose.h"

/** Device of the vectors; its key has the seed 00..1f, the fleet's key 20..3f. */
#define SUPPORT_DEVICE "BPTM-000042"

void support_device_key(struct cose_key *ret);
void support_fleet_key(struct cose_key *ret);

/** Bytes of a hex string (blanks allowed between bytes). Aborts on anything else or above cap. */
size_t support_unhex(const char *hex, uint8_t *buf, size_t cap);

/** Hex of bytes with a NUL; `text` holds 2 * len + 1 characters. */
void support_hex(const uint8_t *at, size_t len, char *text);

/** Sign a payload for SUPPORT_DEVICE. Aborts when it does not fit. @return length of the message */
size_t support_sign(enum cose_purpose purpose, const struct cose_key *key, const char *device,
                    struct span payload, uint8_t out[WIRE_MESSAGE_MAX]);

/** What a server does with a journal message: take apart, look the key up, verify, decode. */
enum error_code support_accept(const uint8_t *msg, size_t len, const char *device,
                               const struct cose_key *key, struct batch *ret);

/** A file of api/vectors/, parsed. Aborts when it cannot be read. The caller owns it. */
json_t *support_vectors(const char *name);

/** Member of an object that must be there; aborts with its name otherwise. Borrowed. */
json_t *support_member(const json_t *object, const char *name);
const char *support_string(const json_t *object, const char *name);
uint64_t support_number(const json_t *object, const char *name);
/** Hex member as bytes. */
struct span support_bytes(const json_t *object, const char *name, uint8_t *buf, size_t cap);

/** splitmix64: the same numbers on every run and machine. */
uint64_t support_random(uint64_t *state);

#endif
