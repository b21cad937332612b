/* Programmes and their seasons: made and changed by the operator. Reading: store/programme_read.h.
 */
#ifndef BPTM_PROGRAMME_H
#define BPTM_PROGRAMME_H

#include "store/resource.h"

/** Name of a programme and how many days an application may stay in each state. */
extern const struct resource programme_resource;

/** Quota, first day, first day without applications, of a season. */
extern const struct resource programme_year_resource;

/** @return EC_OK; EC_NOT_FOUND when there is no such code; a database error */
enum error_code programme_id(struct db *db, const char *code, int64_t *ret) MUST_CHECK;

/**
 * Store a programme and its audit row. Call inside db_transact().
 * @param kind  "free" or "paid"
 * @return EC_OK; EC_CONFLICT when the code is taken; or a database error
 */
enum error_code programme_create(struct db *db, const struct audit_by *by, const char *code,
                                 const char *name, const char *kind, int64_t *ret_id) MUST_CHECK;

/** A season of a programme. Texts are borrowed. */
struct programme_year_new {
    struct optional_int season, quota; /* quota absent: no limit */
    const char *opens_on, *closes_on;  /* YYYY-MM-DD; closes_on NULL: open end */
};

/** Store a season and its audit row; those who wait move up. Call inside db_transact().
 *  @return EC_OK; EC_CONFLICT when the season is there or its days overlap; or a database error */
enum error_code programme_year_create(struct db *db, const struct audit_by *by,
                                      int64_t programme_id, const struct programme_year_new *year,
                                      int64_t *ret_id) MUST_CHECK;

/** Give the free places of the season's programme to those who wait; inside db_transact(). */
enum error_code programme_year_promote(struct db *db, const struct audit_by *by,
                                       int64_t year_id) MUST_CHECK;

/** Seasons of a programme, oldest first; the key is an id. */
enum error_code programme_year_list(struct db *db, int64_t programme_id,
                                    const struct document_page *page,
                                    struct document_list *ret) MUST_CHECK;

#endif
