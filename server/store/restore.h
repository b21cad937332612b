/* What a backup and a restore ask of the database around PostgreSQL's own programs. */
#ifndef BPTM_RESTORE_H
#define BPTM_RESTORE_H

#include "store/db.h"

enum { RESTORE_NAME_MAX = 64, RESTORE_USERS_MAX = 256 };

struct restore_target {
    char database[RESTORE_NAME_MAX];
    char schema[RESTORE_NAME_MAX]; /* "fleet" when it is there, else another; "": it is empty */
};

/** The database of this connection, and a schema in it that is neither PostgreSQL's own, nor an
 *  extension's, nor `public`. */
enum error_code restore_look(struct db *db, struct restore_target *ret) MUST_CHECK;

/**
 * Let new sessions only read, until restore_open(): so nothing can be receipted on a restored
 * database whose epoch was not raised, whatever becomes of the program in between. A session may
 * say otherwise for itself (`-c default_transaction_read_only=off`), and restore_open() does.
 */
enum error_code restore_close(struct db *db) MUST_CHECK;

/** Let this session write, although it may have connected after restore_close(). */
enum error_code restore_may_write(struct db *db) MUST_CHECK;

/** Undo restore_close(), also for this session. */
enum error_code restore_open(struct db *db) MUST_CHECK;

/** The users of other sessions in this database, with commas between; "": there are none.
 *  @param ret  RESTORE_USERS_MAX bytes */
enum error_code restore_users(struct db *db, char *ret) MUST_CHECK;

#endif
