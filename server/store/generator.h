/* The generator list: search and the verdict on one model. */
#ifndef BPTM_GENERATOR_H
#define BPTM_GENERATOR_H

#include "store/document.h"

/**
 * Search the active list, mistyped names too, best match first.
 * @param limit  1..50
 * @param ret    malloc'd JSON array; without `next`
 */
enum error_code generator_search(struct db *db, const char *text, int64_t limit,
                                 struct document_list *ret) MUST_CHECK;

/** The verdict on a model by its make and name; a model that is not listed is "unknown".
 *  @return EC_OK with malloc'd JSON; EC_NO_MEMORY; a database error */
enum error_code generator_verdict(struct db *db, const char *make, const char *model,
                                  char **ret) MUST_CHECK;

#endif
