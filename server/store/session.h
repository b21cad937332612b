/* Sessions of the web pages: what a browser's cookie stands for. */
#ifndef BPTM_SESSION_H
#define BPTM_SESSION_H

#include "store/audit.h"
#include "store/document.h"
#include "store/ownership.h"

enum {
    SESSION_TEXT_LEN = 43, /* 32 random bytes in base64url */
    SESSION_ID_LEN = 36,   /* a UUID as text */
    SESSION_ROLES_MAX = 64,
};

/** Who holds a session. */
struct session_holder {
    char session_id[SESSION_ID_LEN + 1];
    char token_id[SESSION_ID_LEN + 1]; /* empty: not made from an access token */
    char roles[SESSION_ROLES_MAX];     /* "analyst operator" */
    char subject[AUDIT_SUBJECT_MAX];   /* of the identity provider; empty: a token's session */
    char crew[OWNERSHIP_CREW_MAX];     /* of an installer; empty: none */
};

/** A session to make. Exactly one of token_id and subject is set. */
struct session_new {
    const char *source;   /* "token" or "oidc" */
    const char *token_id; /* its label and role become those of the session */
    const char *subject;  /* who, as the source names it */
    const char *roles;    /* "analyst operator"; of the subject */
    const char *crew;     /* of the subject; NULL: none */
    const char *sid;      /* of the session at the identity provider; NULL: none */
};

/**
 * Make a session of LIMIT_SESSION_H hours, not longer than its token. Old ones are removed, and a
 * subject keeps the newest LIMIT_SESSIONS of his.
 * @param ret_text  exists nowhere else: wipe it after it was sent
 * @return EC_OK; EC_UNAUTHENTICATED when the token is not valid; or a database error
 */
enum error_code session_create(struct db *db, const struct session_new *session,
                               char ret_text[SESSION_TEXT_LEN + 1],
                               char ret_id[SESSION_ID_LEN + 1]) MUST_CHECK;

/**
 * Look a session up by the text of its cookie.
 * @return EC_OK; EC_UNAUTHENTICATED when it is unknown, ended or expired, or its token is no longer
 *         valid; or a database error
 */
enum error_code session_check(struct db *db, const char *text, size_t len,
                              struct session_holder *ret) MUST_CHECK;

/** The row `s` of access.session as JSON. */
#define SESSION_JSON                                                                               \
    "json_build_object('id', s.session_id, 'subject', s.subject, 'roles', s.roles,"                \
    " 'source', s.source, 'created_at', access.rfc3339(s.created_at),"                             \
    " 'expires_at', access.rfc3339(s.expires_at))"

/** One session as JSON. @return as document_get() */
enum error_code session_get(struct db *db, const char *session_id, char **ret) MUST_CHECK;

/** What is known of a caller without a session, by a token of the identity provider. */
struct session_told {
    const char *subject, *roles; /* roles: "analyst operator" */
    int64_t created_s, expires_s;
};

/** The same as session_get() for such a caller. */
enum error_code session_tell(struct db *db, const struct session_told *told, char **ret) MUST_CHECK;

/** End a session. @return EC_OK, also when it has ended before; or a database error */
enum error_code session_end(struct db *db, const char *session_id) MUST_CHECK;

#endif
