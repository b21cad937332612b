/* One connection to PostgreSQL: parameters, results, transactions, retry. The only way to SQL. */
#ifndef BPTM_DB_H
#define BPTM_DB_H

#include <stddef.h>
#include <stdint.h>

#include "error.h"

struct db;        /* a connection; used by one thread at a time */
struct db_result; /* rows of one statement */

enum { DB_PARAMS_MAX = 32, DB_NOTE_MAX = 256, DB_NUMBER = -1 };

/** One parameter of a statement; make it with the functions below. Text and bytes are borrowed. */
struct db_param {
    const char *value; /* NULL: SQL null */
    int length;        /* DB_NUMBER: the value is in `text` */
    int format;        /* 0 text, 1 binary */
    char text[32];     /* storage of numbers */
};

struct db_param db_text(const char *text);
struct db_param db_bytes(const uint8_t *at, size_t len);
struct db_param db_int(int64_t value);
struct db_param db_bool(int value);
struct db_param db_double(double value);
struct db_param db_null(void);

/**
 * Connect. `conninfo` is a libpq connection string; statement and lock time-outs, application_name
 * and UTC are set here.
 * @return EC_OK; EC_DATABASE with the reason in `ret_note` (DB_NOTE_MAX bytes, no password)
 */
enum error_code db_open(const char *conninfo, const char *application, struct db **ret,
                        char *ret_note) MUST_CHECK;
void db_close(struct db *db);

/** Text of the last failure, for logs; never holds parameter values. Borrowed until the next call.
 */
const char *db_note(const struct db *db);

/** What a routine says of the error that it raised (BP001), for the caller; "" when nothing.
 * Borrowed until the next call. */
const char *db_detail(const struct db *db);

/** Constraint name or SQLSTATE of the last failure ("" when none): what a store function maps. */
const char *db_constraint(const struct db *db);
const char *db_sqlstate(const struct db *db);

/**
 * Run one statement. SQLSTATE BP001 carries an error slug as its message and comes back as that
 * error; unique and exclusion violations are EC_CONFLICT, foreign key and check violations
 * EC_FIELDS_INVALID; 40001 and 40P01 EC_DATABASE_RETRY; the rest EC_DATABASE.
 * @param ret  NULL when the rows are not wanted; else to be freed with db_result_free()
 */
enum error_code db_run(struct db *db, const char *sql, const struct db_param *params, size_t n,
                       struct db_result **ret) MUST_CHECK;

/**
 * Run several statements at once, without parameters (a schema patch). Not prepared.
 * @return as db_run()
 */
enum error_code db_run_script(struct db *db, const char *sql) MUST_CHECK;

/**
 * COPY ... FROM STDIN (FORMAT binary): begin, put any number of pieces, end. The pieces together
 * are rows as store/copy.h makes them; header and trailer are added here. A failed put or end has
 * ended the COPY; after a failed body of db_transact() nothing is left to clean up.
 * @return as db_run()
 */
enum error_code db_copy_begin(struct db *db, const char *sql) MUST_CHECK;
enum error_code db_copy_put(struct db *db, const uint8_t *at, size_t len) MUST_CHECK;
enum error_code db_copy_end(struct db *db) MUST_CHECK;

/** For work that takes longer than a request may. */
struct db_watch {
    int64_t limit_ms;              /* of one statement; 0: as usual */
    int (*is_over)(void *context); /* asked while a statement runs, which is ended when it says so;
                                      NULL: never */
    void *context;
};

/**
 * Bound the statements of a connection so from now on, also when it is made again. What is_over()
 * ends fails as a database error; it must not use the connection.
 * @param watch  copied; NULL: as usual
 * @return as db_run()
 */
enum error_code db_set_watch(struct db *db, const struct db_watch *watch) MUST_CHECK;

/** 1 when the last failure was the data's fault (SQLSTATE classes 21, 22, 23, 54): running the same
 *  statement again cannot help, while every other failure may pass. */
int db_data_fault(const struct db *db);

/** How often this connection was made: what was remembered of the database under another number may
 *  be older than a restored backup. */
uint64_t db_generation(const struct db *db);

/** 1 when the connection is usable, as far as known without asking the server. */
int db_alive(const struct db *db);

size_t db_rows(const struct db_result *r);
size_t db_columns(const struct db_result *r);
/** Borrowed until the result is freed. */
const char *db_column_name(const struct db_result *r, size_t column);
/** SQL null gives NULL. Text is borrowed until the result is freed. */
const char *db_get_text(const struct db_result *r, size_t row, size_t column);
int64_t db_get_int(const struct db_result *r, size_t row, size_t column); /* 0 for null */
int db_get_bool(const struct db_result *r, size_t row, size_t column);
/** Decode a bytea column; -1 for null or when it does not fit, else its length. */
long db_get_bytes(const struct db_result *r, size_t row, size_t column, uint8_t *ret, size_t cap);
void db_result_free(struct db_result *r);

/**
 * Run `body` in a transaction: BEGIN, body, COMMIT; ROLLBACK when body fails. The one place that
 * retries: EC_DATABASE_RETRY and a lost connection are tried again up to 5 times with back-off, so
 * `body` must be repeatable. A COMMIT whose outcome is unknown counts as failed.
 * @return what body returned, or the error of BEGIN or COMMIT
 */
typedef enum error_code (*db_body)(struct db *db, void *context);
enum error_code db_transact(struct db *db, db_body body, void *context) MUST_CHECK;

#endif
