/* Reading access tokens, never their secrets. */
#ifndef BPTM_TOKEN_READ_H
#define BPTM_TOKEN_READ_H

#include "store/document.h"

/** All tokens, newest first. */
enum error_code token_read_list(struct db *db, const struct document_page *page,
                                struct document_list *ret) MUST_CHECK;

/**
 * One token.
 * @param secret  its text, for the one answer that shows it; NULL: no such member
 * @return EC_OK with malloc'd JSON; EC_NOT_FOUND; EC_NO_MEMORY; a database error
 */
enum error_code token_read_get(struct db *db, const char *token_id, const char *secret,
                               char **ret) MUST_CHECK;

#endif
