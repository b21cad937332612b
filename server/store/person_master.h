/* The master key of personal data in the database: which versions it uses, and the work on all
 * persons. bptmctl alone. */
#ifndef BPTM_PERSON_MASTER_H
#define BPTM_PERSON_MASTER_H

#include "store/person.h"

/**
 * The version that new keys are wrapped under.
 * @param ret  0: none yet
 * @return EC_OK; EC_CONFIG when the file does not have it, or the current key of the index, or
 *         another key by its number
 */
enum error_code person_master_current(struct db *db, const struct person_keys *keys,
                                      int64_t *ret) MUST_CHECK;

/** Wrap new keys under this version from now on; what is under way has ended then. Call inside
 * db_transact(). */
enum error_code person_master_use(struct db *db, const struct person_keys *keys,
                                  int64_t version) MUST_CHECK;

/** Wrap a page of persons' keys under the current version. Call inside db_transact(). @param ret
 * how many; 0: all are */
enum error_code person_master_rewrap(struct db *db, const struct person_keys *keys,
                                     size_t *ret) MUST_CHECK;

/** Forget versions that no key is wrapped under, but for the current one. @param ret  the lowest
 * that is left; 0: none */
enum error_code person_master_forget(struct db *db, int64_t *ret) MUST_CHECK;

/** Write persons under this version of the index key from now on. As person_master_use(). */
enum error_code person_index_use(struct db *db, const struct person_keys *keys,
                                 int64_t version) MUST_CHECK;

/**
 * Make the digests of a page of persons with the current version. Call inside db_transact().
 * @param after  the last one of the page before; 0: the first page
 * @param ret    how many; 0: there are no more
 */
enum error_code person_index_page(struct db *db, const struct person_keys *keys, int64_t *after,
                                  size_t *ret) MUST_CHECK;

/** What is still made with an older version: persons, and imports with cells of theirs. */
struct person_index_left {
    int64_t persons, imports, version; /* the current one */
};

/** Forget older versions when nothing is. */
enum error_code person_index_forget(struct db *db, struct person_index_left *ret) MUST_CHECK;

/** Seal a page of what was stored in plain before an upgrade. Call inside db_transact(). @param ret
 * how many; 0: nothing is left */
enum error_code person_seal_customers(struct db *db, const struct person_keys *keys,
                                      size_t *ret) MUST_CHECK;
enum error_code person_seal_notes(struct db *db, const struct person_keys *keys,
                                  size_t *ret) MUST_CHECK;
enum error_code person_seal_documents(struct db *db, const struct person_keys *keys,
                                      size_t *ret) MUST_CHECK;

#endif
