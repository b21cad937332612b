/* All that is held of one person, for the person: sealed, as every answer is before it is opened.
 */
#ifndef BPTM_PERSON_EXPORT_H
#define BPTM_PERSON_EXPORT_H

#include "store/document.h"

/**
 * @param ret  malloc'd JSON
 * @return EC_OK; EC_NOT_FOUND; EC_NO_MEMORY; a database error
 */
enum error_code person_export(struct db *db, int64_t customer_id, char **ret) MUST_CHECK;

#endif
