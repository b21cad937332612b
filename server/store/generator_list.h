/* Versions of the generator list: drafts, publication by a second person, what differs. */
#ifndef BPTM_GENERATOR_LIST_H
#define BPTM_GENERATOR_LIST_H

#include "store/audit.h"
#include "store/document.h"

enum { GENERATOR_LIST_BY_MAX = AUDIT_SUBJECT_MAX + 8 };

/** Who imports or publishes, as a list keeps it: "token:<id>"; "local:<login>" without a token. */
void generator_list_by(const struct audit_by *by, const char *login,
                       char ret[GENERATOR_LIST_BY_MAX]);

/** All lists, newest version first; the key is a version. */
enum error_code generator_list_page(struct db *db, const struct document_page *page,
                                    struct document_list *ret) MUST_CHECK;

/** One list. @return EC_OK with malloc'd JSON; EC_NOT_FOUND; a database error */
enum error_code generator_list_get(struct db *db, int64_t version, char **ret) MUST_CHECK;

/** How a list differs from the active one, model by model and field by field.
 *  @return EC_OK with malloc'd JSON; EC_NOT_FOUND; a database error */
enum error_code generator_list_difference(struct db *db, int64_t version, char **ret) MUST_CHECK;

/** Give up a draft; it stays to be read. Call it in a transaction.
 *  @return EC_OK; EC_NOT_FOUND; EC_STATE_REFUSED when it is not a draft; a database error */
enum error_code generator_list_discard(struct db *db, const struct audit_by *by,
                                       int64_t version) MUST_CHECK;

/**
 * Applications that name a model of any list, and the devices at their premises; the key is an
 * application id.
 * @return EC_OK; EC_NOT_FOUND when there is no such model; EC_NO_MEMORY; a database error
 */
enum error_code generator_list_affected(struct db *db, int64_t model_id,
                                        const struct document_page *page,
                                        struct document_list *ret) MUST_CHECK;

#endif
