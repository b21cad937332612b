/* Reading collections of features: whatever has a place, as GeoJSON. */
#ifndef BPTM_FEATURE_READ_H
#define BPTM_FEATURE_READ_H

#include "store/document.h"
#include "store/query.h"

/** A collection; its features are rows of an SQL function (sql/routine/<source>.sql). */
struct feature_collection {
    const char *name, *title, *description; /* without quotes or backslashes */
    const char *source;                     /* SQL function of one boolean: in full */
    const char *columns;                    /* its columns that are properties */
    int has_time;                           /* each feature has a time or a period */
};

/** NULL when there is none of this name. */
const struct feature_collection *feature_find(const char *name);

/** The n-th collection; NULL after the last. */
const struct feature_collection *feature_at(size_t n);

/** What features are asked for; NULL: all. */
struct feature_filter {
    const char *box;       /* bbox_ewkt() */
    const char *from, *to; /* RFC 3339; features that lasted then, both ends included */
};

/** Add " where ..." of a filter over the rows `f` of the collection. */
void feature_where(struct query *q, const struct feature_collection *c,
                   const struct feature_filter *filter, int full);

/**
 * A page by id, and how many features there are in all.
 * @param full  with places and homes as they are; else as analysts are told
 */
enum error_code feature_read_list(struct db *db, const struct feature_collection *c,
                                  const struct feature_filter *filter, int full,
                                  const struct document_page *page, struct document_list *ret,
                                  int64_t *ret_matched) MUST_CHECK;

/**
 * One feature.
 * @param ret  malloc'd
 * @return EC_OK; EC_NOT_FOUND; a database error
 */
enum error_code feature_read_get(struct db *db, const struct feature_collection *c, int64_t id,
                                 int full, char **ret) MUST_CHECK;

#endif
