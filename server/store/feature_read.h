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
    const char *flat; /* the columns where a format has no nulls: '' and NaN stand for them */
};

/** Outage events as ODIN has them: for exports, not a collection that can be found. */
extern const struct feature_collection feature_odin;

/** NULL when there is none of this name. */
const struct feature_collection *feature_find(const char *name);

/** The n-th collection; NULL after the last. */
const struct feature_collection *feature_at(size_t n);

/** What features can be asked for by; a word must be of a column that the collection has. */
enum feature_word {
    FEATURE_BOX,    /* bbox_ewkt() */
    FEATURE_FROM,   /* RFC 3339; that lasted then or later */
    FEATURE_TO,     /* that began then or earlier */
    FEATURE_BEYOND, /* that lasted beyond this time, as lists have it */
    FEATURE_BEFORE, /* that began before this time */
    FEATURE_STATE,
    FEATURE_CIRCUIT,
    FEATURE_KIND,
    FEATURE_LEVEL,
    FEATURE_DEVICE,
    FEATURE_PREMISE,
    FEATURE_EVENT, /* outages of this event */
    FEATURE_WORDS,
};

/** What features are asked for; NULL: all. */
struct feature_filter {
    const char *words[FEATURE_WORDS];
};

/** Add the JSON text of a feature of the collection. */
void feature_put_json(struct query *q, const struct feature_collection *c);

/** Add " from ... f". */
void feature_from(struct query *q, const struct feature_collection *c, int full);

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
