/* The persons of an import of accounts: opened for its comparison with what is stored, sealed at
 * its commit. */
#ifndef BPTM_IMPORT_PERSON_H
#define BPTM_IMPORT_PERSON_H

#include "store/person.h"

/** Rows of an import. */
struct import_span {
    int64_t import_id, first, last;
};

/** What is personal in the rows of an import, for programme.import_check_cells() in this
 * transaction. @return as cells_open(); a database error */
enum error_code import_person_cells(struct db *db, const struct person_keys *keys,
                                    const struct import_span *span) MUST_CHECK;

/**
 * The customers of the accounts that these rows name, sealed as cells of the import are, so that
 * programme.import_rows_accounts() can compare them in this transaction.
 * @return as person_open_text()
 */
enum error_code import_person_offer(struct db *db, const struct person_keys *keys,
                                    const struct import_span *span) MUST_CHECK;

/** Seal the customers that these rows make or change; they span at most PERSON_BATCH_MAX. @return
 * as person_put() */
enum error_code import_person_seal(struct db *db, const struct person_keys *keys,
                                   const struct import_span *span) MUST_CHECK;

#endif
