/* Sign-ins that are under way at the identity provider: what must come back with a person. */
#ifndef BPTM_SIGN_IN_H
#define BPTM_SIGN_IN_H

#include "error.h"
#include "http/client.h"

enum {
    SIGN_IN_TEXT_MAX = 44, /* 32 random bytes in base64url, and NUL */
    SIGN_IN_NEXT_MAX = 129,
};

struct sign_ins;

/** What goes out, to the provider and into the browser's cookie. */
struct sign_in_begun {
    char state[SIGN_IN_TEXT_MAX], nonce[SIGN_IN_TEXT_MAX];
    char challenge[SIGN_IN_TEXT_MAX]; /* of PKCE, S256 */
    char browser[SIGN_IN_TEXT_MAX];
};

/** What was kept here. Wipe it after use. */
struct sign_in_taken {
    char nonce[SIGN_IN_TEXT_MAX], verifier[SIGN_IN_TEXT_MAX];
    char next[SIGN_IN_NEXT_MAX];
};

/** @return EC_OK; EC_NO_MEMORY */
enum error_code sign_ins_new(struct sign_ins **ret) MUST_CHECK;

/** NULL is allowed. */
void sign_ins_free(struct sign_ins *s);

/**
 * Begin one. It is good for LIMIT_SIGN_IN_S; of LIMIT_SIGN_INS the oldest gives its place, and of
 * LIMIT_SIGN_INS_CLIENT from one address the oldest of these.
 *
 * @param client  address, as client_of() has it
 * @param next    page to go to afterwards, as sign_in_next() allows
 */
void sign_in_begin(struct sign_ins *s, const char *client, const char *next, int64_t now_ms,
                   struct sign_in_begun *ret);

/**
 * End one; it cannot be taken again, whatever the answer.
 *
 * @param browser  of the cookie; another than the one that began gets nothing
 * @return EC_OK; EC_UNAUTHENTICATED
 */
enum error_code sign_in_take(struct sign_ins *s, const char *state, const char *browser,
                             int64_t now_ms, struct sign_in_taken *ret) MUST_CHECK;

/** @return 1 for the path of a page of this server */
int sign_in_next(const char *next);

#endif
