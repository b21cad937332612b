/* Sessions that are open: listed, and ended, for those whose they are and for operators. */
#ifndef BPTM_SESSION_LIST_H
#define BPTM_SESSION_LIST_H

#include "store/audit.h"
#include "store/document.h"

/** Which sessions; zeroed: none. What is given adds to them. */
struct session_whose {
    const char *token_id;   /* those made from it; empty or NULL: none */
    const char *subject;    /* those of "sub@iss" */
    const char *of;         /* those of a subject, a token's label, or a token's id */
    const char *session_id; /* of all those only this one; NULL: all */
    const char *but;        /* but this one; NULL or empty: all */
    int everybody;
};

/** Newest first. @return as document_list() */
enum error_code session_list(struct db *db, const struct session_whose *whose,
                             const struct document_page *page,
                             struct document_list *ret) MUST_CHECK;

/**
 * End them, each with a row of the audit. Call inside a transaction.
 * @param ret_count  how many
 */
enum error_code session_end_all(struct db *db, const struct session_whose *whose,
                                const struct audit_by *by, int64_t *ret_count) MUST_CHECK;

/** Which sessions a provider says have ended. */
struct session_told_end {
    const char *subject; /* "sub@iss"; empty: whoever's */
    const char *sid;     /* at the provider; empty: all of the subject */
    int64_t
        before_s; /* made until then, in seconds since 1970: what is told twice ends nothing new */
};

/** The same for those. */
enum error_code session_end_told(struct db *db, const struct session_told_end *told,
                                 const struct audit_by *by, int64_t *ret_count) MUST_CHECK;

#endif
