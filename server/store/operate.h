/* What only an operator does: seed a database, raise the receipt epoch. */
#ifndef BPTM_OPERATE_H
#define BPTM_OPERATE_H

#include "store/db.h"
#include "store/migrate_files.h"

/**
 * Run seed/NAME.sql of a schema folder, by name, in one transaction. They add what is missing only.
 * @param ret_note  MIGRATE_NOTE_MAX bytes: which file, and what is wrong
 * @return EC_OK; EC_IO; EC_MIGRATION; or a database error
 */
enum error_code operate_seed(struct db *db, const char *folder, char *ret_note) MUST_CHECK;

/**
 * Raise the receipt epoch, with its audit row. To be done after the database was restored from a
 * backup, before devices connect.
 * @param ret  the epoch in force from now on: seconds since 1970, or one more than the last
 */
enum error_code operate_raise_epoch(struct db *db, const char *reason, int64_t *ret) MUST_CHECK;

#endif
