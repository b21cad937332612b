/* Reading reliability indices (IEEE 1366) and what they rest on. */
#ifndef BPTM_INDEX_READ_H
#define BPTM_INDEX_READ_H

#include "store/document.h"

enum { INDEX_READ_GROUPS_MAX = 5000 }; /* rows of one answer */

/** What indices are asked for; NULL: all, or the default. Dates are YYYY-MM-DD, `to` not included.
 */
struct index_read_query {
    const char *source, *from, *to;
    const char *by; /* "month,area,circuit,cause": any of them */
    const char *area, *circuit, *cause;
    const char *major; /* "with", "without", "only" */
    const char *basis_from, *basis_to;
    int64_t n;     /* of CEMI_n */
    int64_t above; /* 1: more than n; 0: n or more */
    int64_t hours; /* of CELID-s */
};

/** A page of the sources of interruptions, by code. */
enum error_code index_read_sources(struct db *db, const struct document_page *page,
                                   struct document_list *ret) MUST_CHECK;

/**
 * SAIDI, SAIFI, CAIDI, ASAI and MAIFI_E, in all or by group.
 * @param full  0: of groups of few homes only their names
 * @return EC_OK; EC_NOT_FOUND: no such source; EC_PARAMETER_INVALID: more than
 *         INDEX_READ_GROUPS_MAX groups
 */
enum error_code index_read_indices(struct db *db, const struct index_read_query *q, int full,
                                   char **ret) MUST_CHECK;

/**
 * CEMI_n, CELID-s and CAIFI.
 * @param full  0: none of few homes
 * @return EC_OK; EC_NOT_FOUND: no such source
 */
enum error_code index_read_customers(struct db *db, const struct index_read_query *q, int full,
                                     char **ret) MUST_CHECK;

/**
 * T_MED with alpha and beta, and the days above it.
 * @param full  0: none of it where few homes are served, in the basis or the period
 * @return EC_OK; EC_NOT_FOUND: no such source
 */
enum error_code index_read_major(struct db *db, const struct index_read_query *q, int full,
                                 char **ret) MUST_CHECK;

#endif
