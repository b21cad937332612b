/* Drafts of rulesets and lists of circuits; a preview (store/preview.h) shows them and puts them in
 * force. */
#ifndef BPTM_DRAFT_H
#define BPTM_DRAFT_H

#include "store/audit.h"
#include "store/document.h"

/**
 * Keep a draft of a ruleset, with its audit row. Call inside db_transact().
 * @param document  JSON {"version", "title", "valid_from", "valid_to"?, "rules"}
 * @return EC_OK; EC_NOT_FOUND without such a programme; EC_FIELDS_INVALID, db_detail() says what is
 *         wrong; a database error
 */
enum error_code draft_ruleset(struct db *db, const struct audit_by *by, const char *programme,
                              const char *document, int64_t *ret_version) MUST_CHECK;

/** A list of circuits as it is asked for. Texts are borrowed. */
struct draft_circuits {
    const char *designation, *source;
    const char *circuits; /* JSON [{"circuit_id", "valid_from", "valid_to"?}] */
};

/** The same for a list of circuits; the version is the next one of its designation. */
enum error_code draft_circuit_list(struct db *db, const struct audit_by *by,
                                   const struct draft_circuits *list,
                                   int64_t *ret_version) MUST_CHECK;

/** One as JSON. @return EC_OK; EC_NOT_FOUND; a database error */
enum error_code draft_ruleset_get(struct db *db, const char *programme, int64_t version,
                                  char **ret) MUST_CHECK;
enum error_code draft_circuit_list_get(struct db *db, const char *designation, int64_t version,
                                       char **ret) MUST_CHECK;

/** Versions of lists of circuits; the key is an id. */
enum error_code draft_circuit_lists(struct db *db, const struct document_page *page,
                                    struct document_list *ret) MUST_CHECK;

#endif
