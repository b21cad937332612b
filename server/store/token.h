/* Access tokens: what is kept of them, and who may hold one. */
#ifndef BPTM_TOKEN_H
#define BPTM_TOKEN_H

#include "store/db.h"

enum {
    TOKEN_TEXT_LEN = 48, /* "bptm_" and 43 characters of base64url: 32 random bytes */
    TOKEN_HASH_LEN = 32,
    TOKEN_ID_LEN = 36, /* a UUID as text */
    TOKEN_ROLE_MAX = 16,
    TOKEN_CREW_MAX = 81,
    TOKEN_DAYS_MAX = 3650,
    TOKEN_ALONG_MAX = 4, /* parameters */
};

/** SHA-256 of the whole text, which is all that the database keeps. */
void token_hash(const char *text, size_t len, uint8_t ret[TOKEN_HASH_LEN]);

/** @return 1 when the text has the form of a token; saves a look-up for what cannot be one */
int token_is_plausible(const char *text, size_t len);

/** Who holds a token. */
struct token_holder {
    char token_id[TOKEN_ID_LEN + 1];
    char role[TOKEN_ROLE_MAX]; /* enrolment, installer, analyst, operator, admin */
    char crew[TOKEN_CREW_MAX]; /* of an installer: whose jobs; "*" is every crew's; empty: none */
};

/** What is looked up in the same statement as a token: SQL of one value, its parameters from $2. */
struct token_along {
    const char *sql;
    struct db_param params[TOKEN_ALONG_MAX];
    size_t count;
};

/**
 * Look a token up by its text, and what goes along with it.
 * @param along      NULL: nothing
 * @param ret_along  malloc'd text, NULL when the value is; may be NULL when along is
 * @return EC_OK; EC_UNAUTHENTICATED when it is unknown, expired or revoked; EC_NO_MEMORY; or a
 *         database error
 */
enum error_code token_check(struct db *db, const char *text, size_t len,
                            const struct token_along *along, struct token_holder *ret,
                            char **ret_along) MUST_CHECK;

/** A token to make. */
struct token_new {
    const char *role;
    const char *label; /* 1..120 bytes: what it is for */
    int days;          /* 1..TOKEN_DAYS_MAX until it expires */
    const char *crew;  /* of an installer, and of nobody else: 1..80 bytes or "*"; NULL: none */
};

/**
 * Make a token. Its text exists only in `ret_text`: wipe it after showing it.
 * @return EC_OK; EC_FIELDS_INVALID for a role, label, crew or number of days that is not valid; or
 * a database error
 */
enum error_code token_create(struct db *db, const struct token_new *token,
                             char ret_text[TOKEN_TEXT_LEN + 1],
                             char ret_token_id[TOKEN_ID_LEN + 1]) MUST_CHECK;

/**
 * Revoke a token by its id.
 * @return EC_OK, also when it was revoked before; EC_NOT_FOUND; or a database error
 */
enum error_code token_revoke(struct db *db, const char *token_id) MUST_CHECK;

/**
 * All tokens, newest first, at most 1,000: columns token_id, role, label, created_at, expires_at,
 * state ('valid', 'expired', 'revoked'), crew (or empty); times in RFC 3339. Free with
 * db_result_free().
 */
enum error_code token_list(struct db *db, struct db_result **ret) MUST_CHECK;

#endif
