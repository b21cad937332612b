/* The signed list of generators that works without a network (api/generators.md). */
#ifndef BPTM_GENERATOR_OFFLINE_H
#define BPTM_GENERATOR_OFFLINE_H

#include "codec/offline_list.h"
#include "cose.h"
#include "store/audit.h"

/** What was signed. */
struct generator_offline {
    struct offline_list_report list;
    size_t bytes;
};

/**
 * Make the active list into one signed file and keep it, in place of an older one by the same key;
 * with its audit row. Call it in a transaction.
 * @return EC_OK; EC_NOT_FOUND when no list is active; EC_FIELDS_INVALID when it does not fit the
 *         file; EC_NO_MEMORY; a database error
 */
enum error_code generator_offline_sign(struct db *db, const struct audit_by *by,
                                       const struct cose_key *key,
                                       struct generator_offline *ret) MUST_CHECK;

/**
 * The file of the active list, of the key that signed last.
 * @param ret  malloc'd
 * @return EC_OK; EC_NOT_FOUND when no list is active, or the active one is not signed;
 * EC_NO_MEMORY; a database error
 */
enum error_code generator_offline_get(struct db *db, char **ret, size_t *ret_len) MUST_CHECK;

/** Public keys that have signed lists, the last one first, as malloc'd JSON. */
enum error_code generator_offline_keys(struct db *db, char **ret) MUST_CHECK;

#endif
