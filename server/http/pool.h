/* Database connections of the HTTP threads: as many as threads, opened when first needed. */
#ifndef BPTM_POOL_H
#define BPTM_POOL_H

#include "store/db.h"

enum { POOL_MAX = 64 };

struct pool;

/**
 * @param conninfo  libpq connection string; borrowed until pool_free()
 * @param size      1..POOL_MAX: how many threads may hold a connection at once
 * @return EC_OK; EC_NO_MEMORY
 */
enum error_code pool_new(const char *conninfo, size_t size, struct pool **ret) MUST_CHECK;

/** All connections must have been put back. NULL is allowed. */
void pool_free(struct pool *p);

/**
 * Take a connection, opening it when there is none yet or the last one was lost. Failures to open
 * are logged, once a second at most.
 * @return EC_OK; EC_UNAVAILABLE when the database cannot be reached or all connections are taken
 */
enum error_code pool_get(struct pool *p, struct db **ret) MUST_CHECK;

/** Give a connection back; one that is no longer usable is closed. */
void pool_put(struct pool *p, struct db *db);

#endif
