/* Personal data in the database: sealed when written, opened when read. The one way to both. */
#ifndef BPTM_PERSON_H
#define BPTM_PERSON_H

#include "codec/person_text.h"
#include "store/audit.h"

enum { PERSON_BATCH_MAX = 5000, PERSON_BLIND_TEXT_MAX = 384 };

/**
 * Read the key file.
 * @param path  empty: none, and whatever needs one is EC_UNAVAILABLE
 * @return EC_OK; EC_IO; EC_CONFIG when it is no such file, or readable by others than its owner and
 * group; logged
 */
enum error_code person_load(const char *path, struct person_keys *ret) MUST_CHECK;

/** What is sealed of a person, in plain. Texts are borrowed; NULL: not known. */
struct person_plain {
    int64_t id;
    const char *name, *email, *phone;
};

/**
 * Seal persons whose rows are there, each once, and give a key to those who have none: all of their
 * fields become these. Call inside db_transact().
 * @param n  at most PERSON_BATCH_MAX
 * @return EC_OK; EC_NOT_FOUND when a row is not there; EC_STATE_REFUSED when one was erased;
 * EC_UNAVAILABLE without the key that this takes (logged); EC_NO_MEMORY; a database error
 */
enum error_code person_put(struct db *db, const struct person_keys *keys,
                           const struct person_plain *persons, size_t n) MUST_CHECK;

/** A person's data key; the caller wipes it. @return EC_OK; EC_STATE_REFUSED when there is none
 * (any more); as person_put() */
enum error_code person_key(struct db *db, const struct person_keys *keys, int64_t id,
                           uint8_t ret[PERSON_KEY_LEN]) MUST_CHECK;

/** A person's fields as parameters of a statement. */
struct person_sealed {
    struct db_param box[PERSON_PHONE + 1];
    uint8_t *at; /* malloc'd: what they are of */
    char blind[PERSON_BLIND_TEXT_MAX];
    int64_t index_version; /* of the key that `blind` is made with */
};

/** Seal all fields of one who has a key. @return as person_key(); EC_NO_MEMORY */
enum error_code person_seal_row(struct db *db, const struct person_keys *keys,
                                const struct person_plain *person,
                                struct person_sealed *ret) MUST_CHECK;
void person_sealed_done(struct person_sealed *s);

/** The digests of a person under a key of the index, as PostgreSQL writes an array. */
void person_digests(const uint8_t index[PERSON_KEY_LEN], const struct person_plain *person,
                    char ret[PERSON_BLIND_TEXT_MAX]);

/**
 * The version of the index key that persons are written under, which stays so until the transaction
 * ends. @return EC_OK; EC_UNAVAILABLE when the file does not have it (logged); a database error
 */
enum error_code person_index_current(struct db *db, const struct person_keys *keys,
                                     int64_t *ret) MUST_CHECK;

/** What somebody looks for, as arrays of digests: all of the words under one of the keys of the
 * index, or any of `other`. */
struct person_search {
    char text[PERSON_INDEX_MAX][PERSON_BLIND_TEXT_MAX], other[PERSON_BLIND_TEXT_MAX];
    const char *words[PERSON_INDEX_MAX]; /* NULL: no name, or no such key */
};
void person_search(const struct person_keys *keys, const char *text, struct person_search *ret);

/**
 * Open what is sealed in JSON that PostgreSQL has built (codec/person_text.h), for work within the
 * server.
 * @param text  replaced when something was sealed
 * @return EC_OK; EC_UNAVAILABLE without the key that this takes, EC_INTERNAL when something does
 * not open (both logged); EC_NO_MEMORY; a database error
 */
enum error_code person_open_text(struct db *db, const struct person_keys *keys,
                                 const struct person_text_put *put, char **text) MUST_CHECK;

/** The same for an answer to somebody, in which cells of imports are opened, too: who is read, by
 * whom and how goes into the audit with the reading of the keys. */
enum error_code person_answer(struct db *db, const struct person_keys *keys,
                              const struct audit_by *by, const char *path, char **text) MUST_CHECK;

#endif
