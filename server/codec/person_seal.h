/* Personal data at rest: each person has a data key, which is wrapped under a master key that is
 * never in the database; each field of the person is sealed under it. Who has lost the wrapped key
 * has lost the person. */
#ifndef BPTM_PERSON_SEAL_H
#define BPTM_PERSON_SEAL_H

#include <stddef.h>
#include <stdint.h>

#include "error.h"

enum {
    PERSON_KEY_LEN = 32,
    PERSON_OVERHEAD = 24 + 16, /* by which a box is longer than what is in it: nonce and tag */
    PERSON_WRAPPED_LEN = PERSON_KEY_LEN + PERSON_OVERHEAD,
    PERSON_PRINT_LEN = 16,
    PERSON_VERSIONS_MAX = 8,
    PERSON_INDEX_MAX = 2, /* keys of the blind index: one, and the next while they change */
    PERSON_VERSION_LAST = 1000000,
    PERSON_KEYS_TEXT_MAX = 1024, /* of a key file, with its NUL */
    PERSON_WORDS_MAX = 16,       /* of a name that are looked for */
};

/** What is sealed: the table of names is in person_seal.c. */
enum person_field {
    PERSON_NAME,
    PERSON_EMAIL,
    PERSON_PHONE,
    PERSON_NOTE,
    PERSON_TITLE,
    PERSON_FIELDS
};

struct person_version {
    int64_t version;
    uint8_t key[PERSON_KEY_LEN];
};

/** What a key file holds: versions of the master key and of the key of the blind index, ascending.
 * The holder wipes it. */
struct person_keys {
    size_t count; /* 0: none */
    struct person_version master[PERSON_VERSIONS_MAX];
    size_t index_count;
    struct person_version index[PERSON_INDEX_MAX];
};

/** Make a new index key and version 1. */
void person_keys_make(struct person_keys *ret);

/** Add the next version. @return EC_OK; EC_QUEUE_FULL when there are PERSON_VERSIONS_MAX */
enum error_code person_keys_add(struct person_keys *keys) MUST_CHECK;

/** Take a version out; nothing when it is not there. */
void person_keys_drop(struct person_keys *keys, int64_t version);

/** The same for the key of the blind index. EC_QUEUE_FULL when there are PERSON_INDEX_MAX */
enum error_code person_index_add(struct person_keys *keys) MUST_CHECK;

/** Take the older key of the blind index out; nothing when there is one. */
void person_index_drop(struct person_keys *keys);

/** A version of the key of the blind index; NULL when it is not there. */
const uint8_t *person_index(const struct person_keys *keys, int64_t version);

/** By what a version is known, as of person_keys_print(). */
int person_index_print(const struct person_keys *keys, int64_t version,
                       uint8_t ret[PERSON_PRINT_LEN]) MUST_CHECK;

/** The text of a key file: "index HEX" for version 1 of the index, or "index VERSION HEX", and a
 * line "key VERSION HEX" of each version of the master key. The caller wipes it. */
void person_keys_write(const struct person_keys *keys, char ret[PERSON_KEYS_TEXT_MAX]);

/** @return EC_OK; EC_CONFIG when it is no such text */
enum error_code person_keys_read(const char *text, struct person_keys *ret) MUST_CHECK;

void person_keys_done(struct person_keys *keys);

/** By what a version of the master key is known to somebody who does not have it. @return 0 when it
 * is not there */
int person_keys_print(const struct person_keys *keys, int64_t version,
                      uint8_t ret[PERSON_PRINT_LEN]) MUST_CHECK;

/**
 * Wrap a person's data key, or open it again. A box is good for its person and version alone.
 * @return EC_OK; EC_NOT_FOUND when this version of the master key is not there; of opening
 *         EC_INTERNAL when the box was not made so
 */
enum error_code person_key_wrap(const struct person_keys *keys, int64_t version, int64_t person_id,
                                const uint8_t key[PERSON_KEY_LEN],
                                uint8_t ret[PERSON_WRAPPED_LEN]) MUST_CHECK;
enum error_code person_key_open(const struct person_keys *keys, int64_t version, int64_t person_id,
                                const uint8_t box[PERSON_WRAPPED_LEN],
                                uint8_t ret[PERSON_KEY_LEN]) MUST_CHECK;

/** Seal a field of a person: `ret` has room for len + PERSON_OVERHEAD. */
void person_seal(const uint8_t key[PERSON_KEY_LEN], int64_t person_id, enum person_field field,
                 const char *text, size_t len, uint8_t *ret);

/**
 * Open what person_seal() made. `ret` has room for len - PERSON_OVERHEAD; there is no NUL after it.
 * @return EC_OK; EC_INTERNAL when it was not sealed so, or under another key, or of another field
 * or person
 */
enum error_code person_open(const uint8_t key[PERSON_KEY_LEN], int64_t person_id,
                            enum person_field field, const uint8_t *box, size_t len,
                            char *ret) MUST_CHECK;

/** "name", "email", "phone", "note", "title" */
const char *person_field_name(enum person_field field);

/** By its name and length. @return PERSON_FIELDS when there is none of that name */
enum person_field person_field_find(const char *name, size_t len);

#endif
